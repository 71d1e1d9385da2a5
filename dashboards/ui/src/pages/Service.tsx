import type { ReactNode } from 'react';
import { useRangedApi } from '../api/hooks';
import type { OperationRow, OperationsBody, SeriesBody, ServicesBody } from '../api/service';
import { TimeChart } from '../charts/TimeChart';
import { FreezesNow } from '../components/Freezes';
import { Link } from '../components/Link';
import { Page, Section } from '../components/Page';
import { ServiceTabs } from '../components/ServiceTabs';
import { Answer, Empty } from '../components/State';
import { Table, type Column } from '../components/Table';
import { formatCount, formatDuration, formatExact, formatPercent } from '../lib/format';
import { stepFor } from '../lib/range';
import { useParams } from '../lib/router';
import { deployMarks, seconds } from '../lib/series';
import { serviceSentence } from '../lib/sentences';
import { useMay } from '../lib/session';
import { useMarks } from '../lib/use-marks';
import { useRange } from '../lib/use-range';
import { ServiceCompare } from './ServiceCompare';
import { ServiceErrors } from './ServiceErrors';
import { ServiceLatency } from './ServiceLatency';
import { ServiceSplit } from './ServiceSplit';

/** The golden signals on one axis, with the deploys on each. */
function Signals({ body, service }: { body: SeriesBody; service: string }): ReactNode {
  const { from, to } = useRange();
  const around = useMarks(service);
  const { points, deploys, step_seconds: step } = body;
  const shared = {
    times: points.map(({ ts }) => seconds(ts)),
    marks: [...deployMarks(deploys), ...around],
    span: { from, to },
    height: 168,
  };
  const facts = { step };
  const rate = points.map(({ calls }) => calls / step);
  const failed = points.map(({ calls, errors }) => (calls === 0 ? null : errors / calls));
  const quantiles = (['p50_ns', 'p95_ns', 'p99_ns'] as const).map((key, i) => ({
    label: key.slice(0, 3),
    values: points.map((point) => point[key]),
    colour: ['series-3', 'series-1', 'series-4'][i] ?? 'series-8',
  }));
  return (
    <div className="two">
      <TimeChart
        id="service-calls"
        facts={facts}
        title="Calls"
        unit="a second"
        spec={{
          ...shared,
          format: formatCount,
          series: [{ label: 'calls a second', values: rate, colour: 'series-1', kind: 'area' }],
        }}
      />
      <TimeChart
        id="service-failed"
        facts={facts}
        title="Failed"
        unit="share of calls"
        spec={{
          ...shared,
          format: formatPercent,
          series: [{ label: 'failed', values: failed, colour: 'series-4', kind: 'area' }],
        }}
      />
      <TimeChart
        id="service-latency"
        facts={facts}
        title="Latency"
        unit="log scale"
        spec={{ ...shared, scale: 'log', format: formatDuration, series: quantiles }}
      />
      <TimeChart
        id="service-errors"
        facts={facts}
        title="Errors"
        unit={`per ${formatDuration(step * 1e9)}`}
        spec={{
          ...shared,
          format: formatCount,
          series: [{ label: 'errors', values: points.map(({ errors }) => errors), colour: 'series-4', kind: 'bars' }],
        }}
      />
    </div>
  );
}

function Operations({ rows, service }: { rows: readonly OperationRow[]; service: string }): ReactNode {
  const [search, set] = useParams();
  const traces = useMay('traces');
  const chosen = search.get('operation');
  const columns: Column<OperationRow>[] = [
    {
      id: 'operation',
      head: 'Operation',
      by: (r) => r.operation,
      cell: (r) => (
        <button
          className="plain"
          aria-pressed={chosen === r.operation}
          onClick={() => set({ operation: chosen === r.operation ? null : r.operation, cell: null })}
        >
          {r.operation}
        </button>
      ),
    },
    { id: 'kind', head: 'Kind', by: (r) => r.kind, cell: (r) => <span className="quiet">{r.kind}</span> },
    { id: 'calls', head: 'Calls', num: true, by: (r) => r.calls, cell: (r) => formatExact(r.calls) },
    {
      id: 'failed',
      head: 'Failed',
      num: true,
      by: (r) => r.error_rate,
      cell: (r) => <span title={`${r.errors} of ${r.calls}`}>{formatPercent(r.error_rate)}</span>,
    },
    { id: 'p50', head: 'p50', num: true, by: (r) => r.p50_ns, cell: (r) => formatDuration(r.p50_ns) },
    { id: 'p95', head: 'p95', num: true, by: (r) => r.p95_ns, cell: (r) => formatDuration(r.p95_ns) },
    { id: 'p99', head: 'p99', num: true, by: (r) => r.p99_ns, cell: (r) => formatDuration(r.p99_ns) },
    ...(traces
      ? [
          {
            id: 'traces',
            head: 'Traces',
            spoken: true,
            num: true,
            cell: (r: OperationRow) => (
              <Link to="/traces" with={{ service, operation: r.operation }}>
                traces
              </Link>
            ),
          },
        ]
      : []),
  ];
  return (
    <Table
      name="Operations"
      columns={columns}
      rows={rows}
      keyOf={(r) => `${r.operation}/${r.kind}`}
      picked={(r) => r.operation === chosen}
    />
  );
}

/** Golden signals, heat-map, operations, errors. */
function Now({ service }: { service: string }): ReactNode {
  const { from, to } = useRange();
  const base = `/api/v1/services/${encodeURIComponent(service)}`;
  const series = useRangedApi<SeriesBody>(`${base}/series`, { step: stepFor({ from, to }, 180) });
  const operations = useRangedApi<OperationsBody>(`${base}/operations`);
  return (
    <>
      <Answer query={series} height={440}>
        {(body) =>
          body.points.length === 0 ? (
            <Empty>{service} sent no spans in this range; choose a longer one.</Empty>
          ) : (
            <Signals body={body} service={service} />
          )
        }
      </Answer>
      <ServiceLatency service={service} />
      <Section title="Operations" note="choose one to narrow the heat-map to it">
        <Answer query={operations} height={240}>
          {(body) =>
            body.operations.length === 0 ? (
              <Empty>No operation in this range.</Empty>
            ) : (
              <Operations rows={body.operations} service={service} />
            )
          }
        </Answer>
      </Section>
      <ServiceErrors service={service} />
    </>
  );
}

export default function Service({ found }: { found: Record<string, string> }): ReactNode {
  const service = found['service'] ?? '';
  const [search] = useParams();
  const all = useRangedApi<ServicesBody>('/api/v1/services');
  const row = all.data?.services.find((candidate) => candidate.service === service);
  const sentence = all.data === undefined ? `Reading ${service}\u2026` : serviceSentence(row, service);
  const view = search.get('view') ?? '';
  return (
    <Page title={`Service ${service}`} sentence={sentence} aside={<ServiceTabs service={service} at={view} />}>
      <FreezesNow service={service} />
      {view === 'split' ? (
        <ServiceSplit service={service} />
      ) : view === 'compare' ? (
        <ServiceCompare service={service} />
      ) : (
        <Now service={service} />
      )}
    </Page>
  );
}
