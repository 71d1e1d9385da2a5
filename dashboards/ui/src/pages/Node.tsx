import type { ReactNode } from 'react';
import type { KeptTable, Leader, NodeBody } from '../api/administration';
import { useApi } from '../api/hooks';
import { AdministrationTabs } from '../components/AdministrationTabs';
import { Badge } from '../components/Badge';
import { Figure, Figures, Page, Section } from '../components/Page';
import { Scroll } from '../components/Scroll';
import { Answer, Empty, Note } from '../components/State';
import { Table, type Column } from '../components/Table';
import { daysWords, differs, nodeSentence } from '../lib/administration';
import { asSentence, formatAgo, formatBytes, formatDayMinute, formatExact } from '../lib/format';

const LEADERS: readonly Column<Leader>[] = [
  { id: 'role', head: 'What', cell: (r) => r.role },
  { id: 'node', head: 'Node', cell: (r) => `${r.node}${r.here ? ' (this one)' : ''}` },
  {
    id: 'state',
    head: 'State',
    cell: (r) =>
      r.leads ? <Badge state="ok">leads</Badge> : <Badge state="late">did until {formatDayMinute(r.until)}</Badge>,
  },
];

const KEPT: readonly Column<KeptTable>[] = [
  { id: 'table', head: 'Table', by: (r) => r.table, cell: (r) => <code>{r.table}</code> },
  {
    id: 'days',
    head: 'Keeps rows',
    num: true,
    by: (r) => r.days,
    cell: (r) => (r.days === null && r.rule !== null ? <code>{r.rule}</code> : daysWords(r.days)),
  },
  {
    id: 'configured',
    head: 'Configured',
    num: true,
    by: (r) => r.configured_days,
    cell: (r) => <span className={differs(r) ? 'amber' : ''}>{daysWords(r.configured_days)}</span>,
  },
  { id: 'rows', head: 'Rows', num: true, by: (r) => r.rows, cell: (r) => formatExact(r.rows) },
  { id: 'bytes', head: 'On the disk', num: true, by: (r) => r.bytes, cell: (r) => formatBytes(r.bytes) },
];

interface TenantLimit {
  tenant: string;
  limit: string;
  most: number | null;
}
const LIMITS: readonly Column<TenantLimit>[] = [
  { id: 'tenant', head: 'Tenant', by: (r) => r.tenant, cell: (r) => r.tenant },
  { id: 'limit', head: 'Key', by: (r) => r.limit, cell: (r) => <code>{r.limit}</code> },
  {
    id: 'most',
    head: 'At most',
    num: true,
    by: (r) => r.most,
    cell: (r) => (r.most === null ? 'no limit' : formatExact(r.most)),
  },
];

function Retention({ tables, unavailable }: { tables: readonly KeptTable[]; unavailable: string | null }): ReactNode {
  if (unavailable !== null) return <Note tone="amber">Not shown: {asSentence(unavailable)}</Note>;
  return (
    <>
      {tables.some(differs) && (
        <Note tone="amber">
          Some tables keep rows otherwise than is configured: run `headroom migrate`, or start the node again.
        </Note>
      )}
      <Table name="Retention" columns={KEPT} rows={tables} keyOf={(r) => r.table} sortParam="kept" />
    </>
  );
}

/** How this node is set up. */
export default function Node(): ReactNode {
  const query = useApi<NodeBody>('/api/v1/admin/node');
  const waiting =
    query.error === null ? 'Reading how the node is set up\u2026' : 'How the node is set up could not be read.';
  return (
    <Page
      title="Node"
      sentence={query.data === undefined ? waiting : nodeSentence(query.data)}
      aside={<AdministrationTabs at="/administration/node" />}
    >
      <Answer query={query} height={640}>
        {(node) => (
          <>
            <Figures>
              <Figure label="Version" value={node.version} />
              <Figure label="Tenant" value={node.tenant} />
              <Figure
                label="Runs since"
                value={formatAgo(node.started_at, Date.now()).replace(/ ago$/, '')}
                note={formatDayMinute(node.started_at)}
              />
              <Figure label="Requests of one caller" value={`${formatExact(node.requests_per_second)}/s`} />
            </Figures>
            <Section title="Who leads" note="what one node does for all that share accounts and alerts">
              {node.leaders.length === 0 ? (
                <Empty>
                  {node.shared
                    ? 'No node leads anything yet.'
                    : 'This node shares its accounts and alerts with no other and does everything itself. Several nodes share them in PostgreSQL: [control] url.'}
                </Empty>
              ) : (
                <Table name="Leaders" columns={LEADERS} rows={node.leaders} keyOf={(r) => r.role} />
              )}
            </Section>
            <Section title="Retention" note="of each table, as it is">
              <Retention tables={node.tables} unavailable={node.tables_unavailable} />
            </Section>
            <Section title="Limits" note="of what tenants may send to this node; Ingest shows what is used">
              {node.limits.length === 0 ? (
                <Empty>Limits appear with the first tenant that sends.</Empty>
              ) : (
                <Table
                  name="Limits"
                  columns={LIMITS}
                  rows={node.limits.flatMap(({ tenant, limits }) => limits.map((limit) => ({ tenant, ...limit })))}
                  keyOf={(r) => `${r.tenant} ${r.limit}`}
                  sortParam="limits"
                />
              )}
            </Section>
            <Section title="Configuration" note="keys of the file and the environment, without secrets">
              {node.configuration === '' ? (
                <Empty>Nothing is set: every key has its default.</Empty>
              ) : (
                <Scroll label="Configuration">
                  <pre>{node.configuration}</pre>
                </Scroll>
              )}
            </Section>
          </>
        )}
      </Answer>
    </Page>
  );
}
