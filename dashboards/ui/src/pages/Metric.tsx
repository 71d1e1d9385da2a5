import type { ReactNode } from 'react';
import { ApiError } from '../api/client';
import { useRangedApi, type Reading } from '../api/hooks';
import type { MetricBody, MetricExemplar, MetricSeriesBody } from '../api/metrics';
import { TimeChart } from '../charts/TimeChart';
import type { ChartSpec } from '../charts/spec';
import { Link, servicePath, tracePath } from '../components/Link';
import { Section } from '../components/Page';
import { Answer, Empty, Note } from '../components/State';
import { Table, type Column } from '../components/Table';
import { asSentence, formatTime, plural } from '../lib/format';
import { formatOf, hoursWords, howWords, KINDS, metricSentence, unitOf } from '../lib/metrics';
import { stepFor } from '../lib/range';
import { useParams } from '../lib/router';
import { deployMarks, onOneAxis } from '../lib/series';
import { useMay } from '../lib/session';
import { useMarks } from '../lib/use-marks';
import { useRange } from '../lib/use-range';
import { MetricControls } from './MetricControls';

export interface AskedMetric {
  metric: Reading<MetricBody>;
  series: Reading<MetricSeriesBody>;
  sentence: string;
}

const path = (name: string): string => `/api/v1/metrics/${encodeURIComponent(name)}`;

/** A metric and its figures as the address asks for them. */
export function useMetric(name: string): AskedMetric {
  const { from, to } = useRange();
  const [search] = useParams();
  const [service, kind] = [search.get('service'), search.get('kind')];
  const enabled = name !== '';
  const metric = useRangedApi<MetricBody>(path(name), { service, kind }, { enabled });
  const series = useRangedApi<MetricSeriesBody>(
    `${path(name)}/series`,
    {
      service,
      kind,
      where: search.getAll('where'),
      by: search.get('by'),
      agg: search.get('agg'),
      step: stepFor({ from, to }, 120),
    },
    { enabled },
  );
  const sentence =
    series.error !== null && series.data === undefined
      ? asSentence(series.error.message)
      : series.data === undefined || series.isPlaceholderData
        ? `Reading ${name}\u2026`
        : metricSentence(series.data);
  return { metric, series, sentence };
}

function specOf(body: MetricSeriesBody, marks: ChartSpec['marks'], span: { from: number; to: number }): ChartSpec {
  const lines = [...body.lines, ...(body.other === null ? [] : [body.other])];
  const { times, values } = onOneAxis(lines.map(({ points }) => points));
  const split = lines.length > 1;
  const below = values.some((line) => line.some((value) => (value ?? 0) < 0));
  return {
    times,
    span,
    height: 280,
    scale: below ? 'signed' : 'zero',
    format: formatOf(body),
    ...(marks === undefined ? {} : { marks }),
    series: lines.map(({ label }, i) => ({
      label: label === '' ? (split ? 'without one' : body.name) : label,
      values: values[i] ?? [],
      ...(i < body.lines.length ? { colour: `series-${i + 1}` } : { colour: 'mark', dash: true }),
      ...(split ? {} : { kind: 'area' as const }),
    })),
  };
}

function Exemplars({ rows, body }: { rows: readonly MetricExemplar[]; body: MetricSeriesBody }): ReactNode {
  const format = formatOf({ ...body, aggregation: 'avg' });
  const columns: Column<MetricExemplar>[] = [
    { id: 'ts', head: 'Time', cell: (r) => <Link to={tracePath(r.trace_id, r.span_id)}>{formatTime(r.ts)}</Link> },
    { id: 'value', head: 'Value', num: true, cell: (r) => format(r.value) },
    { id: 'trace', head: 'Trace', cell: (r) => <code>{r.trace_id.slice(0, 16)}</code> },
  ];
  return (
    <Section title="Traces of its largest values" note="as their senders told them" id="exemplars">
      <Table
        name="Exemplars"
        columns={columns}
        rows={rows}
        keyOf={(r) => r.trace_id + r.span_id}
        sortParam="exemplar-sort"
      />
    </Section>
  );
}

/** Where to go on from here: the same service, the same range. */
function Onwards({ service }: { service: string }): ReactNode {
  const [traces, logs, sql] = [useMay('traces'), useMay('logs'), useMay('sql')];
  const { from, to } = useRange();
  const at = (time: number): string => `TIMESTAMP '${new Date(time).toISOString()}'`;
  const statement = `SELECT ts, severity_text, body, trace_id\nFROM logs\nWHERE service = '${service.replaceAll("'", "''")}' AND ts >= ${at(from)} AND ts < ${at(to)}\nORDER BY ts DESC\nLIMIT 200`;
  return (
    <p className="row small">
      <Link to={servicePath(service)}>Open {service}</Link>
      {traces && (
        <Link to="/traces" with={{ service }}>
          Its traces in this range
        </Link>
      )}
      {logs && (
        <Link to="/logs" with={{ service }}>
          Its logs in this range
        </Link>
      )}
      {sql && !logs && (
        <Link to="/sql" with={{ sql: statement, from: null, to: null }}>
          Its logs in this range, in SQL
        </Link>
      )}
    </p>
  );
}

function Chart({ body, service }: { body: MetricSeriesBody; service: string }): ReactNode {
  const { from, to } = useRange();
  const around = useMarks(service);
  const hours = hoursWords(body);
  const unit = unitOf(body);
  return (
    <>
      {hours !== null && <Note tone="amber">{hours}</Note>}
      {body.unavailable !== null ? (
        <Empty>{asSentence(body.unavailable)} Choose a longer range, another service, or fewer labels.</Empty>
      ) : (
        <TimeChart
          id="metric"
          facts={{
            ...{ kind: body.kind, aggregation: body.aggregation, step: body.step_seconds, unit },
            temporality: body.delta ? 'delta' : 'cumulative',
            words: howWords(body),
          }}
          title={body.name}
          unit={unit}
          spec={specOf(body, [...deployMarks(body.deploys), ...around], { from, to })}
          note={
            body.left_out > 0
              ? `${plural(body.left_out, 'value')} of the label ${body.other === null ? 'not shown: what they are does not add up' : 'together as "other"'}`
              : undefined
          }
        />
      )}
      {body.exemplars.length > 0 && <Exemplars rows={body.exemplars} body={body} />}
    </>
  );
}

/** One metric: what it is, what is asked of it, its chart, and where to go on. */
export function Metric({ name, asked: { metric, series } }: { name: string; asked: AskedMetric }): ReactNode {
  const [search] = useParams();
  const service = search.get('service') ?? '';
  const gone = metric.error instanceof ApiError && metric.error.status === 404;
  if (gone) return <Empty>{asSentence(metric.error?.message ?? '')} Choose a longer range, or another metric.</Empty>;
  return (
    <div className="stack-wide">
      <Answer query={metric} height={120}>
        {(body) => (
          <Section title={name} note={[KINDS[body.kind], body.description].filter((part) => part !== '').join('; ')}>
            <MetricControls body={body} shown={series.data?.aggregation ?? null} />
          </Section>
        )}
      </Answer>
      <Answer query={series} height={340}>
        {(body) => <Chart body={body} service={service} />}
      </Answer>
      {service !== '' && <Onwards service={service} />}
    </div>
  );
}
