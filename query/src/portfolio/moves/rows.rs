//! Rows of the tables of moves.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use clickhouse::Row;
use headroom_portfolio::book::{DayMove, MoveKey, PLACES, units};
use headroom_store::literal::string;
use headroom_store::{Store, schema};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Days since 1970, as the store has a `Date`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::portfolio) struct Date(u16);

impl Date {
    /// The day; those before 1970 and after 2149 are held at these ends.
    pub(in crate::portfolio) fn of(day: NaiveDate) -> Self {
        let days = (day - NaiveDate::default()).num_days();
        Self(u16::try_from(days.max(0)).unwrap_or(u16::MAX))
    }

    pub(in crate::portfolio) fn day(self) -> NaiveDate {
        NaiveDate::default() + chrono::Days::new(self.0.into())
    }
}

/// A `Decimal(38, 12)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::portfolio) struct Amount(i128);

impl Amount {
    /// Half to even at the 12th decimal.
    fn of(amount: Decimal) -> Self {
        Self(units(amount))
    }

    /// The amount; `None` when 28 digits do not hold it.
    pub(in crate::portfolio) fn decimal(self) -> Option<Decimal> {
        Decimal::try_from_i128_with_scale(self.0, PLACES).ok().map(|amount| amount.normalize())
    }
}

/// Newer versions of a row replace older ones: microseconds since 1970.
pub(super) fn version(now: DateTime<Utc>) -> u64 {
    u64::try_from(now.timestamp_micros()).unwrap_or_default()
}

/// A row of `portfolio_moves`.
#[derive(Debug, Row, Serialize)]
pub(super) struct MoveRow {
    tenant: String,
    day: Date,
    portfolio_id: String,
    symbol: String,
    currency: String,
    cohort: Date,
    quantity: Amount,
    cash: Amount,
    inflow: Amount,
    outflow: Amount,
    income: Amount,
    fees: Amount,
    taxes: Amount,
    bought: Amount,
    sold: Amount,
    realised: Amount,
    trades: u32,
    unknown: u32,
    version: u64,
}

impl MoveRow {
    /// A portfolio that was `opened` in a month belongs to the cohort of that month.
    pub(super) fn new(
        tenant: &str,
        portfolio: &str,
        opened: NaiveDate,
        key: &MoveKey,
        moved: &DayMove,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            tenant: tenant.to_owned(),
            day: Date::of(key.day),
            portfolio_id: portfolio.to_owned(),
            symbol: key.symbol.clone(),
            currency: key.currency.clone(),
            cohort: Date::of(opened.with_day(1).unwrap_or(opened)),
            quantity: Amount::of(moved.quantity),
            cash: Amount::of(moved.cash),
            inflow: Amount::of(moved.inflow),
            outflow: Amount::of(moved.outflow),
            income: Amount::of(moved.income),
            fees: Amount::of(moved.fees),
            taxes: Amount::of(moved.taxes),
            bought: Amount::of(moved.bought),
            sold: Amount::of(moved.sold),
            realised: Amount::of(moved.realised),
            trades: moved.trades,
            unknown: moved.unknown,
            version: version(now),
        }
    }
}

/// A row of `portfolios`.
#[derive(Debug, Row, Serialize)]
pub(super) struct PortfolioRow {
    pub(super) tenant: String,
    pub(super) portfolio_id: String,
    pub(super) customer_id: String,
    pub(super) adviser_id: String,
    pub(super) opened: Date,
    pub(super) trades: u32,
    pub(super) flags: u32,
    pub(super) version: u64,
}

/// The figures of both tables of moves.
pub(in crate::portfolio) const SUMS: [&str; 12] = [
    "quantity", "cash", "inflow", "outflow", "income", "fees", "taxes", "bought", "sold", "realised",
    "trades", "unknown",
];

/// The statement that sums these days over all portfolios. Sums of which no portfolio is left become zero.
pub(super) fn cohort_sums(store: &Store, tenant: &str, days: &[NaiveDate], now: DateTime<Utc>) -> String {
    let of = |figure: fn(&str) -> String| SUMS.map(figure).join(", ");
    let days: Vec<String> = days.iter().map(|day| format!("toDate({})", string(&day.to_string()))).collect();
    let keys = "tenant, day, cohort, symbol, currency";
    let condition = format!("WHERE tenant = {} AND day IN ({})", string(tenant), days.join(", "));
    format!(
        "INSERT INTO {cohorts} ({keys}, {figures}, version) SELECT {keys}, {sums}, {version} FROM (SELECT {keys}, {figures} FROM {portfolios} FINAL {condition} UNION ALL SELECT {keys}, {zeros} FROM {cohorts} {condition}) AS p GROUP BY {keys} SETTINGS insert_deduplicate = 0, distributed_foreground_insert = 1",
        cohorts = store.table(schema::COHORT_MOVES),
        portfolios = store.table(schema::PORTFOLIO_MOVES),
        figures = SUMS.join(", "),
        sums = of(|sum| format!("sum(p.{sum}) AS {sum}")),
        zeros = of(|sum| format!("toDecimal128(0, {PLACES}) AS {sum}")),
        version = version(now),
    )
}
