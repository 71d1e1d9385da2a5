import type { Aggregation, MetricKind, MetricSeriesBody } from '../api/metrics';
import { asSentence, formatBytes, formatCount, formatDayMinute, formatDuration, formatSeconds, plural } from './format';

export const KINDS: Record<MetricKind, string> = {
  gauge: 'gauge',
  counter: 'counter',
  up_down_counter: 'sum that rises and falls',
  histogram: 'histogram',
  exponential_histogram: 'exponential histogram',
  summary: 'summary',
};

export const AGGREGATIONS: Record<Aggregation, string> = {
  avg: 'Mean',
  sum: 'Sum',
  min: 'Least',
  max: 'Most',
  rate: 'Rate',
  increase: 'Increase',
  p50: 'p50',
  p90: 'p90',
  p99: 'p99',
  count: 'Time series',
};

/** Nanoseconds of units of time. */
const TIMES: Record<string, number> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, min: 6e10, h: 3.6e12 };

/** What is counted in braces is no unit of UCUM: "{request}" -> "request". */
const plain = (unit: string): string => (unit === '1' ? '' : unit.replace(/^\{(.*)\}$/, '$1'));

const isHistogram = (kind: MetricKind): boolean => !['gauge', 'counter', 'up_down_counter'].includes(kind);

type Asked = Pick<MetricSeriesBody, 'kind' | 'unit' | 'aggregation'>;

/** The unit of the figures: of values, of how many there were, or of either in a second. */
export function unitOf({ kind, unit, aggregation }: Asked): string {
  if (aggregation === 'count') return 'time series';
  const counted = isHistogram(kind) && (aggregation === 'rate' || aggregation === 'increase');
  const own = counted ? 'values' : plain(unit);
  return aggregation === 'rate' ? `${own === '' ? '' : `${own} `}a second` : own;
}

/** A figure with the digits that count: times and bytes with their usual units. */
export function formatOf({ kind, unit, aggregation }: Asked): (value: number | null) => string {
  const counted =
    aggregation === 'count' || (isHistogram(kind) && (aggregation === 'rate' || aggregation === 'increase'));
  const time = TIMES[unit];
  if (!counted && time !== undefined && aggregation !== 'rate')
    return (value) => formatDuration(value === null ? null : value * time);
  if (!counted && unit === 'By') return formatBytes;
  return (value) =>
    value === null || Math.abs(value) >= 1_000 ? formatCount(value) : String(Number(value.toPrecision(4)));
}

const HOW: Record<Aggregation, (kind: MetricKind) => string> = {
  avg: (kind) =>
    isHistogram(kind)
      ? 'The mean of all values that were counted: how much their sum rose, over how much their count did'
      : 'The mean of the time series, each of which counts once with the mean of its points, however often it reports',
  sum: (kind) =>
    isHistogram(kind)
      ? 'How much the sum of all values rose'
      : 'The sum of the time series, each with the mean of its points',
  min: () => 'The smallest point of any time series',
  max: () => 'The largest point of any time series',
  rate: () =>
    'How much it rose over the time series, over the seconds of the step. A new start is no fall; what a silent one rose by is spread over the steps since, of ten minutes at most',
  increase: () =>
    'How much it rose over the time series. A new start is no fall; what a silent one rose by is spread over the steps since, of ten minutes at most',
  p50: () => quantile('half'),
  p90: () => quantile('90 of 100'),
  p99: () => quantile('99 of 100'),
  count: () => 'How many time series reported',
};

function quantile(share: string): string {
  return `What ${share} of the values stay below, read from the buckets of all time series together and in proportion within a bucket; beyond the last bound it is that bound, and may be more`;
}

/** How the figures are made, for who asks. */
export const howWords = ({ kind, aggregation, step_seconds: step, series }: MetricSeriesBody): string =>
  `${HOW[aggregation](kind)}. In steps of ${formatSeconds(step)}, never shorter than it is reported; ${plural(series, 'time series', 'time series')} fit, read from their points as they were sent.`;

/** The metric in a sentence: where it stands, and how high it was. */
export function metricSentence(body: MetricSeriesBody): string {
  if (body.unavailable !== null) return asSentence(body.unavailable);
  const format = formatOf(body);
  const top = body.lines.flatMap(({ label, points }) => points.map((point) => ({ ...point, label })));
  const highest = top.reduce(
    (most, point) => (point.value > most.value ? point : most),
    top[0] ?? { value: 0, ts: '', label: '' },
  );
  const unit = unitOf(body);
  const told = (value: number): string => {
    const text = format(value);
    return unit === '' || body.unit in TIMES || body.unit === 'By' ? text : `${text} ${unit}`;
  };
  const what = `${AGGREGATIONS[body.aggregation].replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase())} of ${body.name}`;
  const at = `the highest is ${told(highest.value)}, ${formatDayMinute(highest.ts)}`;
  if (body.lines.length > 1 || body.other !== null)
    return asSentence(
      `${what} over ${plural(body.lines.length + body.left_out, 'value')} of the label: ${at}, of ${highest.label === '' ? 'none' : highest.label}`,
    );
  const last = body.lines[0]?.points.at(-1);
  return asSentence(`${what} is ${told(last?.value ?? 0)} in the last step; ${at}`);
}

/** Which hours nothing is known of: "3 of 4 hours have points". */
export function hoursWords({ hours }: MetricSeriesBody): string | null {
  if (hours.silent.length === 0) return null;
  const named = hours.silent.slice(0, 3).map(({ from, to }) => `${formatDayMinute(from)} to ${formatDayMinute(to)}`);
  const more = hours.silent.length - named.length;
  return `${hours.told} of ${plural(hours.all, 'hour')} have points. Nothing is stored from ${named.join(', ')}${more > 0 ? ` and ${plural(more, 'more time')}` : ''}: it was not reported, or it is older than points are kept.`;
}

/** "key:value" as the API and the address have it. */
export const pairOf = (key: string, value: string): string => `${key}:${value}`;
