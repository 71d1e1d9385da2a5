//! The bookings of portfolios.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use clickhouse::Row;
use headroom_portfolio::book::Entry;
use headroom_store::{Store, schema};
use serde::Deserialize;

use crate::error::{QueryError, Result};
use crate::events::{Event, parse_decimal};
use crate::portfolio::entry;
use crate::scan::{Filter, Key, ScanQuery};

/// Most bookings that one question may read.
pub(in crate::portfolio) const MOST_BOOKINGS: u64 = 500_000;

/// Whose a portfolio is, as its bookings say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::portfolio) struct Owner {
    /// '' when no booking says so.
    pub(in crate::portfolio) customer_id: String,
    /// '' when there is none.
    pub(in crate::portfolio) adviser_id: String,
}

/// Whose portfolios are, and what was booked to them.
pub(in crate::portfolio) type Books = BTreeMap<String, (Owner, Vec<Entry>)>;

#[derive(Debug, Row, Deserialize)]
struct BookingRow {
    portfolio_id: String,
    ts: i64,
    event_id: String,
    name: String,
    customer_id: String,
    symbol: String,
    side: String,
    currency: String,
    attributes: Vec<(String, String)>,
    quantity: Option<String>,
    price: Option<String>,
    amount: Option<String>,
    fee: Option<String>,
}

/// Everything booked to these portfolios, by portfolio; without those to which nothing was. Corrections that came
/// after the moment that is asked for are in it too, so they are read to the end; more than
/// `most` are refused.
pub(in crate::portfolio) async fn bookings<'a>(
    store: &Store,
    tenant: &str,
    portfolios: impl IntoIterator<Item = &'a str>,
    most: Option<u64>,
) -> Result<Books> {
    booked(store, tenant, Some(Filter::one_of("portfolio_id", portfolios)), most).await
}

/// The same of all portfolios of a tenant.
pub(in crate::portfolio) async fn all_bookings(store: &Store, tenant: &str) -> Result<Books> {
    booked(store, tenant, None, Some(MOST_BOOKINGS)).await
}

async fn booked(store: &Store, tenant: &str, of: Option<Filter>, most: Option<u64>) -> Result<Books> {
    let scan = ScanQuery::rows(tenant, schema::BOOKINGS)
        .columns(["portfolio_id", "ts", "event_id", "name", "customer_id", "symbol", "side", "currency"])
        .columns(["attributes"])
        .keys(["quantity", "price", "amount", "fee"].map(|column| Key::text(column, column)))
        .filter_opt(of);
    let scan = if let Some(most) = most { scan.limit(most + 1) } else { scan };
    let rows: Vec<BookingRow> = scan.fetch(store).await?;
    if let Some(most) = most.filter(|most| rows.len() as u64 > *most) {
        return Err(QueryError::unavailable(
            format!("these portfolios have more than {most} bookings"),
            "ask for fewer portfolios, or for sums over all of them (/api/v1/assets; in SQL portfolio_moves and asset_moves)",
        ));
    }
    let mut books = Books::new();
    for row in rows {
        let portfolio = row.portfolio_id.clone();
        let event = Event::from(row);
        let Some(entry) = entry(&event) else { continue };
        let (owner, entries) = books.entry(portfolio).or_default();
        let adviser = event.attribute("adviser.id").unwrap_or_default();
        for (known, said) in
            [(&mut owner.customer_id, event.customer_id.as_str()), (&mut owner.adviser_id, adviser)]
        {
            if known.as_str() < said {
                said.clone_into(known);
            }
        }
        entries.push(entry);
    }
    Ok(books)
}

impl From<BookingRow> for Event {
    fn from(row: BookingRow) -> Self {
        let decimal = |text: Option<String>| text.as_deref().and_then(parse_decimal);
        Self {
            event_id: row.event_id,
            name: row.name,
            ts: DateTime::<Utc>::from_timestamp_nanos(row.ts),
            customer_id: row.customer_id,
            symbol: row.symbol,
            side: row.side,
            currency: row.currency,
            quantity: decimal(row.quantity),
            price: decimal(row.price),
            amount: decimal(row.amount),
            fee: decimal(row.fee),
            attributes: row.attributes.into_iter().collect(),
            ..Self::default()
        }
    }
}
