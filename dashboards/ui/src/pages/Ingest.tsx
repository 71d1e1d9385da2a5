import type { ReactNode } from 'react';
import { useApi } from '../api/hooks';
import type { IngestBody, IngestTenant, LimitUse, Receiving, Rejection } from '../api/ingest';
import { Badge } from '../components/Badge';
import { Figure, Figures, Page, Section } from '../components/Page';
import { Answer, Empty, Note } from '../components/State';
import { Table, type Column } from '../components/Table';
import {
  asSentence,
  formatAgo,
  formatBytes,
  formatCount,
  formatExact,
  formatPercent,
  formatTime,
  plural,
} from '../lib/format';
import { ingestSentence, limitFigure, turnedAway, type TurnedAway } from '../lib/ingest';

const toneOf = (share: number): string => (share >= 1 ? 'red' : share >= 0.8 ? 'amber' : '');
const shown = (name: string): string => name.replaceAll('_', ' ');

/** How much of a bound is used: a share, a bar, and both figures. */
function Use({ used, most, text }: { used: number; most: number; text: string }): ReactNode {
  const share = most === 0 ? 0 : used / most;
  return (
    <span className={toneOf(share)}>
      <span className="meter" aria-hidden="true">
        <i style={{ width: `${Math.max(0, Math.min(1, share)) * 100}%` }} />
      </span>{' '}
      {formatPercent(share)} <span className="quiet small">{text}</span>
    </span>
  );
}

function Now({ ingest }: { ingest: Receiving }): ReactNode {
  const now = Date.now();
  return (
    <Section title="This node now">
      <Figures>
        <Figure
          label="State"
          value={
            <Badge state={ingest.accepting ? 'ok' : 'failed'}>{ingest.accepting ? 'accepting' : 'refusing'}</Badge>
          }
        />
        <Figure
          label="Waits for the store"
          value={formatBytes(ingest.backlog_bytes)}
          note={plural(ingest.backlog_slices, 'slice')}
          how="Acknowledged, on disk in the durable log, and not yet in the store"
        />
        <Figure
          label="Oldest that waits"
          value={ingest.oldest === null ? 'nothing waits' : formatAgo(ingest.oldest, now)}
          {...(ingest.oldest === null ? {} : { note: formatTime(ingest.oldest) })}
        />
        <Figure
          label="Durable log"
          value={
            <Use
              used={ingest.log_bytes}
              most={ingest.max_log_bytes}
              text={`${formatBytes(ingest.log_bytes)} of ${formatBytes(ingest.max_log_bytes)}`}
            />
          }
          how="At its bound senders are told to come back later"
        />
        <Figure
          label="Dead slices"
          value={formatExact(ingest.dead_slices)}
          tone={ingest.dead_slices > 0 ? 'red' : ''}
          how="Refused by the store for good since the start; their bytes are in the folder dead"
        />
        <Figure label="Rows stored" value={formatCount(ingest.inserted_rows)} note="since the start" />
      </Figures>
      {ingest.last_error !== null && (
        <Note tone="amber">
          Last error, {formatAgo(ingest.last_error.at, now)}: {asSentence(ingest.last_error.message)}
        </Note>
      )}
    </Section>
  );
}

const RATES: readonly Column<IngestTenant>[] = [
  { id: 'tenant', head: 'Tenant', by: (t) => t.tenant, cell: (t) => <span className="nowrap">{t.tenant}</span> },
  ...(['traces', 'logs', 'metrics'] as const).map((signal): Column<IngestTenant> => ({
    id: signal,
    head: `${{ traces: 'Spans', logs: 'Log records', metrics: 'Data points' }[signal]}/s`,
    num: true,
    by: (t) => t.per_second[signal],
    how: 'Accepted, the mean of the last minute; below it all since the start',
    cell: (t) => (
      <>
        {formatCount(t.per_second[signal])}
        <span className="note quiet small">{formatCount(t.accepted[signal])} in all</span>
      </>
    ),
  })),
  {
    id: 'bytes',
    head: 'Bytes/s',
    num: true,
    by: (t) => t.per_second.bytes,
    how: 'As sent or unpacked, whichever is more: what the limit counts',
    cell: (t) => formatBytes(t.per_second.bytes),
  },
];

type LimitRow = LimitUse & { tenant: string };
const LIMITS: readonly Column<LimitRow>[] = [
  { id: 'tenant', head: 'Tenant', by: (l) => l.tenant, cell: (l) => <span className="nowrap">{l.tenant}</span> },
  { id: 'limit', head: 'Limit', by: (l) => l.limit, cell: (l) => shown(l.limit) },
  { id: 'most', head: 'At most', num: true, cell: (l) => limitFigure(l.limit, l.most) },
  {
    id: 'used',
    head: 'Used',
    by: (l) => (l.most === null || l.used === null ? null : l.used / l.most),
    how: 'Rates: the mean of the last minute. Keys: today. Series: this hour',
    cell: (l) =>
      l.used === null ? (
        <span className="quiet">of each value</span>
      ) : l.most === null ? (
        <span className="quiet">{limitFigure(l.limit, l.used)}, no limit</span>
      ) : (
        <Use used={l.used} most={l.most} text={limitFigure(l.limit, l.used)} />
      ),
  },
];

