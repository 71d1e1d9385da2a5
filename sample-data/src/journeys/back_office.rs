//! What happens by the clock: the known customers at the start, releases,
//! prices, the split. What the ledger posts is told in `postings`.

use chrono::{DateTime, Duration, Utc};
use rust_decimal::Decimal;

use super::{Task, amount};
use crate::Phase;
use crate::calendar::Venue;
use crate::clock::nanos;
use crate::customers::{CustomerId, INITIAL};
use crate::market::{Market, SymbolId};
use crate::platform::Platform;
use crate::schedule::SPLIT_SYMBOL;
use crate::shape::in_session;
use crate::topology::Service::{self, MarketData, Portfolio};
use crate::trace::attribute;

/// Minutes the take-over of known customers is spread over, and their paying in of new money
/// when a run goes on where an earlier one ended.
const IMPORT_MINUTES: i64 = 5;
const PAYING_IN_MINUTES: i64 = 50;
/// Times more than ordinarily that customers have while a ramp runs.
const PLENTY: i64 = 10_000;

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
            self.weekly(venue, t);
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
            let adviser = person.adviser().map(|adviser| attribute("adviser.id", adviser));
            if !self.continues {
                let mut registered = vec![
                    attribute("event.version", 2_i64),
                    who.clone(),
                    attribute("customer.email", person.email()),
                    attribute("customer.name", person.name()),
                    attribute("customer.country", person.country()),
                    attribute("account.id", person.account()),
                    attribute("portfolio.id", person.portfolio()),
                ];
                registered.extend(adviser.clone());
                self.scene.event(Service::Auth, person.venue, ts, "customer.registered", registered);
            }
            let mut paid = vec![
                attribute("event.version", 2_i64),
                who,
                attribute("payment.id", self.scene.id("pay")),
                attribute("account.id", person.account()),
                attribute("portfolio.id", person.portfolio()),
                attribute("amount", opening.to_string()),
                attribute("currency", person.venue.currency()),
                attribute("method", method),
            ];
            paid.extend(adviser);
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
                self.publish_price(symbol, ts);
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

    fn publish_price(&mut self, symbol: SymbolId, ts: i64) {
        let (venue, sector) = (Market::venue(symbol), Market::sector(symbol));
        let mut attributes = vec![
            attribute("event.version", 2_i64),
            attribute("symbol", Market::ticker(symbol)),
            attribute("price", self.market.price(symbol).to_string()),
            attribute("currency", venue.currency()),
            attribute("venue", venue.mic()),
            // Only a fund is of no sector: it holds shares of all of them.
            attribute("asset.class", if sector.is_some() { "equity" } else { "fund" }),
        ];
        attributes.extend(sector.map(|sector| attribute("sector", sector)));
        self.scene.event(MarketData, venue, ts, "price.updated", attributes);
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
        self.publish_price(symbol, at + 1_000_000);
    }
}

/// Whether `at` lies in the minute of `t`.
fn due(at: DateTime<Utc>, t: DateTime<Utc>) -> bool {
    at >= t && at < t + Duration::minutes(1)
}
