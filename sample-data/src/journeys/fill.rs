//! After acceptance: execution at the venue, settlement, notification; or the
//! order ends unfilled. Each is a trace of its own.

use opentelemetry::logs::Severity;
use opentelemetry::trace::{SpanContext, SpanKind};
use rand::Rng;
use rust_decimal::Decimal;

use super::mistakes::Mistake;
use super::terms::fee;
use super::{OpenOrder, Side, Task, authorize};
use crate::calendar::Venue;
use crate::customers::CustomerId;
use crate::market::Market;
use crate::platform::Platform;
use crate::topology::Service::{
    Execution, Gateway, Ledger, MarketData, Notification, Order, Portfolio, Wallet,
};
use crate::trace::attribute;

/// One execution of an order, or of a part of it.
pub(crate) struct Trade {
    id: String,
    quantity: Decimal,
    price: Decimal,
    fee: Decimal,
    last: bool,
}

impl Platform {
    /// Execution: seven or eight spans, then settlement and a notification.
    pub(super) fn fill(&mut self, order: OpenOrder, ts: i64) {
        let person = self.customers.get(order.customer);
        let (venue, portfolio, account) = (person.venue, person.portfolio(), person.account());
        let adviser = person.adviser().map(|adviser| attribute("adviser.id", adviser));
        let trades = self.trades(&order, venue);
        let mistake = self.mistake(trades.len());
        let mut trace = self.customer_trace(order.customer, ts);
        trace.link(order.message.clone());
        self.launch(async move {
            let mut message = order.message.clone();
            // The id of the last fill, once there is one.
            let mut filled = None;
            trace
                .process(Execution, "process orders.accepted", async |t| {
                    t.tag("order.id", order.id.clone());
                    t.grpc(Execution, MarketData, "market.Quotes/Get", async |t| {
                        t.cache(MarketData, "HGETALL").await;
                        Ok(())
                    })
                    .await?;
                    for trade in &trades {
                        t.external(Execution, "POST /fix/orders", "venue.example.net", 0, |t| {
                            t.spend(14_000.0, 0.6);
                            200
                        })
                        .await;
                        let (name, word) = if trade.last {
                            ("order.filled", "filled")
                        } else {
                            ("order.partially_filled", "partly filled")
                        };
                        let text = format!(
                            "{} {} {} {word} at {}",
                            order.side.as_str(),
                            trade.quantity,
                            Market::ticker(order.symbol),
                            trade.price
                        );
                        let price = match mistake {
                            Some(Mistake::Price) if trade.last => Mistake::keyed(order.side, trade.price),
                            _ => trade.price,
                        };
                        let mut attributes = vec![
                            attribute("event.version", 2_i64),
                            attribute("order.id", order.id.clone()),
                            attribute("trade.id", trade.id.clone()),
                            attribute("account.id", account.clone()),
                            attribute("portfolio.id", portfolio.clone()),
                            attribute("symbol", Market::ticker(order.symbol)),
                            attribute("side", order.side.as_str()),
                            attribute("quantity", trade.quantity.to_string()),
                            attribute("price", price.to_string()),
                            attribute("currency", venue.currency()),
                            attribute("fee", trade.fee.to_string()),
                            attribute("venue", venue.mic()),
                        ];
                        attributes.extend(adviser.clone());
                        // From here on the order is filled, whatever becomes of the record of it.
                        filled = Some(t.event(name, text, attributes));
                    }
                    t.db(Execution, "INSERT executions", 1_900.0).await?;
                    message = t.send(Execution, "send executions.filled").await;
                    Ok(())
                })
                .await;
            let end = trace.cursor;
            trace.then(move |platform| {
                let Some(booking) = filled else { return platform.leave_open(order, end) };
                match (mistake, trades.last()) {
                    (Some(Mistake::Busted), _) => return platform.bust_later(order, booking, end),
                    (Some(Mistake::Price), Some(trade)) => {
                        let right = attribute("price", trade.price.to_string());
                        platform.notice(order.customer, booking, right, end);
                    }
                    _ => {}
                }
                platform.later(end + 25_000_000, Task::Settle { order, trades, message });
            })
        });
    }

    /// An order that could not be worked on stays in the book until the close.
    fn leave_open(&mut self, order: OpenOrder, ts: i64) {
        let venue = self.customers.get(order.customer).venue;
        let close = self.close(venue, ts).unwrap_or(ts);
        self.later(close.max(ts), Task::Expire(order));
    }

    /// What the fills change for the customer.
    fn book(&mut self, order: &OpenOrder, trades: &[Trade]) {
        let person = self.customers.get_mut(order.customer);
        person.cash += order.hold;
        for trade in trades {
            let notional = (trade.quantity * trade.price).round_dp(2);
            match order.side {
                Side::Buy => {
                    person.cash -= notional + trade.fee;
                    person.bought(order.symbol, trade.quantity);
                }
                Side::Sell => {
                    person.cash += notional - trade.fee;
                    person.sold(order.symbol, trade.quantity);
                }
            }
        }
    }

    /// One trade, or for one order in eight two.
    fn trades(&mut self, order: &OpenOrder, venue: Venue) -> Vec<Trade> {
        let whole = order.quantity.trunc();
        let split = whole >= Decimal::TWO && self.scene.rng.random_bool(0.125);
        let first = if split { (whole / Decimal::TWO).trunc() } else { order.quantity };
        let parts = [first, order.quantity - first];
        let count = if split { 2 } else { 1 };
        let mut trades = Vec::with_capacity(count);
        for (i, quantity) in parts.into_iter().take(count).enumerate() {
            let drift = self.scene.rng.random_range(-0.0006..0.0006);
            let market = self.market.price_times(order.symbol, 1.0 + drift);
            let price = match (order.limit, order.side) {
                (None, _) => market,
                (Some(limit), Side::Buy) => market.min(limit),
                (Some(limit), Side::Sell) => market.max(limit),
            };
            let id = self.scene.id("trd");
            trades.push(Trade {
                id,
                quantity,
                price,
                fee: fee(venue, quantity * price),
                last: i + 1 == count,
            });
        }
        trades
    }

