import { describe, expect, it } from 'vitest';
import type { ComparedBody, SideFigures } from '../api/service';
import { comparedSentence } from './compare';
import { isFaster, isSlower, quantileOf, ratioWords, shareWords } from './quantiles';

const side = (error_rate: number, version: string | null = null): SideFigures => ({
  range: { from: '', to: '' },
  version,
  calls: 1_000,
  errors: 0,
  error_rate,
  calls_per_second: 1,
  quantiles: [{ q: 0.95, value_ns: 7, low_ns: 5, high_ns: 9 }],
});
const body: ComparedBody = {
  service: 's',
  baseline: side(0.003),
  candidate: side(0.021),
  error_rate: { difference: 0.018, low: 0.01, high: 0.026, p_value: 0 },
  quantiles: [{ q: 0.95, ratio: 1.42, ratio_low: 1.3, ratio_high: 1.55 }],
  distance: null,
  buckets: [],
  operations: [],
  unavailable: null,
};
const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('a comparison', () => {
  it('says what changed beyond chance', () =>
    expect(plain(comparedSentence(body))).toBe(
      'the 95th percentile is 1.42x (1.30 to 1.55) that of before; 2.10 % of calls fail instead of 0.30 %; no operation changed beyond chance.',
    ));
  it('does not tell chance for a change', () => {
    const same = {
      ...body,
      quantiles: [{ q: 0.95, ratio: 1.1, ratio_low: 0.9, ratio_high: 1.3 }],
      error_rate: { difference: 0.001, low: -0.002, high: 0.004, p_value: 0.5 },
    };
    expect(comparedSentence(same)).toBe('latency and errors are as before; no operation changed beyond chance.');
    expect(comparedSentence({ ...same, baseline: side(0, '1'), candidate: side(0, '2') })).toMatch(
      /^version 2: latency and errors are as version 1;/,
    );
  });
  it('that cannot be made says why', () =>
    expect(comparedSentence({ ...body, unavailable: 'no calls before' })).toBe('no calls before.'));
});

describe('changes of percentiles', () => {
  it('need both bounds on one side of one', () => {
    const change = (low: number | null, high: number | null) => ({
      q: 0.5,
      ratio: 1,
      ratio_low: low,
      ratio_high: high,
    });
    expect([isSlower(change(1.01, 2)), isSlower(change(0.99, 2)), isSlower(change(null, null))]).toEqual([
      true,
      false,
      false,
    ]);
    expect([isFaster(change(0.5, 0.99)), isFaster(change(0.5, 1)), isFaster(change(null, null))]).toEqual([
      true,
      false,
      false,
    ]);
    expect(ratioWords(change(null, null))).toBe('1.00x');
  });
  it('are read by their quantile, and none is made up', () => {
    expect(quantileOf(body.baseline.quantiles, 0.95)).toBe(7);
    expect(quantileOf(body.baseline.quantiles, 0.99)).toBeNull();
    expect(plain(shareWords({ difference: 0.018, low: -0.01, high: 0.026, p_value: 0 }))).toBe(
      '+1.80 % (\u22121.00 % to +2.60 %)',
    );
  });
});
