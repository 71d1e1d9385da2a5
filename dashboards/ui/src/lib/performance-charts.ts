import type { IndexDay, PerformanceBody } from '../api/portfolio';
import type { Money } from '../api/types';
import type { ChartSpec, SeriesSpec } from '../charts/spec';
import { formatCount, formatPercent } from './format';
import { formatReturn } from './performance';
import { seconds } from './series';

/** A line of money: drawn as numbers, told to the last digit. */
export function moneySeries(label: string, colour: string, money: readonly (Money | null)[]): SeriesSpec {
  return { label, colour, exact: money, values: money.map((amount) => (amount === null ? null : Number(amount))) };
}

const daily = (days: readonly IndexDay[], format: ChartSpec['format'], ...series: SeriesSpec[]): ChartSpec => ({
  times: days.map(({ date }) => seconds(date)),
  daily: true,
  scale: 'signed',
  height: 200,
  format,
  series,
});

/** What it was worth at the close of each day. */
export const valueSpec = ({ index }: PerformanceBody): ChartSpec =>
  daily(index, formatCount, {
    ...moneySeries(
      'value',
      'series-1',
      index.map(({ value }) => value),
    ),
    kind: 'area',
  });

/** What was put in and taken out each day. */
export const flowSpec = ({ index }: PerformanceBody): ChartSpec => ({
  ...daily(index, formatCount, {
    ...moneySeries(
      'flow',
      'series-3',
      index.map(({ flow }) => flow),
    ),
    kind: 'bars',
  }),
  height: 144,
});

/** What the money that was there at the beginning has made. */
export const indexSpec = ({ index }: PerformanceBody): ChartSpec =>
  daily(index, formatReturn, {
    label: 'return since the beginning',
    colour: 'series-2',
    values: index.map((day) => (day.index === null ? null : day.index - 1)),
  });

/** How far that is below the highest so far. */
export const drawdownSpec = ({ index }: PerformanceBody): ChartSpec => ({
  ...daily(index, formatPercent, {
    label: 'below the highest so far',
    colour: 'series-4',
    kind: 'area',
    values: index.map(({ drawdown }) => (drawdown === null ? null : drawdown === 0 ? 0 : -drawdown)),
  }),
  height: 144,
});
