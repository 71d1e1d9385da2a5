//! Placing an order: `POST /v1/orders`, eight to fifteen spans.

use chrono::DateTime;
use opentelemetry::logs::Severity;
use opentelemetry::trace::SpanContext;
use rand::Rng;
use rust_decimal::Decimal;

use super::terms::{fee, part_of, shares};
use super::{OpenOrder, Side, Task, amount, authorize};
use crate::calendar::Venue;
use crate::clock::nanos;
use crate::customers::CustomerId;
use crate::market::{Market, SymbolId};
use crate::platform::Platform;
use crate::shape::in_session;
use crate::topology::Service::{Gateway, Order, Risk, Wallet};
use crate::trace::{Attribute, Trace, attribute};

/// Why an order is refused: code and words.
type Refusal = (&'static str, &'static str);

const FUNDS: Refusal = ("insufficient_funds", "the account does not hold enough cash");
const CLOSED: Refusal = ("market_closed", "the market is closed");
const RISK: Refusal = ("risk_limit", "the order is above the account's risk limit");
const UNVERIFIED: Refusal = ("kyc_pending", "the customer's identity is not confirmed");

/// What the customer asks for.
struct Request {
    symbol: SymbolId,
    side: Side,
    quantity: Decimal,
    limit: Option<Decimal>,
    /// Cash a buy may cost at most, fee included.
    hold: Decimal,
}

/// How placing an order ended.
enum Placed {
    Accepted(SpanContext),
    Refused,
    Broken,
}

impl Platform {
    /// A symbol of `venue`, the first of the list more often.
    pub(super) fn any_symbol(&mut self, venue: Venue) -> SymbolId {
        let listed: Vec<_> = Market::listed(venue).collect();
        let x: f64 = self.scene.rng.random();
        listed[((x * x) * listed.len() as f64) as usize]
    }

    /// A customer places an order, or first pays in when the cash is short.
    pub(super) fn order(&mut self, customer: CustomerId, ts: i64) {
        let t = DateTime::from_timestamp_nanos(ts);
        let venue = self.customers.get(customer).venue;
        let request = self.request(customer);
        let person = self.customers.get(customer);
        let short = request.side == Side::Buy && person.cash < request.hold;
        let open = in_session(venue, t);
        let verified = person.verified;
        if short && open && verified && self.scene.rng.random_bool(0.7) {
            return self.deposit(customer, ts);
        }
        let refusal = if !verified {
            Some(UNVERIFIED)
        } else if !open {
            Some(CLOSED)
        } else if self.scene.rng.random_bool(0.012) {
            Some(RISK)
        } else if short {
            Some(FUNDS)
        } else {
            None
        };
        let id = self.scene.id("ord");
        if let Some((message, end)) = self.place(customer, ts, &id, &request, refusal) {
            let Request { symbol, side, quantity, limit, hold } = request;
            self.promise(customer, symbol, side, quantity, hold);
            self.schedule_order(
                end,
                OpenOrder { id, customer, symbol, side, quantity, limit, hold, message },
            );
        }
    }

    fn promise(
        &mut self,
        customer: CustomerId,
        symbol: SymbolId,
        side: Side,
        quantity: Decimal,
        hold: Decimal,
    ) {
        let person = self.customers.get_mut(customer);
        match side {
            Side::Buy => person.cash -= hold,
            Side::Sell => {
                if let Some(holding) = person.holding(symbol) {
                    holding.reserved += quantity;
                }
            }
        }
    }

    /// Decides what becomes of an accepted order, and when.
    fn schedule_order(&mut self, placed: i64, order: OpenOrder) {
        let venue = self.customers.get(order.customer).venue;
        let rng = &mut self.scene.rng;
        let wait =
            if order.limit.is_some() { rng.random_range(5.0..5_400.0) } else { rng.random_range(0.04..0.6) };
        let due = placed + (wait * 1e9) as i64;
        let date = venue.date_at(DateTime::from_timestamp_nanos(placed));
        let close = venue.session(date).map_or(due, |s| nanos(s.close));
        let roll: f64 = rng.random();
        if due >= close && order.limit.is_some() {
            self.later(close.max(placed), Task::Expire(order));
        } else if order.limit.is_some() && roll < 0.18 {
            self.later(due, Task::Cancel(order));
        } else {
            self.later(due, Task::Fill(order));
        }
    }

