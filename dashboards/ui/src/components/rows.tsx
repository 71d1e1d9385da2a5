import type { ReactNode } from 'react';
import type { Alert } from '../api/alerting';
import type { ServiceRow } from '../api/service';
import type { SloRow } from '../api/slo';
import { sloState } from '../lib/slo';
import { useMay } from '../lib/session';
import { formatAgo, formatBurn, formatCount, formatDuration, formatPercent, formatTime } from '../lib/format';
import { Badge } from './Badge';
import { alertPath, Link, servicePath, sloPath } from './Link';
import { Spark } from './Spark';
import { Table, type Column } from './Table';

export function ServiceTable({
  services,
  sortParam,
}: {
  services: readonly ServiceRow[];
  sortParam?: string;
}): ReactNode {
  const columns: Column<ServiceRow>[] = [
    {
      id: 'service',
      head: 'Service',
      by: (r) => r.service,
      cell: (r) => <Link to={servicePath(r.service)}>{r.service}</Link>,
    },
    {
      id: 'trend',
      head: 'Calls',
      cell: (r) => <Spark values={r.trend} label={`Calls of ${r.service} over the range`} />,
    },
    {
      id: 'rate',
      head: 'Calls/s',
      num: true,
      by: (r) => r.calls_per_second,
      how: 'Spans of kind server and consumer, by the length of the range',
      cell: (r) => formatCount(r.calls_per_second),
    },
    {
      id: 'errors',
      head: 'Failed',
      num: true,
      by: (r) => r.error_rate,
      how: 'Share of calls whose span ended with status error',
      cell: (r) => <span title={`${r.errors} of ${r.calls}`}>{formatPercent(r.error_rate)}</span>,
    },
    { id: 'p50', head: 'p50', num: true, by: (r) => r.p50_ns, cell: (r) => formatDuration(r.p50_ns) },
    { id: 'p95', head: 'p95', num: true, by: (r) => r.p95_ns, cell: (r) => formatDuration(r.p95_ns) },
    {
      id: 'p99',
      head: 'p99',
      num: true,
      by: (r) => r.p99_ns,
      how: 'From logarithmic buckets; hover for the bucket it fell in',
      cell: (r) => (
        <span title={`between ${formatDuration(r.p99_low_ns)} and ${formatDuration(r.p99_high_ns)}`}>
          {formatDuration(r.p99_ns)}
        </span>
      ),
    },
  ];
  return (
    <Table
      name="Services"
      columns={columns}
      rows={services}
      keyOf={(r) => r.service}
      {...(sortParam === undefined ? {} : { sortParam })}
    />
  );
}

/** What is left of a budget: a signed share and a bar, in the colour of its state. */
export function Budget({ left }: { left: number | null }): ReactNode {
  if (left === null) return <span className="quiet">not known</span>;
  const tone = left <= 0 ? 'red' : left < 0.25 ? 'amber' : 'green';
  return (
    <span className={tone}>
      <span className="meter" aria-hidden="true">
        <i style={{ width: `${Math.max(0, Math.min(1, left)) * 100}%` }} />
      </span>{' '}
      {formatPercent(left)}
    </span>
  );
}

