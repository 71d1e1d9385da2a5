//! What is asked and told of all portfolios.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use headroom_portfolio::book::{PoolDay, PoolPosition};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

/// What is asked of all portfolios.
#[derive(Debug, Clone, PartialEq)]
pub struct AssetsAsk {
    /// First day.
    pub from: NaiveDate,
    /// Last day; today is told as of now.
    pub to: NaiveDate,
    /// The moment of the last day at which it is told; its end when absent.
    pub as_of: Option<DateTime<Utc>>,
    /// Currency of all figures.
    pub base_currency: String,
    /// Only portfolios whose first booking was in this month (its first day).
    pub cohort: Option<NaiveDate>,
    /// A price older than this at the end of a day is none.
    pub stale_after: Option<TimeDelta>,
}

/// Body of `GET /api/v1/assets`: assets under management and what moved them.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Assets {
    /// Currency of all figures.
    pub base_currency: String,
    /// Bookings stored up to this moment are in; null when none is yet.
    pub complete_until: Option<DateTime<Utc>>,
    /// Each day of the period.
    pub days: Vec<PoolDay>,
    /// What is held at its end, the largest value first.
    pub positions: Vec<AssetPosition>,
    /// How much of the value the largest positions are.
    pub concentration: Concentration,
    /// What moved over the period.
    pub period: AssetsPeriod,
    /// By the month of the portfolios' first booking.
    pub cohorts: Vec<Cohort>,
    /// Why figures are null.
    pub unavailable: Vec<String>,
}

/// A position of all portfolios together.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AssetPosition {
    /// What it is and what it is worth.
    #[serde(flatten)]
    pub position: PoolPosition,
    /// Of the whole value; null when that is not known or not above zero.
    pub share: Option<Decimal>,
}

/// How much of the value of positions (without cash) the largest are: 1 is all of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct Concentration {
    /// The largest position.
    pub largest: Option<Decimal>,
    /// The ten largest.
    pub ten_largest: Option<Decimal>,
    /// Sum of the squares of all shares (Herfindahl and Hirschman): 1 for a single position, 1/n for n equal ones.
    pub herfindahl: Option<Decimal>,
}

/// Sums over the period, in the base currency at the rates of each day.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AssetsPeriod {
    /// From outside.
    pub inflow: Option<Decimal>,
    /// To outside.
    pub outflow: Option<Decimal>,
    /// What came in less what went out.
    pub net_flow: Option<Decimal>,
    /// Dividends and interest.
    pub income: Option<Decimal>,
    /// Of trades and charged.
    pub fees: Option<Decimal>,
    /// Withheld or paid.
    pub taxes: Option<Decimal>,
    /// Purchases and sales.
    pub trades: u64,
    /// The lesser of what was bought and sold over the average value of the days: 1 is everything once.
    pub turnover: Option<Decimal>,
    /// Portfolios with a purchase or sale in the period.
    pub active_portfolios: u64,
    /// Portfolios to which anything was booked until its end.
    pub portfolios: u64,
    /// Orders that were filled over those that were filled, rejected or cancelled; null when there was none, or
    /// for a cohort: orders do not say theirs.
    pub trade_success_rate: Option<f64>,
}

/// Portfolios that began in one month.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = AssetsCohort)]
pub struct Cohort {
    /// First day of the month.
    pub month: NaiveDate,
    /// How many there are.
    pub portfolios: u64,
    /// What they are worth at the end of the period.
    pub value: Option<Decimal>,
    /// The same, of everything whose value is known.
    pub known_value: Decimal,
    /// What came in less what went out over the period.
    pub net_flow: Option<Decimal>,
}
