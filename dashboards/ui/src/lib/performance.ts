import type { Drawdown, PerformanceBody, Volatility } from '../api/portfolio';
import { asSentence, formatDate, formatPercent, NONE, plural } from './format';

/** A figure in words, or why there is none. */
export interface Told {
  id: string;
  name: string;
  /** With its unit; a dash where there is none. */
  value: string;
  /** How it is made. */
  how: string;
  /** Nothing where it is known. */
  why: string;
}
/** A return over the period and a year. */
export interface ToldReturn extends Told {
  year: string;
  yearWhy: string;
}

/** "+4.20 %": a return has its sign. */
export const formatReturn = (value: number | null): string =>
  `${value !== null && value > 0 ? '+' : ''}${formatPercent(value)}`;
const formatRatio = (value: number): string => value.toFixed(2).replace('-', '\u2212');

/** Why a figure is null, by its name; where nothing is known at all, that is why. */
export function reasonOf({ unavailable }: PerformanceBody, name: string): string {
  const why = unavailable[name] ?? unavailable['period'];
  return why === undefined ? 'the server gives no reason' : why.reason;
}

export function returnFigures(body: PerformanceBody): ToldReturn[] {
  const { time_weighted: time, money_weighted: money, modified_dietz: dietz } = body;
  const row = (
    id: string,
    name: string,
    [total, totalName]: [number | null, string],
    [year, yearWhy]: [number | null, string],
    how: string,
  ): ToldReturn => ({
    id,
    name,
    how,
    value: formatReturn(total),
    why: total === null ? reasonOf(body, totalName) : '',
    year: formatReturn(year),
    yearWhy: year === null ? yearWhy : '',
  });
  const others =
    money.others.length === 0
      ? ''
      : `; ${money.others.map(formatReturn).join(', ')} a year would balance as well, so the time-weighted return says more`;
  return [
    row(
      'time_weighted',
      'Time-weighted',
      [time.total, 'time_weighted.total'],
      [time.annualised, reasonOf(body, 'time_weighted.annualised')],
      'Growth from day to day, whatever was paid in and out; a year: (1 + total)^(365 / days) - 1',
    ),
    row(
      'money_weighted',
      'Money-weighted',
      [money.total, 'money_weighted.total'],
      [money.annual, reasonOf(body, 'money_weighted.annual')],
      `Rate at which start, flows and end balance (XIRR, ${money.day_count})${others}`,
    ),
    row(
      'modified_dietz',
      'Modified Dietz',
      [dietz.total, 'modified_dietz.total'],
      [null, 'it is told over the period only'],
      'Gain over average capital, each flow by the days it was at work',
    ),
  ];
}

const CONVENTIONS: Record<Volatility['convention'], string> = {
  simple_a_year: 'of simple returns, a year',
  log_over_period: 'of logarithmic returns, over the period',
};

/** When the deepest fall was, and how long the way back took. */
export function drawdownWords({ deepest, longest_days: longest }: Drawdown): string {
  if (deepest === null) return 'It never fell below an earlier high';
  const { start, trough, recovery, days } = deepest;
  const back = recovery === null ? `not back after ${plural(days, 'day')}` : `back on ${formatDate(recovery)}`;
  const took = recovery === null ? '' : ` after ${plural(days, 'day')}`;
  return `From ${formatDate(start)}, lowest on ${formatDate(trough)}, ${back}${took}; longest without a new high: ${plural(longest, 'day')}`;
}

