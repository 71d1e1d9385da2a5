//! Placing an order: `POST /v1/orders`, eight to fifteen spans.

use chrono::DateTime;
use opentelemetry::logs::Severity;
use opentelemetry::trace::SpanContext;
use rand::Rng;
use rust_decimal::Decimal;

use super::terms::{fee, part_of, shares};
use super::{OpenOrder, Side, Task, amount, authorize};
use crate::calendar::Venue;
use crate::customers::CustomerId;
use crate::market::{Market, SymbolId};
use crate::platform::Platform;
use crate::topology::Service::{Gateway, Order, Risk, Wallet};
use crate::trace::{Attribute, Overload, Trace, attribute};

/// Why an order is refused: code and words.
type Refusal = (&'static str, &'static str);

const FUNDS: Refusal = ("insufficient_funds", "the account does not hold enough cash");
const CLOSED: Refusal = ("market_closed", "the market is closed");
const RISK: Refusal = ("risk_limit", "the order is above the account's risk limit");
const BROKEN: Refusal = ("internal_error", "the order could not be processed");
const OVERLOADED: Refusal = ("internal_error", "the platform was overloaded");
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
        let open = self.is_open(venue, t);
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
        self.place(customer, ts, id, &request, refusal);
    }

    /// Sets aside what an order may need, so that nothing else takes it.
    fn promise(&mut self, order: &OpenOrder) {
        let person = self.customers.get_mut(order.customer);
        match order.side {
            Side::Buy => person.cash -= order.hold,
            Side::Sell => {
                if let Some(holding) = person.holding(order.symbol) {
                    holding.reserved += order.quantity;
                }
            }
        }
    }

    /// Decides what becomes of an accepted order, and when.
    fn schedule_order(&mut self, placed: i64, order: OpenOrder) {
        let venue = self.customers.get(order.customer).venue;
        let rng = &mut self.scene.rng;
        let wait = match (order.limit, self.ramp) {
            (None, _) => rng.random_range(0.04..0.6),
            (Some(_), None) => rng.random_range(5.0..5_400.0),
            (Some(_), Some(_)) => rng.random_range(0.5..20.0),
        };
        let due = placed + (wait * 1e9) as i64;
        let roll: f64 = rng.random();
        let close = self.close(venue, placed).unwrap_or(due);
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

    /// The trace. An accepted order is executed later.
    fn place(
        &mut self,
        customer: CustomerId,
        ts: i64,
        id: String,
        request: &Request,
        refusal: Option<Refusal>,
    ) {
        let person = self.customers.get(customer);
        let mut asked = vec![
            attribute("order.id", id.clone()),
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
        let &Request { symbol, side, quantity, limit, hold } = request;
        let message = SpanContext::empty_context();
        let order = OpenOrder { id, customer, symbol, side, quantity, limit, hold, message };
        let promised = refusal.is_none();
        if promised {
            self.promise(&order);
        }
        let mut trace = self.customer_trace(customer, ts);
        self.launch(async move {
            let mut placed = Placed::Refused;
            trace
                .request("POST /v1/orders", async |t| {
                    t.tag("order.id", order.id.clone());
                    authorize(t).await?;
                    let status = t.http_retried(Gateway, Order, "POST /orders", 0.003, async |t| {
                        t.tag("order.id", order.id.clone());
                        t.event("order.placed", text, asked);
                        t.spend(2_600.0, 0.45);
                        placed = take(t, &order.id, refusal).await?;
                        Ok(match placed {
                            Placed::Accepted(_) => 201,
                            Placed::Refused => 422,
                            Placed::Broken => 500,
                        })
                    });
                    Ok(status.await)
                })
                .await;
            let end = trace.cursor;
            trace.then(move |platform| match placed {
                Placed::Accepted(message) => platform.schedule_order(end, OpenOrder { message, ..order }),
                Placed::Refused | Placed::Broken if promised => platform.release(&order),
                Placed::Refused | Placed::Broken => {}
            })
        });
    }
}

/// Inside the order service. An order that was placed is refused when
/// something it needs is overloaded.
async fn take(t: &mut Trace, id: &str, refusal: Option<Refusal>) -> Result<Placed, Overload> {
    let placed = check(t, id, refusal).await;
    if placed.is_err() {
        refuse(t, id, OVERLOADED);
    }
    placed
}

async fn check(t: &mut Trace, id: &str, refusal: Option<Refusal>) -> Result<Placed, Overload> {
    let order = || attribute("order.id", id.to_owned());
    t.db(Order, "INSERT orders", 2_200.0).await?;
    // The bad version loses track of reservations in one order of twelve.
    if t.chance(if t.conditions.bad_order { 0.085 } else { 0.0012 }) {
        t.exception("ReservationMissing", "no reservation for order");
        refuse(t, id, BROKEN);
        return Ok(Placed::Broken);
    }
    if let Some(early @ (UNVERIFIED | CLOSED)) = refusal {
        refuse(t, id, early);
        return Ok(Placed::Refused);
    }
    let within = refusal != Some(RISK);
    t.grpc(Order, Risk, "risk.Limits/Check", async |t| {
        t.db(Risk, "SELECT limits", 1_500.0).await?;
        t.spend(1_200.0, 0.5);
        let result = attribute("result", if within { "passed" } else { "failed" });
        t.event("risk.checked", "risk limits checked", vec![order(), result]);
        Ok(())
    })
    .await?;
    if !within {
        refuse(t, id, RISK);
        return Ok(Placed::Refused);
    }
    let funded = refusal != Some(FUNDS);
    t.grpc(Order, Wallet, "wallet.Reservations/Create", async |t| {
        t.db(Wallet, "UPDATE balances", 2_300.0).await?;
        if !funded {
            t.log(Severity::Warn, "not enough cash for the reservation", vec![order()]);
        }
        Ok(())
    })
    .await?;
    if !funded {
        refuse(t, id, FUNDS);
        return Ok(Placed::Refused);
    }
    t.event("order.accepted", "order accepted", vec![order()]);
    t.log(Severity::Info, "order handed to execution", vec![order()]);
    Ok(Placed::Accepted(t.send(Order, "send orders.accepted").await))
}

fn refuse(t: &mut Trace, id: &str, (code, reason): Refusal) {
    let attributes: Vec<Attribute> = vec![
        attribute("order.id", id.to_owned()),
        attribute("reason.code", code),
        attribute("reason", reason),
    ];
    t.event("order.rejected", format!("order rejected: {reason}"), attributes);
}
