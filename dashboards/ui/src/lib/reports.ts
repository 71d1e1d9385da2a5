import type { Area } from './roles';

export type ReportKind = 'uptime' | 'slo' | 'audit' | 'soc2';

export interface ReportOffer {
  kind: ReportKind;
  /** Who may open it. */
  area: Area;
  title: string;
  tells: string;
}

export const REPORTS: readonly ReportOffer[] = [
  {
    kind: 'uptime',
    area: 'reports',
    title: 'Uptime',
    tells: 'Availability against target by objective and day, downtime, incidents, time without data.',
  },
  {
    kind: 'slo',
    area: 'reports',
    title: 'Error budgets',
    tells: 'Budget consumed, burn by day, the hours and errors that ate it, policies, changed definitions.',
  },
  {
    kind: 'audit',
    area: 'audit',
    title: 'Audit trail',
    tells: 'Sign-ins, reveals, SQL, exports, erasures and changes by actor and day; whether the trail holds.',
  },
  {
    kind: 'soc2',
    area: 'evidence',
    title: 'Evidence for SOC 2 and ISO 27001',
    tells: 'What the month is evidence of, control by control, and of which controls it is not.',
  },
];

/** The last month that is over, as `2026-10`. */
export function lastMonth(now: Date): string {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1)).toISOString().slice(0, 7);
}

/** The month in words: `October 2026`. */
export function monthWords(month: string): string {
  const first = new Date(`${month}-01T00:00:00Z`);
  return first.toLocaleDateString('en', { month: 'long', year: 'numeric', timeZone: 'UTC' });
}

/** What is wrong with a month and a zone, or null. */
export function monthFault(month: string, zone: string, now: Date): string | null {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) return `"${month}" is no month: give one as ${lastMonth(now)}.`;
  // Where days begin first, a month begins fourteen hours before it does in UTC.
  if (month > new Date(now.getTime() + 14 * 3_600_000).toISOString().slice(0, 7)) return `${month} has not begun.`;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return null;
  } catch {
    return `"${zone}" is no time zone: give one as Europe/Zurich.`;
  }
}

export const reportPath = (kind: ReportKind, month: string, zone: string, format: 'html' | 'pdf' | 'json'): string =>
  `/api/v1/reports/${kind}?${new URLSearchParams({ month, zone, format }).toString()}`;
