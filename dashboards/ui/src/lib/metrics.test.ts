import { describe, expect, it } from 'vitest';
import type { MetricSeriesBody } from '../api/metrics';
import { formatOf, hoursWords, howWords, metricSentence, unitOf } from './metrics';

const BODY: MetricSeriesBody = {
  name: 'http.server.requests',
  kind: 'counter',
  delta: false,
  unit: '{request}',
  aggregation: 'rate',
  range: { from: '2026-11-20T06:00:00Z', to: '2026-11-20T08:00:00Z' },
  step_seconds: 60,
  lines: [
    {
      label: '',
      points: [
        { ts: '2026-11-20T06:00:00Z', value: 2.5, low: null, high: null },
        { ts: '2026-11-20T06:01:00Z', value: 1, low: null, high: null },
      ],
    },
  ],
  other: null,
  left_out: 0,
  series: 3,
  hours: { all: 2, told: 2, silent: [] },
  deploys: [],
  exemplars: [],
  unavailable: null,
};

describe('a metric', () => {
  it('has the unit of its figures', () => {
    const unit = (kind: MetricSeriesBody['kind'], own: string, aggregation: MetricSeriesBody['aggregation']): string =>
      unitOf({ kind, unit: own, aggregation });
    expect(unit('counter', '{request}', 'rate')).toBe('request a second');
    expect(unit('histogram', 's', 'rate')).toBe('values a second');
    expect(unit('histogram', 's', 'p99')).toBe('s');
    expect(unit('gauge', '1', 'avg')).toBe('');
    expect(unit('gauge', 'By', 'count')).toBe('time series');
  });
  it('is told in words', () => {
    expect(formatOf({ kind: 'histogram', unit: 's', aggregation: 'p99' })(0.25)).toBe('250\u00a0ms');
    expect(formatOf({ kind: 'gauge', unit: 'By', aggregation: 'avg' })(2048)).toBe('2.00\u00a0KiB');
    expect(formatOf({ kind: 'histogram', unit: 's', aggregation: 'rate' })(0.25)).toBe('0.25');
    expect(metricSentence(BODY)).toMatch(
      /^Rate of http\.server\.requests is 1 request a second in the last step; the highest is 2\.5 request a second, /,
    );
    expect(metricSentence({ ...BODY, unavailable: 'no point fits' })).toBe('No point fits.');
    const split = { ...BODY, lines: [...BODY.lines, { label: 'b', points: [] }], left_out: 1 };
    expect(metricSentence(split)).toContain('over 3 values of the label');
    expect(howWords(BODY)).toContain('In steps of 1\u00a0min');
  });
  it('names the hours that nothing is known of', () => {
    expect(hoursWords(BODY)).toBeNull();
    const silent = [{ from: '2026-11-20T07:00:00Z', to: '2026-11-20T08:00:00Z' }];
    expect(hoursWords({ ...BODY, hours: { all: 4, told: 3, silent } })).toMatch(
      /^3 of 4 hours have points\. Nothing is stored from /,
    );
  });
});
