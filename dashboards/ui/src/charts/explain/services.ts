import { pieceOf } from '../../lib/asked';
import { formatSeconds } from '../../lib/format';
import { spanOf } from '../file-name';
import {
  all,
  between,
  bin,
  equal,
  fact,
  made,
  param,
  same,
  stepOf,
  text,
  where,
  within,
  type At,
  type Explanation,
  type Sql,
} from './write';

const RECEIVED = `kind IN ('server', 'consumer')`;

/** The service of a path such as /api/v1/services/order/series. */
const ofPath = (at: At): string => pieceOf(at.asked, 3);
const step = (at: At): string => formatSeconds(stepOf(at));
const LATENCY =
  'Percentiles are read from histogram buckets that are 4.4 % wide and add up without error; a figure is never more than 2.2 % off.';

/** A figure of the requests of a service, by the step. */
const requests = (at: At, service: string, figures: string): string =>
  `SELECT ${bin('minute', stepOf(at))} AS time, ${figures}
FROM services${where(equal('service', service), within('minute', at))}
GROUP BY time
ORDER BY time`;

const ATTRIBUTE = 'attribute:';

/** What a breakdown tells calls apart by: a column, or an attribute of spans. */
function split(at: At): { of: string; rollup: boolean } {
  const by = param(at, 'by');
  if (['service', 'operation', 'kind', 'version', 'region'].includes(by)) return { of: by, rollup: true };
  const key = by === 'tenant' ? 'tenant.id' : by.slice(ATTRIBUTE.length);
  return { of: `coalesce(attr(attributes, ${text(key)}), attr(resource, ${text(key)}))`, rollup: false };
}

function breakdown(at: At, rollup: string, spans: string): Sql {
  const { of, rollup: known } = split(at);
  const service = equal('service', param(at, 'service'));
  const view = rollup.includes('latency_quantile') ? 'latency_buckets' : 'span_minute';
  return known
    ? same(`SELECT ${bin('minute', stepOf(at))} AS time, ${of} AS value, ${rollup}
FROM ${view}${where(service, RECEIVED, within('minute', at))}
GROUP BY time, value
ORDER BY time`)
    : made(`SELECT ${bin('ts', stepOf(at))} AS time, ${of} AS value, ${spans}
FROM spans${where(service, RECEIVED, within('ts', at))}
GROUP BY time, value
ORDER BY time`);
}

const splitWords =
  (what: string) =>
  (at: At): string =>
    `${what} in steps of ${step(at)}, a line for each value, the eight with most calls. ${
      split(at).rollup
        ? 'They come from the rollup by the minute, in which every call is counted.'
        : 'An attribute is in spans alone: they are read as a sample and scaled to the calls that the rollup counted.'
    }`;

/** The buckets of two sides: two versions, or two ranges of one length. */
function compared(at: At): string {
  const span = spanOf(at.asked) ?? { from: 0, to: 0 };
  const versions = param(at, 'version') !== '' && param(at, 'baseline_version') !== '';
  const before = {
    from: Date.parse(param(at, 'baseline_from')) || span.from - (span.to - span.from),
    to: Date.parse(param(at, 'baseline_to')) || span.from,
  };
  const [now, then] = [between('minute', span.from, span.to), between('minute', before.from, before.to)];
  const [candidate, baseline] = versions
    ? [equal('version', param(at, 'version')), equal('version', param(at, 'baseline_version'))]
    : [now, then];
  return `SELECT bucket, sum(spans) FILTER (WHERE ${baseline}) AS before, sum(spans) FILTER (WHERE ${candidate}) AS now
FROM latency_buckets${where(equal('service', ofPath(at)), RECEIVED, versions ? now : `(${now} OR ${then})`)}
GROUP BY bucket
ORDER BY bucket`;
}

