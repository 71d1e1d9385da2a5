//! What customers do, and what the platform does for them. Each journey is one
//! trace; work that a message hands on is a trace of its own, linked to it.

mod back_office;
mod browse;
mod fill;
mod mistakes;
mod onboarding;
mod order;
mod payment;
mod postings;
mod terms;

use chrono::DateTime;
use opentelemetry::trace::SpanContext;
use rand::Rng;
use rust_decimal::Decimal;

use crate::calendar::Venue;
use crate::customers::CustomerId;
use crate::journeys::fill::Trade;
use crate::limits::Ask;
use crate::market::SymbolId;
use crate::platform::Platform;
use crate::topology::Service;
use crate::trace::{Attribute, Overload, Story, Trace};

/// Buy or sell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Buy,
    Sell,
}

impl Side {
    fn as_str(self) -> &'static str {
        match self {
            Self::Buy => "buy",
            Self::Sell => "sell",
        }
    }
}

/// An accepted order that is not finished.
#[derive(Clone, Debug)]
pub(crate) struct OpenOrder {
    id: String,
    customer: CustomerId,
    symbol: SymbolId,
    side: Side,
    quantity: Decimal,
    limit: Option<Decimal>,
    /// Cash promised to a buy.
    hold: Decimal,
    message: SpanContext,
}

/// Work put off to a later instant.
pub(crate) enum Task {
    /// A customer of the market arrives.
    Arrive(Venue),
    /// A trace gets its turn at what it asks for.
    Answer(Story, Ask),
    /// The venue fills the order.
    Fill(OpenOrder),
    /// The customer withdraws the order.
    Cancel(OpenOrder),
    /// The session ended before the order was filled.
    Expire(OpenOrder),
    /// Trades are booked.
    Settle { order: OpenOrder, trades: Vec<Trade>, message: SpanContext },
    /// Paid-in money becomes available.
    Credit { customer: CustomerId, money: Decimal },
    /// What was booked wrongly is put right.
    Correct { customer: CustomerId, booking: String, right: Attribute },
    /// The venue takes a fill back.
    Bust { order: OpenOrder, booking: String },
    /// The customer is told.
    Notify { customer: CustomerId, message: SpanContext },
}

impl Platform {
    /// One customer of `venue` arrives at `ts` and does something.
    pub(crate) fn journey(&mut self, venue: Venue, ts: i64) {
        let t = DateTime::from_timestamp_nanos(ts);
        let payday = if self.ramp.is_some() { 1.0 } else { self.schedule.deposits(venue, t) };
        // order, quote, portfolio, sign-in, deposit, withdrawal, sign-up
        let weights = if self.is_open(venue, t) {
            [0.26, 0.31, 0.20, 0.13, 0.035 * payday, 0.02, 0.004]
        } else {
            [0.03, 0.27, 0.31, 0.26, 0.07 * payday, 0.03, 0.012]
        };
        let mut at = self.scene.rng.random::<f64>() * weights.iter().sum::<f64>();
        let choice = weights.iter().position(|w| {
            at -= w;
            at < 0.0
        });
        let customer = self.customers.pick(venue, &mut self.scene.rng);
        match choice {
            Some(0) => self.order(customer, ts),
            Some(1) => self.quote(customer, ts),
            Some(2) => self.view_portfolio(customer, ts),
            Some(3) => self.sign_in(customer, ts),
            Some(4) => self.deposit(customer, ts),
            Some(5) => self.withdraw(customer, ts),
            _ => self.sign_up(venue, ts),
        }
    }

    /// Does what was put off.
    pub(crate) fn carry_out(&mut self, ts: i64, task: Task) {
        match task {
            Task::Arrive(venue) => self.journey(venue, ts),
            Task::Answer(story, ask) => self.answer(story, Ask { at: ts, ..ask }),
            Task::Fill(order) => self.fill(order, ts),
            Task::Cancel(order) => self.cancel(order, ts),
            Task::Expire(order) => self.expire(order, ts),
            Task::Settle { order, trades, message } => self.settle(&order, &trades, message, ts),
            Task::Credit { customer, money } => self.customers.get_mut(customer).cash += money,
            Task::Correct { customer, booking, right } => self.correct(customer, booking, right, ts),
            Task::Bust { order, booking } => self.bust(&order, booking, ts),
            Task::Notify { customer, message } => self.notify(customer, message, ts),
        }
    }

    /// A trace in the name of `customer`.
    fn customer_trace(&mut self, customer: CustomerId, ts: i64) -> Trace {
        let customer = self.customers.get(customer);
        self.scene.trace(customer.venue, ts, Some(customer.id()))
    }
}

/// The gateway asks who is calling: three spans.
async fn authorize(t: &mut Trace) -> Result<(), Overload> {
    t.grpc(Service::Gateway, Service::Auth, "auth.Sessions/Authorize", async |t| {
        t.cache(Service::Auth, "GET").await;
        Ok(())
    })
    .await
}

/// A lognormal amount of money around `median`, rounded down to `step` units.
fn amount(rng: &mut impl Rng, median: f64, sigma: f64, step: i64) -> Decimal {
    use rand_distr::{Distribution, StandardNormal};
    let z: f64 = StandardNormal.sample(rng);
    let units = (median * (sigma * z).exp()) as i64 / step * step;
    let mut money = Decimal::from(units.max(step));
    money.rescale(2);
    money
}