    fn request(&mut self, customer: CustomerId) -> Request {
        let venue = self.customers.get(customer).venue;
        let fallback = self.any_symbol(venue);
        let rng = &mut self.scene.rng;
        let sellable: Vec<_> = self
            .customers
            .get(customer)
            .holdings
            .iter()
            .filter(|h| h.quantity > h.reserved)
            .map(|h| (h.symbol, h.quantity - h.reserved))
            .collect();
        let sell = !sellable.is_empty() && rng.random_bool(0.42);
        let (symbol, side, quantity) = if sell {
            let (symbol, free) = sellable[rng.random_range(0..sellable.len())];
            (symbol, Side::Sell, part_of(free, rng.random_range(1..=4)))
        } else {
            let notional = match venue {
                Venue::Xnys => amount(rng, 900.0, 0.8, 1),
                Venue::Xnse => amount(rng, 30_000.0, 0.8, 1),
            };
            let fractional = venue == Venue::Xnys && rng.random_bool(0.3);
            (fallback, Side::Buy, shares(notional, self.market.price(fallback), fractional))
        };
        let limit = rng.random_bool(0.35).then(|| {
            let offset = rng.random_range(0.0005..0.006);
            self.market.price_times(symbol, if side == Side::Buy { 1.0 - offset } else { 1.0 + offset })
        });
        // A market buy may slip: one hundredth of room.
        let price = limit.unwrap_or_else(|| self.market.price_times(symbol, 1.01));
        let cost = quantity * price;
        let hold = if side == Side::Buy {
            (cost + fee(venue, cost)).round_dp(2) + Decimal::ONE
        } else {
            Decimal::ZERO
        };
        Request { symbol, side, quantity, limit, hold }
    }

    /// The trace. Gives the message an accepted order left, and when.
    fn place(
        &mut self,
        customer: CustomerId,
        ts: i64,
        id: &str,
        request: &Request,
        refusal: Option<Refusal>,
    ) -> Option<(SpanContext, i64)> {
        let person = self.customers.get(customer);
        let mut asked = vec![
            attribute("order.id", id.to_owned()),
            attribute("account.id", person.account()),
            attribute("portfolio.id", person.portfolio()),
            attribute("symbol", Market::ticker(request.symbol)),
            attribute("side", request.side.as_str()),
            attribute("quantity", request.quantity.to_string()),
            attribute("currency", person.venue.currency()),
            attribute("order.type", if request.limit.is_some() { "limit" } else { "market" }),
        ];
        asked.extend(request.limit.map(|limit| attribute("price", limit.to_string())));
        let text = format!(
            "{} {} {} placed",
            request.side.as_str(),
            request.quantity,
            Market::ticker(request.symbol)
        );
        let mut placed = Placed::Refused;
        let mut trace = self.customer_trace(customer, ts);
        trace.request("POST /v1/orders", |t| {
            t.tag("order.id", id.to_owned());
            authorize(t);
            t.http_retried(Gateway, Order, "POST /orders", 0.003, |t| {
                t.tag("order.id", id.to_owned());
                t.event("order.placed", text, asked);
                t.spend(2_600.0, 0.45);
                placed = take(t, id, refusal);
                match placed {
                    Placed::Accepted(_) => 201,
                    Placed::Refused => 422,
                    Placed::Broken => 500,
                }
            })
        });
        let end = trace.cursor;
        match placed {
            Placed::Accepted(message) => Some((message, end)),
            Placed::Refused | Placed::Broken => None,
        }
    }
}

/// Inside the order service.
fn take(t: &mut Trace<'_>, id: &str, refusal: Option<Refusal>) -> Placed {
    let order = || attribute("order.id", id.to_owned());
    t.db(Order, "INSERT orders", 2_200.0);
    // The bad version loses track of reservations in one order of twelve.
    if t.chance(if t.scene.conditions.bad_order { 0.085 } else { 0.0012 }) {
        t.exception("ReservationMissing", "no reservation for order");
        refuse(t, id, ("internal_error", "the order could not be processed"));
        return Placed::Broken;
    }
    if let Some(early @ (UNVERIFIED | CLOSED)) = refusal {
        refuse(t, id, early);
        return Placed::Refused;
    }
    let within = refusal != Some(RISK);
    t.grpc(Order, Risk, "risk.Limits/Check", |t| {
        t.db(Risk, "SELECT limits", 1_500.0);
        t.spend(1_200.0, 0.5);
        let result = attribute("result", if within { "passed" } else { "failed" });
        t.event("risk.checked", "risk limits checked", vec![order(), result]);
    });
    if !within {
        refuse(t, id, RISK);
        return Placed::Refused;
    }
    let funded = refusal != Some(FUNDS);
    t.grpc(Order, Wallet, "wallet.Reservations/Create", |t| {
        t.db(Wallet, "UPDATE balances", 2_300.0);
        if !funded {
            t.log(Severity::Warn, "not enough cash for the reservation", vec![order()]);
        }
    });
    if !funded {
        refuse(t, id, FUNDS);
        return Placed::Refused;
    }
    t.event("order.accepted", "order accepted", vec![order()]);
    t.log(Severity::Info, "order handed to execution", vec![order()]);
    Placed::Accepted(t.send(Order, "send orders.accepted"))
}

fn refuse(t: &mut Trace<'_>, id: &str, (code, reason): Refusal) {
    let attributes: Vec<Attribute> = vec![
        attribute("order.id", id.to_owned()),
        attribute("reason.code", code),
        attribute("reason", reason),
    ];
    t.event("order.rejected", format!("order rejected: {reason}"), attributes);
}
