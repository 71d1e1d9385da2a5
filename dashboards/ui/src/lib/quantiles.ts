import type { Quantile, QuantileChange, ShareChange } from '../api/service';
import { formatFactor, formatPercent } from './format';

/** A percentile in ns; null where too little was read to say. */
export const quantileOf = (quantiles: readonly Quantile[], q: number): number | null =>
  quantiles.find((one) => one.q === q)?.value_ns ?? null;

export const changeOf = (changes: readonly QuantileChange[], q: number): QuantileChange | null =>
  changes.find((one) => one.q === q) ?? null;

/** Whether a percentile changed beyond chance: one is not between the bounds of the ratio. */
export const isSlower = ({ ratio_low: low }: QuantileChange): boolean => low !== null && low > 1;
export const isFaster = ({ ratio_high: high }: QuantileChange): boolean => high !== null && high < 1;

/** "1.42x (1.30 to 1.55)"; without bounds where there are too few calls. */
export function ratioWords({ ratio, ratio_low: low, ratio_high: high }: QuantileChange): string {
  const bounds =
    low === null || high === null ? '' : ` (${formatFactor(low).slice(0, -1)} to ${formatFactor(high).slice(0, -1)})`;
  return `${formatFactor(ratio)}${bounds}`;
}

/** "+1.80 %" in points of a share, with its bounds. */
export function shareWords({ difference, low, high }: ShareChange): string {
  const signed = (share: number): string => `${share > 0 ? '+' : ''}${formatPercent(share)}`;
  return `${signed(difference)} (${signed(low)} to ${signed(high)})`;
}
