import type { SilenceWindow } from '../api/alerting';
import { formatDayMinute, formatSeconds } from './format';

/** Days as RFC 5545 writes them, Sunday first as in `Date`. */
const DAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'] as const;
export type Day = (typeof DAYS)[number];
/** Days in the order people read a week in. */
export const WEEK: readonly [Day, string][] = [
  ['MO', 'Monday'],
  ['TU', 'Tuesday'],
  ['WE', 'Wednesday'],
  ['TH', 'Thursday'],
  ['FR', 'Friday'],
  ['SA', 'Saturday'],
  ['SU', 'Sunday'],
];

/** Matchers out of a text with one a line. */
export const matcherLines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** The matchers that fit an alert with these labels: its service and objective, else all that it has. */
export function matchersOf(labels: Readonly<Record<string, string>>): string {
  const quoted = (name: string): string => `${name}=${JSON.stringify(labels[name])}`;
  const known = ['service', 'slo'].filter((name) => (labels[name] ?? '') !== '');
  return (known.length > 0 ? known : Object.keys(labels)).map(quoted).join('\n');
}

const pad = (value: number): string => String(value).padStart(2, '0');

/** The day "2026-11-28" of a moment on the clock of a zone. */
export function dayIn(zone: string, now: number): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).formatToParts(now);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}`;
}

/** A window on days of the week from a time of the clock on; the first start is the next such day from `today` on. */
export function weekly(days: readonly Day[], time: string, zone: string, hours: number, today: string): SilenceWindow {
  const first = new Date(`${today}T00:00:00Z`);
  for (let i = 0; i < 7 && !days.includes(DAYS[first.getUTCDay()] ?? 'SU'); i += 1)
    first.setUTCDate(first.getUTCDate() + 1);
  const date = `${first.getUTCFullYear()}-${pad(first.getUTCMonth() + 1)}-${pad(first.getUTCDate())}`;
  const listed = WEEK.map(([day]) => day).filter((day) => days.includes(day));
  return {
    recurring: {
      start: `${date}T${time}:00`,
      zone,
      rule: `FREQ=WEEKLY;BYDAY=${listed.join(',')}`,
      seconds: Math.round(hours * 3_600),
    },
  };
}

/** When it holds, in words: the days of a plain weekly rule, any other rule as it stands. */
export function windowWords(window: SilenceWindow): string {
  if ('once' in window) return `${formatDayMinute(window.once.from)} to ${formatDayMinute(window.once.until)}`;
  const { start, zone, rule, seconds } = window.recurring;
  const plain = /^FREQ=WEEKLY;BYDAY=([A-Z,]+)$/.exec(rule);
  const names = new Map<string, string>(WEEK);
  const days = (plain?.[1] ?? '').split(',').map((day) => names.get(day));
  const how = plain === null || days.includes(undefined) ? `by ${rule}` : `every ${days.join(', ')}`;
  return `${how} from ${start.slice(11, 16)} in ${zone.replaceAll('_', ' ')}, for ${formatSeconds(seconds)}`;
}
