/** Time ranges as they stand in the address: "now-1h", RFC 3339, unix ms. */
export interface Range {
  from: string;
  to: string;
}
/** A range resolved to unix ms. */
export interface Span {
  from: number;
  to: number;
}

export const PRESETS = ['15m', '1h', '6h', '24h', '7d', '14d'] as const;
/** Of what is counted in weeks. */
export const LONG_PRESETS = ['7d', '14d', '30d', '90d'] as const;
export const DEFAULT_RANGE: Range = { from: 'now-1h', to: 'now' };

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const RELATIVE = /^now(?:([+-])(\d+)([smhdw]))?$/;

const MOMENT_MS = 5_000;

/**
 * What "now" is for a page: the end of the five seconds that it lies in. All who look within them ask the same
 * question, which an edge or the node answers once.
 */
export const momentOf = (time: number): number => Math.ceil(time / MOMENT_MS) * MOMENT_MS;

/** Unix ms of an expression, null when it is none. */
export function parseTime(text: string, now: number): number | null {
  const relative = RELATIVE.exec(text);
  if (relative !== null) {
    const size = Number(relative[2] ?? 0) * (UNIT_MS[relative[3] ?? 's'] ?? 0);
    return relative[1] === '-' ? now - size : now + size;
  }
  if (/^\d{12,14}$/.test(text)) return Number(text);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return null;
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : time;
}

/** Null when either end is unreadable or the range is empty or reversed. */
export function resolveRange(range: Range, now: number): Span | null {
  const from = parseTime(range.from, now);
  const to = parseTime(range.to, now);
  return from === null || to === null || to <= from ? null : { from, to };
}

/** "1h" for now-1h..now, null for any other range. */
export function presetOf(range: Range): string | null {
  const match = /^now-(\d+[smhdw])$/.exec(range.from);
  return range.to === 'now' && match !== null ? (match[1] ?? null) : null;
}

export const isLive = (range: Range): boolean => range.to === 'now';

const STEPS = [10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];

/** A step in seconds that cuts the span into at most `columns` pieces, never below a minute. */
export function stepFor(span: Span, columns = 180): number {
  const least = Math.max(60, (span.to - span.from) / 1000 / columns);
  return STEPS.find((step) => step >= least) ?? 86_400;
}

const pad = (value: number): string => String(value).padStart(2, '0');

/** The value of a datetime-local field, in the reader's zone. */
export function toLocalField(time: number): string {
  const d = new Date(time);
  return `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())}T${pad(d.getHours())}:${pad(d.getMinutes())}`;
}
