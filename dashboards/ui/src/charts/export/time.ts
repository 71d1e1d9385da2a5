import { token } from '../../lib/theme';
import { limits, logTicks, type ChartSpec, type Mark, type SeriesSpec } from '../spec';
import type { Drawing } from '../sheet';
import { linearTicks } from '../xy-scale';
import { clockTicks } from './clock';
import { el, label, through } from './svg';

const [LEFT, RIGHT, TOP, BOTTOM] = [72, 12, 20, 28];
const HALF_DAY = 43_200;

/** Where values and times stand. */
interface Place {
  x: (time: number) => number;
  y: (value: number) => number;
  zero: number;
  width: number;
  height: number;
  from: number;
  to: number;
}

const known = (value: number | null | undefined): value is number =>
  typeof value === 'number' && Number.isFinite(value);

function placeOf(spec: ChartSpec, width: number, height: number): { place: Place; low: number; high: number } {
  const values = spec.series.flatMap(({ values: all }) => all.filter(known));
  const least = values.reduce<number | null>((low, value) => (low === null || value < low ? value : low), null);
  const most = values.reduce<number | null>((top, value) => (top === null || value > top ? value : top), null);
  const line = spec.line?.value;
  const [low, high] = limits(spec.scale, least, line === undefined ? most : Math.max(most ?? 0, line));
  const room = spec.daily === true ? HALF_DAY : 0;
  const from = spec.span === undefined ? (spec.times[0] ?? 0) - room : spec.span.from / 1000;
  const to = spec.span === undefined ? (spec.times.at(-1) ?? 1) + room : spec.span.to / 1000;
  const share = (value: number): number =>
    spec.scale === 'log' ? Math.log(Math.max(value, low) / low) / Math.log(high / low) : (value - low) / (high - low);
  const y = (value: number): number => TOP + (1 - share(value)) * height;
  const place = {
    x: (time: number) => LEFT + ((time - from) / Math.max(1e-9, to - from)) * width,
    y,
    zero: spec.scale === 'log' ? TOP + height : y(0),
    width,
    height,
    from,
    to,
  };
  return { place, low, high };
}

/** A series as drawn: its line, its bars, or the area under it. */
function series(spec: SeriesSpec, chart: ChartSpec, { x, y, zero, width }: Place): string {
  if (spec.kind === 'hidden') return '';
  const colour = token(chart.budget === true && spec.dash !== true ? 'text' : spec.colour);
  const each = spec.values.flatMap((value, i) =>
    value === undefined ? [] : [known(value) ? ([x(chart.times[i] ?? 0), y(value)] as const) : null],
  );
  if (spec.kind === 'bars') {
    const size = Math.max(1, Math.min(24, (0.72 * width) / Math.max(1, chart.times.length)));
    const left = chart.daily === true ? size / 2 : 0;
    return each
      .filter((point) => point !== null)
      .map(([at, top]) =>
        el('rect', {
          ...{ x: at - left, y: Math.min(top, zero), width: size, height: Math.abs(zero - top) },
          ...{ fill: colour, 'fill-opacity': 0.75 },
        }),
      )
      .join('');
  }
  const line = el('path', {
    ...{
      d: through(each),
      fill: 'none',
      stroke: colour,
      'stroke-width': spec.width ?? 1.5,
      'stroke-linejoin': 'round',
    },
    'stroke-dasharray': spec.dash === true ? '4 4' : undefined,
  });
  if (spec.kind !== 'area') return line;
  const [above, below] = chart.budget === true ? ['green', 'red'] : [spec.colour, spec.colour];
  return areas(each, zero)
    .map((d) =>
      [
        el('path', {
          d,
          fill: token(above),
          'fill-opacity': chart.budget === true ? 0.25 : 0.15,
          'clip-path': 'url(#above)',
        }),
        el('path', {
          d,
          fill: token(below),
          'fill-opacity': chart.budget === true ? 0.35 : 0.15,
          'clip-path': 'url(#below)',
        }),
      ].join(''),
    )
    .concat(line)
    .join('');
}

/** The space between a line and zero, a path for each piece without a gap. */
function areas(points: readonly (readonly [number, number] | null)[], zero: number): string[] {
  const pieces: (readonly [number, number])[][] = [[]];
  for (const point of points) {
    if (point === null) pieces.push([]);
    else pieces.at(-1)?.push(point);
  }
  return pieces.flatMap((piece) => {
    const [first, last] = [piece[0], piece.at(-1)];
    if (first === undefined || last === undefined) return [];
    return [through([[first[0], zero], ...piece, [last[0], zero]]) + 'Z'];
  });
}

