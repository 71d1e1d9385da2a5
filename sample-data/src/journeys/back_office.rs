//! What happens by the clock: the known customers at the start, releases,
//! prices, the split, dividends, custody fees and their invoices.

use chrono::{DateTime, Datelike, Duration, Timelike, Utc, Weekday};
use opentelemetry::trace::SpanKind;
use rand::Rng;
use rust_decimal::Decimal;

use super::{Task, amount};
use crate::Phase;
use crate::calendar::Venue;
use crate::clock::nanos;
use crate::customers::{CustomerId, INITIAL};
use crate::market::Market;
use crate::platform::Platform;
use crate::schedule::SPLIT_SYMBOL;
use crate::shape::in_session;
use crate::topology::Service::{self, Ledger, MarketData, Portfolio};
use crate::trace::{Attribute, attribute};

/// Minutes the take-over of known customers is spread over, and their paying in of new money
/// when a run goes on where an earlier one ended.
const IMPORT_MINUTES: i64 = 5;
const PAYING_IN_MINUTES: i64 = 50;
/// Times more than ordinarily that customers have while a ramp runs.
const PLENTY: i64 = 10_000;
/// One customer in so many is billed each week.
const BILLED: usize = 7;

impl Platform {
    /// Everything due in the minute of `t`.
    pub(crate) fn back_office(&mut self, t: DateTime<Utc>) {
        self.import(t);
        self.market.step(&mut self.scene.rng, &self.schedule, t);
        self.publish_prices(t);
        self.releases(t);
        if due(self.schedule.split_at, t) {
            self.split(t);
        }
        for (at, ticker, rate) in self.schedule.dividends {
            if due(at, t) {
                self.dividend(ticker, rate, t);
            }
        }
        for venue in Venue::ALL {
            let local = t.with_timezone(&venue.tz());
            if local.weekday() == Weekday::Fri && (local.hour(), local.minute()) == (18, 0) {
                self.custody_fees(venue, t);
            }
        }
    }

    /// The customers known before the run: who they are and what they brought. Of a run that
    /// goes on they are known already, and what they have is not; they pay in before they trade.
    fn import(&mut self, t: DateTime<Utc>) {
        let (minutes, method) = if self.continues {
            (PAYING_IN_MINUTES, "bank_transfer")
        } else {
            (IMPORT_MINUTES, "opening_balance")
        };
        // A ramp has no time for that, nor for accounts that run empty.
        let (minutes, times) = if self.ramp.is_some() { (1, PLENTY) } else { (minutes, 1) };
        let minute = (t - self.start).num_minutes();
        if !(0..minutes).contains(&minute) {
            return;
        }
        let each = i64::from(INITIAL) / minutes;
        for i in 0..each {
            let id = (minute * each + i) as CustomerId;
            let person = self.customers.get(id).clone();
            let ts = nanos(t) + i * (60_000_000_000 / each);
            let opening = match person.venue {
                Venue::Xnys => amount(&mut self.scene.rng, 6_000.0, 0.9, 100),
                Venue::Xnse => amount(&mut self.scene.rng, 200_000.0, 0.9, 1_000),
            } * Decimal::from(times);
            let who = attribute("customer.id", person.id());
            if !self.continues {
                let registered = vec![
                    who.clone(),
                    attribute("customer.email", person.email()),
                    attribute("customer.name", person.name()),
                    attribute("customer.country", person.country()),
                    attribute("account.id", person.account()),
                    attribute("portfolio.id", person.portfolio()),
                ];
                self.scene.event(Service::Auth, person.venue, ts, "customer.registered", registered);
            }
            let paid = vec![
                who,
                attribute("payment.id", self.scene.id("pay")),
                attribute("account.id", person.account()),
                attribute("portfolio.id", person.portfolio()),
                attribute("amount", opening.to_string()),
                attribute("currency", person.venue.currency()),
                attribute("method", method),
            ];
            self.scene.event(Service::Payments, person.venue, ts + 1_000_000, "deposit.completed", paid);
            self.later(ts + 1_000_000, Task::Credit { customer: id, money: opening });
        }
    }

    /// Prices of open markets every five minutes (live: every minute), of all
    /// of them at the start; the dollar in rupees every half hour.
    fn publish_prices(&mut self, t: DateTime<Utc>) {
        let every = if self.phase == Phase::Live { 1 } else { 5 };
        let (minute, first) = (t.timestamp() / 60, t == self.start);
        for venue in Venue::ALL {
            let closing = in_session(venue, t) && !in_session(venue, t + Duration::minutes(1));
            if !(first || closing || (in_session(venue, t) && minute % every == 0)) {
                continue;
            }
            for symbol in Market::listed(venue) {
                let ts = nanos(t) + i64::from(symbol) * 40_000_000;
                let attributes = vec![
                    attribute("symbol", Market::ticker(symbol)),
                    attribute("price", self.market.price(symbol).to_string()),
                    attribute("currency", venue.currency()),
                    attribute("venue", venue.mic()),
                ];
                self.scene.event(MarketData, venue, ts, "price.updated", attributes);
            }
        }
        if first || minute % 30 == 0 {
            let attributes = vec![
                attribute("base", "USD"),
                attribute("quote", "INR"),
                attribute("rate", self.market.usd_inr().to_string()),
            ];
            self.scene.event(MarketData, Venue::Xnys, nanos(t), "fx.updated", attributes);
        }
    }

