//! Money in and out: the bank is the slow, failing neighbour.

use opentelemetry::logs::Severity;
use rand::Rng;
use rust_decimal::Decimal;

use super::{Task, amount, authorize};
use crate::calendar::Venue;
use crate::customers::CustomerId;
use crate::platform::Platform;
use crate::topology::Service::{Gateway, Payments, Wallet};
use crate::trace::{Attribute, Overload, Trace, attribute};

const BANK: &str = "bank-connect.example.net";

/// Why a bank refuses: share, code, words.
const DEPOSIT_REFUSALS: [(f64, &str, &str); 4] = [
    (0.45, "card_declined", "the bank declined the card"),
    (0.70, "insufficient_funds", "the bank account does not hold the amount"),
    (0.90, "account_closed", "the bank refused: account closed"),
    (1.00, "name_mismatch", "the bank account is in another name"),
];
const WITHDRAWAL_REFUSALS: [(f64, &str, &str); 3] = [
    (0.55, "account_closed", "the bank refused: account closed"),
    (0.80, "name_mismatch", "the bank account is in another name"),
    (1.00, "bank_limit", "the amount is above the bank's daily limit"),
];
const OVERLOADED: (&str, &str) = ("internal_error", "the platform was overloaded");
const TIMEOUT: (&str, &str) = ("bank_timeout", "the bank did not answer within 10 s");

/// How a payment went at the bank.
type Outcome = Result<(), (&'static str, &'static str)>;

impl Platform {
    /// `POST /v1/deposits`: eleven or twelve spans.
    pub(super) fn deposit(&mut self, customer: CustomerId, ts: i64) {
        let venue = self.customers.get(customer).venue;
        let rng = &mut self.scene.rng;
        let money = match venue {
            Venue::Xnys => amount(rng, 1_200.0, 0.9, 10),
            Venue::Xnse => amount(rng, 40_000.0, 0.9, 500),
        };
        let method = methods(venue)[rng.random_range(0..3)];
        self.pay(customer, ts, money, method, true);
    }

    /// `POST /v1/withdrawals`: at most half of the free cash.
    pub(super) fn withdraw(&mut self, customer: CustomerId, ts: i64) {
        let person = self.customers.get(customer);
        let half = (person.cash / Decimal::TWO).trunc();
        if half < Decimal::TEN {
            return self.view_portfolio(customer, ts);
        }
        let method = methods(person.venue)[2];
        let share = Decimal::from(self.scene.rng.random_range(5..=100_i64));
        let mut money = (half * share / Decimal::ONE_HUNDRED).trunc().max(Decimal::ONE);
        money.rescale(2);
        // Gone at once, so that nothing else spends it; back if the bank refuses.
        self.customers.get_mut(customer).cash -= money;
        self.pay(customer, ts, money, method, false);
    }

    /// The trace of a payment, and the money if it moved.
    fn pay(&mut self, customer: CustomerId, ts: i64, money: Decimal, method: &'static str, deposit: bool) {
        let miskeyed = deposit && self.miskeyed();
        let person = self.customers.get(customer);
        let what = vec![
            attribute("payment.id", self.scene.id("pay")),
            attribute("account.id", person.account()),
            attribute("portfolio.id", person.portfolio()),
            attribute("currency", person.venue.currency()),
            attribute("method", method),
        ];
        let asked = [&what[..], &[attribute("amount", money.to_string())]].concat();
        let keyed = if miskeyed { money * Decimal::TEN } else { money };
        let mut booked = what;
        booked.extend([attribute("event.version", 2_i64), attribute("amount", keyed.to_string())]);
        booked.extend(person.adviser().map(|adviser| attribute("adviser.id", adviser)));
        let mut trace = self.customer_trace(customer, ts);
        let (public, inner) = if deposit {
            ("POST /v1/deposits", "POST /deposits")
        } else {
            ("POST /v1/withdrawals", "POST /withdrawals")
        };
        self.launch(async move {
            let mut outcome: Outcome = Err(OVERLOADED);
            let (mut message, mut booking) = (None, None);
            trace
                .request(public, async |t| {
                    authorize(t).await?;
                    let status = t.http(Gateway, Payments, inner, async |t| {
                        t.db(Payments, "INSERT payments", 2_000.0).await?;
                        let text = format!("{} of {money} started", word(deposit));
                        t.event(names(deposit)[0], text, asked.clone());
                        outcome = move_money(t, deposit).await;
                        message = Some(t.send(Payments, "send notifications").await);
                        let (status, id) = match outcome {
                            Ok(()) => (201, Some(complete(t, deposit, money, booked))),
                            Err(refusal) => (fail(t, deposit, money, asked, refusal), None),
                        };
                        booking = id;
                        Ok(status)
                    });
                    Ok(status.await)
                })
                .await;
            let end = trace.cursor;
            trace.then(move |platform| {
                if let Some(message) = message {
                    platform.later(end + 40_000_000, Task::Notify { customer, message });
                }
                if let Some(booking) = booking.filter(|_| miskeyed) {
                    platform.notice(customer, booking, attribute("amount", money.to_string()), end);
                }
                match (deposit, outcome) {
                    (true, Ok(())) => platform.later(end, Task::Credit { customer, money }),
                    (false, Err(_)) => platform.customers.get_mut(customer).cash += money,
                    _ => {}
                }
            })
        });
    }
}

