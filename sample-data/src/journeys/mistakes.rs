//! Mistakes and how they are put right: now and then an amount or a price is keyed
//! wrongly, or the venue busts a trade. What customers can spend and sell follows
//! the truth from the start; the books are told it hours later.

use rand::Rng;
use rust_decimal::Decimal;

use super::{OpenOrder, Side, Task};
use crate::customers::CustomerId;
use crate::platform::Platform;
use crate::topology::Service::{Execution, Ledger};
use crate::trace::{Attribute, attribute};

/// Share of deposits, and of orders filled, that are keyed wrongly.
const MISKEYED: f64 = 0.004;
/// Share of orders filled by one trade that the venue busts.
const BUSTED: f64 = 0.0015;

/// What is wrong with a fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mistake {
    /// Its price is keyed wrongly.
    Price,
    /// The trade should not have been.
    Busted,
}

impl Mistake {
    /// The price as it is keyed: one digit too few of a buy, one too many of a sell. So the
    /// books hold more than there is until they are put right, and never less than nothing.
    pub(super) fn keyed(side: Side, price: Decimal) -> Decimal {
        match side {
            Side::Buy => (price / Decimal::TEN).round_dp(2),
            Side::Sell => price * Decimal::TEN,
        }
    }
}

impl Platform {
    /// Whether a deposit is keyed with a digit too many. Never in a ramp: it is over before anybody notices.
    pub(super) fn miskeyed(&mut self) -> bool {
        self.ramp.is_none() && self.scene.rng.random_bool(MISKEYED)
    }

    /// What is wrong with a fill by so many trades, if anything.
    pub(super) fn mistake(&mut self, trades: usize) -> Option<Mistake> {
        if self.ramp.is_some() {
            return None;
        }
        let roll: f64 = self.scene.rng.random();
        if roll < MISKEYED {
            Some(Mistake::Price)
        } else if roll < MISKEYED + BUSTED && trades == 1 {
            Some(Mistake::Busted)
        } else {
            None
        }
    }

    /// Somebody will notice: the right figure of `booking` follows within five hours.
    pub(super) fn notice(&mut self, customer: CustomerId, booking: String, right: Attribute, ts: i64) {
        let at = ts + self.scene.rng.random_range(20..300) * 60_000_000_000;
        self.later(at, Task::Correct { customer, booking, right });
    }

    /// The venue will bust the trade: within three hours, so before a split of the next morning.
    pub(super) fn bust_later(&mut self, order: OpenOrder, booking: String, ts: i64) {
        let at = ts + self.scene.rng.random_range(20..180) * 60_000_000_000;
        self.later(at, Task::Bust { order, booking });
    }

    /// Tells the right figure of a booking.
    pub(super) fn correct(&mut self, customer: CustomerId, booking: String, right: Attribute, ts: i64) {
        let person = self.customers.get(customer);
        let mut attributes = vec![
            attribute("corrects.event.id", booking),
            attribute("customer.id", person.id()),
            attribute("portfolio.id", person.portfolio()),
            right,
            attribute("reason", "the decimal point was off by one place"),
        ];
        attributes.extend(person.adviser().map(|adviser| attribute("adviser.id", adviser)));
        let venue = person.venue;
        self.scene.event(Ledger, venue, ts, "booking.corrected", attributes);
    }

    /// Takes a fill back; what the order was promised is free again.
    pub(super) fn bust(&mut self, order: &OpenOrder, booking: String, ts: i64) {
        let person = self.customers.get(order.customer);
        let mut attributes = vec![
            attribute("cancels.event.id", booking),
            attribute("customer.id", person.id()),
            attribute("portfolio.id", person.portfolio()),
            attribute("reason", "the venue busted the trade as clearly erroneous"),
        ];
        attributes.extend(person.adviser().map(|adviser| attribute("adviser.id", adviser)));
        let venue = person.venue;
        self.scene.event(Execution, venue, ts, "booking.cancelled", attributes);
        self.release(order);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use chrono::{DateTime, Utc};

    use super::*;
    use crate::SampleConfig;
    use crate::market::Market;
    use crate::record::Log;

    #[test]
    fn customers_own_what_is_booked_once_all_is_put_right() {
        let time = |text: &str| -> DateTime<Utc> { text.parse().expect("a time") };
        let cfg = SampleConfig::new("http://127.0.0.1:1", time("2026-11-21T01:00:00Z"));
        let cfg = SampleConfig { backfill_traces_per_minute: 60.0, ..cfg };
        let mut platform = Platform::starting_at(&cfg, time("2026-11-18T14:00:00Z"));
        let mut logs = Vec::new();
        for _ in 0..450 {
            logs.extend(platform.minute().logs);
        }
        while let Some(((ts, _), task)) = platform.tasks.pop_first() {
            platform.carry_out(ts, task);
        }
        logs.append(&mut platform.scene.batch.logs);

        let (mut cash, mut held) = books(&logs);
        for id in 0..platform.customers.len() {
            let person = platform.customers.get(id);
            assert_eq!(cash.remove(&person.portfolio()).unwrap_or_default(), person.cash, "{}", person.id());
            for holding in &person.holdings {
                let position = held.remove(&(person.portfolio(), Market::ticker(holding.symbol).to_owned()));
                assert_eq!(
                    (position, holding.reserved),
                    (Some(holding.quantity), Decimal::ZERO),
                    "{}",
                    person.id()
                );
            }
        }
        held.retain(|_, quantity| !quantity.is_zero());
        assert!(cash.is_empty() && held.is_empty(), "{cash:?} {held:?}");
    }

    type Cash = HashMap<String, Decimal>;
    type Held = HashMap<(String, String), Decimal>;

    /// Cash and pieces by portfolio, of fills and payments with their corrections and cancels.
    fn books(logs: &[Log]) -> (Cash, Held) {
        let (mut cash, mut held) = (Cash::new(), Held::new());
        let changes = |name, key: &'static str| -> HashMap<&str, &Log> {
            let all = logs.iter().filter(move |log| log.event == Some(name));
            all.map(|log| (log.text(key).expect("an id"), log)).collect()
        };
        let corrected = changes("booking.corrected", "corrects.event.id");
        let cancelled = changes("booking.cancelled", "cancels.event.id");
        assert!(corrected.len() > 5 && cancelled.len() > 1, "{} {}", corrected.len(), cancelled.len());
        for log in logs {
            let Some(id) = log.text("event.id").filter(|id| !cancelled.contains_key(id)) else { continue };
            let text = |key| corrected.get(id).and_then(|right| right.text(key)).or(log.text(key));
            let figure = |key| text(key).expect("a figure").parse::<Decimal>().expect("a decimal");
            let money = match log.event {
                Some("deposit.completed") => figure("amount"),
                Some("withdrawal.completed") => -figure("amount"),
                Some("order.filled" | "order.partially_filled") => {
                    let sign = if text("side") == Some("buy") { Decimal::ONE } else { -Decimal::ONE };
                    let key = |key| text(key).expect("whose").to_owned();
                    *held.entry((key("portfolio.id"), key("symbol"))).or_default() +=
                        sign * figure("quantity");
                    -sign * (figure("quantity") * figure("price")).round_dp(2) - figure("fee")
                }
                _ => continue,
            };
            *cash.entry(text("portfolio.id").expect("a portfolio").to_owned()).or_default() += money;
        }
        (cash, held)
    }
}