const AWAY: readonly Column<TurnedAway>[] = [
  { id: 'tenant', head: 'Tenant', by: (r) => r.tenant, cell: (r) => <span className="nowrap">{r.tenant}</span> },
  { id: 'what', head: 'What', by: (r) => r.what, cell: (r) => r.what },
  { id: 'reason', head: 'Why', by: (r) => r.reason, cell: (r) => <span className="nowrap">{shown(r.reason)}</span> },
  { id: 'count', head: 'Since the start', num: true, by: (r) => r.count, cell: (r) => formatExact(r.count) },
];

const LATELY: readonly Column<Rejection>[] = [
  { id: 'signal', head: 'Signal', by: (r) => r.signal, cell: (r) => r.signal },
  { id: 'reason', head: 'Why', by: (r) => r.reason, cell: (r) => <span className="nowrap">{shown(r.reason)}</span> },
  { id: 'count', head: 'Last hour', num: true, by: (r) => r.count, cell: (r) => formatExact(r.count) },
  {
    id: 'last',
    head: 'Latest',
    by: (r) => r.last_seen,
    cell: (r) => (
      <span className="nowrap" title={formatTime(r.last_seen)}>
        {formatAgo(r.last_seen, Date.now())}
      </span>
    ),
  },
  { id: 'detail', head: 'In words', cell: (r) => <span className="quiet">{r.detail}</span> },
];

function Tenants({ ingest }: { ingest: Receiving }): ReactNode {
  const limits = ingest.tenants.flatMap(({ tenant, limits }) => limits.map((limit) => ({ tenant, ...limit })));
  const away = turnedAway(ingest);
  return (
    <>
      <Section title="Tenants" note="accepted by this node">
        {ingest.tenants.length === 0 ? (
          <Empty>
            No tenant has sent anything since this node started. Point an OpenTelemetry exporter at port 4317 or 4318
            with a token of role ingest.
          </Empty>
        ) : (
          <Table name="Tenants" columns={RATES} rows={ingest.tenants} keyOf={(t) => t.tenant} sortParam="tenants" />
        )}
      </Section>
      <div className="two">
        <Section title="Limits" note="of each tenant, with what is used">
          {limits.length === 0 ? (
            <Empty>Limits appear with the first tenant that sends.</Empty>
          ) : (
            <Table
              name="Limits"
              columns={LIMITS}
              rows={limits}
              keyOf={(l) => `${l.tenant} ${l.limit}`}
              sortParam="limits"
            />
          )}
        </Section>
        <Section title="Turned away" note="since this node started">
          {away.length === 0 ? (
            <Empty>No request was refused, no record rejected and no value left out.</Empty>
          ) : (
            <Table
              name="Turned away"
              columns={AWAY}
              rows={away}
              keyOf={(r) => `${r.tenant} ${r.what} ${r.reason}`}
              sortParam="away"
            />
          )}
        </Section>
      </div>
    </>
  );
}

/** What this node receives, from whom, holds back and turns away. */
export default function Ingest(): ReactNode {
  const query = useApi<IngestBody>('/api/v1/ingest', {}, { live: true });
  return (
    <Page
      title="Ingest"
      sentence={query.data === undefined ? 'Reading the state of this node\u2026' : ingestSentence(query.data)}
    >
      <Answer query={query} height={640}>
        {({ parts, ingest, rejected, rejected_unavailable: unavailable }) => (
          <>
            {ingest === null ? (
              <Section title="This node now">
                <Empty>This node does not receive telemetry: it runs without the role ingest.</Empty>
              </Section>
            ) : (
              <>
                <Now ingest={ingest} />
                <Tenants ingest={ingest} />
              </>
            )}
            <Section title="Quarantine" note="your tenant, all nodes, last hour">
              {unavailable !== null ? (
                <Note tone="amber">Not shown: {asSentence(unavailable)}</Note>
              ) : rejected.length === 0 ? (
                <Empty>Nothing was put into the quarantine within the last hour.</Empty>
              ) : (
                <Table
                  name="Quarantine"
                  columns={LATELY}
                  rows={rejected}
                  keyOf={(r) => `${r.signal} ${r.reason}`}
                  sortParam="quarantine"
                />
              )}
            </Section>
            <Section title="Parts">
              <Table
                name="Parts"
                rows={parts}
                keyOf={(p) => p.name}
                columns={[
                  { id: 'name', head: 'Part', cell: (p) => p.name },
                  {
                    id: 'ready',
                    head: 'State',
                    cell: (p) => <Badge state={p.ready ? 'ok' : 'failed'}>{p.ready ? 'ready' : 'not ready'}</Badge>,
                  },
                  {
                    id: 'detail',
                    head: 'Detail',
                    spoken: true,
                    cell: (p) => <span className="quiet">{p.detail}</span>,
                  },
                ]}
              />
            </Section>
          </>
        )}
      </Answer>
    </Page>
  );
}
