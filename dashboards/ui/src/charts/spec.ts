import { formatDate, formatDayMinute } from '../lib/format';

/** What a time chart shows, apart from how it is drawn. */
export interface SeriesSpec {
  label: string;
  /** null is a gap; undefined a time at which only other series have a value. */
  values: readonly (number | null | undefined)[];
  /** The values to the last digit, where numbers to draw would lose some: for the table and the file. */
  exact?: readonly (string | null)[];
  /** Token of the colour: "series-1", "mark". */
  colour: string;
  kind?: 'line' | 'area' | 'bars' | 'hidden';
  dash?: boolean;
  width?: number;
}

/** A filled space between two series, by index. */
export interface BandSpec {
  upper: number;
  lower: number;
  colour: string;
  alpha: number;
}

/** A quiet band or tick on every chart of a page. Times in unix ms. */
export interface Mark {
  at: number;
  end?: number;
  label: string;
  kind: 'deploy' | 'event' | 'incident' | 'anomaly';
}

export interface ChartSpec {
  /** Unix seconds. */
  times: readonly number[];
  /** The times are days in UTC, the same for every reader. */
  daily?: boolean;
  series: readonly SeriesSpec[];
  bands?: readonly BandSpec[];
  marks?: readonly Mark[];
  /** Words for a value, with its unit. */
  format: (value: number | null) => string;
  scale?: 'zero' | 'log' | 'signed';
  /** Colours the area of a single signed series by side: budget only. */
  budget?: boolean;
  height?: number;
  /** Range shown on the x axis, unix ms; the data's own when missing. */
  span?: { from: number; to: number };
  /** A horizontal line worth naming: a threshold, now. */
  line?: { value: number; label: string };
}

/** A time of a chart in words. */
export const formatAt = ({ daily }: ChartSpec, time: number): string =>
  daily === true ? formatDate(time * 1000) : formatDayMinute(time * 1000);

const finite = (values: SeriesSpec['values']): number[] =>
  values.filter((value): value is number => typeof value === 'number' && Number.isFinite(value));

/** A chart in one line of text for a screen reader. */
export function summarise({ series, format }: ChartSpec): string {
  return series
    .filter(({ kind }) => kind !== 'hidden')
    .map(({ label, values }) => {
      const known = finite(values);
      const last = known.at(-1);
      if (last === undefined) return `${label}: no values`;
      return `${label}: last ${format(last)}, lowest ${format(Math.min(...known))}, highest ${format(Math.max(...known))}`;
    })
    .join('. ');
}

const STEPS = [1, 2, 5];
const decade = (value: number): number => 10 ** Math.floor(Math.log10(value) + 1e-9);

/** The next 1, 2 or 5 times a power of ten at or below a value, and at or above it. */
const below = (value: number): number =>
  decade(value) * (STEPS.findLast((step) => step * decade(value) <= value * 1.0001) ?? 1);
const above = (value: number): number =>
  decade(value) * (STEPS.find((step) => step * decade(value) >= value * 0.9999) ?? 10);

/** Ticks of a log axis: 1, 2 and 5 of each decade, only the decades when there are many. */
export function logTicks(low: number, high: number): number[] {
  if (low <= 0 || high <= low) return [];
  const steps = Math.log10(high / low) > 3 ? [1] : STEPS;
  const ticks: number[] = [];
  for (let at = decade(low); at <= high * 1.0001; at *= 10) ticks.push(...steps.map((step) => step * at));
  return ticks.filter((tick) => tick >= low * 0.9999 && tick <= high * 1.0001);
}

/** Limits of the y axis: zero is in, or 1-2-5 steps on a log axis. */
export function limits(scale: ChartSpec['scale'], low: number | null, high: number | null): [number, number] {
  const top = high ?? 1;
  const bottom = low ?? 0;
  if (scale === 'log') {
    const floor = Math.max(bottom, 1);
    return [below(floor), above(Math.max(top, floor * 1.01))];
  }
  if (scale === 'signed') {
    // Where nothing is above or below zero there is room all the same.
    const reach = Math.max(top, 0) - Math.min(bottom, 0) || 1;
    return [bottom < 0 ? bottom - reach * 0.06 : 0, top > 0 ? top + reach * 0.06 : reach * 0.06];
  }
  return [0, high === null || top <= 0 ? 1 : top * 1.08];
}
