import { describe, expect, it } from 'vitest';
import { linearAxis, logAxis } from './xy-scale';
import { outside, summary, xAxis, yAxis, type XySpec } from './xy-spec';

const spec = (more: Partial<XySpec> = {}): XySpec => ({
  x: { name: 'requests a second', format: String },
  y: { name: 'latency', format: String },
  clouds: [{ label: 'mean', colour: 'series-1', dots: [10, 100].map((x) => ({ x, y: 2 * x, when: '' })) }],
  curves: [],
  spots: [],
  rules: [],
  table: { head: [], rows: [], words: [] },
  ...more,
});

describe('an axis', () => {
  it('starts at zero and has round ticks', () => {
    const axis = linearAxis(64, 6);
    expect(axis.ticks).toEqual([0, 20, 40, 60]);
    expect([axis.at(0), axis.at(axis.high)]).toEqual([0, 1]);
    expect(linearAxis(0, 6).high).toBe(1);
  });
  it('is logarithmic between 1-2-5 steps', () => {
    const axis = logAxis([30, 900, 0]);
    expect([axis.low, axis.high]).toEqual([20, 1000]);
    expect(axis.at(Math.sqrt(20 * 1000))).toBeCloseTo(0.5, 9);
    expect(axis.at(0)).toBe(0);
  });
});

describe('the axes of a chart', () => {
  it('reach marks that are near, and name those that are not', () => {
    const near = spec({ spots: [{ x: 250, y: 300, label: 'peak' }] });
    expect(xAxis(near, 8).high).toBeCloseTo(262.5, 9);
    expect(outside(near, xAxis(near, 8))).toBeNull();
    const far = spec({ rules: [{ axis: 'x', at: 900, label: 'full, 900/s' }] });
    expect(xAxis(far, 8).high).toBeCloseTo(105, 9);
    expect(outside(far, xAxis(far, 8))).toBe('Beyond the axis: full, 900/s.');
  });
  it('are not drawn out by a law that rises without end', () => {
    const line = [10, 50, 100].map((x): [number, number] => [x, x === 100 ? 1e6 : 210]);
    const steep = spec({ curves: [{ label: 'law', colour: 'series-1', line, measured: 50 }] });
    expect(yAxis(steep, xAxis(steep, 8), 6).high).toBeCloseTo(220.5, 9);
  });
  it('have words', () => {
    expect(summary(spec({ spots: [{ x: 50, y: 100, label: 'peak, 50/s' }] }))).toBe(
      'latency against requests a second. mean: 2 points up to 100 requests a second, highest 200. peak, 50/s',
    );
  });
});
