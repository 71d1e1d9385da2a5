//! Sums of moves, and counts, from the store.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use clickhouse::Row;
use headroom_portfolio::book::{DayMove, Entry, MoveKey};
use headroom_store::literal::string;
use headroom_store::{Store, schema};
use serde::Deserialize;

use super::AssetsAsk;
use crate::error::{QueryError, Result};
use crate::portfolio::moves::{Amount, Date, SUMS};

pub(super) type Moves = BTreeMap<MoveKey, DayMove>;

#[derive(Debug, Row, Deserialize)]
struct SumRow {
    cohort: Date,
    day: Date,
    symbol: String,
    currency: String,
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
    trades: u64,
    unknown: u64,
}

/// What moved until the end of a day, by cohort: day by day in the period, and before it summed between the days on
/// which an instrument was split or renamed.
pub(super) async fn moved(
    store: &Store,
    tenant: &str,
    ask: &AssetsAsk,
    to: NaiveDate,
    market: &[Entry],
) -> Result<BTreeMap<NaiveDate, Moves>> {
    // Pieces are counted in those of a day's end: up to the next split they are the same.
    let turns: BTreeSet<NaiveDate> =
        market.iter().map(|entry| entry.ts.date_naive()).chain([NaiveDate::default()]).collect();
    let turns: Vec<String> = turns.into_iter().map(date).collect();
    let sums = SUMS.map(|figure| format!("sum(c.{figure}) AS {figure}"));
    let cohort = ask.cohort.map_or(String::new(), |cohort| format!(" AND cohort = {}", date(cohort)));
    let sql = format!(
        "SELECT cohort, if(c.day >= {from}, c.day, arrayMax(arrayFilter(turn -> turn <= c.day, [{turns}]))) AS day, symbol, currency, {sums} FROM {table} AS c FINAL WHERE tenant = {tenant} AND c.day <= {to}{cohort} GROUP BY cohort, day, symbol, currency",
        from = date(ask.from),
        turns = turns.join(", "),
        sums = sums.join(", "),
        table = store.table(schema::COHORT_MOVES),
        tenant = string(tenant),
        to = date(to),
    );
    let mut moves: BTreeMap<NaiveDate, Moves> = BTreeMap::new();
    for row in store.rows::<SumRow>(&sql).await? {
        let (cohort, key, moved) = row.read()?;
        moves.entry(cohort).or_default().insert(key, moved);
    }
    Ok(moves)
}

impl SumRow {
    fn read(self) -> Result<(NaiveDate, MoveKey, DayMove)> {
        let key = MoveKey { day: self.day.day(), symbol: self.symbol, currency: self.currency };
        let what = format!("the sums of {} on {} are larger than 28 digits can hold", key.symbol, key.day);
        let amount = |amount: Amount| {
            let known = amount.decimal();
            known.ok_or_else(|| {
                QueryError::unavailable(what.clone(), "ask for a cohort or a single portfolio")
            })
        };
        let moved = DayMove {
            quantity: amount(self.quantity)?,
            cash: amount(self.cash)?,
            inflow: amount(self.inflow)?,
            outflow: amount(self.outflow)?,
            income: amount(self.income)?,
            fees: amount(self.fees)?,
            taxes: amount(self.taxes)?,
            bought: amount(self.bought)?,
            sold: amount(self.sold)?,
            realised: amount(self.realised)?,
            trades: u32::try_from(self.trades).unwrap_or(u32::MAX),
            unknown: u32::try_from(self.unknown).unwrap_or(u32::MAX),
        };
        Ok((self.cohort.day(), key, moved))
    }
}

/// A day as the store is asked for it.
pub(super) fn date(day: NaiveDate) -> String {
    format!("toDate({})", string(&day.to_string()))
}

/// The moves of all cohorts together.
pub(super) fn whole(cohorts: &BTreeMap<NaiveDate, Moves>) -> Moves {
    let mut all = Moves::new();
    for (key, moved) in cohorts.values().flatten() {
        all.entry(key.clone()).or_default().add(moved);
    }
    all
}

/// What is counted, and not summed.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Portfolios with a purchase or sale in the period.
    pub(super) active: u64,
    /// Portfolios by the month of their first booking.
    pub(super) by_cohort: BTreeMap<NaiveDate, u64>,
    /// Orders that were filled over those that ended.
    pub(super) success: Option<f64>,
}

#[derive(Debug, Row, Deserialize)]
struct CohortRow {
    month: Date,
    portfolios: u64,
}

/// Counts of the period up to the end of a day; orders up to a moment.
pub(super) async fn counts(
    store: &Store,
    tenant: &str,
    ask: &AssetsAsk,
    to: NaiveDate,
    until: DateTime<Utc>,
) -> Result<Counts> {
    let (tenant, from, to) = (string(tenant), date(ask.from), date(to));
    let cohort =
        |column: &str| ask.cohort.map_or(String::new(), |cohort| format!(" AND {column} = {}", date(cohort)));
    // Hashes are counted faster than names: two of a million portfolios share one in 1 of 30 million cases.
    let active = format!(
        "SELECT uniqExact(cityHash64(portfolio_id)) FROM {} FINAL WHERE tenant = {tenant} AND day >= {from} AND day <= {to} AND trades > 0{}",
        store.table(schema::PORTFOLIO_MOVES),
        cohort("cohort"),
    );
    let portfolios = format!(
        "SELECT toStartOfMonth(opened) AS month, count() AS portfolios FROM {} FINAL WHERE tenant = {tenant} AND opened <= {to}{} GROUP BY month",
        store.table(schema::PORTFOLIOS),
        cohort("toStartOfMonth(opened)"),
    );
    let orders = format!(
        "SELECT uniqExactIf(order_id, name = 'order.filled'), uniqExact(order_id) FROM {} WHERE tenant = {tenant} AND name IN ('order.filled', 'order.rejected', 'order.cancelled') AND ts >= {from} AND ts <= fromUnixTimestamp64Nano({until}, 'UTC')",
        store.table(schema::EVENTS),
        until = until.timestamp_nanos_opt().unwrap_or(i64::MAX),
    );
    let (active, portfolios, orders) = tokio::try_join!(
        store.rows::<u64>(&active),
        store.rows::<CohortRow>(&portfolios),
        store.rows::<(u64, u64)>(&orders)
    )?;
    let ended = orders.first().filter(|(_, ended)| *ended > 0 && ask.cohort.is_none());
    Ok(Counts {
        active: active.first().copied().unwrap_or_default(),
        by_cohort: portfolios.into_iter().map(|row| (row.month.day(), row.portfolios)).collect(),
        success: ended.map(|(filled, ended)| *filled as f64 / *ended as f64),
    })
}
