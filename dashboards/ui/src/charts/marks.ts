import type uPlot from 'uplot';
import { token } from '../lib/theme';
import type { ChartSpec, Mark } from './spec';

/** The moment of a deploy or of an alert, from top to bottom. */
function edge({ ctx, bbox }: uPlot, x: number, { kind }: Mark): void {
  const ratio = devicePixelRatio || 1;
  ctx.strokeStyle = token(kind === 'incident' ? 'red' : 'mark');
  ctx.lineWidth = ratio;
  ctx.setLineDash(kind === 'deploy' ? [] : [2 * ratio, 3 * ratio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
}

/** Deploys as ticks, sessions and events as bands, named where there is room. */
export function drawMarks(u: uPlot, marks: readonly Mark[]): void {
  const { ctx, bbox } = u;
  const ratio = devicePixelRatio || 1;
  const right = bbox.left + bbox.width;
  ctx.save();
  ctx.font = `${12 * ratio}px system-ui, sans-serif`;
  ctx.textBaseline = 'bottom';
  ctx.textAlign = 'left';
  let freeFrom = bbox.left;
  for (const mark of [...marks].sort((a, b) => a.at - b.at)) {
    const from = u.valToPos(mark.at / 1000, 'x', true);
    const to = mark.end === undefined ? from : u.valToPos(mark.end / 1000, 'x', true);
    if (to < bbox.left || from > right) continue;
    const x0 = Math.max(from, bbox.left);
    const x1 = Math.min(to, right);
    if (x1 - x0 > 1) {
      ctx.fillStyle = token('mark-bg');
      ctx.fillRect(x0, bbox.top, x1 - x0, bbox.height);
    }
    if (mark.kind !== 'event' || x1 - x0 <= 1) edge(u, Math.round(x0) + 0.5, mark);
    const wide = ctx.measureText(mark.label).width;
    const at = Math.min(x0, right - wide);
    if (at < freeFrom) continue;
    ctx.fillStyle = token('text-2');
    ctx.fillText(mark.label, at, bbox.top - 3 * ratio);
    freeFrom = at + wide + 8 * ratio;
  }
  ctx.restore();
}

/** The zero line of a signed chart, a named threshold and "now" inside the range. */
export function drawLine(u: uPlot, { line, scale, span }: ChartSpec): void {
  const { ctx, bbox } = u;
  const ratio = devicePixelRatio || 1;
  const across = (value: number, colour: string, dash: number[]): number => {
    const y = Math.round(u.valToPos(value, 'y', true)) + 0.5;
    ctx.strokeStyle = colour;
    ctx.setLineDash(dash);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    return y;
  };
  ctx.save();
  ctx.lineWidth = ratio;
  ctx.textBaseline = 'alphabetic';
  ctx.font = `${12 * ratio}px system-ui, sans-serif`;
  ctx.fillStyle = token('text-2');
  if (scale === 'signed') across(0, token('line-2'), []);
  if (line !== undefined) {
    const y = across(line.value, token('mark'), [4 * ratio, 3 * ratio]);
    ctx.textAlign = 'right';
    ctx.fillText(line.label, bbox.left + bbox.width, y < bbox.top + 16 * ratio ? y + 13 * ratio : y - 4 * ratio);
  }
  const now = Date.now();
  if (span !== undefined && span.to > now + 60_000 && span.from < now) {
    const x = Math.round(u.valToPos(now / 1000, 'x', true)) + 0.5;
    ctx.strokeStyle = token('text');
    ctx.setLineDash([]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.textAlign = 'left';
    ctx.fillText('now', x + 4 * ratio, bbox.top + 12 * ratio);
  }
  ctx.restore();
}
