import { useMemo, type ReactNode } from 'react';
import { useApi, useRangedApi } from '../api/hooks';
import type { Exemplar, ExemplarsBody, HeatmapBody } from '../api/service';
import { HeatMap } from '../charts/HeatMap';
import { Badge } from '../components/Badge';
import { Link, tracePath } from '../components/Link';
import { Section } from '../components/Page';
import { Answer, Empty } from '../components/State';
import { Table, type Column } from '../components/Table';
import { cellText, parseCell, type Cell } from '../lib/cell';
import { formatDayMinute, formatDuration, formatTime } from '../lib/format';
import { useParams } from '../lib/router';
import { useMay } from '../lib/session';
import { useSettled } from '../lib/use-settled';
import { ServiceDifferences } from './ServiceDifferences';

/** Traces out of the chosen part of the heat-map. */
function Exemplars({ service, operation, cell }: { service: string; operation: string | null; cell: Cell }): ReactNode {
  const traces = useMay('traces');
  const asked = useSettled(cell, 350);
  const query = useApi<ExemplarsBody>('/api/v1/latency/exemplars', { service, operation, ...asked });
  const columns: Column<Exemplar>[] = [
    {
      id: 'ts',
      head: 'Time',
      cell: (r) => (traces ? <Link to={tracePath(r.trace_id, r.span_id)}>{formatTime(r.ts)}</Link> : formatTime(r.ts)),
    },
    { id: 'operation', head: 'Operation', cell: (r) => r.operation },
    { id: 'duration', head: 'Duration', num: true, cell: (r) => formatDuration(r.duration_ns) },
    { id: 'status', head: 'Status', cell: (r) => <Badge state={r.status} /> },
    { id: 'trace', head: 'Trace', cell: (r) => <code>{r.trace_id.slice(0, 16)}</code> },
  ];
  return (
    <Section title="Traces from there" id="exemplars">
      <Answer query={query} height={120}>
        {({ exemplars }) =>
          exemplars.length === 0 ? (
            <Empty>No example trace was kept for this part; a larger one may have some.</Empty>
          ) : (
            <Table name="Traces from there" columns={columns} rows={exemplars} keyOf={(r) => r.trace_id + r.span_id} />
          )
        }
      </Answer>
    </Section>
  );
}

/** The heat-map of a service or of one of its operations. */
export function ServiceLatency({ service }: { service: string }): ReactNode {
  const [search, set] = useParams();
  const operation = search.get('operation');
  const chosen = search.get('cell');
  const cell = useMemo(() => parseCell(chosen), [chosen]);
  const query = useRangedApi<HeatmapBody>('/api/v1/latency/heatmap', { service, operation, columns: 120 });
  return (
    <div className="stack">
      {operation !== null && (
        <p className="small">
          Only {operation}.{' '}
          <button className="plain" onClick={() => set({ operation: null, cell: null })}>
            Show all operations
          </button>
        </p>
      )}
      <Answer query={query} height={280}>
        {(body) =>
          body.cells.length === 0 ? (
            <Section title="Latency heat-map">
              <Empty>No request in this range.</Empty>
            </Section>
          ) : (
            <HeatMap body={body} picked={cell} pick={(next) => set({ cell: cellText(next) }, cell !== null)} />
          )
        }
      </Answer>
      {cell !== null && (
        <>
          <p className="small">
            Chosen: {formatDayMinute(cell.from)} to {formatDayMinute(cell.to)}, {formatDuration(cell.low_ns)} to{' '}
            {formatDuration(cell.high_ns)}.{' '}
            <button className="plain" onClick={() => set({ cell: null, differences: null })}>
              Choose nothing
            </button>
          </p>
          <div className="two">
            <ServiceDifferences service={service} operation={operation} cell={cell} />
            <Exemplars service={service} operation={operation} cell={cell} />
          </div>
        </>
      )}
    </div>
  );
}
