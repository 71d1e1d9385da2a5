//! Prices, exchange rates and what instruments are, as of a moment or day by day.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use clickhouse::Row;
use headroom_portfolio::book::{Entry, Labels, Movement};
use headroom_store::{Store, schema};
use serde::Deserialize;

use crate::error::Result;
use crate::events::{self, parse_decimal};
use crate::portfolio::entry;
use crate::scan::{Aggregate, Compare, Expr, Filter, Function, Key, Literal, ScanQuery};

const DAY: TimeDelta = TimeDelta::days(1);

/// Prices and rates as entries, and what is told of the instruments.
#[derive(Debug, Clone, Default)]
pub(in crate::portfolio) struct Quotes {
    /// Of one instrument or pair there may be several: the latest counts.
    pub(in crate::portfolio) entries: Vec<Entry>,
    /// Asset class, sector and venue by symbol.
    pub(in crate::portfolio) labels: Labels,
}

#[derive(Debug, Row, Deserialize)]
struct QuoteRow {
    kind: String,
    symbol: String,
    quote: String,
    price: String,
    currency: String,
    venue: String,
    asset_class: String,
    sector: String,
    at: i64,
}

/// The last prices of these instruments and all exchange rates up to and at a moment.
pub(in crate::portfolio) async fn last(
    store: &Store,
    tenant: &str,
    symbols: &BTreeSet<String>,
    as_of: DateTime<Utc>,
) -> Result<Quotes> {
    let days = newest(tenant, schema::QUOTES_1D, symbols).filter(before(start_of_day(as_of) + DAY));
    let rows: Vec<QuoteRow> = days.fetch(store).await?;
    if known_by(&rows, as_of) {
        return Ok(Quotes::of(rows));
    }
    let days = newest(tenant, schema::QUOTES_1D, symbols).filter(before(start_of_day(as_of)));
    let (days, today) =
        tokio::try_join!(days.fetch::<QuoteRow>(store), within_day(store, tenant, symbols, as_of))?;
    let mut quotes = Quotes::of(days);
    quotes.entries.extend(today);
    // Rows of later than the moment still tell what instruments are.
    quotes.labels = Quotes::of(rows).labels;
    Ok(quotes)
}

/// The last prices and rates of each day from the one of `from` (of all without it) up to and at a moment.
pub(in crate::portfolio) async fn closing(
    store: &Store,
    tenant: &str,
    symbols: &BTreeSet<String>,
    from: Option<DateTime<Utc>>,
    until: DateTime<Utc>,
) -> Result<Quotes> {
    // A day may have several rows until they are merged: the latest price counts anyway.
    let scan = ScanQuery::rows(tenant, schema::QUOTES_1D)
        .columns(["kind", "symbol", "quote"])
        .key(Key::text("price", "price"))
        .columns(["currency", "venue", "asset_class", "sector"])
        .key(Key::new(Expr::Column("ts".to_owned()), "at"))
        .filter(wanted(symbols))
        .filter_opt(from.map(|from| Filter::compare("m", Compare::GreaterEq, Literal::Time(from))))
        .filter(Filter::compare("m", Compare::LessEq, Literal::Time(until)));
    let rows: Vec<QuoteRow> = scan.fetch(store).await?;
    let today =
        if known_by(&rows, until) { Vec::new() } else { within_day(store, tenant, symbols, until).await? };
    let mut quotes = Quotes::of(rows);
    quotes.entries.retain(|entry| entry.ts <= until);
    quotes.entries.extend(today);
    Ok(quotes)
}

/// Whether rows of days hold the last quotes up to a moment: a day's row is of its latest quote, so that one of after
/// the moment hides those of before it.
fn known_by(rows: &[QuoteRow], as_of: DateTime<Utc>) -> bool {
    rows.iter().all(|row| DateTime::from_timestamp_nanos(row.at) <= as_of)
}

fn start_of_day(ts: DateTime<Utc>) -> DateTime<Utc> {
    ts.duration_trunc(DAY).unwrap_or(ts)
}

fn before(ts: DateTime<Utc>) -> Filter {
    Filter::compare("m", Compare::Less, Literal::Time(ts))
}