/// The bank, then the balance.
async fn move_money(t: &mut Trace, deposit: bool) -> Outcome {
    ask_bank(t, deposit).await?;
    let applied: Result<(), Overload> = t
        .grpc(Payments, Wallet, "wallet.Balances/Apply", async |t| {
            t.db(Wallet, "UPDATE balances", 2_300.0).await
        })
        .await;
    // What the bank has moved it moves back.
    applied.map_err(|Overload| OVERLOADED)
}

/// Up to two attempts at the bank.
async fn ask_bank(t: &mut Trace, deposit: bool) -> Outcome {
    let slow = t.conditions.slow_bank;
    for attempt in 0..2 {
        let lost = t.chance(if slow { 0.45 } else { 0.006 });
        let name = if deposit { "POST /v3/debits" } else { "POST /v3/credits" };
        let refused = !lost && t.chance(0.035);
        let answer = t.external(Payments, name, BANK, attempt, |t| {
            if lost {
                t.wait(10_000_000);
                return 0;
            }
            t.spend(if slow { 4_200_000.0 } else { 210_000.0 }, if slow { 0.35 } else { 0.5 });
            if refused { 422 } else { 200 }
        });
        match answer.await {
            0 if attempt == 0 => {
                t.log(Severity::Warn, "bank did not answer, trying once more", vec![]);
                t.spend(250_000.0, 0.2);
            }
            0 => return Err(TIMEOUT),
            422 => {
                let roll: f64 = t.rng.random();
                let table: &[_] = if deposit { &DEPOSIT_REFUSALS } else { &WITHDRAWAL_REFUSALS };
                let (_, code, reason) = table.iter().find(|(upto, ..)| roll < *upto).unwrap_or(&table[0]);
                return Err((code, reason));
            }
            _ => return Ok(()),
        }
    }
    Err(TIMEOUT)
}

/// The money has moved. Gives the id of the event that books it.
fn complete(t: &mut Trace, deposit: bool, money: Decimal, attributes: Vec<Attribute>) -> String {
    t.event(names(deposit)[1], format!("{} of {money} completed", word(deposit)), attributes)
}

/// The money has not moved. Gives the status that the customer gets.
fn fail(
    t: &mut Trace,
    deposit: bool,
    money: Decimal,
    mut attributes: Vec<Attribute>,
    (code, reason): (&'static str, &'static str),
) -> u16 {
    attributes.push(attribute("reason.code", code));
    attributes.push(attribute("reason", reason));
    t.event(names(deposit)[2], format!("{} of {money} failed: {reason}", word(deposit)), attributes);
    if code == TIMEOUT.0 {
        t.exception("BankTimeout", "the bank did not answer within 10 s");
        return 504;
    }
    if code == OVERLOADED.0 { 503 } else { 402 }
}

fn names(deposit: bool) -> [&'static str; 3] {
    if deposit {
        ["deposit.initiated", "deposit.completed", "deposit.failed"]
    } else {
        ["withdrawal.initiated", "withdrawal.completed", "withdrawal.failed"]
    }
}

fn word(deposit: bool) -> &'static str {
    if deposit { "deposit" } else { "withdrawal" }
}

/// Ways to pay; the last also takes money out.
fn methods(venue: Venue) -> [&'static str; 3] {
    match venue {
        Venue::Xnys => ["card", "wire", "ach"],
        Venue::Xnse => ["upi", "card", "netbanking"],
    }
}