export function SloTable({ slos, short = false }: { slos: readonly SloRow[]; short?: boolean }): ReactNode {
  const open = useMay('slos');
  const nameOf = new Map(slos.map(({ name, display_name: shown }) => [name, shown]));
  const burn = (id: '5m' | '1h' | '6h' | '3d'): Column<SloRow> => ({
    id,
    head: id,
    num: true,
    by: (r) => r.burn[id] ?? null,
    how: `Error rate of the last ${id} as a multiple of the one that spends the budget exactly in the window`,
    cell: (r) => formatBurn(r.burn[id]),
  });
  const columns: Column<SloRow>[] = [
    {
      id: 'slo',
      head: 'Objective',
      by: (r) => r.display_name,
      cell: (r) => (
        <span title={r.objective}>
          {open ? <Link to={sloPath(r.name)}>{r.display_name}</Link> : r.display_name}
          {!short && r.parts.length > 0 && <span className="quiet small below">of {r.parts.length} parts</span>}
          {!short && r.part_of !== null && (
            <span className="quiet small below">part of {nameOf.get(r.part_of) ?? r.part_of}</span>
          )}
        </span>
      ),
    },
    ...(short
      ? []
      : [
          {
            id: 'service',
            head: 'Service',
            by: (r: SloRow) => r.service,
            cell: (r: SloRow) => <Link to={servicePath(r.service)}>{r.service}</Link>,
          },
          {
            id: 'target',
            head: 'Target',
            num: true,
            by: (r: SloRow) => r.target,
            cell: (r: SloRow) => `${formatPercent(r.target)} in ${r.window}`,
          },
        ]),
    {
      id: 'status',
      head: 'State',
      by: (r) => sloState(r),
      how: 'From what is left of the budget and the burn over the last hour',
      cell: (r) => <Badge state={sloState(r)} />,
    },
    {
      id: 'budget',
      head: 'Budget left',
      num: true,
      by: (r) => r.budget_remaining,
      how: '(good share - target) / (1 - target) over the window; below zero when overspent',
      cell: (r) => <Budget left={r.budget_remaining} />,
    },
    ...(short ? [burn('1h')] : [burn('5m'), burn('1h'), burn('6h'), burn('3d')]),
  ];
  return <Table name="Objectives" columns={columns} rows={slos} keyOf={(r) => r.name} sortParam="slo-sort" />;
}

export function AlertTable({
  alerts,
  actions,
}: {
  alerts: readonly Alert[];
  actions?: (alert: Alert) => ReactNode;
}): ReactNode {
  const [open, told] = [useMay('slos'), useMay('alerts')];
  const now = Date.now();
  const columns: Column<Alert>[] = [
    {
      id: 'severity',
      head: 'Severity',
      by: (a) => a.severity,
      cell: (a) => <Badge state={a.state === 'resolved' ? 'none' : a.severity}>{a.severity}</Badge>,
    },
    {
      id: 'summary',
      head: 'What',
      cell: (a) => (
        <>
          {told ? <Link to={alertPath(a.id)}>{a.summary}</Link> : a.summary}{' '}
          {a.resolved_because !== null && a.resolved_because !== undefined && a.resolved_because !== '' && (
            <span className="quiet small">Resolved: {a.resolved_because}. </span>
          )}
          <span className="quiet small">
            {open && a.labels['slo'] !== undefined ? (
              <Link to={sloPath(a.labels['slo'])}>{a.labels['slo']}</Link>
            ) : (
              a.slo
            )}
          </span>
        </>
      ),
    },
    {
      id: 'burn',
      head: 'Burn',
      num: true,
      by: (a) => a.burn_long,
      how: 'Burn over the long and the short window, against the threshold',
      cell: (a) => (
        <>
          {formatBurn(a.burn_long)} / {formatBurn(a.burn_short)}
          <br />
          <span className="quiet small">
            over {formatBurn(a.threshold)}
            {a.windows === '' ? '' : `, ${a.windows}`}
          </span>
        </>
      ),
    },
    {
      id: 'since',
      head: 'Since',
      by: (a) => a.started_at,
      cell: (a) => (
        <span className={a.resolved_at === null ? 'nowrap' : ''} title={formatTime(a.started_at)}>
          {a.resolved_at === null
            ? formatAgo(a.started_at, now)
            : `${formatTime(a.started_at)} to ${formatTime(a.resolved_at)}`}
        </span>
      ),
    },
    ...(actions === undefined ? [] : [{ id: 'act', head: 'Taken by', cell: actions }]),
  ];
  return <Table name="Alerts" columns={columns} rows={alerts} keyOf={(a) => a.id} sortParam="alert-sort" />;
}
