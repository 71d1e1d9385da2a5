import type { HeatmapBody } from '../api/service';
import type { Cell } from './cell';

/** The maths of the latency heat-map: colours, cells under the pointer, selections, ticks. */
export type Rgb = [number, number, number];

/**
 * Weight 0..1 of a count. Logarithmic: the one slow request must be visible
 * beside ten thousand quick ones.
 */
export function weight(count: number, max: number): number {
  if (count <= 0 || max <= 0) return 0;
  if (max <= 1) return 1;
  return 0.12 + 0.88 * (Math.log(Math.min(count, max)) / Math.log(max));
}

/** "#rrggbb" as numbers. */
export function parseHex(text: string): Rgb {
  const value = Number.parseInt(text.trim().replace('#', ''), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** The colour at `t` on a ramp of evenly spaced stops. */
export function rampColour(stops: readonly Rgb[], t: number): string {
  const last = stops.length - 1;
  const at = Math.max(0, Math.min(1, t)) * last;
  const low = stops[Math.floor(at)] ?? [0, 0, 0];
  const high = stops[Math.ceil(at)] ?? low;
  const part = at - Math.floor(at);
  const mixed = low.map((value, i) => Math.round(value + ((high[i] ?? value) - value) * part));
  return `rgb(${mixed.join(' ')})`;
}

export interface Grid {
  columns: number;
  rows: number;
  width: number;
  height: number;
}

/** The cell under a point, row 0 at the bottom; null outside. */
export function cellAt(grid: Grid, x: number, y: number): { column: number; row: number } | null {
  if (x < 0 || y < 0 || x >= grid.width || y >= grid.height) return null;
  const column = Math.floor((x / grid.width) * grid.columns);
  const row = grid.rows - 1 - Math.floor((y / grid.height) * grid.rows);
  return { column, row };
}

/** The rectangle of a cell on whole pixels, without gaps between neighbours. */
export function cellRect(grid: Grid, column: number, row: number): [number, number, number, number] {
  const x0 = Math.round((column / grid.columns) * grid.width);
  const x1 = Math.round(((column + 1) / grid.columns) * grid.width);
  const y0 = Math.round(((grid.rows - 1 - row) / grid.rows) * grid.height);
  const y1 = Math.round(((grid.rows - row) / grid.rows) * grid.height);
  return [x0, y0, x1 - x0, y1 - y0];
}

const TICK_MS = [60, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800].map((s) => s * 1000);

/** Columns that hold a round time of the reader's clock, at most `most` of them. */
export function timeTickIndices(starts: readonly number[], most: number, offsetMs: number): number[] {
  const first = starts[0];
  const last = starts.at(-1);
  if (first === undefined || last === undefined || most < 1) return [];
  const step = TICK_MS.find((size) => (last - first) / size <= most) ?? 604_800_000;
  const round = (time: number): number => Math.floor((time + offsetMs) / step);
  return starts.flatMap((time, i) => {
    const before = starts[i - 1];
    const exact = before === undefined ? (time + offsetMs) % step === 0 : round(time) > round(before);
    return exact ? [i] : [];
  });
}

/** Every nth index so that at most `most` of `count` labels are drawn. */
export function tickIndices(count: number, most: number): number[] {
  const step = Math.max(1, Math.ceil(count / Math.max(1, most)));
  return Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
}

/** Cells from a column and a row to another, all included. */
export interface Rect {
  columns: [number, number];
  rows: [number, number];
}
type Corner = readonly [column: number, row: number];

export const rectBetween = (a: Corner, b: Corner): Rect => ({
  columns: [Math.min(a[0], b[0]), Math.max(a[0], b[0])],
  rows: [Math.min(a[1], b[1]), Math.max(a[1], b[1])],
});

/** The cells that a selection touches; null when it touches none. */
export function rectOf(body: HeatmapBody, cell: Cell): Rect | null {
  const [from, to, step] = [Date.parse(cell.from), Date.parse(cell.to), body.step_seconds * 1000];
  const within = (ts: string): boolean => Date.parse(ts) < to && Date.parse(ts) + step > from;
  const columns = body.columns.flatMap((ts, i) => (within(ts) ? [i] : []));
  const rows = body.rows.flatMap(({ low_ns, high_ns }, i) =>
    low_ns < cell.high_ns && high_ns > cell.low_ns ? [i] : [],
  );
  const [left, right, bottom, top] = [columns[0], columns.at(-1), rows[0], rows.at(-1)];
  if (left === undefined || right === undefined || bottom === undefined || top === undefined) return null;
  return { columns: [left, right], rows: [bottom, top] };
}

/** The times and durations of cells; null outside of the map. */
export function selectionOf(body: HeatmapBody, { columns, rows }: Rect): Cell | null {
  const [from, last] = [body.columns[columns[0]], body.columns[columns[1]]];
  const [bottom, top] = [body.rows[rows[0]], body.rows[rows[1]]];
  if (from === undefined || last === undefined || bottom === undefined || top === undefined) return null;
  const to = new Date(Date.parse(last) + body.step_seconds * 1000).toISOString();
  return { from, to, low_ns: bottom.low_ns, high_ns: top.high_ns };
}

/** Requests within cells. */
export const countIn = (body: HeatmapBody, { columns, rows }: Rect): number =>
  body.cells.reduce(
    (sum, [column, row, count]) =>
      column >= columns[0] && column <= columns[1] && row >= rows[0] && row <= rows[1] ? sum + count : sum,
    0,
  );
