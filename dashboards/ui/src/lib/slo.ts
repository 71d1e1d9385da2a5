import type { Ahead, BacktestBody, Episodes, SloRow } from '../api/slo';
import { formatAgo, formatDayMinute, formatPercent, formatSeconds } from './format';

type Known = Pick<SloRow, 'unavailable' | 'budget_remaining' | 'burn'>;

/** The state of an objective in a word, from its budget and the burn over the last hour. */
export function sloState({ unavailable, budget_remaining: left, burn }: Known): string {
  if (unavailable !== null || left === null) return 'not measured';
  if (left <= 0) return 'exhausted';
  if ((burn['1h'] ?? 0) > 1) return 'burning';
  return left < 0.25 ? 'at_risk' : 'ok';
}

const UNITS: Record<string, number> = {
  m: 60,
  h: 3_600,
  d: 86_400,
  w: 604_800,
  M: 2_592_000,
  Q: 7_776_000,
  Y: 31_536_000,
};

/** "30d" in seconds; null for a window that is not a plain length. */
export function windowSeconds(text: string): number | null {
  const match = /^(\d+)([mhdwMQY])$/.exec(text);
  return match === null ? null : Number(match[1]) * (UNITS[match[2] ?? ''] ?? 0);
}

/** The objective's name before its sentence, which speaks of "the budget" only. */
export const sloSentence = ({ display_name: name, sentence }: Pick<SloRow, 'display_name' | 'sentence'>): string =>
  `${name}: ${sentence}`;

/** What becomes of the budget when the forecast traffic fails as the last hour did. */
export function aheadSentence({ error_rate, points, exhausts_at }: Ahead, left: number | null, now: number): string {
  const when = `At the last hour\u2019s error rate, ${formatPercent(error_rate)}, and the forecast traffic`;
  const last = points.at(-1);
  if (exhausts_at !== null)
    return `${when} the budget is gone on ${formatDayMinute(exhausts_at)}, ${formatAgo(exhausts_at, now)}.`;
  if (last === undefined) return `${when} nothing can be said.`;
  const then = `${formatPercent(last.budget_remaining)} on ${formatDayMinute(last.ts)}`;
  if (left !== null && left <= 0) return `${when} the budget, which is spent, stands at ${then}.`;
  return `${when} the budget lasts as far as traffic is forecast: ${then}.`;
}

const times = (count: number): string => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`);
const lasted = ({ count, seconds, open }: Episodes): string =>
  count === 0 ? '' : ` (${formatSeconds(seconds)} in all${open ? ', still open at the end' : ''})`;

/** How often the rules would have woken somebody. */
export function backtestSentence({ from, until, steps, pages, tickets }: BacktestBody): string {
  if (steps === 0 || from === null || until === null) return 'Nothing was measured in this range.';
  const paged = pages.count === 0 ? 'would not have paged anybody' : `would have paged ${times(pages.count)}`;
  const opened = tickets.count === 0 ? 'opened no ticket' : `opened a ticket ${times(tickets.count)}`;
  return `From ${formatDayMinute(from)} to ${formatDayMinute(until)} its rules ${paged}${lasted(pages)} and ${opened}${lasted(tickets)}.`;
}