/// The last quotes of a moment's day up to and at it: those of its minutes, and in its own minute each one.
async fn within_day(
    store: &Store,
    tenant: &str,
    symbols: &BTreeSet<String>,
    as_of: DateTime<Utc>,
) -> Result<Vec<Entry>> {
    let minute = as_of.duration_trunc(TimeDelta::minutes(1)).unwrap_or(as_of);
    let minutes = newest(tenant, schema::QUOTES_1M, symbols)
        .filter(Filter::compare("m", Compare::GreaterEq, Literal::Time(start_of_day(as_of))))
        .filter(before(minute));
    let (minutes, events) = tokio::try_join!(
        minutes.fetch::<QuoteRow>(store),
        within_minute(store, tenant, symbols, minute, as_of)
    )?;
    Ok(minutes.iter().filter_map(QuoteRow::entry).chain(events).collect())
}

/// Quotes of a table, the newest of each kind, instrument and pair.
fn newest(tenant: &str, table: &str, symbols: &BTreeSet<String>) -> ScanQuery {
    let last = |value: Expr, alias: &str| {
        Aggregate::new(Function::ArgMax(value, Expr::Column("ts".to_owned())), alias)
    };
    let column = |name: &str| last(Expr::Column(name.to_owned()), name);
    // A price that does not tell what the instrument is leaves what was told before.
    let label =
        |name: &str| column(name).only(Filter::compare(name, Compare::NotEq, Literal::Text(String::new())));
    ScanQuery::aggregate(tenant, table)
        .columns(["kind", "symbol", "quote"])
        .filter(wanted(symbols))
        .aggregates([last(Expr::Text("price".to_owned()), "price")])
        .aggregates([column("currency")])
        .aggregates(["venue", "asset_class", "sector"].map(label))
        .aggregates([Aggregate::max("ts", "at")])
}

/// Prices of these instruments, and all rates.
fn wanted(symbols: &BTreeSet<String>) -> Filter {
    let of = Filter::one_of("symbol", symbols.iter().map(String::as_str));
    Filter::Or(vec![Filter::And(vec![Filter::eq("kind", "price"), of]), Filter::eq("kind", "rate")])
}

/// What became known within the minute of a moment, up to it.
async fn within_minute(
    store: &Store,
    tenant: &str,
    symbols: &BTreeSet<String>,
    minute: DateTime<Utc>,
    as_of: DateTime<Utc>,
) -> Result<Vec<Entry>> {
    let known = symbols.iter().map(String::as_str).chain([""]);
    let scan = ScanQuery::rows(tenant, "events")
        .filter(Filter::one_of("name", ["price.updated", "fx.updated"]))
        .filter(Filter::compare("ts", Compare::GreaterEq, Literal::Time(minute)))
        .filter(Filter::compare("ts", Compare::LessEq, Literal::Time(as_of)))
        .filter(Filter::one_of("symbol", known));
    Ok(events::read(store, scan).await?.iter().filter_map(entry).collect())
}

impl QuoteRow {
    fn entry(&self) -> Option<Entry> {
        let price = parse_decimal(&self.price)?;
        let movement = if self.kind == "rate" {
            Movement::Rate { base: self.symbol.clone(), quote: self.quote.clone(), rate: price }
        } else {
            Movement::Price { symbol: self.symbol.clone(), price, currency: self.currency.clone() }
        };
        let event_id = format!("{}/{}/{}/{}", self.kind, self.symbol, self.quote, self.at);
        Some(Entry { event_id, ts: DateTime::from_timestamp_nanos(self.at), movement })
    }
}

impl Quotes {
    fn of(rows: impl IntoIterator<Item = QuoteRow>) -> Self {
        let mut quotes = Self::default();
        let mut newest: BTreeMap<String, i64> = BTreeMap::new();
        for row in rows {
            quotes.entries.extend(row.entry());
            let at = newest.entry(row.symbol.clone()).or_insert(i64::MIN);
            if row.kind == "price" && row.at >= *at {
                *at = row.at;
                let labels = [("asset_class", row.asset_class), ("sector", row.sector), ("venue", row.venue)];
                let told = labels.into_iter().filter(|(_, label)| !label.is_empty());
                let own = quotes.labels.entry(row.symbol).or_default();
                own.extend(told.map(|(name, label)| (name.to_owned(), label)));
            }
        }
        quotes
    }
}
