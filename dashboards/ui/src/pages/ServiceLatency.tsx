import type { ReactNode } from 'react';
import { useApi, useRangedApi } from '../api/hooks';
import type { Exemplar, ExemplarsBody, HeatmapBody } from '../api/types';
import { HeatMap, type Cell } from '../charts/HeatMap';
import { Badge } from '../components/Badge';
import { Link, tracePath } from '../components/Link';
import { Section } from '../components/Page';
import { Answer, Empty } from '../components/State';
import { Table, type Column } from '../components/Table';
import { cellText, parseCell } from '../lib/cell';
import { formatDayMinute, formatDuration, formatTime } from '../lib/format';
import { useParams } from '../lib/router';
import { useMay } from '../lib/session';
import { useRange } from '../lib/use-range';

/** Traces out of one cell of the heat-map. */
function Exemplars({
  service,
  operation,
  cell,
  close,
}: {
  service: string;
  operation: string | null;
  cell: Cell;
  close: () => void;
}): ReactNode {
  const traces = useMay('traces');
  const query = useApi<ExemplarsBody>('/api/v1/latency/exemplars', { service, operation, ...cell });
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
    <Section
      title="Traces in this cell"
      id="exemplars"
      actions={
        <button className="plain" onClick={close}>
          Close
        </button>
      }
      note={`${formatDayMinute(cell.from)} to ${formatDayMinute(cell.to)}, ${formatDuration(cell.low_ns)} to ${formatDuration(cell.high_ns)}`}
    >
      <Answer query={query} height={120}>
        {({ exemplars }) =>
          exemplars.length === 0 ? (
            <Empty>No example trace was kept for this cell; a neighbouring one may have some.</Empty>
          ) : (
            <Table
              name="Traces in this cell"
              columns={columns}
              rows={exemplars}
              keyOf={(r) => r.trace_id + r.span_id}
            />
          )
        }
      </Answer>
    </Section>
  );
}

/** The heat-map of a service or of one of its operations. */
export function ServiceLatency({ service }: { service: string }): ReactNode {
  const { live } = useRange();
  const [search, set] = useParams();
  const operation = search.get('operation');
  const cell = parseCell(search.get('cell'));
  const query = useRangedApi<HeatmapBody>('/api/v1/latency/heatmap', { service, operation, columns: 120 }, { live });
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
        <Exemplars
          key={cellText(cell)}
          service={service}
          operation={operation}
          cell={cell}
          close={() => set({ cell: null })}
        />
      )}
    </div>
  );
}
