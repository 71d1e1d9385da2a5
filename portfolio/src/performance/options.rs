//! What is asked for.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::attribution::Part;
use crate::book::{Entry, Terms, View};
use crate::returns::{DayCount, ShortPeriods};
use crate::risk::Frequency;

/// A portfolio whose performance is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Portfolio<'a> {
    /// How reasons and flags name it where there are several.
    pub name: &'a str,
    /// Everything that happened to it, with prices and exchange rates, in any order.
    pub entries: &'a [Entry],
}

/// A portfolio that serves as the benchmark of others.
#[derive(Debug, Clone, Copy)]
pub struct Model<'a> {
    /// It.
    pub portfolio: Portfolio<'a>,
    /// The label that segments are named by, such as `sector`; `symbol` for single symbols.
    pub by: &'a str,
}

/// Which performance is asked for.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The period begins at the close of this day; none: the day before the first booking.
    pub from: Option<NaiveDate>,
    /// And ends at the close of this one; none: the last day on which anything was booked or priced.
    pub to: Option<NaiveDate>,
    /// Tell days on which nothing was booked or priced too.
    pub quiet_days: bool,
    /// How portfolios are booked.
    pub terms: Terms,
    /// The base currency, when a price is too old, and the labels to group contributions by.
    pub view: View,
    /// How the years of the money-weighted return are counted.
    pub day_count: DayCount,
    /// Whether returns of less than a year are annualised.
    pub short: ShortPeriods,
    /// Tell the linked return too: a flow of more than this share of the value before it is valued (0.1 is 10 %).
    pub large_flow: Option<f64>,
    /// How often risk takes a return.
    pub frequency: Frequency,
    /// What could be had without risk, a year: 0.02 is 2 %.
    pub risk_free: f64,
    /// How many of the largest gains, and of the largest losses, are told.
    pub movers: usize,
    /// What to compare with.
    pub benchmark: Option<Benchmark>,
    /// What the benchmark consists of, to attribute the active return to.
    pub segments: Option<BenchmarkSegments>,
}

impl Default for Ask {
    fn default() -> Self {
        Self {
            from: None,
            to: None,
            quiet_days: false,
            terms: Terms::default(),
            view: View::default(),
            day_count: DayCount::default(),
            short: ShortPeriods::default(),
            large_flow: None,
            frequency: Frequency::TradingDay,
            risk_free: 0.0,
            movers: 5,
            benchmark: None,
            segments: None,
        }
    }
}

/// An index to compare with.
#[derive(Debug, Clone, PartialEq)]
pub enum Benchmark {
    /// Its values at the close of days, in the base currency.
    Values(BTreeMap<NaiveDate, f64>),
    /// A symbol whose prices stand among the entries. They are brought to the base currency, and splits are taken out
    /// of them; dividends are not put in.
    Symbol(String),
}

/// A benchmark's weights and returns over the period.
#[derive(Debug, Clone, PartialEq)]
pub struct BenchmarkSegments {
    /// The label that segments are named by, such as `sector`; `symbol` for single symbols.
    pub by: String,
    /// By name; cash is called `cash`, and `(none)` is what has no such label.
    pub parts: BTreeMap<String, Part>,
}