    /// Booking: nine spans. Only now can the customer spend or sell what the
    /// trades brought.
    pub(super) fn settle(&mut self, order: &OpenOrder, trades: &[Trade], message: SpanContext, ts: i64) {
        self.book(order, trades);
        let customer = order.customer;
        let mut trace = self.customer_trace(customer, ts);
        trace.link(message);
        self.launch(async move {
            let mut next = None;
            trace
                .process(Ledger, "process executions.filled", async |t| {
                    t.db(Ledger, "INSERT entries", 2_400.0).await?;
                    t.both(
                        async |t| {
                            t.grpc(Ledger, Wallet, "wallet.Balances/Settle", async |t| {
                                t.db(Wallet, "UPDATE balances", 2_300.0).await
                            })
                            .await
                        },
                        async |t| {
                            t.grpc(Ledger, Portfolio, "portfolio.Positions/Apply", async |t| {
                                t.db(Portfolio, "UPDATE positions", 2_600.0).await
                            })
                            .await
                        },
                    )
                    .await?;
                    next = Some(t.send(Ledger, "send notifications").await);
                    if t.chance(0.0015) {
                        t.log(Severity::Warn, "entry booked late: lock wait", vec![]);
                    }
                    Ok(())
                })
                .await;
            let end = trace.cursor;
            trace.then(move |platform| {
                if let Some(message) = next.filter(|_| platform.scene.rng.random_bool(0.5)) {
                    platform.later(end + 60_000_000, Task::Notify { customer, message });
                }
            })
        });
    }

    /// Telling the customer: four spans.
    pub(super) fn notify(&mut self, customer: CustomerId, message: SpanContext, ts: i64) {
        let mut trace = self.customer_trace(customer, ts);
        trace.link(message);
        self.launch(async move {
            trace
                .process(Notification, "process notifications", async |t| {
                    t.db(Notification, "SELECT preferences", 1_300.0).await?;
                    t.span(Notification, SpanKind::Internal, "render template", vec![], async |t| {
                        t.spend(700.0, 0.4);
                    })
                    .await;
                    let push = "POST /3/device/{token}";
                    let status = t.external(Notification, push, "push.example.net", 0, |t| {
                        t.spend(75_000.0, 0.6);
                        if t.chance(0.01) { 410 } else { 200 }
                    });
                    if status.await == 410 {
                        t.log(Severity::Warn, "device token no longer valid", vec![]);
                    }
                    Ok(())
                })
                .await;
            trace.end()
        });
    }

    /// `DELETE /v1/orders/{id}`: ten spans.
    pub(super) fn cancel(&mut self, order: OpenOrder, ts: i64) {
        let mut trace = self.customer_trace(order.customer, ts);
        self.launch(async move {
            let mut cancelled = false;
            trace
                .request("DELETE /v1/orders/{id}", async |t| {
                    t.tag("order.id", order.id.clone());
                    authorize(t).await?;
                    let status = t.http(Gateway, Order, "DELETE /orders/{id}", async |t| {
                        t.db(Order, "UPDATE orders", 2_100.0).await?;
                        t.grpc(Order, Wallet, "wallet.Reservations/Release", async |t| {
                            t.db(Wallet, "UPDATE balances", 2_300.0).await
                        })
                        .await?;
                        let attributes = vec![
                            attribute("order.id", order.id.clone()),
                            attribute("reason", "cancelled by the customer"),
                        ];
                        t.event("order.cancelled", "order cancelled by the customer", attributes);
                        cancelled = true;
                        Ok(200)
                    });
                    Ok(status.await)
                })
                .await;
            let end = trace.cursor;
            trace.then(move |platform| {
                if cancelled {
                    platform.release(&order);
                } else {
                    platform.leave_open(order, end);
                }
            })
        });
    }

    /// A day order nobody filled: five spans.
    pub(super) fn expire(&mut self, order: OpenOrder, ts: i64) {
        let mut trace = self.customer_trace(order.customer, ts);
        self.launch(async move {
            trace
                .span(Order, SpanKind::Internal, "expire day order", vec![], async |t| {
                    // The order ends with the day, also where this record of it fails.
                    if t.db(Order, "UPDATE orders", 2_100.0).await.is_ok() {
                        let released = t.grpc(Order, Wallet, "wallet.Reservations/Release", async |t| {
                            t.db(Wallet, "UPDATE balances", 2_300.0).await
                        });
                        if released.await.is_err() {
                            t.fail("upstream failed");
                        }
                    }
                    let attributes = vec![
                        attribute("order.id", order.id.clone()),
                        attribute("reason", "the session ended"),
                    ];
                    t.event("order.cancelled", "day order expired at the close", attributes);
                })
                .await;
            trace.then(move |platform| platform.release(&order))
        });
    }

    /// Gives back what an unfilled order was promised.
    pub(super) fn release(&mut self, order: &OpenOrder) {
        let person = self.customers.get_mut(order.customer);
        person.cash += order.hold;
        if order.side == Side::Sell
            && let Some(holding) = person.holding(order.symbol)
        {
            holding.reserved -= order.quantity;
        }
    }
}
