//! What the ledger posts by the clock: dividends and the tax on them, interest on
//! cash, custody fees and their invoices.

use chrono::{DateTime, Datelike, Timelike, Utc, Weekday};
use opentelemetry::trace::SpanKind;
use rand::Rng;
use rust_decimal::Decimal;

use crate::calendar::Venue;
use crate::clock::nanos;
use crate::customers::Customer;
use crate::market::Market;
use crate::platform::Platform;
use crate::topology::Service::Ledger;
use crate::trace::{Attribute, attribute};

/// One customer in so many is billed each week.
const BILLED: usize = 7;

impl Platform {
    /// What is due every Friday after the close, by the venue's clock.
    pub(super) fn weekly(&mut self, venue: Venue, t: DateTime<Utc>) {
        let local = t.with_timezone(&venue.tz());
        match (local.weekday(), local.hour(), local.minute()) {
            (Weekday::Fri, 17, 30) => self.interest(venue, t),
            (Weekday::Fri, 18, 0) => self.custody_fees(venue, t),
            _ => {}
        }
    }

    /// A dividend of `rate` a share, and the tax that is withheld from it.
    pub(super) fn dividend(&mut self, ticker: &'static str, rate: &str, t: DateTime<Utc>) {
        let Some(symbol) = Market::symbol(ticker) else { return };
        let rate: Decimal = rate.parse().expect("invariant: dividend rates are decimals");
        let venue = Market::venue(symbol);
        let (mut owed, mut withheld) = (Vec::new(), Vec::new());
        for id in 0..self.customers.len() {
            let person = self.customers.get_mut(id);
            let Some(money) = person.holding(symbol).and_then(|held| cents(held.quantity * rate)) else {
                continue;
            };
            person.cash += money;
            let posted = |money| [posting(person, money), vec![attribute("symbol", ticker)]].concat();
            owed.push([posted(money), vec![attribute("event.version", 2_i64)]].concat());
            if let Some(tax) = cents(money * tax_rate(venue)) {
                withheld.push(posted(tax));
                person.cash -= tax;
            }
        }
        let events = vec![("dividend.paid", owed), ("tax.withheld", withheld)];
        self.ledger_run(venue, t, "pay dividends", events);
    }

    /// A week's interest on the cash of every customer of `venue`.
    fn interest(&mut self, venue: Venue, t: DateTime<Utc>) {
        let weekly = interest_rate(venue) / Decimal::from(52);
        let mut paid = Vec::new();
        for id in 0..self.customers.len() {
            let person = self.customers.get_mut(id);
            if person.venue != venue {
                continue;
            }
            if let Some(money) = cents(person.cash * weekly) {
                person.cash += money;
                paid.push(posting(person, money));
            }
        }
        self.ledger_run(venue, t, "pay interest", vec![("interest.paid", paid)]);
    }

    /// A weekly custody fee for one customer in seven, with its invoice.
    fn custody_fees(&mut self, venue: Venue, t: DateTime<Utc>) {
        let week = t.iso_week().week() as usize;
        let (mut fees, mut invoices) = (Vec::new(), Vec::new());
        for id in (0..self.customers.len()).filter(|id| id % BILLED == week % BILLED) {
            let money = if venue == Venue::Xnys { Decimal::new(250, 2) } else { Decimal::new(4_900, 2) };
            let person = self.customers.get_mut(id);
            if person.venue != venue || person.holdings.is_empty() || person.cash < money {
                continue;
            }
            invoices.push(vec![
                attribute("customer.id", person.id()),
                attribute("invoice.id", self.scene.id("inv")),
                attribute("amount", money.to_string()),
                attribute("currency", venue.currency()),
            ]);
            fees.push([posting(person, money), vec![attribute("event.version", 2_i64)]].concat());
            person.cash -= money;
        }
        let events = vec![("invoice.issued", invoices), ("fee.charged", fees)];
        self.ledger_run(venue, t, "charge custody fees", events);
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

/// `money` in or out of the customer's account.
fn posting(person: &Customer, money: Decimal) -> Vec<Attribute> {
    let mut attributes = vec![
        attribute("customer.id", person.id()),
        attribute("portfolio.id", person.portfolio()),
        attribute("amount", money.to_string()),
        attribute("currency", person.venue.currency()),
    ];
    attributes.extend(person.adviser().map(|adviser| attribute("adviser.id", adviser)));
    attributes
}

/// An amount in whole cents or paise; `None` when it is less than one.
fn cents(money: Decimal) -> Option<Decimal> {
    let mut money = money.round_dp(2);
    money.rescale(2);
    (!money.is_zero()).then_some(money)
}

/// Share of a dividend that is withheld. The rates are the sample's own.
fn tax_rate(venue: Venue) -> Decimal {
    match venue {
        Venue::Xnys => Decimal::new(15, 2),
        Venue::Xnse => Decimal::new(10, 2),
    }
}

/// What cash earns in a year. The rates are the sample's own.
fn interest_rate(venue: Venue) -> Decimal {
    match venue {
        Venue::Xnys => Decimal::new(15, 3),
        Venue::Xnse => Decimal::new(30, 3),
    }
}