export function riskFigures(body: PerformanceBody): Told[] {
  const { risk } = body;
  const row = <T>(id: string, name: string, value: T | null, text: (value: T) => string, how: string): Told => ({
    id,
    name,
    value: value === null ? NONE : text(value),
    how,
    why: value === null ? reasonOf(body, `risk.${id}`) : '',
  });
  const spread = (id: string, name: string, value: Volatility | null, what: string): Told =>
    row(
      id,
      name,
      value,
      (known) => formatPercent(known.value),
      value === null ? what : `${what} ${CONVENTIONS[value.convention]}`,
    );
  const free = formatPercent(risk.risk_free);
  return [
    spread('volatility', 'Volatility', risk.volatility, 'Standard deviation'),
    spread('volatility_over_period', 'Volatility, period', risk.volatility_over_period, 'Standard deviation'),
    spread('downside_deviation', 'Downside deviation', risk.downside_deviation, `What falls short of ${free},`),
    spread('semi_deviation', 'Semi-deviation', risk.semi_deviation, 'What is below the mean,'),
    row('sharpe', 'Sharpe', risk.sharpe, formatRatio, `Mean return above ${free} over volatility, a year`),
    row('sortino', 'Sortino', risk.sortino, formatRatio, `Mean return above ${free} over downside deviation, a year`),
    row(
      'max_drawdown',
      'Maximum drawdown',
      risk.max_drawdown,
      ({ depth }) => formatPercent(depth === 0 ? 0 : -depth),
      risk.max_drawdown === null ? 'Deepest fall below an earlier high' : drawdownWords(risk.max_drawdown),
    ),
    row('cagr', 'Growth a year', risk.cagr, formatReturn, 'Compounded, by the number of returns'),
    row('calmar', 'Calmar', risk.calmar, formatRatio, 'Growth a year over the maximum drawdown'),
    row('tail_ratio', 'Tail ratio', risk.tail_ratio, formatRatio, '95th percentile of returns over the 5th'),
  ];
}

/** Of how many returns risk is made. */
export const riskNote = ({ risk }: PerformanceBody): string =>
  `${risk.returns === null ? 'returns' : plural(risk.returns, 'return')}, one each ${risk.frequency.replaceAll('_', ' ')}; risk-free ${formatPercent(risk.risk_free)} a year`;

export function benchmarkFigures(body: PerformanceBody): Told[] {
  const { benchmark } = body;
  if (benchmark === null) return [];
  const { beta, alpha, capture } = benchmark;
  type Name = Exclude<keyof typeof benchmark, 'period'>;
  const row = (id: string, of: Name, name: string, value: string | null, how: string): Told => ({
    id,
    name,
    value: value ?? NONE,
    how,
    why: value === null ? reasonOf(body, `benchmark.${of}`) : '',
  });
  const made = (of: 'portfolio' | 'benchmark' | 'active', name: string, how: string): Told =>
    row(of, of, name, benchmark[of] === null ? null : formatReturn(benchmark[of]), how);
  const share = (id: 'up' | 'down', name: string, how: string): Told =>
    row(id, 'capture', name, capture === null ? null : formatPercent(capture[id]), how);
  const correlation = beta?.correlation ?? null;
  return [
    made('portfolio', 'Portfolio', 'Its time-weighted return over the same days'),
    made('benchmark', 'Benchmark', 'By its prices, or the index of a portfolio'),
    made('active', 'Active return', 'Portfolio less benchmark'),
    row(
      'beta',
      'beta',
      'Beta',
      beta === null ? null : formatRatio(beta.beta),
      `Its move where the benchmark moves by 1${correlation === null ? '' : `; correlation ${formatRatio(correlation)}`}`,
    ),
    row(
      'alpha',
      'alpha',
      'Alpha',
      alpha === null ? null : formatReturn(alpha.simple),
      `Made beyond its part in the benchmark\u2019s moves, a year${alpha === null ? '' : `; compounded ${formatReturn(alpha.compounded)}`}`,
    ),
    share('up', 'Up capture', 'Its growth over the benchmark\u2019s where that rose'),
    share('down', 'Down capture', 'The same where the benchmark fell; less is better'),
    row('ratio', 'capture', 'Capture ratio', capture === null ? null : formatRatio(capture.ratio), 'Up over down'),
  ];
}

/** What was made, in one sentence; `name` is whose it is. */
export function performanceSentence(body: PerformanceBody): string {
  const { period, time_weighted: time } = body;
  if (period === null) return asSentence(`no return can be told: ${reasonOf(body, 'period')}`);
  const days = `from the close of ${formatDate(period.from)} to that of ${formatDate(period.to)}`;
  if (time.total === null)
    return asSentence(`the return ${days} is not known: ${reasonOf(body, 'time_weighted.total')}`);
  return `It returned ${formatReturn(time.total)} (time-weighted) ${days}.`;
}
