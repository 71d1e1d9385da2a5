//! What is to be known of a service that fails: who is hit, what changed, and where to look.
//!
//! A customer is hit whose request failed in the service, or who stands in a business event of such a request's trace. A
//! transaction is what those events are about: an order or a payment, once each. What is usual is the mean of the seven days
//! before, or of as many as are stored.

use chrono::{DateTime, TimeDelta, Utc};
use clickhouse::Row;
use headroom_store::{Store, literal};
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::error::Result;
use crate::events::parse_decimal;
use crate::range::TimeRange;
use crate::scan::{Filter, Key, ScanQuery};

/// Most failed requests whose traces are followed.
const MOST_TRACES: u32 = 100_000;
/// The event that says that a configuration was changed, and its attribute that says how.
const CONFIGURED: (&str, &str) = ("config.changed", "what");
/// What an event is about.
const THING: &str = "if(order_id != '', order_id, attributes['payment.id'])";
/// What a thing's events `e` say it is worth.
const WORTH: &str = "max(coalesce(e.amount, toDecimal128(e.quantity * e.price, 12), 0))";
/// One in so many things tells what a day's are worth.
const SAMPLED: i64 = 16;

/// Who is hit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hit {
    /// Customers with a failed request.
    pub customers: u64,
    /// Orders and payments in failed requests.
    pub transactions: u64,
    /// What they are worth by currency, the largest first.
    pub money: Vec<(Decimal, String)>,
}

/// What a service does on a day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usual {
    /// Its customers on the last day.
    pub customers: u64,
    /// Orders and payments on a day, on average.
    pub transactions: u64,
    /// What they are worth on a day, on average, by currency; estimated from one in sixteen.
    pub money: Vec<(Decimal, String)>,
}

#[derive(Debug, Row, Deserialize)]
struct CountRow {
    count: u64,
}

#[derive(Debug, Row, Deserialize)]
struct DayRow {
    customers: u64,
    transactions: u64,
    seconds: i64,
}

#[derive(Debug, Row, Deserialize)]
struct MoneyRow {
    currency: String,
    transactions: u64,
    value: String,
}

#[derive(Debug, Row, Deserialize)]
struct TraceRow {
    trace_id: String,
    operation: String,
}

#[derive(Debug, Row, Deserialize)]
struct ChangeRow {
    at: i64,
    what: String,
}

/// Who is hit by the failed requests of a service in a range.
pub async fn hit(store: &Store, tenant: &str, service: &str, range: TimeRange) -> Result<Hit> {
    let (tenant, service) = (literal::string(tenant), literal::string(service));
    let (spans, events) = (store.table("spans"), store.table("events"));
    let (from, to) = (literal::ts(range.from), literal::ts(range.to));
    let failed = format!(
        "FROM {spans} WHERE tenant = {tenant} AND service = {service} AND status = 'error' AND ts >= {from} AND ts < {to}"
    );
    // Events of a request may be stamped a little before or after it.
    let (before, after) =
        (literal::ts(range.from - TimeDelta::minutes(1)), literal::ts(range.to + TimeDelta::minutes(1)));
    let theirs = format!(
        "FROM {events} WHERE tenant = {tenant} AND ts >= {before} AND ts < {after} \
         AND trace_id IN (SELECT trace_id {failed} LIMIT {MOST_TRACES})"
    );
    let customers = format!(
        "SELECT uniqExact(customer_id) AS count FROM (SELECT customer_id {failed} UNION ALL SELECT customer_id {theirs}) \
         WHERE customer_id != ''"
    );
    let money = format!(
        "SELECT currency, uniqExact(thing) AS transactions, toString(sum(worth)) AS value FROM (\
         SELECT {THING} AS thing, max(e.currency) AS currency, {WORTH} AS worth \
         FROM (SELECT * {theirs}) AS e GROUP BY thing HAVING thing != '') GROUP BY currency ORDER BY sum(worth) DESC, currency"
    );
    let customers: Vec<CountRow> = store.rows(&customers).await?;
    let money: Vec<MoneyRow> = store.rows(&money).await?;
    Ok(Hit {
        customers: customers.first().map_or(0, |row| row.count),
        transactions: money.iter().map(|row| row.transactions).sum(),
        money: amounts(money).collect(),
    })
}

