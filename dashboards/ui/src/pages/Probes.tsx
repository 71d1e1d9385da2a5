import type { ReactNode } from 'react';
import { useApi } from '../api/hooks';
import type { Probe, ProbesBody, RunShare } from '../api/probes';
import { Badge } from '../components/Badge';
import { Link, servicePath, tracePath } from '../components/Link';
import { Page } from '../components/Page';
import { Answer, Empty } from '../components/State';
import { Table, type Column } from '../components/Table';
import { formatAgo, formatDuration, formatExact, formatPercent, formatSeconds, formatTime } from '../lib/format';
import { byState, probesSentence } from '../lib/probes';
import { useMay } from '../lib/session';

const share = (id: string, head: string, of: (probe: Probe) => RunShare): Column<Probe> => ({
  id,
  head,
  num: true,
  by: (r) => of(r).success,
  cell: (r) => {
    const { runs, failed, success } = of(r);
    return <span title={`${formatExact(failed)} of ${formatExact(runs)} runs failed`}>{formatPercent(success)}</span>;
  },
});

function Last({ of: { last_run: run } }: { of: Probe }): ReactNode {
  const traces = useMay('traces');
  if (run === null) return <span className="quiet">none within seven days</span>;
  const when = <span title={formatTime(run.at)}>{formatAgo(run.at, Date.now())}</span>;
  return (
    <>
      {traces && run.trace_id !== '' ? <Link to={tracePath(run.trace_id)}>{when}</Link> : when}{' '}
      <span className="quiet small">took {formatDuration(run.duration_ms * 1e6)}</span>
      {run.reason !== null && <span className="below">{run.reason}</span>}
    </>
  );
}

const COLUMNS: readonly Column<Probe>[] = [
  {
    id: 'name',
    head: 'Probe',
    by: (r) => r.name,
    cell: (r) => (
      <>
        {r.name}{' '}
        <span className="quiet small below">
          every {formatSeconds(r.every_seconds)}: {r.steps.join(', ')}
        </span>
      </>
    ),
  },
  {
    id: 'state',
    head: 'State',
    by: (r) => r.state,
    cell: (r) => (
      <>
        <Badge state={r.state} />
        {r.held_back !== null && <span className="quiet small below">held back: {r.held_back}</span>}
      </>
    ),
  },
  {
    id: 'since',
    head: 'Since',
    by: (r) => r.since,
    how: 'Since when all runs have ended like the last one; of the last seven days',
    cell: (r) => (r.since === null ? <span className="quiet">no run yet</span> : formatTime(r.since)),
  },
  { id: 'last', head: 'Last run', by: (r) => r.last_run?.at ?? null, cell: (r) => <Last of={r} /> },
  share('hour', 'Passed in 1 h', (r) => r.hour),
  share('day', 'Passed in 24 h', (r) => r.day),
  {
    id: 'service',
    head: 'Service',
    by: (r) => r.service,
    cell: (r) => <Link to={servicePath(r.service)}>{r.service}</Link>,
  },
];

export default function Probes(): ReactNode {
  const query = useApi<ProbesBody>('/api/v1/probes', {}, { live: true });
  const waiting = query.error === null ? 'Reading the probes\u2026' : 'The probes could not be read.';
  return (
    <Page title="Probes" sentence={query.data === undefined ? waiting : probesSentence(query.data.probes, Date.now())}>
      <Answer query={query} height={240}>
        {({ probes }) =>
          probes.length === 0 ? (
            <Empty>
              A probe does every minute what a customer would do, and fails when a step does. Write one as [[probes]] in
              the configuration, with a name and its steps.
            </Empty>
          ) : (
            <Table name="Probes" columns={COLUMNS} rows={byState(probes)} keyOf={(r) => r.name} />
          )
        }
      </Answer>
    </Page>
  );
}
