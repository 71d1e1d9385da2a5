import type { CalendarEvent } from '../api/forecast';
import type { Deploy } from '../api/service';
import type { Iso } from '../api/types';
import type { Mark } from '../charts/spec';

export const seconds = (ts: Iso): number => Date.parse(ts) / 1000;

/** Deploys as marks of a chart. */
export const deployMarks = (deploys: readonly Deploy[]): Mark[] =>
  deploys.map(({ ts, version }) => ({ at: Date.parse(ts), label: `deploy ${version}`, kind: 'deploy' }));

/** Calendar events as bands of a chart, the venue beside the name. */
export const eventMarks = (events: readonly CalendarEvent[]): Mark[] =>
  events.map(({ name, start, end, venue }) => ({
    at: Date.parse(start),
    end: Date.parse(end),
    kind: 'event',
    label: venue === undefined || venue === null || venue === '' || name.includes(venue) ? name : `${name} (${venue})`,
  }));

export interface Point {
  ts: Iso;
  value: number | null;
}
export type Values = (number | null | undefined)[];

/** The usual distance of a list's points, in seconds. */
function usualStep(times: readonly number[]): number {
  const steps = times
    .slice(1)
    .map((time, i) => time - (times[i] ?? time))
    .sort((a, b) => a - b);
  return steps[Math.floor(steps.length / 2)] ?? 0;
}

/**
 * Lists laid on the union of their times. A time another list brought is
 * undefined and drawn through; a hole in the list's own pace is null, a gap.
 */
export function onOneAxis(lists: readonly (readonly Point[])[]): { times: number[]; values: Values[] } {
  const times = [...new Set(lists.flatMap((list) => list.map(({ ts }) => seconds(ts))))].sort((a, b) => a - b);
  const values = lists.map((list) => {
    const own = list.map(({ ts }) => seconds(ts));
    const known = new Map(list.map(({ ts, value }) => [seconds(ts), value]));
    const reach = usualStep(own) * 1.5;
    let last = -Infinity;
    return times.map((time) => {
      const value = known.get(time);
      if (value !== undefined) {
        last = time;
        return value;
      }
      return time - last > reach ? null : undefined;
    });
  });
  return { times, values };
}

/** Counts at every step from a moment to another, unix ms; a step that is left out counts nothing. */
export function everyStep(
  series: readonly { ts: Iso; count: number }[],
  { from, to }: { from: number; to: number },
  step: number,
): number[] {
  const width = step * 1000;
  const start = Math.floor(from / width);
  const counts = Array.from({ length: Math.max(0, Math.ceil(to / width) - start) }, () => 0);
  for (const { ts, count } of series) {
    const at = Math.floor(Date.parse(ts) / width) - start;
    if (at >= 0 && at < counts.length) counts[at] = (counts[at] ?? 0) + count;
  }
  return counts;
}
