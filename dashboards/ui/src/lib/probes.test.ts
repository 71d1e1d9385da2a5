import { describe, expect, it } from 'vitest';
import type { Probe } from '../api/probes';
import { byState, probesSentence } from './probes';

const none = { runs: 0, failed: 0, success: null };
const probe = (name: string, state: Probe['state'], reason: string | null = null): Probe => ({
  name,
  service: 's',
  operation: 'o',
  every_seconds: 60,
  steps: [],
  state,
  since: '2026-11-20T11:30:00Z',
  held_back: null,
  last_run: { at: '2026-11-20T12:00:00Z', duration_ms: 1, passed: state === 'passing', reason, trace_id: '' },
  hour: none,
  day: none,
});
const now = Date.parse('2026-11-20T12:00:00Z');
const say = (...probes: Probe[]): string => probesSentence(probes, now).replaceAll('\u00a0', ' ');

describe('probes', () => {
  it('in trouble come first', () =>
    expect(
      byState([probe('a', 'passing'), probe('b', 'waiting'), probe('c', 'overdue'), probe('d', 'failing')]).map(
        ({ name }) => name,
      ),
    ).toEqual(['d', 'c', 'b', 'a']));
  it('are told by the worst', () => {
    expect(say(probe('a', 'passing'), probe('b', 'failing', 'step \u2018s\u2019: found 500'))).toMatch(
      /^1 of 2 probes fails: b, since 20 Nov \d\d:30:00 \(30 min ago\): step \u2018s\u2019: found 500\.$/,
    );
    expect(say(probe('a', 'passing'), probe('b', 'overdue'))).toMatch(/^1 of 2 probes is overdue: no node runs b/);
    expect(say(probe('a', 'passing'))).toBe('The probe a passes.');
    expect(say(probe('a', 'passing'), probe('b', 'passing'))).toBe('All 2 probes pass.');
    expect(say(probe('a', 'passing'), probe('b', 'waiting'))).toBe('1 of 2 probes passes; the others wait.');
    expect(say(probe('a', 'waiting'))).toBe('None of 1 probe has run yet.');
    expect(say()).toBe('No probe is configured.');
  });
});
