import { describe, expect, it } from 'vitest';
import type { LogLine, LogVolume } from '../api/logs';
import { logsSentence, partial, together, volumeChart, withTerm } from './logs';

const FROM = Date.parse('2026-11-20T10:00:00Z');
const SPAN = { from: FROM, to: FROM + 120_000 };
const VOLUME: LogVolume = {
  total: 12,
  counted_from: '2026-11-20T10:00:00Z',
  step_seconds: 30,
  buckets: [
    { at: '2026-11-20T10:00:00Z', levels: { info: 8, warn: 1 } },
    { at: '2026-11-20T10:01:00Z', levels: { unset: 1, error: 1, fatal: 1 } },
  ],
  services: [
    { service: 'order', records: 9 },
    { service: 'payment', records: 3 },
  ],
};

const line = (id: string, ts: string): LogLine => ({
  id,
  ts,
  service: 'order',
  level: 'info',
  severity_text: 'INFO',
  event_name: '',
  body: id,
  trace_id: null,
  span_id: null,
  customer_id: '',
  scope_name: '',
  attributes: {},
  resource: {},
});

describe('the volume', () => {
  it('is drawn at every step, each series a part of the one before', () => {
    const { times, series } = volumeChart(VOLUME, SPAN);
    expect(times).toEqual([0, 30, 60, 90].map((second) => FROM / 1000 + second));
    expect(series.map(({ values }) => values)).toEqual([
      [9, 0, 3, 0],
      [1, 0, 2, 0],
      [0, 0, 2, 0],
    ]);
  });
  it('is not drawn where it was not counted', () => {
    const { times } = volumeChart({ ...VOLUME, counted_from: '2026-11-20T10:01:00Z' }, SPAN);
    expect(times).toEqual([60, 90].map((second) => FROM / 1000 + second));
  });
  it('is told in a sentence', () => {
    expect(logsSentence({ volume: VOLUME, lines: [], next: null })).toBe(
      '12 lines fit, 2 of them errors, 75 % by order.',
    );
    const one = { ...VOLUME, total: 1, buckets: [], services: [{ service: 'order', records: 1 }] };
    expect(logsSentence({ volume: one, lines: [], next: null })).toBe(
      '1 line fits, none of them an error, all by order.',
    );
    expect(logsSentence({ volume: { ...one, total: 0 }, lines: [], next: null })).toBe('No line fits.');
  });
  it('says how much of the range was counted', () => {
    expect(partial(VOLUME, SPAN)).toBeNull();
    expect(partial({ ...VOLUME, counted_from: '2026-11-20T10:01:30Z' }, SPAN)).toContain('the last 25 % of the range');
  });
});

describe('a condition more', () => {
  it('is quoted where it has to be, and comes once', () => {
    expect(withTerm('', 'http.route', '/pay')).toBe('http.route:/pay');
    expect(withTerm('refused', 'note', 'a "b" c', true)).toBe('refused -note:"a \\"b\\" c"');
    expect(withTerm('a:1 b:2', 'b', '2')).toBe('a:1 b:2');
    expect(withTerm('', 'star', 'a*')).toBe('star:"a*"');
  });
});

describe('lines that arrive', () => {
  it('stand in front, newest first, each once', () => {
    const found = [line('b', '2026-11-20T10:00:02Z'), line('a', '2026-11-20T10:00:01Z')];
    const arrived = [line('c', '2026-11-20T10:00:03Z'), line('b', '2026-11-20T10:00:02Z')];
    expect(together(arrived, found).map(({ id }) => id)).toEqual(['c', 'b', 'a']);
  });
});
