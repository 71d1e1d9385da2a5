//! What is told.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Unavailable;
use crate::attribution::Attribution;
use crate::book::Flag;
use crate::returns::{DayCount, Period};
use crate::risk::{Alpha, Beta, Capture, Drawdown, Frequency, Volatility};

/// What a portfolio, or several together, made over a period. Money is decimal, in the base currency; returns and
/// ratios are numbers: 0.1 is 10 %. A figure that cannot be had is null, and the reason stands in `unavailable`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Performance {
    /// From the close of the first day to that of the last; null where nothing was booked, or too little to have any
    /// time pass.
    pub period: Option<Period>,
    /// Currency of all money; null where nothing was booked, or the file does not say.
    pub base_currency: Option<String>,
    /// Worth at the close of the first day; 0 where nothing was there yet.
    pub start_value: Option<Decimal>,
    /// Worth at the close of the last day.
    pub end_value: Option<Decimal>,
    /// Put in from outside after the first day.
    pub inflows: Option<Decimal>,
    /// Taken out, without a sign.
    pub outflows: Option<Decimal>,
    /// End value less start value less inflows plus outflows: what was earned, fees and taxes paid.
    pub gain: Option<Decimal>,
    /// Whatever was paid in and out: valued each day.
    pub time_weighted: TimeWeightedReturn,
    /// The same, valued each month and on large flows; null where it is not asked for.
    pub linked: Option<LinkedReturn>,
    /// Gain over average capital.
    pub modified_dietz: DietzReturn,
    /// What the money earned, given when it was paid in.
    pub money_weighted: MoneyWeightedReturn,
    /// How unsteadily it was made.
    pub risk: RiskFigures,
    /// Beside a benchmark; null where none is given.
    pub benchmark: Option<BenchmarkFigures>,
    /// By day, in order of time: each day on which anything was booked or priced, and both ends of the period.
    pub index: Vec<IndexDay>,
    /// By symbol, then cash; they add up to the modified Dietz return. Null where single symbols are not known.
    pub contributions: Option<Vec<SymbolContribution>>,
    /// The symbols that made and lost most.
    pub movers: Movers,
    /// The contributions by each label (asset class, sector, ...) of symbols.
    pub by_label: Vec<ByLabel>,
    /// Where the return beyond the benchmark's came from (Brinson and Fachler); null where no benchmark with weights
    /// and returns is given.
    pub attribution: Option<Attribution>,
    /// Why figures are null, by their names, as in `time_weighted.annualised`; `contributions.SYMBOL` is that of a
    /// symbol's, and `period` that of all.
    pub unavailable: BTreeMap<String, Unavailable>,
    /// Events that could not be booked as they are.
    pub flags: Vec<Flag>,
}

impl Performance {
    /// Nothing that should be known is missing, and nothing is flagged.
    pub fn is_whole(&self) -> bool {
        self.flags.is_empty() && !self.unavailable.values().any(|why| why.missing)
    }
}

/// A time-weighted return: the product of `(value + outflow) / (value before + inflow)` over the days, less 1.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, ToSchema)]
pub struct TimeWeightedReturn {
    /// Over the period.
    pub total: Option<f64>,
    /// A year: `(1 + total)^(365 / days) - 1`.
    pub annualised: Option<f64>,
}

/// Modified Dietz returns from valuation to valuation, linked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LinkedReturn {
    /// Over the period.
    pub total: Option<f64>,
    /// A year.
    pub annualised: Option<f64>,
    /// A flow of more than this share of the last valuation is valued on its day.
    pub large_flow: f64,
    /// How often it was valued, both ends of the period among them.
    pub valuations: Option<usize>,
}

/// A modified Dietz return: each flow counts for the share of days in which it is at work, from the end of its day.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, ToSchema)]
pub struct DietzReturn {
    /// Over the period.
    pub total: Option<f64>,
    /// Average capital at work, of which the gain is that share.
    pub average_capital: Option<Decimal>,
}

