import { pieceOf } from '../../lib/asked';
import { bin, equal, fact, made, param, same, stepOf, text, where, within, type At, type Explanation } from './write';

/** What is forecast: the requests of a service, or a series of its own. */
const subject = (at: At): string =>
  param(at, 'series') === ''
    ? `metric = 'requests_per_minute' AND ${equal('service', param(at, 'service'))}`
    : equal('metric', param(at, 'series'));

const DAY = 86_400;

const slices = (at: At, back = 0): string =>
  where(equal('slo', pieceOf(at.asked, 3)), 'objective = 0', within('slice', at, back));

/** Points of a capacity curve: the busy and the quiet times of a service. */
const curve = (at: At): string => {
  const step = Number(at.facts['step'] ?? 300);
  return `SELECT ${bin('minute', step)} AS time, 1.0 * sum(calls) / ${step} AS requests_a_second,
       sum(duration_sum_ns) / ${step}e9 AS under_way, sum(duration_sum_ns) / sum(calls) / 1e6 AS mean_ms
FROM span_minute${where(
    equal('service', pieceOf(at.asked, 4)),
    equal('operation', param(at, 'operation')),
    equal('version', param(at, 'version')),
    `kind IN ('server', 'consumer')`,
    within('minute', at),
  )}
GROUP BY time
ORDER BY time`;
};

export const PLANNING = {
  'forecast-demand': {
    unit: (facts) => String(facts['unit'] ?? 'requests a minute'),
    words:
      'What was measured in each minute, and the newest forecast: its median, and what 80, 90, 95, 99 and 99.9 of 100 minutes stay below. The forecaster was chosen by back-tests; bands are made from its own past errors in like hours and events.',
    sql: (at) =>
      same(`SELECT ts, q50, q80, q90, q95, q99, q999, model
FROM forecasts${where(subject(at), within('ts', at))}
ORDER BY ts`),
  },
  'plan-replicas': {
    unit: 'replicas',
    words:
      'Replicas that the forecast asks for: demand at the quantile that the plan is sized for, over what one replica carries, ordered as far ahead as new ones take. Beside it what scaling on the load already seen would run; the plan is never below it.',
    sql: (at) =>
      same(`SELECT ts, replicas, reactive, reason
FROM plans${where(equal('service', fact(at, 'service')))}
ORDER BY ts`),
  },
  'slo-budget': {
    unit: 'share of the budget',
    words: (at) =>
      `The share of the error budget that was left at each moment: 1 - (bad share of the ${fact(at, 'window')} before) / (1 - target). It is signed and never cut off. Good and total events are measured once, a minute at a time.`,
    sql: (at) => {
      const seconds = Number(at.facts['window_seconds'] ?? 30 * DAY);
      return same(`SELECT slice, error_budget(sum(good) OVER budget, sum(total) OVER budget, ${fact(at, 'target')}) AS budget_left
FROM slo_slices${slices(at, seconds)}
WINDOW budget AS (ORDER BY slice RANGE BETWEEN INTERVAL '${seconds} seconds' PRECEDING AND CURRENT ROW)
ORDER BY slice`);
    },
  },
  'slo-burn': {
    unit: 'times',
    words:
      'How many times faster than allowed the budget was spent: the bad share of the hour before, over 1 - target. At 1x the budget lasts exactly as long as its window.',
    sql: (at) =>
      same(`SELECT slice, burn_rate(sum(good) OVER hour, sum(total) OVER hour, ${fact(at, 'target')}) AS burn
FROM slo_slices${slices(at, 3600)}
WINDOW hour AS (ORDER BY slice RANGE BETWEEN INTERVAL '1 hour' PRECEDING AND CURRENT ROW)
ORDER BY slice`),
  },
  'slo-requests': {
    unit: 'events a slice',
    words:
      'Events that the objective counts, and those of them that were bad, as they were measured minute by minute. A minute that was not measured is a gap and not a zero.',
    sql: (at) =>
      same(`SELECT slice, total, total - good AS bad, coverage
FROM slo_slices${slices(at)}
ORDER BY slice`),
  },
  walls: {
    unit: 'times today\u2019s peak',
    words:
      'For each resource, the growth of today\u2019s peak at which requests begin to wait for it, and at which it breaks, with 95 % intervals. Use per request is fitted to steps of the range; queueing theory says where waiting begins.',
    sql: () =>
      made(`SELECT id, knee_factor, knee_low, knee_high, limit_factor, strength, sentence
FROM walls
ORDER BY knee_factor`),
  },
  'curve-throughput': {
    unit: 'requests a second',
    words:
      'Each point is a step of the range: requests that ended a second against those under way in the mean (their durations together over the length of the step). The line is the law of scalability fitted to them; it is dashed where nothing was measured.',
    sql: (at) => made(curve(at)),
  },
  'curve-latency': {
    unit: 'ms',
    words:
      'Each point is a step of the range: how long requests took against how many ended a second. The lines are laws of residence in queues fitted to the points; dashed where nothing was measured.',
    sql: (at) => made(curve(at)),
  },
  metric: {
    unit: (facts) => String(facts['unit'] ?? ''),
    words: (at) => fact(at, 'words'),
    sql: metricSql,
  },
} satisfies Record<string, Explanation>;

