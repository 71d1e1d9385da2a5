import { describe, expect, it } from 'vitest';
import type { MapBody, MapEdge, MapNode } from '../api/map';
import { gridFor, mapSentence, thickness, toneOfErrors } from './map';

const node = (kind: MapNode['kind'], name: string): MapNode => ({
  kind,
  name,
  calls: 1,
  errors: 0,
  error_rate: 0,
  calls_per_second: 1,
  quantiles: [],
});
const edge = (from: string, to: string, error_rate: number): MapEdge => ({
  from: { kind: 'service', name: from },
  to: { kind: 'service', name: to },
  calls: 100,
  calls_low: 100,
  calls_high: 100,
  calls_per_second: 1,
  errors: 0,
  error_rate,
  quantiles: [],
  sampled: 1,
  answered: 1,
});
const body: MapBody = {
  range: { from: '', to: '' },
  nodes: [node('service', 'a'), node('service', 'b'), node('database', 'db')],
  edges: [edge('a', 'b', 0), edge('b', 'db', 0.02)],
  sample: { spans: 1, of: 1, time: 1 },
  unresolved: 0,
  without_caller: 0,
  unavailable: null,
};

describe('the map', () => {
  it('is told by the call that fails most', () => {
    expect(mapSentence(body, '').replaceAll('\u00a0', ' ')).toBe(
      '2 services and 1 database, topic or outside host; most fails from b to db, 2.00 % of 100 calls.',
    );
    expect(mapSentence({ ...body, edges: [edge('a', 'b', 0)] }, 'a')).toMatch(
      /^Around a: .*no call between them failed/,
    );
    expect(mapSentence({ ...body, unavailable: 'no spans' }, '')).toBe('No spans.');
  });
  it('draws more calls thicker and more errors louder', () => {
    const widths = [0, 0.01, 0.5, 1].map((rate) => thickness(rate, 1));
    expect([...widths].sort((a, b) => a - b)).toEqual(widths);
    expect([thickness(0, 1), thickness(1, 1), thickness(0, 0)]).toEqual([1, 7, 1]);
    expect([0.009, 0.01, 0.05].map(toneOfErrors)).toEqual(['', 'amber', 'red']);
  });
});

describe('the measures of the drawing', () => {
  const wide = (layers: number, place: number): number => {
    const { width, across } = gridFor(layers, place);
    return (layers - 1) * across + width;
  };
  it('fit nine columns from a narrow page to a wide one', () => {
    for (const place of [1032, 1192, 1376]) expect(wide(9, place)).toBeLessThanOrEqual(place);
    expect([1032, 1192, 1376].map((place) => gridFor(9, place).height)).toEqual([76, 68, 68]);
  });
  it('are roomy where there is room, and never too narrow to read', () => {
    expect(gridFor(3, 1192)).toEqual({ width: 172, height: 52, across: 212, down: 68, narrow: false });
    expect(gridFor(1, 0).narrow).toBe(false);
    expect(gridFor(9, 700).width).toBe(88);
    expect(gridFor(6, 1100)).toMatchObject({ narrow: false, height: 52 });
  });
});
