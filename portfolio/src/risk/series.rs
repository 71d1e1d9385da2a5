//! Returns of equally long periods.

use super::reason::{NoRisk, Result, finite};
use crate::returns::{IndexPoint, ShortPeriods};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use utoipa::ToSchema;

/// How often a series has a return, and so how many make a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// Each day of trading: 252 a year.
    TradingDay,
    /// Each day: 365 a year.
    Day,
    /// Each week: 52 a year.
    Week,
    /// Each month.
    Month,
    /// Each year.
    Year,
}

impl Frequency {
    /// How many returns make a year.
    pub fn a_year(self) -> usize {
        match self {
            Self::TradingDay => 252,
            Self::Day => 365,
            Self::Week => 52,
            Self::Month => 12,
            Self::Year => 1,
        }
    }
}

impl fmt::Display for Frequency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TradingDay => "each day of trading",
            Self::Day => "each day",
            Self::Week => "each week",
            Self::Month => "each month",
            Self::Year => "each year",
        })
    }
}

impl FromStr for Frequency {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        Ok(match text {
            "trading-day" | "trading_day" => Self::TradingDay,
            "day" => Self::Day,
            "week" => Self::Week,
            "month" => Self::Month,
            "year" => Self::Year,
            _ => return Err(format!("'{text}' is none of trading-day, day, week, month, year")),
        })
    }
}

/// Returns in order of time: 0.1 is 10 %.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    frequency: Frequency,
    returns: Vec<f64>,
    /// Periods that growth is spread over: the returns, and the opening row where there is one.
    rows: usize,
}

impl Series {
    /// From rows, of which the first may be an opening row without a return.
    ///
    /// **An opening row counts as time.** Tools that make returns of prices leave such a row, and annualise over it: 9
    /// prices give 8 returns and 9 rows. Leave it out, or use [`Series::of_index`], where time begins with the first
    /// value.
    ///
    /// # Errors
    /// A return that is missing later, is no number or below -1.
    pub fn new(frequency: Frequency, rows: &[Option<f64>]) -> Result<Self> {
        let opening = usize::from(matches!(rows.first(), Some(None)));
        let mut returns = Vec::with_capacity(rows.len());
        for (row, value) in rows.iter().enumerate().skip(opening) {
            let value = value.ok_or(NoRisk::Missing { row })?;
            if !value.is_finite() || value < -1.0 {
                return Err(NoRisk::NotAReturn { row, value: value.to_string() });
            }
            returns.push(value);
        }
        Ok(Self { frequency, returns, rows: rows.len() })
    }

    /// From an index with a point each period: n points make n - 1 returns over n - 1 periods.
    ///
    /// # Errors
    /// Points that are no numbers above 0.
    pub fn of_index(frequency: Frequency, index: &[IndexPoint]) -> Result<Self> {
        if let Some(point) = index.iter().find(|point| !point.value.is_finite() || point.value <= 0.0) {
            return Err(NoRisk::NoHeight { date: point.date, value: point.value.to_string() });
        }
        let returns: Vec<f64> = index.windows(2).map(|pair| pair[1].value / pair[0].value - 1.0).collect();
        Ok(Self { frequency, rows: returns.len(), returns })
    }

    /// The returns, an opening row not among them.
    pub fn returns(&self) -> &[f64] {
        &self.returns
    }

    /// How often it has one.
    pub fn frequency(&self) -> Frequency {
        self.frequency
    }

    /// What 1 became.
    pub fn growth(&self) -> f64 {
        self.returns.iter().map(|value| 1.0 + value).product()
    }

    /// The compound annual growth rate.
    ///
    /// # Errors
    /// No returns; less than a year of them, unless that is to be annualised all the same.
    pub fn cagr(&self, short: ShortPeriods) -> Result<f64> {
        self.at_least(1)?;
        let a_year = self.frequency.a_year();
        if self.rows < a_year && short == ShortPeriods::Refuse {
            return Err(NoRisk::UnderAYear { rows: self.rows, a_year });
        }
        finite(self.growth().powf(a_year as f64 / self.rows as f64) - 1.0)
    }

    /// The deepest fall below an earlier value, the one at the beginning among them: 0.1 is 10 %.
    pub(super) fn depth(&self) -> f64 {
        let (mut value, mut high, mut deepest) = (1.0, 1.0, 0.0_f64);
        for return_ in &self.returns {
            value *= 1.0 + return_;
            high = f64::max(high, value);
            deepest = deepest.max(1.0 - value / high);
        }
        deepest
    }

    /// Returns of these periods only.
    pub(super) fn only(&self, periods: &[usize]) -> Self {
        let returns: Vec<f64> = periods.iter().map(|at| self.returns[*at]).collect();
        Self { frequency: self.frequency, rows: returns.len(), returns }
    }

    pub(super) fn at_least(&self, needed: usize) -> Result<()> {
        let found = self.returns.len();
        if found < needed { Err(NoRisk::TooFew { needed, found }) } else { Ok(()) }
    }

    /// From a figure of one period to that of a year, where such figures grow with the root of time.
    pub(super) fn root_of_a_year(&self) -> f64 {
        (self.frequency.a_year() as f64).sqrt()
    }
}
