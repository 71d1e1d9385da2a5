import type { HeatmapBody } from '../api/service';
import { formatDayMinute, formatDuration, formatMinute } from '../lib/format';
import {
  cellRect,
  parseHex,
  rampColour,
  tickIndices,
  timeTickIndices,
  weight,
  type Grid,
  type Rect,
  type Rgb,
} from '../lib/heatmap';
import { token } from '../lib/theme';

/** Room for the labels, in CSS pixels. */
export const LEFT = 64;
export const BOTTOM = 20;

export const ramp = (): Rgb[] => [0, 1, 2, 3, 4].map((i) => parseHex(token(`heat-${i}`)));

export const gridOf = (body: HeatmapBody, width: number, height: number): Grid => ({
  columns: Math.max(1, body.columns.length),
  rows: Math.max(1, body.rows.length),
  width: width - LEFT,
  height: height - BOTTOM,
});

const edges = ([x, y, w, h]: [number, number, number, number]): [number, number, number, number] => [
  x,
  y,
  x + w,
  y + h,
];

/** Draws the whole map and the outline of the chosen cells. */
export function drawHeat(
  canvas: HTMLCanvasElement,
  body: HeatmapBody,
  width: number,
  height: number,
  picked: Rect | null,
): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  context.scale(ratio, ratio);
  const grid = gridOf(body, width, height);
  const stops = ramp();
  context.clearRect(0, 0, width, height);
  for (const [column, row, count] of body.cells) {
    const [x, y, w, h] = cellRect(grid, column, row);
    context.fillStyle = rampColour(stops, weight(count, body.max));
    context.fillRect(LEFT + x, y, w, h);
  }
  context.font = '12px system-ui, sans-serif';
  context.fillStyle = token('text-2');
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const i of tickIndices(body.rows.length, Math.floor(grid.height / 28))) {
    const [, y, , h] = cellRect(grid, 0, i);
    context.fillText(formatDuration(body.rows[i]?.low_ns), LEFT - 6, Math.max(6, y + h));
  }
  context.textAlign = 'left';
  context.textBaseline = 'top';
  const starts = body.columns.map((ts) => Date.parse(ts));
  const offset = -new Date(starts[0] ?? 0).getTimezoneOffset() * 60_000;
  const long = (starts.at(-1) ?? 0) - (starts[0] ?? 0) > 86_400_000;
  for (const i of timeTickIndices(starts, Math.floor(grid.width / 90), offset)) {
    const [x] = cellRect(grid, i, 0);
    const text = long ? formatDayMinute(starts[i] ?? 0) : formatMinute(starts[i] ?? 0);
    if (x + context.measureText(text).width < grid.width) context.fillText(text, LEFT + x, grid.height + 6);
  }
  if (picked !== null) {
    const [x, , , bottom] = edges(cellRect(grid, picked.columns[0], picked.rows[0]));
    const [, y, right] = edges(cellRect(grid, picked.columns[1], picked.rows[1]));
    const [w, h] = [right - x, bottom - y];
    for (const [name, size] of [
      ['bg', 5],
      ['text', 2],
    ] as const) {
      context.strokeStyle = token(name);
      context.lineWidth = size;
      context.strokeRect(LEFT + x - 1, y - 1, w + 2, h + 2);
    }
  }
}

/** The legend: the ramp from one request to the fullest cell. */
export function drawRamp(canvas: HTMLCanvasElement): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const stops = ramp();
  canvas.width = 96;
  canvas.height = 8;
  for (let x = 0; x < 96; x += 1) {
    context.fillStyle = rampColour(stops, 0.12 + (0.88 * x) / 95);
    context.fillRect(x, 0, 1, 8);
  }
}