/** The space between two series. */
function bands({ bands: all = [], series: lines, times }: ChartSpec, { x, y }: Place): string {
  return all
    .map(({ upper, lower, colour, alpha }) => {
      const [top, bottom] = [lines[upper]?.values ?? [], lines[lower]?.values ?? []];
      const both = times.flatMap((time, i) => {
        const [high, low] = [top[i], bottom[i]];
        return known(high) && known(low) ? [[x(time), y(high), y(low)] as const] : [];
      });
      const around = [
        ...both.map(([at, high]) => [at, high] as const),
        ...[...both].reverse().map(([at, , low]) => [at, low] as const),
      ];
      return el('path', { d: `${through(around)}Z`, fill: token(colour), 'fill-opacity': alpha });
    })
    .join('');
}

function mark({ at, end, label: name, kind }: Mark, place: Place, free: { from: number }): string {
  const [from, to] = [at / 1000, (end ?? at) / 1000];
  if (to < place.from || from > place.to) return '';
  const [x0, x1] = [place.x(Math.max(from, place.from)), place.x(Math.min(to, place.to))];
  const bottom = TOP + place.height;
  const parts: string[] = [];
  if (x1 - x0 > 1)
    parts.push(
      el('rect', { x: x0, y: TOP, width: x1 - x0, height: place.height, fill: token('mark'), 'fill-opacity': 0.09 }),
    );
  if (kind !== 'event' || x1 - x0 <= 1)
    parts.push(
      el('line', {
        ...{ x1: x0, x2: x0, y1: TOP, y2: bottom, stroke: token(kind === 'incident' ? 'red' : 'mark') },
        'stroke-dasharray': kind === 'deploy' ? undefined : '2 3',
      }),
    );
  const wide = name.length * 6.2;
  const left = Math.min(x0, LEFT + place.width - wide);
  if (left >= free.from) {
    parts.push(label(name, left, TOP - 5, { fill: token('text-2') }));
    free.from = left + wide + 8;
  }
  return parts.join('');
}

function axes(spec: ChartSpec, place: Place, low: number, high: number): string {
  const ticks =
    spec.scale === 'log' ? logTicks(low, high) : linearTicks(low, high, Math.max(2, Math.floor(place.height / 36)));
  const right = LEFT + place.width;
  const levels = ticks.map(
    (tick) =>
      el('line', { x1: LEFT, x2: right, y1: place.y(tick), y2: place.y(tick), stroke: token('grid') }) +
      label(spec.format(tick), LEFT - 8, place.y(tick) + 4, { 'text-anchor': 'end', fill: token('text-2') }),
  );
  const bottom = TOP + place.height;
  const moments = clockTicks(place.from, place.to, Math.floor(place.width / 90), spec.daily === true).map(
    ({ at, text }) =>
      el('line', { x1: place.x(at), x2: place.x(at), y1: bottom, y2: bottom + 4, stroke: token('line-2') }) +
      label(text, place.x(at), bottom + 18, { 'text-anchor': 'middle', fill: token('text-2') }),
  );
  return [
    ...levels,
    ...moments,
    el('line', { x1: LEFT, x2: right, y1: bottom, y2: bottom, stroke: token('line') }),
  ].join('');
}

/** Lines worth naming: a threshold, and zero where there is something below it. */
function lines({ line, scale }: ChartSpec, place: Place): string {
  const right = LEFT + place.width;
  const across = (y: number, colour: string, dash?: string): string =>
    el('line', { x1: LEFT, x2: right, y1: y, y2: y, stroke: token(colour), 'stroke-dasharray': dash });
  const zero = scale === 'signed' ? across(place.zero, 'line-2') : '';
  if (line === undefined) return zero;
  const y = place.y(line.value);
  return (
    zero +
    across(y, 'mark', '4 3') +
    label(line.label, right, y < TOP + 16 ? y + 14 : y - 5, { 'text-anchor': 'end', fill: token('text-2') })
  );
}

const clip = (id: string, x: number, y: number, width: number, height: number): string =>
  el('clipPath', { id }, el('rect', { x, y, width, height: Math.max(0, height) }));

/** A time chart as vectors: marks behind, bands, series, lines, axes. */
export function timeDrawing(spec: ChartSpec, whole: number): Drawing {
  const height = Math.max(180, spec.height ?? 160);
  const [width, inner] = [whole - LEFT - RIGHT, height - TOP - BOTTOM];
  const { place, low, high } = placeOf(spec, width, inner);
  const free = { from: LEFT };
  const marks = [...(spec.marks ?? [])].sort((a, b) => a.at - b.at).map((one) => mark(one, place, free));
  const zero = Math.max(TOP, Math.min(TOP + inner, place.zero));
  const body = [
    el(
      'defs',
      {},
      clip('inside', LEFT, TOP, width, inner),
      clip('above', LEFT, TOP, width, zero - TOP),
      clip('below', LEFT, zero, width, TOP + inner - zero),
    ),
    ...marks,
    axes(spec, place, low, high),
    el('g', { 'clip-path': 'url(#inside)' }, bands(spec, place), ...spec.series.map((one) => series(one, spec, place))),
    lines(spec, place),
  ].join('');
  return { width: whole, height, body };
}
