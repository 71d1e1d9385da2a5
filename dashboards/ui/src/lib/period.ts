/** Periods of portfolios: whole days in UTC, as the API counts them. */
export const PRESETS = ['1m', '3m', 'ytd', '1y', 'all'] as const;
export type Preset = (typeof PRESETS)[number];

export interface Period {
  /** Null where two days are given. */
  preset: Preset | null;
  /** The close of this day is where it begins; null is before the first booking. */
  from: string | null;
  /** Null is today, as of now. */
  to: string | null;
}

/** The day of "2026-10-03" or of an RFC 3339 time in UTC; null for anything else, such as "now-1h". */
export function dayOf(text: string | null): string | null {
  if (text === null || !/^\d{4}-\d{2}-\d{2}(T|$)/.test(text)) return null;
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : new Date(time).toISOString().slice(0, 10);
}

/** The day so many months before, or the last of that month where it has no such day. */
export function monthsBefore(day: string, months: number): string {
  const [year = 0, month = 1, of = 1] = day.split('-').map(Number);
  const last = new Date(Date.UTC(year, month - months, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 - months, Math.min(of, last))).toISOString().slice(0, 10);
}

export const dayAfter = (day: string): string => new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);

/** The day at whose close a preset that ends on `last` begins. */
function beginOf(preset: Preset, last: string): string | null {
  switch (preset) {
    case '1m':
      return monthsBefore(last, 1);
    case '3m':
      return monthsBefore(last, 3);
    case '1y':
      return monthsBefore(last, 12);
    case 'ytd':
      return `${Number(last.slice(0, 4)) - 1}-12-31`;
    case 'all':
      return null;
  }
}

/**
 * The period of an address. Days in `from` and `to` count before a preset in `period`; a range that moves with the
 * clock, or lies within a day, is of other pages and left alone. `asOf` is the moment that is looked at, if not now.
 */
export function periodOf(search: URLSearchParams, now: number, asOf: string | null, usual: Preset): Period {
  const [from, to] = [dayOf(search.get('from')), dayOf(search.get('to'))];
  const end = asOf === null ? null : dayOf(asOf);
  const isOfMinutes = from === to && search.get('from') !== from;
  if ((from ?? to) !== null && !isOfMinutes) return { preset: null, from, to: to ?? end };
  const preset = PRESETS.find((one) => one === search.get('period')) ?? usual;
  return { preset, from: beginOf(preset, end ?? new Date(now).toISOString().slice(0, 10)), to: end };
}
