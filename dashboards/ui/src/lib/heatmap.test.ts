import { describe, expect, it } from 'vitest';
import type { HeatmapBody } from '../api/service';
import {
  cellAt,
  cellRect,
  countIn,
  parseHex,
  rampColour,
  rectBetween,
  rectOf,
  selectionOf,
  tickIndices,
  timeTickIndices,
  weight,
} from './heatmap';

const grid = { columns: 7, rows: 5, width: 101, height: 53 };

describe('weight', () => {
  it('is nothing for nothing and grows to one', () => {
    expect(weight(0, 100)).toBe(0);
    expect(weight(100, 100)).toBeCloseTo(1, 12);
    expect(weight(1, 1)).toBe(1);
    for (let n = 1; n < 100; n += 1) expect(weight(n + 1, 100)).toBeGreaterThan(weight(n, 100));
  });
  it('keeps a single request visible', () => expect(weight(1, 1_000_000)).toBeGreaterThan(0.1));
});

describe('cells', () => {
  it('tile the plane without gap or overlap', () => {
    let area = 0;
    for (let column = 0; column < grid.columns; column += 1) {
      for (let row = 0; row < grid.rows; row += 1) {
        const [, , w, h] = cellRect(grid, column, row);
        area += w * h;
      }
    }
    expect(area).toBe(grid.width * grid.height);
  });
  it('are found under their own middle', () => {
    for (let column = 0; column < grid.columns; column += 1) {
      for (let row = 0; row < grid.rows; row += 1) {
        const [x, y, w, h] = cellRect(grid, column, row);
        expect(cellAt(grid, x + w / 2, y + h / 2)).toEqual({ column, row });
      }
    }
  });
  it('row 0 stands at the bottom', () => expect(cellAt(grid, 0, 52)).toEqual({ column: 0, row: 0 }));
  it('end at the edge', () => {
    for (const [x, y] of [
      [-1, 0],
      [0, -1],
      [101, 0],
      [0, 53],
    ] as const)
      expect(cellAt(grid, x, y)).toBeNull();
  });
});

describe('colours', () => {
  it('run from the first stop to the last', () => {
    const stops = [parseHex('#000000'), parseHex('#804020'), parseHex('#ffffff')];
    expect([0, 0.5, 1, 2].map((t) => rampColour(stops, t))).toEqual([
      'rgb(0 0 0)',
      'rgb(128 64 32)',
      'rgb(255 255 255)',
      'rgb(255 255 255)',
    ]);
    expect(rampColour(stops, 0.25)).toBe('rgb(64 32 16)');
  });
});

describe('ticks', () => {
  it('are at most as many as asked', () => expect(tickIndices(100, 7).length).toBeLessThanOrEqual(7));
  it('fall on round times of the reader', () => {
    const start = Date.parse('2026-11-20T12:03:00Z');
    const starts = Array.from({ length: 60 }, (_, i) => start + i * 60_000);
    const found = timeTickIndices(starts, 7, 0).map((i) => new Date(starts[i] ?? 0).getUTCMinutes());
    expect(found).toEqual([10, 20, 30, 40, 50, 0]);
    const india = timeTickIndices(starts, 2, 5.5 * 3_600_000).map((i) =>
      new Date(starts[i] ?? 0).toISOString().slice(11, 16),
    );
    expect(india).toEqual(['12:30', '13:00']);
  });
});

describe('a selection', () => {
  const start = Date.parse('2026-11-20T12:00:00Z');
  const body: HeatmapBody = {
    step_seconds: 60,
    from: '2026-11-20T12:00:00Z',
    to: '2026-11-20T12:05:00Z',
    rows: [1, 2, 4, 8].map((low) => ({ low_ns: low, high_ns: low * 2 })),
    columns: [0, 1, 2, 3, 4].map((i) => new Date(start + i * 60_000).toISOString()),
    cells: [
      [0, 0, 1],
      [1, 1, 10],
      [2, 2, 100],
      [3, 1, 1_000],
    ],
    max: 1_000,
  };
  it('of cells comes back as the same cells, whichever corner came first', () => {
    for (const [a, b] of [
      [
        [1, 1],
        [3, 2],
      ],
      [
        [3, 1],
        [1, 2],
      ],
      [
        [0, 0],
        [0, 0],
      ],
      [
        [4, 3],
        [0, 0],
      ],
    ] as const) {
      const rect = rectBetween(a, b);
      expect(rect).toEqual(rectBetween(b, a));
      const cell = selectionOf(body, rect);
      expect(cell === null ? null : rectOf(body, cell)).toEqual(rect);
    }
  });
  it('has times, durations and requests', () => {
    const rect = rectBetween([1, 1], [2, 2]);
    expect(selectionOf(body, rect)).toEqual({
      from: '2026-11-20T12:01:00.000Z',
      to: '2026-11-20T12:03:00.000Z',
      low_ns: 2,
      high_ns: 8,
    });
    expect([countIn(body, rect), countIn(body, rectBetween([0, 0], [4, 3]))]).toEqual([110, 1_111]);
  });
  it('that lies elsewhere touches nothing', () => {
    const later = { from: '2026-11-20T13:00:00Z', to: '2026-11-20T13:01:00Z', low_ns: 2, high_ns: 4 };
    expect(rectOf(body, later)).toBeNull();
    expect(selectionOf(body, { columns: [0, 9], rows: [0, 0] })).toBeNull();
  });
});
