import type { Level, LogLine, LogsBody, LogVolume } from '../api/logs';
import type { ChartSpec } from '../charts/spec';
import { formatCount, formatDayMinute, formatExact, plural } from './format';

/** Mildest first; a choice stands for itself and what is worse. */
export const LEVELS: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
/** Lines that a page keeps while it follows. */
export const KEPT = 500;

const AT_LEAST = { all: LEVELS, warn: ['warn', 'error', 'fatal'], error: ['error', 'fatal'] } as const;

/** Records of a bucket at some levels; all of them where none are named. */
function count(levels: Partial<Record<Level, number>>, of?: readonly Level[]): number {
  return Object.entries(levels).reduce(
    (sum, [level, records]) => (of === undefined || of.some((name) => name === level) ? sum + records : sum),
    0,
  );
}

/** Records over time: all, and in front of them those that are bad. */
export function volumeChart(volume: LogVolume, { from, to }: { from: number; to: number }): ChartSpec {
  const step = volume.step_seconds;
  const known = new Map(volume.buckets.map(({ at, levels }) => [Date.parse(at) / 1000, levels]));
  const first = Math.floor(Math.max(from, Date.parse(volume.counted_from)) / 1000 / step) * step;
  const times = Array.from({ length: Math.max(0, Math.ceil((to / 1000 - first) / step)) }, (_, i) => first + i * step);
  const of = (levels?: readonly Level[]): number[] => times.map((time) => count(known.get(time) ?? {}, levels));
  return {
    times,
    series: [
      { label: 'All', values: of(), colour: 'series-1', kind: 'bars' },
      { label: 'Warnings and worse', values: of(AT_LEAST.warn), colour: 'amber', kind: 'bars' },
      { label: 'Errors and worse', values: of(AT_LEAST.error), colour: 'red', kind: 'bars' },
    ],
    format: (value) => formatCount(value),
    span: { from, to },
    height: 120,
  };
}

/** What was found, in a sentence. */
export function logsSentence({ volume, lines }: LogsBody): string {
  if (volume === null) return `${plural(lines.length, 'older line')}.`;
  if (volume.total === 0) return 'No line fits.';
  const bad = volume.buckets.reduce((sum, { levels }) => sum + count(levels, AT_LEAST.error), 0);
  const most = volume.services[0];
  const errors =
    bad === 0 ? 'none of them an error' : `${formatExact(bad)} of them ${bad === 1 ? 'an error' : 'errors'}`;
  const by =
    most === undefined || volume.services.length === 1
      ? `, all by ${most?.service ?? 'nobody'}`
      : `, ${Math.round((most.records / volume.total) * 100)} % by ${most.service}`;
  return `${formatExact(volume.total)} ${volume.total === 1 ? 'line fits' : 'lines fit'}, ${errors}${by}.`;
}

/** That there was no time to count all of the range, or null. */
export function partial({ counted_from }: LogVolume, { from, to }: { from: number; to: number }): string | null {
  const start = Date.parse(counted_from);
  if (start <= from) return null;
  const share = Math.round(((to - start) / (to - from)) * 100);
  return `Counted from ${formatDayMinute(start)} on, the last ${share} % of the range: there was no time for more. The lines below are of all of it. Narrow the search or the range for whole counts.`;
}

/** A search with a condition more: `key:value`, or `-key:value`. */
export function withTerm(search: string, key: string, value: string, not = false): string {
  const plain = /^[^\s"*\\]+$/.test(value) && !value.startsWith('//');
  const text = plain ? value : `"${value.replaceAll(/(["\\])/g, '\\$1')}"`;
  const term = `${not ? '-' : ''}${key}:${text}`;
  return search.split(/\s+/).includes(term) ? search : `${search} ${term}`.trim();
}

/** Arrived lines in front of those that were found, newest first, each once. */
export function together(arrived: readonly LogLine[], found: readonly LogLine[]): LogLine[] {
  const seen = new Set<string>();
  return [...arrived, ...found]
    .filter(({ id }) => !seen.has(id) && seen.add(id))
    .sort((a, b) => (a.ts < b.ts ? 1 : a.ts > b.ts ? -1 : 0))
    .slice(0, KEPT);
}
