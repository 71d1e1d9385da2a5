import uPlot from 'uplot';
import { token } from '../lib/theme';
import { drawLine, drawMarks } from './marks';
import { limits, logTicks, type ChartSpec, type SeriesSpec } from './spec';

/** uPlot.Scale.Distr.Logarithmic, which exists for the compiler only. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- an ambient const enum cannot be read here
const LOGARITHMIC: uPlot.Scale.Distr = 3;

const HALF_DAY = 43_200;

/** A token as a colour with alpha, for fills on the canvas. */
export function faded(name: string, alpha: number): string {
  const hex = Math.round(alpha * 255)
    .toString(16)
    .padStart(2, '0');
  return `${token(name)}${hex}`;
}

/** Above zero in the colour of a healthy budget, below in that of a spent one. */
function budgetFill(u: uPlot): CanvasGradient | string {
  const zero = u.valToPos(0, 'y', true);
  const { top, height } = u.bbox;
  if (!Number.isFinite(zero) || height <= 0) return 'transparent';
  const share = Math.max(0, Math.min(1, (zero - top) / height));
  const fill = u.ctx.createLinearGradient(0, top, 0, top + height);
  fill.addColorStop(0, faded('green', 0.25));
  fill.addColorStop(share, faded('green', 0.25));
  fill.addColorStop(share, faded('red', 0.35));
  fill.addColorStop(1, faded('red', 0.35));
  return fill;
}

function seriesOptions(spec: SeriesSpec, chart: ChartSpec): uPlot.Series {
  const colour = token(spec.colour);
  const kind = spec.kind ?? 'line';
  const base: uPlot.Series = {
    label: spec.label,
    stroke: colour,
    width: spec.width ?? 1.5,
    points: { show: false },
    spanGaps: false,
  };
  if (kind === 'hidden') return { ...base, stroke: 'transparent', width: 0 };
  if (chart.budget === true && spec.dash !== true)
    return { ...base, stroke: token('text'), fill: budgetFill, fillTo: 0 };
  if (spec.dash === true) base.dash = [4, 4];
  if (kind === 'area') return { ...base, fill: faded(spec.colour, 0.15), fillTo: 0 };
  if (kind === 'bars') return { ...base, width: 0, fill: faded(spec.colour, 0.75), ...barPaths(chart) };
  return base;
}

/** A bar stands from its time on, or about its day. */
function barPaths({ daily }: ChartSpec): Pick<uPlot.Series, 'paths'> {
  const paths = uPlot.paths.bars?.({ size: [0.72, 24], align: daily === true ? 0 : 1 });
  return paths === undefined ? {} : { paths };
}

function axes({ format, scale }: ChartSpec): uPlot.Axis[] {
  const shared = {
    stroke: token('text-2'),
    font: '12px system-ui, sans-serif',
    grid: { stroke: token('grid'), width: 1 },
    ticks: { show: false },
  };
  const text = (value: number | null): string => (value === null ? '' : format(value));
  return [
    {
      ...shared,
      space: 72,
      size: 40,
      grid: { show: false },
      ticks: { show: true, stroke: token('line'), width: 1, size: 4 },
      values: [
        [86400, '{D} {MMM}', null, null, null, null, null, null, 1],
        [3600, '{HH}:{mm}', '\n{D} {MMM}', null, '\n{D} {MMM}', null, null, null, 1],
        [60, '{HH}:{mm}', '\n{D} {MMM}', null, '\n{D} {MMM}', null, null, null, 1],
        [1, '{HH}:{mm}:{ss}', '\n{D} {MMM}', null, '\n{D} {MMM}', null, null, null, 1],
      ],
    },
    {
      ...shared,
      size: 64,
      gap: 6,
      space: scale === 'log' ? 24 : 32,
      values: (_u, splits) => splits.map(text),
      ...(scale === 'log'
        ? {
            splits: (_u: uPlot, _axis: number, low: number, high: number) => logTicks(low, high),
            filter: (_u: uPlot, splits: number[]) => splits,
          }
        : {}),
    },
  ];
}

interface Hooks {
  brush: (from: number, to: number) => void;
  cursor: (u: uPlot) => void;
  spec: () => ChartSpec;
}

/** uPlot's options for a chart: shared cursor, brush instead of zoom, marks behind. */
export function optionsFor(chart: ChartSpec, width: number, hooks: Hooks): uPlot.Options {
  const { scale, bands = [] } = chart;
  return {
    width,
    height: chart.height ?? 160,
    padding: [18, chart.daily === true ? 20 : 8, 0, 0],
    legend: { show: false },
    ...(chart.daily === true ? { tzDate: (time: number) => uPlot.tzDate(new Date(time * 1000), 'Etc/UTC') } : {}),
    cursor: {
      sync: { key: 'page', filters: { pub: (type) => type !== 'mousedown' && type !== 'mouseup' } },
      drag: { x: true, y: false, setScale: false },
      y: false,
      points: { size: 6 },
    },
    scales: {
      x: {
        time: true,
        range: (_u, low, high) => {
          const { span } = hooks.spec();
          if (span !== undefined) return [span.from / 1000, span.to / 1000];
          // Room for the bars of the first and the last day.
          return chart.daily === true ? [low - HALF_DAY, high + HALF_DAY] : [low, high];
        },
      },
      y: {
        ...(scale === 'log' ? { distr: LOGARITHMIC, log: 10 as const } : {}),
        range: (_u, low: number | null, high: number | null) => {
          const { line } = hooks.spec();
          return limits(scale, low, line === undefined ? high : Math.max(high ?? 0, line.value));
        },
      },
    },
    axes: axes(chart),
    series: [{}, ...chart.series.map((series) => seriesOptions(series, chart))],
    bands: bands.map(({ upper, lower, colour, alpha }) => ({
      series: [upper + 1, lower + 1],
      fill: faded(colour, alpha),
    })),
    hooks: {
      drawClear: [(u) => drawMarks(u, hooks.spec().marks ?? [])],
      draw: [(u) => drawLine(u, hooks.spec())],
      setCursor: [hooks.cursor],
      setSelect: [
        (u) => {
          const { left, width: size } = u.select;
          if (size < 4) return;
          hooks.brush(u.posToVal(left, 'x') * 1000, u.posToVal(left + size, 'x') * 1000);
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}
