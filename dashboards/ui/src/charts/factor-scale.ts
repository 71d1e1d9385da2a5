/** A log axis of growth factors, from today's peak (1x) to ten times it. */
export interface FactorScale {
  low: number;
  high: number;
  ticks: number[];
  /** Share of the axis's length, held to 0 and 1. */
  at: (factor: number) => number;
  /** -1 below the axis, 1 beyond it, 0 on it. */
  outside: (factor: number) => -1 | 0 | 1;
}

const BELOW = [1, 0.5, 0.2, 0.1];
const TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20];

/**
 * The axis for these factors. It reaches below 1x only when a wall is passed today, and beyond 10x by one step
 * only: what is farther away is marked at the edge, so that the near walls keep their room.
 */
export function factorScale(factors: readonly number[]): FactorScale {
  const least = Math.min(1, ...factors);
  const low = BELOW.find((step) => step <= least) ?? 0.1;
  const high = Math.max(10, ...factors) > 10 ? 20 : 10;
  const length = Math.log(high / low);
  return {
    low,
    high,
    ticks: TICKS.filter((tick) => tick >= low && tick <= high),
    at: (factor) => (factor <= low ? 0 : Math.min(1, Math.log(factor / low) / length)),
    outside: (factor) => (factor < low ? -1 : factor > high ? 1 : 0),
  };
}
