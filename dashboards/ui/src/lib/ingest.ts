import type { IngestBody, IngestTenant, LimitUse, Receiving } from '../api/ingest';
import { formatBytes, formatCount, plural } from './format';

/** What was turned away of one tenant's data, one line a reason. */
export interface TurnedAway {
  tenant: string;
  what: 'request refused' | 'record rejected' | 'value left out';
  reason: string;
  count: number;
}

/** Since the start, the most frequent first; senders without a good token come as "not known". */
export function turnedAway({ tenants, refused_strangers }: Receiving): TurnedAway[] {
  const of = (tenant: string, what: TurnedAway['what'], list: { reason: string; count: number }[]): TurnedAway[] =>
    list.map(({ reason, count }) => ({ tenant, what, reason, count }));
  return [
    ...of('not known', 'request refused', refused_strangers),
    ...tenants.flatMap(({ tenant, refused, rejected, warned }) => [
      ...of(tenant, 'request refused', refused),
      ...of(tenant, 'record rejected', rejected),
      ...of(tenant, 'value left out', warned),
    ]),
  ].sort((a, b) => b.count - a.count);
}

/** The limit of which most is used, as a share; null without one. */
export function nearest({ limits }: IngestTenant): (LimitUse & { share: number }) | null {
  const shares = limits.flatMap((limit) =>
    limit.most === null || limit.used === null ? [] : [{ ...limit, share: limit.used / limit.most }],
  );
  return shares.reduce<(LimitUse & { share: number }) | null>(
    (most, one) => (most === null || one.share > most.share ? one : most),
    null,
  );
}

/** A figure of a limit in its unit. */
export const limitFigure = (limit: string, value: number | null): string =>
  value === null ? 'none' : limit.includes('bytes') ? formatBytes(value) : formatCount(value);

/** How the ingest path stands, the worst first. */
export function ingestSentence({ parts, version, ingest }: IngestBody): string {
  const down = parts.find(({ ready }) => !ready);
  if (down !== undefined && (down.name !== 'ingest' || ingest === null))
    return `${down.name} is not ready: ${down.detail}.`;
  if (ingest === null) return `Headroom ${version} runs here and does not receive telemetry.`;
  if (!ingest.accepting)
    return `New telemetry is refused: ${ingest.last_error?.message ?? 'the durable log is full'}; senders are told to come back.`;
  const full = ingest.tenants
    .map((tenant) => ({ tenant: tenant.tenant, limit: nearest(tenant) }))
    .find(({ limit }) => limit !== null && limit.share >= 1);
  if (full !== undefined)
    return `Telemetry is received; tenant ${full.tenant} has used up its ${full.limit?.limit.replaceAll('_', ' ')}.`;
  if (ingest.dead_slices > 0)
    return `Telemetry is received; the store refused ${plural(ingest.dead_slices, 'slice')}, which are kept aside.`;
  const { traces, logs, metrics } = ingest.accepted;
  const waits = ingest.backlog_bytes === 0 ? 'nothing waits' : `${formatBytes(ingest.backlog_bytes)} wait`;
  return `Telemetry is received: ${formatCount(traces + logs + metrics)} records since the start, ${waits} for the store.`;
}
