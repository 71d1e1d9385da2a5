import type { PortfolioBody } from '../api/portfolio';
import type { ForecastBody } from '../api/forecast';
import type { ServiceRow } from '../api/service';
import type { TraceBody, TracesBody } from '../api/traces';
import { directionOf, formatDecimal, signOf } from './decimal';
import { formatAgo, formatCount, formatDayMinute, formatDuration, formatPercent, plural } from './format';

/** The service that troubles most: share of errors first, then the slowest tail. */
export function byTrouble(services: readonly ServiceRow[]): ServiceRow[] {
  return [...services].sort((a, b) => (b.error_rate ?? 0) - (a.error_rate ?? 0) || (b.p99_ns ?? 0) - (a.p99_ns ?? 0));
}

export function servicesSentence(services: readonly ServiceRow[]): string {
  const worst = byTrouble(services)[0];
  if (worst === undefined) return 'No service sent spans in this range.';
  const calls = services.reduce((sum, { calls: count }) => sum + count, 0);
  const start = `${plural(services.length, 'service')} took ${formatCount(calls)} calls`;
  if (worst.errors === 0) return `${start}; none failed.`;
  return `${start}; ${worst.service} fails most, ${formatPercent(worst.error_rate)} of its calls.`;
}

export function serviceSentence(row: ServiceRow | undefined, service: string): string {
  if (row === undefined) return `${service} sent no spans in this range.`;
  const fails = row.errors === 0 ? 'none failed' : `${formatPercent(row.error_rate)} failed`;
  return `${service} took ${formatCount(row.calls_per_second)} calls a second; ${fails}, and 99 of 100 were done within ${formatDuration(row.p99_ns)}.`;
}

export function traceSentence(trace: TraceBody): string {
  const root = trace.spans[0];
  const failed = trace.spans.filter(({ status }) => status === 'error');
  const deepest = failed.reduce<(typeof failed)[number] | undefined>(
    (far, span) => (far === undefined || span.depth >= far.depth ? span : far),
    undefined,
  );
  const own = trace.spans.filter(({ critical }) => critical);
  const name = root === undefined ? 'The trace' : `${root.operation} of ${root.service}`;
  const took = `${name} took ${formatDuration(trace.duration_ns)} over ${plural(trace.services.length, 'service')}`;
  if (deepest !== undefined) {
    const why = deepest.status_message === '' ? '' : ` (${deepest.status_message})`;
    return `${took} and failed in ${deepest.operation} of ${deepest.service}${why}.`;
  }
  const longest = own.filter(({ depth }) => depth > 0).sort((a, b) => b.duration_ns - a.duration_ns)[0];
  return longest === undefined
    ? `${took}.`
    : `${took}; the longest step on the critical path was ${longest.operation} of ${longest.service}, ${formatDuration(longest.duration_ns)}.`;
}

export function tracesSentence({ traces, truncated }: TracesBody): string {
  if (traces.length === 0) return 'No trace matches.';
  const failed = traces.filter(({ errors }) => errors > 0).length;
  const slowest = Math.max(...traces.map(({ duration_ns }) => duration_ns));
  const shown = truncated
    ? `The first ${traces.length} matching traces are shown`
    : `${plural(traces.length, 'trace')} ${traces.length === 1 ? 'matches' : 'match'}`;
  return `${shown}; ${failed === 0 ? 'none has' : `${failed} ${failed === 1 ? 'has' : 'have'}`} errors, the slowest took ${formatDuration(slowest)}.`;
}

export function portfolioSentence(body: PortfolioBody): string {
  const { totals, positions, portfolio_id: id } = body;
  const currency = body.base_currency ?? '';
  const held = plural(
    positions.filter(({ quantity }) => quantity === null || signOf(quantity) !== 0).length,
    'position',
  );
  const amount = (money: string): string => `${formatDecimal(money, { most: 2 })} ${currency}`;
  if (totals.value === null) return `Portfolio ${id} holds ${held} and cannot be valued in full.`;
  const gain =
    totals.unrealised === null
      ? ''
      : `, with an unrealised ${directionOf(totals.unrealised)} of ${amount(totals.unrealised.replace('-', ''))}`;
  const cash = totals.cash === null ? '' : ` and ${amount(totals.cash)} of cash`;
  return `Portfolio ${id} is worth ${amount(totals.value)}: ${held}${cash}${gain}.`;
}

/** The metric of requests that a service receives; any other is a series of the configuration. */
export const REQUESTS = 'requests_per_minute';

export function forecastSentence(body: ForecastBody, now: number): string {
  const [name, unit] = body.metric === REQUESTS ? [body.service, ' requests a minute'] : [body.metric, ''];
  if (body.unavailable !== null) return `No forecast for ${name}: ${body.unavailable}.`;
  const ahead = body.points.filter(({ ts }) => Date.parse(ts) > now);
  const peak = ahead.reduce<(typeof ahead)[number] | undefined>(
    (top, point) => (top === undefined || point.q50 > top.q50 ? point : top),
    undefined,
  );
  if (peak === undefined) return `The forecast for ${name} has no point after now.`;
  const event = body.events
    .filter(({ start, end }) => Date.parse(start) <= Date.parse(peak.ts) && Date.parse(end) >= Date.parse(peak.ts))
    .filter(({ multiplier }) => (multiplier ?? 1) >= 1)
    .sort((a, b) => (b.multiplier ?? 1) - (a.multiplier ?? 1))[0];
  const cause = event === undefined ? '' : `, lifted by ${event.name}`;
  return `${name} is expected to peak at ${formatCount(peak.q50)}${unit} ${formatDayMinute(peak.ts)} (${formatAgo(peak.ts, now)})${cause}; nine times in ten it stays below ${formatCount(peak.q90)}.`;
}
