//! Business events as look-up and portfolio read them: exact decimals, once each.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use clickhouse::Row;
use headroom_store::Store;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::error::Result;
use crate::scan::{Key, ScanQuery};

/// A business event.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Event {
    /// Unique; a record that was sent twice has the same.
    pub event_id: String,
    /// `order.filled`, `deposit.failed`, ...
    pub name: String,
    /// When.
    pub ts: DateTime<Utc>,
    /// `service.name`
    pub service: String,
    /// Whose it is, '' if nobody's.
    pub customer_id: String,
    /// '' if none.
    pub order_id: String,
    /// '' if none.
    pub trade_id: String,
    /// Instrument, '' if none.
    pub symbol: String,
    /// `buy`, `sell` or ''.
    pub side: String,
    /// ISO code, '' if none.
    pub currency: String,
    /// Pieces.
    pub quantity: Option<Decimal>,
    /// Per piece.
    pub price: Option<Decimal>,
    /// Of money.
    pub amount: Option<Decimal>,
    /// Of the trade.
    pub fee: Option<Decimal>,
    /// 32 hex digits, or `None`.
    pub trace_id: Option<String>,
    /// All attributes as text.
    pub attributes: BTreeMap<String, String>,
}

impl Event {
    /// An attribute's text; `None` when it is missing or empty.
    pub fn attribute(&self, key: &str) -> Option<&str> {
        self.attributes.get(key).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// An attribute as an exact decimal.
    pub fn decimal(&self, key: &str) -> Option<Decimal> {
        self.attribute(key).and_then(parse_decimal)
    }
}

/// Reads `12`, `-0.5` and `1e-8`. Digits after the 12th are not kept by the store either.
pub fn parse_decimal(text: &str) -> Option<Decimal> {
    let text = text.trim();
    text.parse().ok().or_else(|| Decimal::from_scientific(text).ok())
}

#[derive(Debug, Row, Deserialize)]
struct EventRow {
    trace_id: String,
    quantity: Option<String>,
    price: Option<String>,
    amount: Option<String>,
    fee: Option<String>,
    event_id: String,
    name: String,
    ts: i64,
    service: String,
    customer_id: String,
    order_id: String,
    trade_id: String,
    symbol: String,
    side: String,
    currency: String,
    attributes: Vec<(String, String)>,
}

/// Completes a query over `events` with the columns of [`Event`] and asks it. Each event
/// id comes once.
pub(crate) async fn read(store: &Store, scan: ScanQuery) -> Result<Vec<Event>> {
    let scan = scan
        .key(Key::hex("trace_id", "trace_id"))
        .keys(["quantity", "price", "amount", "fee"].map(|column| Key::text(column, column)))
        .columns(["event_id", "name", "ts", "service", "customer_id", "order_id", "trade_id"])
        .columns(["symbol", "side", "currency", "attributes"])
        .once_by(["event_id"]);
    let rows: Vec<EventRow> = scan.fetch(store).await?;
    Ok(rows.into_iter().map(Event::from).collect())
}

impl From<EventRow> for Event {
    fn from(row: EventRow) -> Self {
        let decimal = |text: Option<String>| text.as_deref().and_then(parse_decimal);
        Self {
            event_id: row.event_id,
            name: row.name,
            ts: DateTime::from_timestamp_nanos(row.ts),
            service: row.service,
            customer_id: row.customer_id,
            order_id: row.order_id,
            trade_id: row.trade_id,
            symbol: row.symbol,
            side: row.side,
            currency: row.currency,
            quantity: decimal(row.quantity),
            price: decimal(row.price),
            amount: decimal(row.amount),
            fee: decimal(row.fee),
            trace_id: Some(row.trace_id).filter(|id| id.bytes().any(|c| c != b'0')),
            attributes: row.attributes.into_iter().collect(),
        }
    }
}
