import { describe, expect, it } from 'vitest';
import type { CurveFit, CurvePoint, LatencyFit, LatencyKnee, ServiceCurve } from '../api/curve';
import {
  carried,
  curveSentence,
  partOf,
  percentileName,
  residenceAt,
  sampled,
  uslOf,
  weakerSign,
  whoOf,
} from './curve';
import { latencySpec, throughputSpec } from './curve-charts';
import { formatBounds, formatFigure, residenceFigures, uslFigures } from './curve-figures';
import { parseScope, sameScope, scopeText } from './curve-scope';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

const REFUSED: CurveFit = {
  verdict: 'refused',
  reasons: ['loads reach only from 1 to 1.5'],
  notes: [],
  alpha: null,
  beta: null,
  gamma: null,
  student_intervals: null,
  bootstrap: null,
  r_squared: null,
  peak: null,
  peak_reason: 'the fit is refused',
  limit: null,
  limit_reason: 'the fit is refused',
  points: null,
};
const USL: CurveFit = {
  ...REFUSED,
  verdict: 'good',
  reasons: [],
  alpha: 0.02,
  beta: 0.0005,
  gamma: 50,
  r_squared: 0.98,
  peak: { load: 44, throughput: 700 },
  peak_reason: null,
  limit_reason: 'saturation was not observed',
  points: { count: 60, distinct_loads: 40, load: [1, 30], throughput: [50, 650] },
};
const RESIDENCE: LatencyFit = {
  verdict: 'good',
  reasons: [],
  residence: { delay: 0.02, service: 0.0025, servers: 1, service_cv2: 1 },
  capacity: 400,
  capacity_interval: [380, 430],
  capacity_if_constant: 310,
  capacity_if_exponential: 400,
  highest_utilisation: 0.4,
  minutes: { count: 60, left_out: 0, requests: 9_000, arrival_rate: [10, 160] },
  level: 0.95,
};
const KNEE: LatencyKnee = {
  promised_by: 'order-latency',
  target_ms: 250,
  percentile: 0.99,
  knee: { throughput: 350, utilisation: 0.875, why: 'the percentile reaches 0.25 s' },
};
const point = (rate: number, more: Partial<CurvePoint> = {}): CurvePoint => ({
  ts: '2026-11-20T14:30:00Z',
  rate,
  throughput: rate,
  concurrency: rate / 20,
  mean_ms: 50,
  own_ms: 25,
  p99_ms: 120,
  errors: 0,
  ...more,
});
const curve = (more: Partial<ServiceCurve> = {}): ServiceCurve => ({
  service: 'order',
  operation: null,
  version: null,
  range: { from: '2026-11-13T00:00:00Z', to: '2026-11-20T00:00:00Z' },
  step_seconds: 300,
  points: [point(10), point(160)],
  usl: REFUSED,
  residence: { known: RESIDENCE },
  latency_knee: { unavailable: { why: 'no objective promises a latency of order' } },
  pools: [],
  ...more,
});

describe('laws', () => {
  it('give the throughput that the server gives', () => {
    const law = uslOf(USL);
    expect(law?.(1)).toBeCloseTo(50, 9);
    // 50 * 20 / (1 + 0.02 * 19 + 0.0005 * 20 * 19)
    expect(law?.(20)).toBeCloseTo(1000 / 1.57, 6);
    expect(uslOf(REFUSED)).toBeNull();
  });
  it('wait as Pollaczek and Khinchine say for one server', () => {
    const law = { delay: 0.02, service: 0.01, servers: 1, service_cv2: 0 };
    // Half the wait of exponential times: rho S / (2 (1 - rho)).
    expect(residenceAt(law, 50)).toBeCloseTo(0.03 + (0.5 * 0.01) / (2 * 0.5), 9);
    expect(residenceAt(law, 0)).toBeCloseTo(0.03, 9);
    expect(residenceAt(law, 100)).toBeNull();
  });
  it('wait as Erlang says for more', () => {
    // Two servers, one erlang: a third waits, for S / (2 - 1).
    expect(residenceAt({ delay: 0, service: 1, servers: 2, service_cv2: 1 }, 1)).toBeCloseTo(1 + 1 / 3, 9);
  });
  it('are drawn as far as they have a value', () => {
    expect(sampled(0, 4, (x) => (x > 2 ? null : x), 4)).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
  });
});