/// Rates at which the value at the beginning, the flows and the value at the end balance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MoneyWeightedReturn {
    /// Over the period.
    pub total: Option<f64>,
    /// A year (XIRR).
    pub annual: Option<f64>,
    /// Other rates a year at which they balance as well, ascending; where there are any, a time-weighted return says
    /// more.
    pub others: Vec<f64>,
    /// How the years are counted.
    pub day_count: DayCount,
}

/// Risk, from the time-weighted index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RiskFigures {
    /// How often a return is taken.
    pub frequency: Frequency,
    /// Of how many returns the figures are made.
    pub returns: Option<usize>,
    /// What could be had without risk, a year. Shortfalls are below it.
    pub risk_free: f64,
    /// Standard deviation of simple returns, for a year.
    pub volatility: Option<Volatility>,
    /// Standard deviation of logarithmic returns, over the period. Not to be compared with the other.
    pub volatility_over_period: Option<Volatility>,
    /// Of what returns fall short of the risk-free rate, for a year.
    pub downside_deviation: Option<Volatility>,
    /// Of logarithmic returns below their mean, over the period.
    pub semi_deviation: Option<Volatility>,
    /// Mean return above the risk-free rate over volatility, a year.
    pub sharpe: Option<f64>,
    /// The same over downside deviation.
    pub sortino: Option<f64>,
    /// The deepest fall, and the longest time without a new high.
    pub max_drawdown: Option<Drawdown>,
    /// Growth a year, by the number of returns.
    pub cagr: Option<f64>,
    /// That over the deepest fall.
    pub calmar: Option<f64>,
    /// 95th percentile of returns over the 5th, without signs.
    pub tail_ratio: Option<f64>,
}

/// A portfolio beside a benchmark. It begins with the period, or on the day of the first flow where the portfolio
/// does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BenchmarkFigures {
    /// What is compared.
    pub period: Option<Period>,
    /// The portfolio's time-weighted return over it.
    pub portfolio: Option<f64>,
    /// The benchmark's return over it.
    pub benchmark: Option<f64>,
    /// The portfolio's less the benchmark's.
    pub active: Option<f64>,
    /// How the portfolio moves with it.
    pub beta: Option<Beta>,
    /// What was made beyond that, a year.
    pub alpha: Option<Alpha>,
    /// How much of its rises and falls the portfolio went along with.
    pub capture: Option<Capture>,
}

/// A day of the index.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IndexDay {
    /// In UTC.
    pub date: NaiveDate,
    /// Worth at its close.
    pub value: Option<Decimal>,
    /// Put in on it; below zero taken out. The first day's are in its value and not told.
    pub flow: Option<Decimal>,
    /// What 1 that was there at the beginning has become.
    pub index: Option<f64>,
    /// How far that is below the highest so far: 0.1 is 10 %.
    pub drawdown: Option<f64>,
}

/// What a symbol, or cash, added to the return. Figures are null where its own value is not known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SymbolContribution {
    /// The instrument, by its last name; null for cash (and what it earned in interest and by exchange rates, and paid
    /// in fees that are for no symbol).
    pub symbol: Option<String>,
    /// Worth at the beginning.
    pub start_value: Option<Decimal>,
    /// Worth at the end.
    pub end_value: Option<Decimal>,
    /// What it made: value gained, dividends and sales, less purchases, fees and taxes.
    pub gain: Option<Decimal>,
    /// Its average capital.
    pub average_capital: Option<Decimal>,
    /// Its part of the portfolio's modified Dietz return: its gain over the portfolio's average capital.
    pub contribution: Option<f64>,
}

/// The symbols that made and lost most, by money.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
pub struct Movers {
    /// The largest gain first.
    pub gains: Vec<SymbolContribution>,
    /// The largest loss first.
    pub losses: Vec<SymbolContribution>,
}

/// Contributions by a label of symbols.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ByLabel {
    /// The label: `asset_class`, `sector`, ...
    pub by: String,
    /// In the order of their names.
    pub parts: Vec<LabelContribution>,
}

/// What all symbols of a label added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LabelContribution {
    /// `cash` for cash; `(none)` where symbols have no such label.
    pub name: String,
    /// Sum of their gains.
    pub gain: Option<Decimal>,
    /// Sum of their contributions.
    pub contribution: Option<f64>,
}
