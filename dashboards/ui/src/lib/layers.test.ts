import { describe, expect, it } from 'vitest';
import { inLayers, type Edge } from './layers';

const edges = (text: string): Edge[] =>
  text.split(' ').map((pair) => {
    const [from = '', to = ''] = pair.split('>');
    return { from, to };
  });
const layersOf = (ids: string, text: string): string => {
  const { places } = inLayers(ids.split(' '), edges(text));
  return [...places].map(([id, { layer }]) => `${id}${layer}`).join(' ');
};

describe('layers', () => {
  it('put callers left of whom they call, by the longest way', () => {
    expect(layersOf('a b c d', 'a>b b>c a>c c>d')).toBe('a0 b1 c2 d3');
    expect(layersOf('d c b a', 'a>b b>c a>c c>d')).toBe('d3 c2 b1 a0');
  });
  it('turn what closes a cycle, and leave out a call to oneself', () => {
    expect(layersOf('a b c', 'a>b b>c c>b b>b')).toBe('a0 b1 c2');
    expect(layersOf('a b', 'a>b b>a')).toBe('a0 b1');
  });
  it('of nothing are nothing, and of one alone one', () => {
    expect(inLayers([], [])).toEqual({ places: new Map(), routes: [], layers: 1, rows: 0 });
    expect(inLayers(['a'], []).rows).toBe(1);
  });
});

describe('places', () => {
  const ids = 'a b c d e f g h i j'.split(' ');
  const all = edges('a>b a>c a>d b>e c>e d>e e>f a>f f>g g>h c>i d>j j>a');
  const { places, routes, rows, layers } = inLayers(ids, all);
  it('never overlap', () => {
    for (const a of ids) {
      for (const b of ids) {
        const [p, q] = [places.get(a), places.get(b)];
        if (a < b && p?.layer === q?.layer) expect(Math.abs((p?.row ?? 0) - (q?.row ?? 0))).toBeGreaterThan(0.999);
      }
    }
  });
  it('lie within the drawing', () => {
    for (const { row, layer } of [...places.values(), ...routes.flat()]) {
      expect(row).toBeGreaterThanOrEqual(0);
      expect(row).toBeLessThanOrEqual(rows - 1 + 1e-9);
      expect(layer).toBeLessThan(layers);
    }
  });
  it('of an edge lead from its caller to whom it calls, a layer at a time', () => {
    routes.forEach((route, i) => {
      expect(route[0]).toEqual(places.get(all[i]?.from ?? ''));
      expect(route.at(-1)).toEqual(places.get(all[i]?.to ?? ''));
      route.slice(1).forEach(({ layer }, k) => expect(Math.abs(layer - (route[k]?.layer ?? 0))).toBe(1));
    });
  });
  it('are the same each time', () => expect(inLayers(ids, all)).toEqual(inLayers(ids, all)));
  it('of neighbours do not cross where they need not', () => {
    const straight = inLayers(['a', 'b', 'x', 'y'], edges('a>y b>x'));
    const row = (id: string): number => straight.places.get(id)?.row ?? 0;
    expect(Math.sign(row('a') - row('b'))).toBe(Math.sign(row('y') - row('x')));
  });
});
