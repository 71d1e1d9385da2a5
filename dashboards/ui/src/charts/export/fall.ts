import type { TraceSpan } from '../../api/traces';
import { formatDuration } from '../../lib/format';
import { token } from '../../lib/theme';
import { timeTicks, type Row } from '../../lib/waterfall';
import type { Drawing } from '../sheet';
import { el, label } from './svg';

const [ROW, TOP] = [20, 24];
/** Spans that are drawn; a file of more could not be read. */
const MOST = 1_000;

/** A bar for each span that is open on the page, indented as the tree. */
export function fallDrawing(
  rows: readonly Row[],
  total: number,
  colourOf: (service: string) => string,
  width: number,
): Drawing {
  const shown = rows.slice(0, MOST);
  const names = Math.round(width * 0.36);
  const scale = width - names - 72;
  const quiet = token('text-2');
  const place = (share: number): number => names + share * scale;
  const fitting = (text: string, depth: number): string => {
    const room = Math.max(8, Math.floor((names - 24 - depth * 10) / 6.4));
    return text.length > room ? `${text.slice(0, room - 1)}\u2026` : text;
  };
  const ticks = timeTicks(total).map((tick) => {
    const x = place(tick / Math.max(1, total));
    return (
      el('line', { x1: x, x2: x, y1: TOP - 8, y2: TOP + shown.length * ROW, stroke: token('grid') }) +
      label(tick === 0 ? '0' : formatDuration(tick), x + 3, TOP - 10, { fill: quiet })
    );
  });
  const line = ({ span, left, width: share }: Row, i: number): string => {
    const y = TOP + i * ROW;
    const depth = Math.min(span.depth, 24);
    return [
      el('rect', { x: depth * 10, y: y + 5, width: 8, height: 8, rx: 2, fill: token(colourOf(span.service)) }),
      label(fitting(nameOf(span), depth), depth * 10 + 14, y + 13, {
        fill: token(span.status === 'error' ? 'red' : 'text'),
      }),
      el('rect', {
        ...{ x: place(left), y: y + 4, width: Math.max(1.5, share * scale), height: 10, rx: 2 },
        fill: token(colourOf(span.service)),
        stroke: span.status === 'error' ? token('red') : undefined,
      }),
      span.critical
        ? el('rect', { x: place(left), y: y + 15, width: Math.max(1.5, share * scale), height: 2, fill: token('text') })
        : '',
      label(formatDuration(span.duration_ns), place(left + share) + 4, y + 13, { fill: quiet }),
    ].join('');
  };
  const left = rows.length - shown.length;
  const more =
    left > 0 ? label(`${left} more spans are left out`, 0, TOP + shown.length * ROW + 16, { fill: quiet }) : '';
  return {
    width,
    height: TOP + shown.length * ROW + (left > 0 ? 24 : 0),
    body: [...ticks, ...shown.map(line), more].join(''),
  };
}

const nameOf = ({ service, operation, status }: TraceSpan): string =>
  `${status === 'error' ? 'failed ' : ''}${operation} ${service}`;
