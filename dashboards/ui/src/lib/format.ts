/** Numbers and times in words. Every figure carries its unit. */
const NBSP = '\u00a0';
export const NONE = '\u2013';

const significant = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

/** Nanoseconds: "840 ns", "12.3 µs", "4.21 ms", "1.20 s", "2 min 5 s", "3 h 10 min". */
export function formatDuration(ns: number | null | undefined): string {
  if (ns === null || ns === undefined || !Number.isFinite(ns)) return NONE;
  if (ns < 0) return `\u2212${formatDuration(-ns)}`;
  if (ns < 999.5) return `${Math.round(ns)}${NBSP}ns`;
  if (ns < 999.5e3) return `${significant(ns / 1e3)}${NBSP}µs`;
  if (ns < 999.5e6) return `${significant(ns / 1e6)}${NBSP}ms`;
  if (ns < 59.95e9) return `${significant(ns / 1e9)}${NBSP}s`;
  return formatSeconds(ns / 1e9);
}

/** Whole seconds as the two largest units: "2 min 5 s", "3 h 10 min", "4 d 2 h". */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  const units: [string, number][] = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ];
  const first = units.findIndex(([, size]) => whole >= size);
  if (first === -1) return `0${NBSP}s`;
  const parts: string[] = [];
  let rest = whole;
  for (const [name, size] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count}${NBSP}${name}`);
  }
  return parts.join(' ');
}

/** Counts: exact below ten thousand, then "12.3 k", "4.56 M". */
export function formatCount(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  const size = Math.abs(value);
  if (size >= 999_950_000) return `${significant(value / 1e9)}${NBSP}G`;
  if (size >= 999_950) return `${significant(value / 1e6)}${NBSP}M`;
  if (size >= 10_000) return `${significant(value / 1e3)}${NBSP}k`;
  return Number.isInteger(value)
    ? value.toLocaleString('en-US')
    : size >= 100
      ? value.toFixed(0)
      : value.toFixed(size >= 10 ? 1 : 2);
}

/** Calls a second: of few the digits that count, "0.0042". */
export const formatRate = (value: number | null | undefined): string =>
  typeof value === 'number' && value > 0 && value < 0.1 ? String(Number(value.toPrecision(2))) : formatCount(value);

export const formatExact = (value: number): string => value.toLocaleString('en-US');

/** Bytes: "840 B", "12.3 KiB", "4.56 MiB". */
export function formatBytes(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  if (value < 1024) return `${Math.round(value)}${NBSP}B`;
  let [size, at] = [value / 1024, 0];
  for (; size >= 999.5 && at < units.length - 1; at += 1) size /= 1024;
  return `${significant(size)}${NBSP}${units[at]}`;
}

/** Ratio 0.0213 -> "2.13 %"; small shares keep two significant digits. */
export function formatPercent(ratio: number | null | undefined): string {
  if (ratio === null || ratio === undefined || !Number.isFinite(ratio)) return NONE;
  const percent = ratio * 100;
  const size = Math.abs(percent);
  const nearlyAll = size >= 99.995 && size < 100;
  const digits = size === 0 ? 0 : nearlyAll ? 3 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3;
  if (size > 0 && size < 0.001) return `<0.001${NBSP}%`;
  return `${percent.toFixed(digits).replace('-', '\u2212')}${NBSP}%`;
}

/** A multiple: 6.04 -> "6.04x", 17.44 -> "17.4x". */
export function formatFactor(factor: number | null | undefined): string {
  if (factor === null || factor === undefined || !Number.isFinite(factor)) return NONE;
  return `${significant(factor)}x`;
}
export const formatBurn = formatFactor;

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const minute = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });

/** A day such as "2027-03-31" as "31 Mar 2027", the same in every zone. */
export const formatDate = (day: string | number): string => date.format(new Date(day));
export const formatClock = (time: string | number): string => clock.format(new Date(time));
export const formatMinute = (time: string | number): string => minute.format(new Date(time));
/** "20 Nov 14:02:07" in the reader's zone. */
export const formatTime = (time: string | number): string =>
  `${day.format(new Date(time))} ${clock.format(new Date(time))}`;
export const formatDayMinute = (time: string | number): string =>
  `${day.format(new Date(time))} ${minute.format(new Date(time))}`;
/** The reader's zone, for the line under a range. */
export const readerZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** "3 min 5 s ago", "27 min ago", "in 2 d 4 h". */
export function formatAgo(time: string | number, now: number): string {
  const exact = (now - new Date(time).getTime()) / 1000;
  if (Math.abs(exact) < 1) return 'now';
  const grain = Math.abs(exact) >= 172_800 ? 3_600 : Math.abs(exact) >= 600 ? 60 : 1;
  const seconds = Math.round(exact / grain) * grain;
  return seconds > 0 ? `${formatSeconds(seconds)} ago` : `in ${formatSeconds(-seconds)}`;
}

/** The server's words as a sentence: a capital first, a full stop last; nothing stays nothing. */
export function asSentence(text: string): string {
  const plain = text.trim();
  return plain === '' ? '' : plain.charAt(0).toUpperCase() + plain.slice(1) + (/[.!?]$/.test(plain) ? '' : '.');
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${formatExact(count)} ${count === 1 ? one : many}`;