export const SERVICES = {
  'log-lines': {
    unit: 'lines',
    words: (at) =>
      `Stored log records that fit the search, counted in steps of ${step(at)}; one that was sent twice counts twice. Warnings have severity numbers from 13 on, errors from 17.`,
    // The words of the search are left out: SQL has no index of them.
    sql: (at) =>
      made(`SELECT ${bin('ts', stepOf(at))} AS time, count(*) AS lines,
  count(*) FILTER (WHERE severity >= 13) AS warnings_and_worse, count(*) FILTER (WHERE severity >= 17) AS errors_and_worse
FROM logs${where(equal('service', param(at, 'service')), within('ts', at))}
GROUP BY time
ORDER BY time`),
  },
  'service-calls': {
    unit: '1/s',
    words: (at) =>
      `Requests that the service received (server and consumer spans) in steps of ${step(at)}, divided by the seconds of a step. They come from the rollup by the minute, in which every span is counted.`,
    sql: (at) => same(requests(at, ofPath(at), `1.0 * sum(calls) / ${stepOf(at)} AS calls_a_second`)),
  },
  'service-failed': {
    unit: 'share',
    words: (at) =>
      `Requests whose span ended with status error, as a share of all requests received, in steps of ${step(at)}; from the rollup by the minute. A step without requests has no share.`,
    sql: (at) => same(requests(at, ofPath(at), '1.0 * sum(errors) / sum(calls) AS failed')),
  },
  'service-latency': {
    unit: 'ns',
    words: (at) => `How long requests took, half, 95 and 99 of 100 of them, in steps of ${step(at)}. ${LATENCY}`,
    sql: (at) =>
      same(`SELECT ${bin('minute', stepOf(at))} AS time, latency_quantile(0.5, bucket, spans) AS p50_ns,
       latency_quantile(0.95, bucket, spans) AS p95_ns, latency_quantile(0.99, bucket, spans) AS p99_ns
FROM latency_buckets${where(equal('service', ofPath(at)), RECEIVED, within('minute', at))}
GROUP BY time
ORDER BY time`),
  },
  'service-errors': {
    unit: 'errors a step',
    words: (at) =>
      `How many requests ended with status error in each step of ${step(at)}; from the rollup by the minute.`,
    sql: (at) => same(requests(at, ofPath(at), 'sum(errors) AS errors')),
  },
  'latency-heatmap': {
    unit: 'requests',
    words:
      'How many requests took how long, in each step of time and range of durations, from the rollup of latency buckets (16 to a doubling). Neighbouring buckets are joined until at most 40 rows are left; no request is left out.',
    sql: (at) =>
      same(`SELECT ${bin('minute', stepOf(at))} AS time, bucket, sum(spans) AS requests
FROM latency_buckets${where(equal('service', param(at, 'service')), equal('operation', param(at, 'operation')), RECEIVED, within('minute', at))}
GROUP BY time, bucket
ORDER BY time, bucket`),
  },
  'split-calls': {
    unit: '1/s',
    words: splitWords('Requests received a second'),
    sql: (at) =>
      breakdown(
        at,
        `1.0 * sum(calls) / ${stepOf(at)} AS calls_a_second`,
        `1.0 * count(*) / ${stepOf(at)} AS calls_a_second`,
      ),
  },
  'split-failed': {
    unit: 'share',
    words: splitWords('The share of requests that failed'),
    sql: (at) =>
      breakdown(
        at,
        '1.0 * sum(errors) / sum(calls) AS failed',
        `1.0 * count(*) FILTER (WHERE status = 'error') / count(*) AS failed`,
      ),
  },
  'split-p95': {
    unit: 'ns',
    words: (at) => `${splitWords('The duration within which 95 of 100 requests ended')(at)} ${LATENCY}`,
    sql: (at) =>
      breakdown(
        at,
        'latency_quantile(0.95, bucket, spans) AS p95_ns',
        'approx_percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_ns) AS p95_ns',
      ),
  },
  'compared-distribution': {
    unit: 'calls',
    words:
      'How durations were spread on both sides: of each bucket the share of its own side\u2019s calls. Buckets are those of the latency rollup, 4.4 % wide; every call is counted.',
    sql: (at) => same(compared(at)),
  },
  'overview-demand': {
    unit: 'requests a minute',
    words:
      'Requests that the busiest service received in each minute, beside what was expected of them: the median of the newest forecast, and what 9 of 10 minutes stay below.',
    sql: (at) => {
      const service = fact(at, 'service');
      return same(`SELECT coalesce(a.minute, f.ts) AS time, a.calls AS actual, f.q50, f.q90
FROM (SELECT minute, calls FROM services${where(equal('service', service), within('minute', at))}) a
FULL JOIN (SELECT ts, q50, q90 FROM forecasts${where(`metric = 'requests_per_minute'`, equal('service', service), within('ts', at))}) f
  ON a.minute = f.ts
ORDER BY time`);
    },
  },
  'overview-failed': {
    unit: 'share of calls',
    words: (at) => `Of the requests that all services received in each ${step(at)}, the share that failed.`,
    sql: (at) =>
      same(`SELECT ${bin('minute', stepOf(at))} AS time, sum(errors)::double / sum(calls) AS failed
FROM span_minute${where(RECEIVED, within('minute', at))}
GROUP BY time
ORDER BY time`),
  },
  'overview-latency': {
    unit: 'ns',
    words: `Durations of the requests that all services received: the middle one, and what 95 and 99 of 100 stay below. ${LATENCY}`,
    sql: (at) =>
      same(`SELECT ${bin('minute', stepOf(at))} AS time, latency_quantile(0.5, bucket, spans) AS p50_ns,
       latency_quantile(0.95, bucket, spans) AS p95_ns, latency_quantile(0.99, bucket, spans) AS p99_ns
FROM latency_buckets${where(RECEIVED, within('minute', at))}
GROUP BY time
ORDER BY time`),
  },
  'overview-saturation': {
    unit: 'share in use',
    words:
      'What was in use of each resource, over what there was of it, in the mean of each step: the three that were fullest at any time. Processor, memory, connection pools and event loops are read from metrics of the services; of a queue nobody says how much there is.',
    sql: (at) =>
      made(`SELECT ${bin('ts', stepOf(at))} AS time, service, name, avg(value) AS mean
FROM metrics
WHERE ${all([`name IN ('process.cpu.utilization', 'jvm.memory.used', 'db.client.connection.count', 'db.client.connection.max')`, within('ts', at)])}
GROUP BY time, service, name
ORDER BY time`),
  },
  'overview-burn': {
    unit: 'x',
    words:
      'The share that failed in the hour before each point, over the share that the objective allows: at 1 the budget lasts exactly as long as its window. The three objectives that burnt fastest at any time.',
    sql: (at) =>
      made(`SELECT ${bin('slice', 3600)} AS hour, slo, sum(good) AS good, sum(total) AS total
FROM slo_slices${where(within('slice', at, 3600))}
GROUP BY hour, slo
ORDER BY hour, slo`),
  },
  'service-map': {
    unit: '',
    words:
      'Who called whom: a span that a service received, and the span of another service above it. Lines are estimated from a sample of whole traces and scaled to the requests that the rollup counted; boxes are counted in full.',
    sql: (at) =>
      made(`SELECT p.service AS caller, c.service AS callee, count(*) AS calls, count(*) FILTER (WHERE c.status = 'error') AS failed
FROM spans c JOIN spans p ON c.trace_id = p.trace_id AND c.parent_span_id = p.span_id
WHERE ${all(['c.service <> p.service', within('c.ts', at), within('p.ts', at)])}
GROUP BY caller, callee
ORDER BY calls DESC`),
  },
  'trace-spans': {
    unit: 'ns',
    words:
      'Each span of the trace from its start for as long as it took, under the span that it was made in. The critical path is what the end of the trace waited for: without any of it the trace would have been shorter.',
    sql: (at) =>
      same(`SELECT ts, service, operation, kind, status, duration_ns, span_id, parent_span_id
FROM spans${where(equal('trace_id', pieceOf(at.asked, 3)))}
ORDER BY ts`),
  },
} satisfies Record<string, Explanation>;
