import type { OverviewBody } from '../api/overview';
import type { Mark } from '../charts/spec';
import { eventMarks } from './series';

interface Span {
  from: number;
  to: number;
}

/**
 * The axis that all charts of the overview share: the range, and after it what is forecast, for half as long as the
 * range at most, so that the past keeps its room.
 */
export function axisOf({ demand }: Pick<OverviewBody, 'demand'>, { from, to }: Span): Span {
  const last = demand.series.at(-1);
  const known = last === undefined ? to : Date.parse(last.ts);
  return { from, to: Math.max(to, Math.min(known, to + (to - from) / 2)) };
}

/** What stands behind every chart of the overview: alerts that fired, market events. */
export function markedBy({ fired, demand }: Pick<OverviewBody, 'fired' | 'demand'>, now = Date.now()): Mark[] {
  return [
    ...fired.map(({ severity, summary, started_at: start, resolved_at: end }): Mark => ({
      at: Date.parse(start),
      end: end === null ? now : Date.parse(end),
      label: `${severity}: ${summary}`,
      kind: 'incident',
    })),
    ...eventMarks(demand.events),
  ];
}
