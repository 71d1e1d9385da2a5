import type { Ahead, SloPoint } from '../api/slo';
import { onOneAxis, type Values } from './series';

export interface BudgetSeries {
  times: number[];
  past: Values;
  /** Null where nothing is known of the time to come. */
  ahead: Values | null;
  /** Where the drawing ends, unix ms. */
  end: number;
}

/** The budget as it was and as it goes on, at most so many ms beyond its last point. */
export function budgetSeries(points: readonly SloPoint[], ahead: Ahead | null, reach: number): BudgetSeries {
  const past = points.map(({ ts, budget_remaining: value }) => ({ ts, value }));
  const last = past.at(-1);
  const limit = (last === undefined ? 0 : Date.parse(last.ts)) + reach;
  const coming = (ahead?.points ?? [])
    .filter(({ ts }) => Date.parse(ts) <= limit)
    .map(({ ts, budget_remaining: value }) => ({ ts, value }));
  // It goes on where the other ends.
  const after = last === undefined || coming.length === 0 ? [] : [last, ...coming];
  const { times, values } = onOneAxis([past, after]);
  return {
    times,
    past: values[0] ?? [],
    ahead: after.length === 0 ? null : (values[1] ?? []),
    end: after.length === 0 ? 0 : Date.parse(after.at(-1)?.ts ?? ''),
  };
}
