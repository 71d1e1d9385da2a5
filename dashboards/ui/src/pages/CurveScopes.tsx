import { useState, type ReactNode, type SubmitEvent } from 'react';
import { STEADY_MS, useRangedApi } from '../api/hooks';
import type { OperationRow, OperationsBody, SeriesBody } from '../api/service';
import { curvePath, Link } from '../components/Link';
import { Section } from '../components/Page';
import { Answer } from '../components/State';
import { Table, type Column } from '../components/Table';
import { sameScope, scopeText, type Scope } from '../lib/curve-scope';
import { formatDayMinute, formatDuration, formatExact, NONE } from '../lib/format';
import { stepFor } from '../lib/range';
import { useParams } from '../lib/router';
import { useRange } from '../lib/use-range';

interface Props {
  service: string;
  shown: Scope;
  against: Scope | null;
}
/** A row leads to a scope; `name` is null for all of them. */
interface Row {
  name: string | null;
  scope: Scope;
  calls: number | null;
  p99: number | null;
  since: string | null;
}

function Rows({
  name,
  all,
  rows,
  service,
  shown,
  against,
}: Props & { name: string; all: string; rows: readonly Row[] }) {
  const text = (scope: Scope | null): string | null => (scope === null ? null : scopeText(scope));
  const versions = name === 'Versions';
  const columns: Column<Row>[] = [
    {
      id: 'name',
      head: name,
      cell: (row) => (
        <Link
          to={curvePath(service)}
          with={{ ...row.scope, against: against !== null && sameScope(against, row.scope) ? null : text(against) }}
          aria-current={sameScope(row.scope, shown) ? 'true' : undefined}
        >
          {row.name ?? all}
        </Link>
      ),
    },
    ...(versions
      ? [{ id: 'since', head: 'Since', cell: (row: Row) => (row.since === null ? NONE : formatDayMinute(row.since)) }]
      : [
          { id: 'calls', head: 'Calls', num: true, cell: (r: Row) => (r.calls === null ? NONE : formatExact(r.calls)) },
          { id: 'p99', head: 'p99', num: true, cell: (row: Row) => formatDuration(row.p99) },
        ]),
    {
      id: 'compare',
      head: 'Compare',
      spoken: true,
      num: true,
      cell: (row) => {
        if (sameScope(row.scope, shown)) return <span className="quiet">shown</span>;
        const compared = against !== null && sameScope(against, row.scope);
        return (
          <Link
            to={curvePath(service)}
            with={{ ...shown, against: compared ? null : scopeText(row.scope) }}
            aria-label={`${compared ? 'Stop comparing with' : 'Compare with'} ${row.name ?? all}`}
          >
            {compared ? 'stop comparing' : 'compare'}
          </Link>
        );
      },
    },
  ];
  return (
    <Table
      name={name}
      columns={columns}
      rows={rows}
      keyOf={(row) => row.name ?? ''}
      picked={(row) => sameScope(row.scope, shown)}
    />
  );
}

/** A version that began to serve before the range is in no list. */
function OtherVersion(): ReactNode {
  const [, set] = useParams();
  const [version, setVersion] = useState('');
  const show = (event: SubmitEvent): void => {
    event.preventDefault();
    if (version.trim() !== '') set({ version: version.trim(), against: null });
    setVersion('');
  };
  return (
    <form className="row" onSubmit={show}>
      <label className="row small quiet">
        Another version
        <input value={version} onChange={(event) => setVersion(event.target.value)} />
      </label>
      <button disabled={version.trim() === ''}>Show</button>
    </form>
  );
}

/** Operations whose requests come from outside; one that is received in two ways is one. */
function received(rows: readonly OperationRow[], scopes: readonly (Scope | null)[], version: string | null): Row[] {
  const found = new Map<string, Row>();
  for (const { operation, kind, calls, p99_ns: p99 } of rows) {
    if (kind !== 'server' && kind !== 'consumer') continue;
    const before = found.get(operation);
    const both = (before?.calls ?? 0) + calls;
    found.set(operation, { name: operation, scope: { operation, version }, calls: both, p99, since: null });
  }
  for (const operation of scopes.map((scope) => scope?.operation ?? null))
    if (operation !== null && !found.has(operation))
      found.set(operation, { name: operation, scope: { operation, version }, calls: null, p99: null, since: null });
  return [...found.values()];
}

/** Links to the curve of an operation or a version, and to lay another one beside it. */
export function CurveScopes({ service, shown, against }: Props): ReactNode {
  const span = useRange();
  const base = `/api/v1/services/${encodeURIComponent(service)}`;
  const operations = useRangedApi<OperationsBody>(`${base}/operations`, {}, { steady: STEADY_MS });
  const series = useRangedApi<SeriesBody>(`${base}/series`, { step: stepFor(span) }, { steady: STEADY_MS });
  const { operation, version } = shown;
  const versionRow = (name: string | null, since: string | null): Row => ({
    name,
    scope: { operation, version: name },
    calls: null,
    p99: null,
    since,
  });
  return (
    <div className="two">
      <Section title="By operation" note="what is shown, and what is laid beside it">
        <Answer query={operations} height={200}>
          {(body) => {
            const all: Row = { name: null, scope: { operation: null, version }, calls: null, p99: null, since: null };
            const rows = [all, ...received(body.operations, [shown, against], version)];
            return <Rows name="Operations" all="All operations" rows={rows} {...{ service, shown, against }} />;
          }}
        </Answer>
      </Section>
      <Section title="By version" note="those that began to serve in this range">
        <Answer query={series} height={200}>
          {({ deploys }) => {
            const since = new Map<string, string | null>(deploys.map((deploy) => [deploy.version, deploy.ts]));
            for (const asked of [shown.version, against?.version ?? null])
              if (asked !== null && !since.has(asked)) since.set(asked, null);
            const rows = [versionRow(null, null), ...[...since].map(([name, ts]) => versionRow(name, ts))];
            return <Rows name="Versions" all="All versions" rows={rows} {...{ service, shown, against }} />;
          }}
        </Answer>
        <OtherVersion />
      </Section>
    </div>
  );
}
