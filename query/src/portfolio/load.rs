//! From the store to a valued portfolio.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::Deserialize;

use super::list::{MONEY, TRADES};
use super::{Entry, Market, Movement, Portfolio, Price, Trade, appraise, book, entry};
use crate::error::{QueryError, Result};
use crate::events::{self, parse_decimal};
use crate::scan::{Aggregate, Compare, Expr, Filter, Function, Key, Literal, ScanQuery};

/// Most events of one portfolio.
const MOST_EVENTS: u64 = 500_000;
/// Prices are first looked for so far back, and only what has none there further.
const RECENT: TimeDelta = TimeDelta::days(7);

/// A portfolio at a moment: its events first, then prices, splits and exchange rates at
/// once; prices older than a week cost one more query.
pub async fn value(
    store: &Store,
    tenant: &str,
    portfolio_id: &str,
    as_of: DateTime<Utc>,
) -> Result<Portfolio> {
    let mut entries = own_entries(store, tenant, portfolio_id, as_of).await?;
    if entries.is_empty() {
        return Err(QueryError::not_found(
            format!("nothing was booked to portfolio `{portfolio_id}` up to {}", as_of.to_rfc3339()),
            "check its number, or ask for a later moment",
        ));
    }
    let mut symbols: BTreeSet<&str> = BTreeSet::new();
    for entry in &entries {
        match &entry.movement {
            Movement::Trade(Trade { symbol, .. }) | Movement::Unreadable { symbol, .. }
                if !symbol.is_empty() =>
            {
                symbols.insert(symbol);
            }
            _ => {}
        }
    }
    let (splits, prices, rates) = tokio::try_join!(
        splits(store, tenant, &symbols, as_of),
        prices(store, tenant, &symbols, as_of),
        rates(store, tenant, as_of),
    )?;
    entries.extend(splits);
    Ok(appraise(portfolio_id, as_of, &book(&entries), &Market { prices, rates }))
}

async fn own_entries(
    store: &Store,
    tenant: &str,
    portfolio_id: &str,
    as_of: DateTime<Utc>,
) -> Result<Vec<Entry>> {
    let scan = ScanQuery::rows(tenant, "events")
        .filter(Filter::one_of("name", TRADES.into_iter().chain(MONEY)))
        .filter(Filter::eq("portfolio_id", portfolio_id))
        .filter(until(as_of))
        .limit(MOST_EVENTS + 1);
    let events = events::read(store, scan).await?;
    if events.len() as u64 > MOST_EVENTS {
        return Err(QueryError::unavailable(
            format!("portfolio `{portfolio_id}` has more than {MOST_EVENTS} events"),
            "ask the SQL endpoint for sums over its events",
        ));
    }
    Ok(events.iter().filter_map(entry).collect())
}

async fn splits(
    store: &Store,
    tenant: &str,
    symbols: &BTreeSet<&str>,
    as_of: DateTime<Utc>,
) -> Result<Vec<Entry>> {
    if symbols.is_empty() {
        return Ok(Vec::new());
    }
    let scan = ScanQuery::rows(tenant, "events")
        .filter(Filter::eq("name", "split.applied"))
        .filter(Filter::one_of("symbol", symbols.iter().copied()))
        .filter(until(as_of));
    Ok(events::read(store, scan).await?.iter().filter_map(entry).collect())
}

#[derive(Debug, Row, Deserialize)]
struct PriceRow {
    symbol: String,
    price: Option<String>,
    currency: String,
    at: i64,
}

async fn prices(
    store: &Store,
    tenant: &str,
    symbols: &BTreeSet<&str>,
    as_of: DateTime<Utc>,
) -> Result<BTreeMap<String, Price>> {
    let recent = Filter::compare("ts", Compare::GreaterEq, Literal::Time(as_of - RECENT));
    let mut prices = last_prices(store, tenant, symbols, as_of, Some(recent)).await?;
    let missing: BTreeSet<&str> =
        symbols.iter().copied().filter(|symbol| !prices.contains_key(*symbol)).collect();
    prices.extend(last_prices(store, tenant, &missing, as_of, None).await?);
    Ok(prices)
}

async fn last_prices(
    store: &Store,
    tenant: &str,
    symbols: &BTreeSet<&str>,
    as_of: DateTime<Utc>,
    since: Option<Filter>,
) -> Result<BTreeMap<String, Price>> {
    if symbols.is_empty() {
        return Ok(BTreeMap::new());
    }
    let column = |name: &str| Expr::Column(name.to_owned());
    let last = |value: Expr| Function::ArgMax(value, column("ts"));
    let scan = ScanQuery::aggregate(tenant, "events")
        .filter(Filter::eq("name", "price.updated"))
        .filter(Filter::one_of("symbol", symbols.iter().copied()))
        .filter(Filter::IsNotNull("price".to_owned()))
        .filter(until(as_of))
        .filter_opt(since)
        .key(Key::column("symbol"))
        .aggregates([
            Aggregate::new(last(Expr::Text("price".to_owned())), "price"),
            Aggregate::new(last(column("currency")), "currency"),
            Aggregate::max("ts", "at"),
        ]);
    let rows: Vec<PriceRow> = scan.fetch(store).await?;
    let prices = rows.into_iter().filter_map(|row| {
        let price = row.price.as_deref().and_then(parse_decimal)?;
        Some((
            row.symbol,
            Price { price, currency: row.currency, at: DateTime::from_timestamp_nanos(row.at) },
        ))
    });
    Ok(prices.collect())
}

#[derive(Debug, Row, Deserialize)]
struct RateRow {
    base: String,
    quote: String,
    rate: String,
}

async fn rates(
    store: &Store,
    tenant: &str,
    as_of: DateTime<Utc>,
) -> Result<BTreeMap<(String, String), rust_decimal::Decimal>> {
    let rate = Expr::MapValue { column: "attributes".to_owned(), key: "rate".to_owned() };
    let scan = ScanQuery::aggregate(tenant, "events")
        .filter(Filter::eq("name", "fx.updated"))
        .filter(until(as_of))
        .keys([Key::map_value("attributes", "base", "base"), Key::map_value("attributes", "quote", "quote")])
        .aggregates([Aggregate::new(Function::ArgMax(rate, Expr::Column("ts".to_owned())), "rate")]);
    let rows: Vec<RateRow> = scan.fetch(store).await?;
    Ok(rows.into_iter().filter_map(|row| Some(((row.base, row.quote), parse_decimal(&row.rate)?))).collect())
}

fn until(as_of: DateTime<Utc>) -> Filter {
    Filter::compare("ts", Compare::LessEq, Literal::Time(as_of))
}