/// What is usual for a service before `now`.
pub async fn usual(store: &Store, tenant: &str, service: &str, now: DateTime<Utc>) -> Result<Usual> {
    let (tenant, service, events) =
        (literal::string(tenant), literal::string(service), store.table("events"));
    let (day, week) = (literal::ts(now - TimeDelta::days(1)), literal::ts(now - TimeDelta::days(7)));
    let to = literal::ts(now);
    let theirs = format!(
        "FROM {events} WHERE tenant = {tenant} AND service = {service} AND ts >= {week} AND ts < {to}"
    );
    let counts = format!(
        "SELECT uniqIf(customer_id, customer_id != '' AND ts >= {day}) AS customers, \
         uniqIf({THING}, {THING} != '') AS transactions, \
         dateDiff('second', min(ts), {to}) AS seconds {theirs}"
    );
    let money = format!(
        "SELECT currency, count() AS transactions, toString(sum(worth)) AS value FROM (\
         SELECT {THING} AS thing, max(e.currency) AS currency, {WORTH} AS worth \
         FROM (SELECT * {theirs} AND cityHash64({THING}) % {SAMPLED} = 0) AS e GROUP BY thing HAVING thing != '') \
         GROUP BY currency ORDER BY sum(worth) DESC, currency"
    );
    let counts: Vec<DayRow> = store.rows(&counts).await?;
    let money: Vec<MoneyRow> = store.rows(&money).await?;
    let counts = counts.first();
    let seconds = counts.map_or(0, |row| row.seconds).clamp(86_400, 7 * 86_400);
    let a_day = |value: Decimal| value * Decimal::from(SAMPLED * 86_400) / Decimal::from(seconds);
    Ok(Usual {
        customers: counts.map_or(0, |row| row.customers),
        transactions: counts.map_or(0, |row| row.transactions * 86_400 / seconds as u64),
        money: amounts(money).map(|(value, currency)| (a_day(value).round_dp(2), currency)).collect(),
    })
}

fn amounts(rows: Vec<MoneyRow>) -> impl Iterator<Item = (Decimal, String)> {
    let amounts = rows.into_iter().filter_map(|row| Some((parse_decimal(&row.value)?, row.currency)));
    amounts.filter(|(value, currency)| !value.is_zero() && !currency.is_empty())
}

/// Traces of failed requests, the slowest first: id and operation.
pub async fn failed_traces(
    store: &Store,
    tenant: &str,
    service: &str,
    range: TimeRange,
    most: u64,
) -> Result<Vec<(String, String)>> {
    let scan = ScanQuery::rows(tenant, "spans")
        .filter(Filter::eq("service", service))
        .filter(Filter::eq("status", "error"))
        .filter(Filter::within("ts", &range))
        .key(Key::hex("trace_id", "trace_id"))
        .columns(["operation"])
        .descending("duration_ns")
        .once_by(["trace_id"])
        .limit(most);
    let rows: Vec<TraceRow> = scan.fetch(store).await?;
    Ok(rows.into_iter().map(|row| (row.trace_id, row.operation)).collect())
}

/// Configurations that were changed, as `config.changed` events say.
pub async fn configured(
    store: &Store,
    tenant: &str,
    service: &str,
    range: TimeRange,
) -> Result<Vec<(DateTime<Utc>, String)>> {
    let (name, what) = CONFIGURED;
    let sql = format!(
        "SELECT toUnixTimestamp64Nano(max(ts)) AS at, any(attributes[{what}]) AS what FROM {events} \
         WHERE tenant = {tenant} AND name = {name} AND service = {service} AND ts >= {from} AND ts < {to} \
         GROUP BY event_id ORDER BY at DESC LIMIT 5",
        events = store.table("events"),
        tenant = literal::string(tenant),
        service = literal::string(service),
        what = literal::string(what),
        name = literal::string(name),
        from = literal::ts(range.from),
        to = literal::ts(range.to),
    );
    let rows: Vec<ChangeRow> = store.rows(&sql).await?;
    Ok(rows.into_iter().map(|row| (DateTime::from_timestamp_nanos(row.at), row.what)).collect())
}