/** A metric's figures: of gauges and sums, which have a view. */
function metricSql(at: At): ReturnType<Explanation['sql']> {
  const [kind, aggregation, by] = [fact(at, 'kind'), fact(at, 'aggregation'), param(at, 'by')];
  if (!['gauge', 'counter', 'up_down_counter'].includes(kind))
    return { none: 'Histograms and summaries have no view in SQL: their buckets are put together by the API.' };
  const own = (key: string): string => (key === 'service.name' || key === 'service' ? 'service' : labelOf(key));
  const filters = labelsOf(at).map(([key, value]) => `${own(key)} = ${text(value)}`);
  const label = by === '' ? '' : `, ${own(by)} AS label`;
  const group = by === '' ? 'time' : 'time, label';
  const conditions = where(
    equal('name', pieceOf(at.asked, 3)),
    equal('service', param(at, 'service')),
    ...filters,
    within('ts', at),
  );
  const step = stepOf(at);
  const series = 'service, attributes, resource';
  const labelled = by === '' ? '' : ', label';
  const points = (figures: string, more = ''): string =>
    `SELECT ${bin('ts', step)} AS time, ${series}${label}${more === '' ? '' : `, ${more}`}, ${figures}
  FROM metrics${conditions.replace('\n', '\n  ')}
  GROUP BY time, ${series}${labelled}${more === '' ? '' : `, ${more}`}`;
  const outer = (figure: string, from: string, rest = ''): string =>
    `SELECT ${group}, ${figure} AS ${aggregation}\nFROM (${from})${rest}\nGROUP BY ${group}\nORDER BY time`;
  if (aggregation === 'count') return same(outer('count(*)', points('count(*) AS points')));
  if (aggregation === 'rate' || aggregation === 'increase') {
    const over = aggregation === 'rate' ? ` / ${step}` : '';
    const delta = fact(at, 'temporality') === 'delta';
    if (delta) return same(outer(`sum(came)${over}`, points('sum(value) AS came')));
    // One that began within the range was at nought before.
    const began = within('start_ts', at).replace(/ AND .*/, '');
    const before = `coalesce(lag(stood) OVER (PARTITION BY ${series}, start_ts ORDER BY time), CASE WHEN ${began} THEN 0.0 END)`;
    const rises = `SELECT ${group}, stood - ${before} AS rose
FROM (${points('max(value) AS stood', 'start_ts')})`;
    return made(outer(`sum(rose)${over}`, rises, '\nWHERE rose >= 0'));
  }
  const inner =
    { avg: 'avg(value)', sum: 'avg(value)', min: 'min(value)', max: 'max(value)' }[aggregation] ?? 'avg(value)';
  return same(outer(`${aggregation}(figure)`, points(`${inner} AS figure`)));
}

const labelOf = (key: string): string => `coalesce(attr(attributes, ${text(key)}), attr(resource, ${text(key)}))`;

/** Labels of the question, which may have several. */
function labelsOf({ asked }: At): [string, string][] {
  const all = asked.params['where'];
  const each = typeof all === 'object' && all !== null ? all : [];
  return each.map((pair) => {
    const cut = pair.indexOf(':');
    return [pair.slice(0, cut), pair.slice(cut + 1)];
  });
}
