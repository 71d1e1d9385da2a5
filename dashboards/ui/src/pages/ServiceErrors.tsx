import type { ReactNode } from 'react';
import { useRangedApi } from '../api/hooks';
import type { ErrorGroup, ErrorsBody } from '../api/service';
import { Badge } from '../components/Badge';
import { Link, tracePath } from '../components/Link';
import { Section } from '../components/Page';
import { Spark } from '../components/Spark';
import { Answer, Empty } from '../components/State';
import { Table, type Column } from '../components/Table';
import { formatCount, formatDayMinute, formatExact, formatTime, plural } from '../lib/format';
import { everyStep } from '../lib/series';
import { useMay } from '../lib/session';
import { useRange } from '../lib/use-range';

function Groups({ body }: { body: ErrorsBody }): ReactNode {
  const traces = useMay('traces');
  const { from, to } = useRange();
  const columns: Column<ErrorGroup>[] = [
    {
      id: 'message',
      head: 'Type and message',
      by: (r) => r.message,
      cell: (r) => (
        <>
          {r.new && <Badge state="warning">new</Badge>} {r.error_type !== '' && <code>{r.error_type}</code>}{' '}
          <span className="below">
            {r.message === '' ? <span className="quiet">without a message</span> : r.message}
          </span>
        </>
      ),
    },
    { id: 'op', head: 'Operation', by: (r) => r.operation, cell: (r) => r.operation },
    {
      id: 'versions',
      head: 'Versions',
      cell: (r) => <span className="quiet small">{r.versions.filter((version) => version !== '').join(', ')}</span>,
    },
    {
      id: 'trend',
      head: 'Trend',
      cell: (r) => (
        <Spark
          values={everyStep(r.series, { from, to }, body.step_seconds)}
          label={`${r.message}: ${r.count} over the range`}
        />
      ),
    },
    { id: 'count', head: 'Count', num: true, by: (r) => r.count, cell: (r) => formatExact(r.count) },
    {
      id: 'first',
      head: 'First seen',
      by: (r) => r.first_seen,
      how: 'Within the range',
      cell: (r) => <span className="nowrap">{formatTime(r.first_seen)}</span>,
    },
    {
      id: 'last',
      head: 'Last seen',
      by: (r) => r.last_seen,
      cell: (r) => (
        <span className="nowrap">
          {traces && r.trace_id !== '' ? (
            <Link to={tracePath(r.trace_id)}>{formatTime(r.last_seen)}</Link>
          ) : (
            formatTime(r.last_seen)
          )}
        </span>
      ),
    },
  ];
  const fresh = body.errors.filter((group) => group.new).length;
  return (
    <>
      <Table
        name="Errors"
        columns={columns}
        rows={body.errors}
        keyOf={(r) => `${r.operation}/${r.error_type}/${r.message}`}
        sortParam="error-sort"
      />
      <p className="small quiet">
        {fresh === 0 ? 'None is new' : `${fresh} ${fresh === 1 ? 'is' : 'are'} new`}: what is new was not seen between{' '}
        {formatDayMinute(body.looked_back_to)} and the range.
        {body.left_out > 0 && ` ${plural(body.left_out, 'rarer group')} not shown.`}
        {body.sample.of > body.sample.spans || body.sample.time < 1
          ? ` Counts are estimated from ${formatCount(body.sample.spans)} failed spans that were read.`
          : ''}
      </p>
    </>
  );
}

/** What fails in a service, the same kind of failure in one line. */
export function ServiceErrors({ service }: { service: string }): ReactNode {
  const query = useRangedApi<ErrorsBody>(`/api/v1/services/${encodeURIComponent(service)}/errors`);
  return (
    <Section title="Errors" note="by operation, type and message; what differs each time is replaced">
      <Answer query={query} height={160}>
        {(body) => (body.errors.length === 0 ? <Empty>No span failed in this range.</Empty> : <Groups body={body} />)}
      </Answer>
    </Section>
  );
}
