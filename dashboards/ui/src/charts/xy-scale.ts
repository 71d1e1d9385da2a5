import { limits, logTicks } from './spec';

/** One axis: where a value stands as a share of its length, from the low end. */
export interface Axis {
  low: number;
  high: number;
  ticks: number[];
  at: (value: number) => number;
}

/** A step of 1, 2 or 5 times a power of ten that cuts a length into at most so many pieces. */
function stepOf(length: number, pieces: number): number {
  const least = length / pieces;
  const decade = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5].find((step) => step * decade >= least * 0.9999) ?? 10) * decade;
}

/** From zero to the largest value, with some air above it. */
export function linearAxis(most: number, pieces: number): Axis {
  const high = most > 0 && Number.isFinite(most) ? most * 1.05 : 1;
  const step = stepOf(high, pieces);
  const ticks = Array.from({ length: Math.floor(high / step + 1e-9) + 1 }, (_, i) => i * step);
  return { low: 0, high, ticks, at: (value) => value / high };
}

/** Round values between two limits, zero among them where it lies between. */
export function linearTicks(low: number, high: number, pieces: number): number[] {
  if (!(high > low)) return [];
  const step = stepOf(high - low, pieces);
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) => (first + i) * step);
}

/** From the 1-2-5 step below the smallest value to the one above the largest. */
export function logAxis(values: readonly number[]): Axis {
  const positive = values.filter((value) => value > 0);
  // Not spread: there may be more values than a call takes arguments.
  const least = positive.reduce((low, value) => Math.min(low, value), Infinity);
  const largest = positive.reduce((top, value) => Math.max(top, value), 0);
  const [low, high] = limits('log', Number.isFinite(least) ? least : 1, largest);
  const length = Math.log(high / low);
  return {
    low,
    high,
    ticks: logTicks(low, high),
    at: (value) => (value <= low ? 0 : Math.log(value / low) / length),
  };
}
