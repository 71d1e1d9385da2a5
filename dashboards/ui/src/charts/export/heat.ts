import type { HeatmapBody } from '../../api/service';
import { formatDuration } from '../../lib/format';
import { cellRect, rampColour, tickIndices, weight } from '../../lib/heatmap';
import { token } from '../../lib/theme';
import { ramp } from '../heat-draw';
import type { Drawing } from '../sheet';
import { clockTicks } from './clock';
import { el, label } from './svg';

const [LEFT, RIGHT, BOTTOM] = [72, 12, 28];

/** A rectangle for each cell, the axes, and the ramp with what it stands for. */
export function heatDrawing(body: HeatmapBody, whole: number, height: number): Drawing {
  const grid = {
    columns: Math.max(1, body.columns.length),
    rows: Math.max(1, body.rows.length),
    width: whole - LEFT - RIGHT,
    height: height - BOTTOM,
  };
  const stops = ramp();
  const quiet = { fill: token('text-2') };
  const cells = body.cells.map(([column, row, count]) => {
    const [x, y, width, high] = cellRect(grid, column, row);
    return el('rect', { x: LEFT + x, y, width, height: high, fill: rampColour(stops, weight(count, body.max)) });
  });
  const levels = tickIndices(body.rows.length, Math.floor(grid.height / 28)).map((i) => {
    const [, y, , high] = cellRect(grid, 0, i);
    return label(formatDuration(body.rows[i]?.low_ns), LEFT - 8, Math.max(10, y + high), {
      ...quiet,
      'text-anchor': 'end',
    });
  });
  const [from, to] = [Date.parse(body.from) / 1000, Date.parse(body.to) / 1000];
  const moments = clockTicks(from, to, Math.floor(grid.width / 90), false).map(({ at, text }) =>
    label(text, LEFT + ((at - from) / Math.max(1, to - from)) * grid.width, height - 10, {
      ...quiet,
      'text-anchor': 'middle',
    }),
  );
  const steps = Array.from({ length: 24 }, (_, i) =>
    el('rect', {
      x: LEFT + i * 4,
      y: height + 8,
      width: 4,
      height: 8,
      fill: rampColour(stops, 0.12 + (0.88 * i) / 23),
    }),
  );
  const ends = [
    label('1', LEFT - 8, height + 16, { ...quiet, 'text-anchor': 'end' }),
    label(`${body.max} requests in a cell`, LEFT + 104, height + 16, quiet),
  ];
  return { width: whole, height: height + 24, body: [...cells, ...levels, ...moments, ...steps, ...ends].join('') };
}