    fn releases(&mut self, t: DateTime<Utc>) {
        for release in self.schedule.releases.clone() {
            if !due(release.at, t) {
                continue;
            }
            for venue in Venue::ALL {
                let name = if release.rollback { "deployment.rolled_back" } else { "deployment.finished" };
                let attributes = vec![
                    attribute("version", release.version),
                    attribute("previous.version", release.previous),
                ];
                self.scene.event(release.service, venue, nanos(release.at), name, attributes);
            }
        }
    }

    /// Two new shares for one: before the open, when no order is open.
    fn split(&mut self, t: DateTime<Utc>) {
        let Some(symbol) = Market::symbol(SPLIT_SYMBOL) else { return };
        self.market.split();
        for id in 0..self.customers.len() {
            if let Some(holding) = self.customers.get_mut(id).holding(symbol) {
                holding.quantity *= Decimal::TWO;
                holding.reserved *= Decimal::TWO;
            }
        }
        let at = nanos(t);
        let split = vec![attribute("symbol", SPLIT_SYMBOL), attribute("ratio", "2:1")];
        self.scene.event(Portfolio, Venue::Xnys, at, "split.applied", split);
        let price = vec![
            attribute("symbol", SPLIT_SYMBOL),
            attribute("price", self.market.price(symbol).to_string()),
            attribute("currency", "USD"),
            attribute("venue", "XNYS"),
        ];
        self.scene.event(MarketData, Venue::Xnys, at + 1_000_000, "price.updated", price);
    }

    fn dividend(&mut self, ticker: &'static str, rate: &str, t: DateTime<Utc>) {
        let Some(symbol) = Market::symbol(ticker) else { return };
        let rate: Decimal = rate.parse().expect("invariant: dividend rates are decimals");
        let mut owed = Vec::new();
        for id in 0..self.customers.len() {
            let held = self.customers.get_mut(id).holding(symbol).map(|h| h.quantity);
            let Some(mut money) = held.map(|q| (q * rate).round_dp(2)).filter(|m| !m.is_zero()) else {
                continue;
            };
            money.rescale(2);
            let person = self.customers.get_mut(id);
            person.cash += money;
            let symbol = attribute("symbol", ticker);
            owed.push(vec![
                attribute("customer.id", person.id()),
                attribute("portfolio.id", person.portfolio()),
                symbol,
                attribute("amount", money.to_string()),
                attribute("currency", person.venue.currency()),
            ]);
        }
        self.ledger_run(venue_of(ticker), t, "pay dividends", vec![("dividend.paid", owed)]);
    }

    /// A weekly custody fee for one customer in seven, with its invoice.
    fn custody_fees(&mut self, venue: Venue, t: DateTime<Utc>) {
        let week = t.iso_week().week() as usize;
        let (mut fees, mut invoices) = (Vec::new(), Vec::new());
        for id in (0..self.customers.len()).filter(|id| id % BILLED == week % BILLED) {
            let person = self.customers.get(id);
            let money = if venue == Venue::Xnys { Decimal::new(250, 2) } else { Decimal::new(4_900, 2) };
            if person.venue != venue || person.holdings.is_empty() || person.cash < money {
                continue;
            }
            let (who, portfolio) = (person.id(), person.portfolio());
            let invoice = self.scene.id("inv");
            let bill = |key: &'static str, value: String| {
                vec![
                    attribute("customer.id", who.clone()),
                    attribute(key, value),
                    attribute("amount", money.to_string()),
                    attribute("currency", venue.currency()),
                ]
            };
            invoices.push(bill("invoice.id", invoice));
            fees.push(bill("portfolio.id", portfolio));
            self.customers.get_mut(id).cash -= money;
        }
        self.ledger_run(
            venue,
            t,
            "charge custody fees",
            vec![("invoice.issued", invoices), ("fee.charged", fees)],
        );
    }

    /// A batch job of the ledger: four spans around its events.
    fn ledger_run(
        &mut self,
        venue: Venue,
        t: DateTime<Utc>,
        name: &'static str,
        events: Vec<(&'static str, Vec<Vec<Attribute>>)>,
    ) {
        let offset = self.scene.rng.random_range(0..1_000_000_000);
        let mut trace = self.scene.trace(venue, nanos(t) + offset, None);
        self.launch(async move {
            trace
                .span(Ledger, SpanKind::Internal, name, vec![], async |t| {
                    // A batch goes on where a statement got no connection: it is repeated by hand.
                    let _ = t.db(Ledger, "SELECT positions", 45_000.0).await;
                    for (name, records) in events {
                        for attributes in records {
                            t.event(name, name, attributes);
                            t.wait(400);
                        }
                    }
                    let _ = t.db(Ledger, "INSERT entries", 60_000.0).await;
                    t.send(Ledger, "send notifications").await;
                })
                .await;
            trace.end()
        });
    }
}

/// Whether `at` lies in the minute of `t`.
fn due(at: DateTime<Utc>, t: DateTime<Utc>) -> bool {
    at >= t && at < t + Duration::minutes(1)
}

fn venue_of(ticker: &str) -> Venue {
    let listed = |venue: Venue| Market::listed(venue).any(|s| Market::ticker(s) == ticker);
    if listed(Venue::Xnse) { Venue::Xnse } else { Venue::Xnys }
}
