/** The bodies of portfolios, of what they made, and of all of them together, as /openapi.json documents them. */
import type { Iso, Money } from './types';

export interface PortfolioRow {
  id: string;
  customer_id: string;
  trades: number;
}
export interface PortfoliosBody {
  portfolios: PortfolioRow[];
  truncated: boolean;
}
export interface Position {
  symbol: string;
  quantity: Money | null;
  average_cost: Money | null;
  cost_basis: Money | null;
  price: Money | null;
  price_at: Iso | null;
  market_value: Money | null;
  unrealised: Money | null;
  realised: Money | null;
  /** What the closed lots had cost. */
  closed_cost: Money | null;
  income: Money | null;
  fees: Money | null;
  currency: string;
  unavailable: string | null;
}
/** The money of one currency; null where a movement of it could not be read. */
export interface Account {
  currency: string;
  cash: Money | null;
  deposits: Money | null;
  withdrawals: Money | null;
  dividends: Money | null;
  interest: Money | null;
  fees: Money | null;
  taxes: Money | null;
  realised: Money | null;
}
export type PortfolioTotals = Record<
  | 'value'
  | 'market_value'
  | 'cash'
  | 'cost_basis'
  | 'unrealised'
  | 'realised'
  | 'fees'
  | 'dividends'
  | 'interest'
  | 'taxes',
  Money | null
>;
export interface AllocationPart {
  name: string;
  value: Money;
  /** Of the total value; null unless that is above zero. */
  share: string | null;
}
export interface Allocation {
  /** `symbol`, `currency`, `asset_class`, ... */
  by: string;
  parts: AllocationPart[];
}
export interface Flag {
  event_id: string;
  reason: string;
}
export type LotMethod = 'fifo' | 'lifo' | 'average' | 'specific';
export interface PortfolioBody {
  portfolio_id: string;
  customer_id: string | null;
  adviser_id: string | null;
  as_of: Iso;
  method: LotMethod;
  base_currency: string | null;
  positions: Position[];
  accounts: Account[];
  totals: PortfolioTotals;
  /** Null when the total value is. */
  allocations: Allocation[] | null;
  unavailable: string[];
  flags: Flag[];
}
/** A client's portfolios, or an adviser's. */
export interface TogetherBody {
  as_of: Iso;
  base_currency: string;
  value: Money | null;
  known_value: Money;
  portfolios: { portfolio_id: string; customer_id: string | null; totals: PortfolioTotals; flags: Flag[] }[];
  unavailable: string[];
}

/** From the close of the first day to that of the last. */
export interface Days {
  from: string;
  to: string;
}
export interface Unavailable {
  reason: string;
  /** Something that should be known is not; false where there just is no such figure. */
  missing: boolean;
}
export interface Volatility {
  convention: 'simple_a_year' | 'log_over_period';
  value: number;
}
export interface Drawdown {
  /** 0.1 is 10 % below an earlier high. */
  depth: number;
  deepest: { start: string; trough: string; recovery: string | null; days: number } | null;
  longest_days: number;
}
export interface RiskFigures {
  frequency: string;
  returns: number | null;
  risk_free: number;
  volatility: Volatility | null;
  volatility_over_period: Volatility | null;
  downside_deviation: Volatility | null;
  semi_deviation: Volatility | null;
  sharpe: number | null;
  sortino: number | null;
  max_drawdown: Drawdown | null;
  cagr: number | null;
  calmar: number | null;
  tail_ratio: number | null;
}
export interface BenchmarkFigures {
  period: Days | null;
  portfolio: number | null;
  benchmark: number | null;
  active: number | null;
  beta: { beta: number; correlation: number | null } | null;
  alpha: { simple: number; compounded: number } | null;
  capture: { up: number; down: number; ratio: number } | null;
}
export interface IndexDay {
  date: string;
  value: Money | null;
  /** Put in on the day; below zero taken out. */
  flow: Money | null;
  /** What 1 that was there at the beginning has become. */
  index: number | null;
  drawdown: number | null;
}
export interface SymbolContribution {
  /** Null for cash. */
  symbol: string | null;
  start_value: Money | null;
  end_value: Money | null;
  gain: Money | null;
  average_capital: Money | null;
  contribution: number | null;
}
export interface LabelContribution {
  name: string;
  gain: Money | null;
  contribution: number | null;
}
/** Parts of the return beyond the benchmark's: 0.01 is 1 %. */
export interface Effects {
  allocation: number;
  selection: number;
  interaction: number;
}
export interface Attribution {
  portfolio: number;
  benchmark: number;
  active: number;
  segments: ({ name: string } & Effects)[];
  total: Effects;
}
export interface PerformanceBody {
  period: Days | null;
  base_currency: string | null;
  start_value: Money | null;
  end_value: Money | null;
  inflows: Money | null;
  outflows: Money | null;
  gain: Money | null;
  time_weighted: { total: number | null; annualised: number | null };
  modified_dietz: { total: number | null; average_capital: Money | null };
  money_weighted: { total: number | null; annual: number | null; others: number[]; day_count: string };
  risk: RiskFigures;
  benchmark: BenchmarkFigures | null;
  index: IndexDay[];
  contributions: SymbolContribution[] | null;
  movers: { gains: SymbolContribution[]; losses: SymbolContribution[] };
  by_label: { by: string; parts: LabelContribution[] }[];
  /** Null where no portfolio is compared with, or it cannot be had. */
  attribution: Attribution | null;
  /** By the figure's name, as in `time_weighted.annualised`. */
  unavailable: Partial<Record<string, Unavailable>>;
  flags: Flag[];
}

export interface AssetsDay {
  date: string;
  value: Money | null;
  /** Of everything whose value is known. */
  known_value: Money;
  cash: Money | null;
  inflow: Money | null;
  outflow: Money | null;
  income: Money | null;
  fees: Money | null;
  taxes: Money | null;
  trades: number;
  unavailable: string[];
}
export interface AssetPosition {
  /** Null for cash. */
  symbol: string | null;
  currency: string;
  quantity: Money;
  value: Money | null;
  share: string | null;
  unavailable: string | null;
}
export interface AssetsPeriod {
  inflow: Money | null;
  outflow: Money | null;
  net_flow: Money | null;
  income: Money | null;
  fees: Money | null;
  taxes: Money | null;
  trades: number;
  /** The lesser of purchases and sales over the average value: 1 is everything once. */
  turnover: string | null;
  active_portfolios: number;
  portfolios: number;
  trade_success_rate: number | null;
}
export interface Cohort {
  /** First day of the month. */
  month: string;
  portfolios: number;
  value: Money | null;
  known_value: Money;
  net_flow: Money | null;
}
export interface AssetsBody {
  base_currency: string;
  complete_until: Iso | null;
  days: AssetsDay[];
  positions: AssetPosition[];
  /** Of the value of positions without cash: 1 is all of it. */
  concentration: { largest: string | null; ten_largest: string | null; herfindahl: string | null };
  period: AssetsPeriod;
  cohorts: Cohort[];
  unavailable: string[];
}
