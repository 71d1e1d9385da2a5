//! Business events and the index over what a customer can name.

use super::Kind::{Decimal, HexOrNull, Map, Text, TextOrNull, Time, WordsOrNull};
use super::{Branch, View, column};

pub(crate) static EVENTS: View = View {
    name: "events",
    doc: "one row per business event: orders, payments, sessions, deployments; money is exact",
    branches: &[Branch::table("events")],
    once_by: &["event_id", "name"],
    columns: &[
        column("ts", "ts", Time, "when it happened"),
        column("name", "name", Text, "event name, such as order.placed"),
        column("event_id", "event_id", Text, "names the event once and for all"),
        column("service", "service", Text, "service.name"),
        column("customer_id", "customer_id", TextOrNull, "customer"),
        column("account_id", "account_id", TextOrNull, "account"),
        column("order_id", "order_id", TextOrNull, "order"),
        column("trade_id", "trade_id", TextOrNull, "trade"),
        column("portfolio_id", "portfolio_id", TextOrNull, "portfolio"),
        column("symbol", "symbol", TextOrNull, "instrument"),
        column("side", "side", TextOrNull, "buy or sell"),
        column("currency", "currency", TextOrNull, "currency of price, amount and fee"),
        column("quantity", "quantity", Decimal, "quantity, exact"),
        column("price", "price", Decimal, "price, exact"),
        column("amount", "amount", Decimal, "amount, exact"),
        column("fee", "fee", Decimal, "fee, exact"),
        column("trace_id", "trace_id", HexOrNull(16), "trace it happened in"),
        column("span_id", "span_id", HexOrNull(8), "span it happened in"),
        column("body", "body", WordsOrNull, "message"),
        column("attributes", "attributes", Map, "event attributes as JSON text; see attr()"),
    ],
};

pub(crate) static KEY_INDEX: View = View {
    name: "key_index",
    doc: "where a value that a customer can name (order, trade, payment ..) was seen; e-mail addresses are left out",
    branches: &[Branch { only: Some("t.`key` != 'email'"), ..Branch::table("key_index") }],
    once_by: &[],
    columns: &[
        column("value", "value", Text, "the value, such as an order number"),
        column("key", "key", Text, "what it is: customer.id, order.id, payment.id ..."),
        column("ts", "ts", Time, "when it was seen"),
        column("source", "source", Text, "span, log or event"),
        column("name", "name", Text, "operation or event name"),
        column("service", "service", Text, "service.name"),
        column("customer_id", "customer_id", TextOrNull, "customer"),
        column("trace_id", "trace_id", HexOrNull(16), "trace it was seen in"),
    ],
};