describe('the answer', () => {
  it('is what ends first, with what was seen of it', () => {
    expect(plain(curveSentence(curve()))).toBe(
      'order carries about 400 requests/s (380 to 430) before what it does one request at a time is full; seen so far up to 160/s (40 %).',
    );
    expect(plain(curveSentence(curve({ latency_knee: { known: KNEE } })))).toBe(
      'order carries about 350 requests/s before its p99 reaches 250 ms, which order-latency promises; seen so far up to 160/s (46 %).',
    );
    expect(carried(curve({ usl: { ...USL, peak: { load: 9, throughput: 300 } } }))?.perSecond).toBe(300);
  });
  it('prefers what is sound, and tells the weaker sign beside it', () => {
    const body = curve({ usl: { ...USL, verdict: 'weak', peak: { load: 9, throughput: 300 } } });
    expect(carried(body)?.perSecond).toBe(400);
    expect(weakerSign(body)).toBe(
      'A weaker sign is of 300 requests/s before more requests under way only slow it down.',
    );
    expect(weakerSign(curve({ usl: USL }))).toBeNull();
  });
  it('is an indication where the law is weak, or hardly anything was seen', () => {
    const weak = curve({ residence: { known: { ...RESIDENCE, verdict: 'weak' } } });
    expect(curveSentence(weak)).toMatch(/^As an indication only, order carries about 400/);
    expect(curveSentence(curve({ points: [point(39)] }))).toMatch(/^As an indication only/);
    expect(curveSentence(curve({ points: [point(41)] }))).toMatch(/^order carries/);
  });
  it('says why there is none', () => {
    const none: LatencyFit = {
      ...RESIDENCE,
      verdict: 'refused',
      reasons: ['too few steps'],
      residence: null,
      capacity: null,
    };
    expect(plain(curveSentence(curve({ residence: { known: none } })))).toBe(
      'How much order carries cannot be told: too few steps; seen so far up to 160 requests/s.',
    );
    const part = curve({ operation: 'POST /orders', residence: { unavailable: { why: 'recorded elsewhere' } } });
    expect(curveSentence(part)).toContain('How much POST /orders of order carries cannot be told: loads reach only');
    const flat: CurveFit = { ...USL, peak: null, peak_reason: 'no coherency is seen' };
    expect(curveSentence({ ...part, usl: flat })).toContain('told: no coherency is seen; saturation was not observed;');
  });
  it('names the part that it is of', () => {
    expect(whoOf({ service: 'order', operation: 'POST /orders', version: '2.31.0' })).toBe(
      'POST /orders of order in version 2.31.0',
    );
    expect(partOf({ service: 'order', operation: 'POST /orders', version: '2' })).toBe('POST /orders, version 2');
    expect([percentileName(0.99), percentileName(0.999), percentileName(0.5)]).toEqual(['p99', 'p99.9', 'p50']);
  });
});

describe('the figures', () => {
  it('are known or say why', () => {
    for (const row of [...uslFigures(REFUSED), ...residenceFigures(curve())])
      expect(row.value === null, row.id).toBe(row.why !== '');
    expect(uslFigures(REFUSED).every((row) => row.why === 'loads reach only from 1 to 1.5')).toBe(true);
    expect(uslFigures(USL).find(({ id }) => id === 'limit')?.why).toBe('saturation was not observed');
    expect(residenceFigures(curve()).find(({ id }) => id === 'knee')?.why).toMatch(/^no objective/);
  });
  it('carry their unit, and their interval may have one end', () => {
    expect(formatFigure(0.00010442, 'plain')).toBe('0.0001044');
    expect(formatFigure(400, 'per_second')).toBe('400/s');
    expect(plain(formatFigure(2.5, 'ms'))).toBe('2.50 ms');
    expect(formatBounds({ low: 380, high: 430, unit: 'per_second' })).toBe('380/s to 430/s');
    expect(formatBounds({ low: 12, high: null, unit: 'load' })).toBe('12 or more');
    expect(formatBounds({ low: null, high: 12, unit: 'load' })).toBe('up to 12');
    expect(formatBounds({ low: null, high: null, unit: 'load' })).toBe('');
  });
});

describe('the charts', () => {
  it('draw a law only where there is one', () => {
    expect(throughputSpec(curve(), null).curves).toEqual([]);
    const { curves, spots } = throughputSpec(curve({ usl: USL }), null);
    expect([curves[0]?.measured, spots[0]?.x]).toEqual([30, 44]);
    expect(curves[0]?.line.some(([x]) => x > 44)).toBe(true);
  });
  it('leave out what is not known of a part', () => {
    const part = curve({
      points: [point(10, { own_ms: null, p99_ms: null })],
      residence: { unavailable: { why: 'x' } },
    });
    const spec = latencySpec(part, null);
    expect(spec.clouds.map(({ label }) => label)).toEqual(['mean']);
    expect([spec.curves, spec.rules, spec.spots]).toEqual([[], [], []]);
    expect(spec.table.rows).toEqual([['2026-11-20T14:30:00Z', 10, null, 50, null]]);
  });
  it('mark where the promise is reached, and say which is which when two are shown', () => {
    const spec = latencySpec(curve({ latency_knee: { known: KNEE } }), curve({ version: '9' }));
    expect(spec.spots).toEqual([{ x: 350, y: 250e6, label: 'reached at 350/s' }]);
    expect(spec.clouds.map(({ label }) => label)).toContain('mean, version 9');
    expect(spec.table.rows.map((row) => row[1])).toEqual(['all of order', 'all of order', 'version 9', 'version 9']);
  });
});

describe('a scope in the address', () => {
  it('comes back as it was', () => {
    for (const scope of [
      { operation: null, version: null },
      { operation: 'GET /a?b=c&d', version: null },
      { operation: 'GET /a', version: '1+2' },
      { operation: 'whole', version: null },
    ])
      expect(parseScope(scopeText(scope))).toEqual(scope);
    expect([parseScope(null), parseScope('nonsense')]).toEqual([null, null]);
    expect(sameScope({ operation: 'a', version: null }, { operation: 'a', version: '1' })).toBe(false);
  });
});
