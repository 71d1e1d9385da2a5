import type { ReactNode } from 'react';
import { useRangedApi } from '../api/hooks';
import type { MapBody, MapEdge, MapPoint } from '../api/map';
import type { ServicesBody } from '../api/service';
import { MapDrawing } from '../charts/MapDrawing';
import { Link, servicePath } from '../components/Link';
import { Page, Section } from '../components/Page';
import { Answer, Empty } from '../components/State';
import { Table, type Column } from '../components/Table';
import { asSentence, formatDuration, formatExact, formatPercent, formatRate } from '../lib/format';
import { idOf, mapSentence, toneOfErrors } from '../lib/map';
import { quantileOf } from '../lib/quantiles';
import { useParams } from '../lib/router';

const Point = ({ point }: { point: MapPoint }): ReactNode =>
  point.kind === 'service' ? (
    <Link to={servicePath(point.name)}>{point.name}</Link>
  ) : (
    <>
      {point.name} <span className="quiet small">{point.kind === 'upstream' ? 'outside' : point.kind}</span>
    </>
  );

const bounds = ({ calls_low: low, calls_high: high, sampled }: MapEdge): string =>
  `${low === high ? formatExact(low) : `between ${formatExact(low)} and ${formatExact(high)}`} calls, ${formatExact(sampled)} read`;

const quantile = (q: number): Column<MapEdge> => ({
  id: `p${q * 100}`,
  head: `p${q * 100}`,
  num: true,
  how: 'As the caller saw it',
  by: (r) => quantileOf(r.quantiles, q),
  cell: (r) => formatDuration(quantileOf(r.quantiles, q)),
});

const COLUMNS: readonly Column<MapEdge>[] = [
  { id: 'from', head: 'From', by: (r) => r.from.name, cell: (r) => <Point point={r.from} /> },
  { id: 'to', head: 'To', by: (r) => r.to.name, cell: (r) => <Point point={r.to} /> },
  {
    id: 'rate',
    head: 'Calls/s',
    num: true,
    by: (r) => r.calls_per_second,
    how: 'Estimated from a sample of whole traces; hover for the bounds',
    cell: (r) => <span title={bounds(r)}>{formatRate(r.calls_per_second)}</span>,
  },
  {
    id: 'failed',
    head: 'Failed',
    num: true,
    by: (r) => r.error_rate,
    cell: (r) => <span className={toneOfErrors(r.error_rate)}>{formatPercent(r.error_rate)}</span>,
  },
  quantile(0.5),
  quantile(0.95),
  quantile(0.99),
];

function Body({ body }: { body: MapBody }): ReactNode {
  const { sample, unresolved, without_caller: orphans } = body;
  return (
    <>
      <MapDrawing body={body} />
      <p className="small quiet">
        A line is thicker the more calls it stands for; amber from 1 % of failed calls on, red from 5 %. In a box:
        calls, share that failed, 95th percentile. Lines are of {formatExact(sample.spans)} spans that were read
        {unresolved > 0 && `; of ${formatPercent(unresolved)} of the calls nothing says where they went`}
        {orphans > 0 && `; of ${formatPercent(orphans)} of the requests the caller sent no span`}.
      </p>
      <Section title="Calls between them">
        {body.edges.length === 0 ? (
          <Empty>No call between services was read. Clients must send spans of kind client or producer.</Empty>
        ) : (
          <Table name="Calls" columns={COLUMNS} rows={body.edges} keyOf={(r) => `${idOf(r.from)}>${idOf(r.to)}`} />
        )}
      </Section>
    </>
  );
}

export default function ServiceMap(): ReactNode {
  const [search, set] = useParams();
  const service = search.get('service') ?? '';
  const query = useRangedApi<MapBody>('/api/v1/service-map', { service });
  const all = useRangedApi<ServicesBody>('/api/v1/services');
  const names = [...new Set([service, ...(all.data?.services ?? []).map((row) => row.service)])].filter(
    (name) => name !== '',
  );
  const waiting = query.error === null ? 'Reading who calls whom\u2026' : 'The map could not be read.';
  return (
    <Page title="Service map" sentence={query.data === undefined ? waiting : mapSentence(query.data, service)}>
      <div className="row">
        <label className="field">
          Around
          <select value={service} onChange={(event) => set({ service: event.target.value })}>
            <option value="">all services</option>
            {names.sort().map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </div>
      <Answer query={query} height={480}>
        {(body) =>
          body.unavailable !== null ? (
            <Empty>
              {asSentence(body.unavailable)} Choose a longer range, or point an OpenTelemetry exporter at port 4317 or
              4318.
            </Empty>
          ) : (
            <Body body={body} />
          )
        }
      </Answer>
    </Page>
  );
}
