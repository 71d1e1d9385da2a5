//! What all portfolios, or those of a cohort, hold together, from the moves that are kept.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use clickhouse::Row;
use headroom_portfolio::book::{DayMove, MoveKey, PoolDay, PoolPosition, PoolView, pool};
use headroom_store::literal::string;
use headroom_store::{Store, schema};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::moves::{Amount, Date, progress};
use super::read::{about, closing, instruments, last};
use crate::error::{QueryError, Result};

/// Longest period that is told day by day.
const MOST_DAYS: i64 = 3_660;

/// What is asked of all portfolios.
#[derive(Debug, Clone, PartialEq)]
pub struct AssetsAsk {
    /// First day.
    pub from: NaiveDate,
    /// Last day; today is told as of now.
    pub to: NaiveDate,
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

impl Assets {
    /// The answer where nothing was booked yet: no figures, and why.
    fn nothing(ask: &AssetsAsk, complete_until: Option<DateTime<Utc>>) -> Self {
        Self {
            base_currency: ask.base_currency.clone(),
            complete_until,
            days: Vec::new(),
            positions: Vec::new(),
            concentration: Concentration::default(),
            period: period(&[], &Counts::default()),
            cohorts: Vec::new(),
            unavailable: vec![format!("nothing was booked to any portfolio up to {}", ask.to)],
        }
    }
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

type Moves = BTreeMap<MoveKey, DayMove>;

/// Assets under management over a period, day by day. It reads sums by cohort, day and instrument, so that its cost
/// does not grow with portfolios.
///
/// # Errors
/// [`QueryError::BadRequest`] for a period that is none or too long; what the store says.
pub async fn assets(store: &Store, tenant: &str, ask: &AssetsAsk, now: DateTime<Utc>) -> Result<Assets> {
    if ask.to < ask.from || (ask.to - ask.from).num_days() > MOST_DAYS {
        return Err(QueryError::bad_request(
            format!("{} to {} is no period of up to {MOST_DAYS} days", ask.from, ask.to),
            "give `from` and `to` as days, the earlier first",
        ));
    }
    let until = headroom_portfolio::book::end_of(ask.to).min(now);
    let (by_cohort, market, complete_until, counts) = tokio::try_join!(
        moved(store, tenant, ask),
        instruments(store, tenant, until),
        progress(store, tenant),
        counts(store, tenant, ask),
    )?;
    if by_cohort.is_empty() {
        return Ok(Assets::nothing(ask, complete_until));
    }
    let all = whole(&by_cohort);
    let mut symbols = all.keys().map(|key| key.symbol.clone()).filter(|symbol| !symbol.is_empty()).collect();
    let mut entries = about(&market, &mut symbols);
    let (closes, now_quotes) =
        tokio::try_join!(closing(store, tenant, &symbols, until), last(store, tenant, &symbols, until))?;
    entries.extend(closes.entries);
    entries.extend(now_quotes.entries);
    let days: Vec<NaiveDate> = ask.from.iter_days().take_while(|day| *day <= ask.to).collect();
    let view = PoolView { base_currency: ask.base_currency.clone(), stale_after: ask.stale_after };
    let (told, positions) = pool(&all, &entries, &days, &view);
    let unavailable: std::collections::BTreeSet<String> =
        told.iter().flat_map(|day| day.unavailable.iter().cloned()).collect();
    let cohorts = by_cohort.iter().map(|(month, moves)| {
        let (own, _) = pool(moves, &entries, &days, &view);
        let last = own.last();
        Cohort {
            month: *month,
            portfolios: counts.by_cohort.get(month).copied().unwrap_or_default(),
            value: last.and_then(|day| day.value),
            known_value: last.map(|day| day.known_value).unwrap_or_default(),
            net_flow: difference(sum(&own, |day| day.inflow), sum(&own, |day| day.outflow)),
        }
    });
    Ok(Assets {
        base_currency: ask.base_currency.clone(),
        complete_until,
        cohorts: cohorts.collect(),
        concentration: concentration(&positions),
        period: period(&told, &counts),
        positions: shares(positions, told.last().and_then(|day| day.value)),
        days: told,
        unavailable: unavailable.into_iter().collect(),
    })
}

/// What moved until the end of the period, by cohort.
async fn moved(store: &Store, tenant: &str, ask: &AssetsAsk) -> Result<BTreeMap<NaiveDate, Moves>> {
    let newest = |figure: &str| format!("argMax(c.{figure}, c.version) AS {figure}");
    let figures =
        ["quantity", "cash", "inflow", "outflow", "income", "fees", "taxes", "bought", "sold", "realised"];
    let cohort = ask
        .cohort
        .map_or(String::new(), |cohort| format!(" AND cohort = toDate({})", string(&cohort.to_string())));
    let sql = format!(
        "SELECT cohort, day, symbol, currency, {}, toUInt64(argMax(c.trades, c.version)) AS trades, toUInt64(argMax(c.unknown, c.version)) AS unknown FROM {} AS c WHERE tenant = {} AND day <= toDate({}){cohort} GROUP BY cohort, day, symbol, currency",
        figures.map(newest).join(", "),
        store.table(schema::COHORT_MOVES),
        string(tenant),
        string(&ask.to.to_string()),
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

/// The moves of all cohorts together.
fn whole(cohorts: &BTreeMap<NaiveDate, Moves>) -> Moves {
    let mut all = Moves::new();
    for (key, moved) in cohorts.values().flatten() {
        all.entry(key.clone()).or_default().add(moved);
    }
    all
}

/// What is counted, and not summed.
#[derive(Debug, Default)]
struct Counts {
    active: u64,
    by_cohort: BTreeMap<NaiveDate, u64>,
    success: Option<f64>,
}

#[derive(Debug, Row, Deserialize)]
struct CohortRow {
    month: Date,
    portfolios: u64,
}

async fn counts(store: &Store, tenant: &str, ask: &AssetsAsk) -> Result<Counts> {
    let day = |day: NaiveDate| format!("toDate({})", string(&day.to_string()));
    let (tenant, from, to) = (string(tenant), day(ask.from), day(ask.to));
    let cohort =
        |column: &str| ask.cohort.map_or(String::new(), |cohort| format!(" AND {column} = {}", day(cohort)));
    let active = format!(
        "SELECT uniqExact(portfolio_id) FROM (SELECT portfolio_id FROM {} WHERE tenant = {tenant} AND day >= {from} AND day <= {to}{} GROUP BY day, portfolio_id, symbol, currency HAVING argMax(trades, version) > 0)",
        store.table(schema::PORTFOLIO_MOVES),
        cohort("cohort"),
    );
    let portfolios = format!(
        "SELECT month, count() AS portfolios FROM (SELECT toStartOfMonth(argMax(opened, version)) AS month, argMax(opened, version) AS first FROM {} WHERE tenant = {tenant} GROUP BY portfolio_id) WHERE first <= {to}{} GROUP BY month",
        store.table(schema::PORTFOLIOS),
        cohort("month"),
    );
    let orders = format!(
        "SELECT uniqExactIf(order_id, name = 'order.filled'), uniqExact(order_id) FROM {} WHERE tenant = {tenant} AND name IN ('order.filled', 'order.rejected', 'order.cancelled') AND ts >= {from} AND ts < {to} + 1",
        store.table(schema::EVENTS),
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

/// Of no days there is no sum.
fn sum(days: &[PoolDay], figure: fn(&PoolDay) -> Option<Decimal>) -> Option<Decimal> {
    days.first()?;
    days.iter().try_fold(Decimal::ZERO, |sum, day| sum.checked_add(figure(day)?))
}

fn difference(a: Option<Decimal>, b: Option<Decimal>) -> Option<Decimal> {
    a?.checked_sub(b?)
}

fn period(days: &[PoolDay], counts: &Counts) -> AssetsPeriod {
    let (inflow, outflow) = (sum(days, |day| day.inflow), sum(days, |day| day.outflow));
    let average = sum(days, |day| day.value).and_then(|sum| sum.checked_div(Decimal::from(days.len())));
    let (bought, sold) = (sum(days, |day| day.bought), sum(days, |day| day.sold));
    let turned = bought.zip(sold).map(|(bought, sold)| bought.min(sold));
    AssetsPeriod {
        inflow,
        outflow,
        net_flow: difference(inflow, outflow),
        income: sum(days, |day| day.income),
        fees: sum(days, |day| day.fees),
        taxes: sum(days, |day| day.taxes),
        trades: days.iter().map(|day| day.trades).sum(),
        turnover: turned.zip(average).and_then(|(turned, average)| ratio(turned, average)),
        active_portfolios: counts.active,
        portfolios: counts.by_cohort.values().sum(),
        trade_success_rate: counts.success,
    }
}

/// A part of something above zero, to six decimals.
fn ratio(part: Decimal, whole: Decimal) -> Option<Decimal> {
    let share = part.checked_div(whole).filter(|_| whole > Decimal::ZERO)?;
    Some(share.round_dp(6).normalize())
}

fn shares(positions: Vec<PoolPosition>, value: Option<Decimal>) -> Vec<AssetPosition> {
    let share = |position: &PoolPosition| ratio(position.value?, value?);
    let mut all: Vec<AssetPosition> =
        positions.into_iter().map(|position| AssetPosition { share: share(&position), position }).collect();
    all.sort_by_key(|position| std::cmp::Reverse(position.position.value));
    all
}

fn concentration(positions: &[PoolPosition]) -> Concentration {
    let own = positions.iter().filter(|position| position.symbol.is_some());
    // One that is not known makes all shares unknown.
    let Some(mut values) = own.map(|position| position.value).collect::<Option<Vec<Decimal>>>() else {
        return Concentration::default();
    };
    values.sort_unstable_by(|a, b| b.cmp(a));
    let Some(whole) = values.iter().try_fold(Decimal::ZERO, |sum, value| sum.checked_add(*value)) else {
        return Concentration::default();
    };
    let largest = |count: usize| ratio(values.iter().take(count).sum(), whole);
    let squares = values.iter().try_fold(Decimal::ZERO, |sum, value| {
        let share = value.checked_div(whole)?;
        sum.checked_add(share.checked_mul(share)?)
    });
    Concentration {
        largest: largest(1),
        ten_largest: largest(10),
        herfindahl: squares.filter(|_| whole > Decimal::ZERO).map(|sum| sum.round_dp(6).normalize()),
    }
}
