//! What a journey comes down to, and what the agent does now. Pure: events in, words out.

use chrono::{DateTime, TimeDelta, Utc};

use super::catalog::{Fault, Reason};
use super::journey::{money_text, tell};
use super::safe::hints;
use super::subject::{Flow, Stage, Subject, in_question};
use super::{Catalog, Verdict, VerdictState};
use crate::events::Event;
use crate::traces::TraceSummary;

/// The verdict over events (in any order) and the requests they happened in.
pub fn judge(catalog: &Catalog, events: &[Event], traces: &[TraceSummary], now: DateTime<Utc>) -> Verdict {
    match in_question(events, now) {
        Some(subject) => match subject.stage {
            Stage::Failed => failed(catalog, &subject, now),
            Stage::Open => open(catalog, &subject, traces, now),
            Stage::Done | Stage::Cancelled => ended(&subject, now),
        },
        None => by_requests(catalog, events, traces, now),
    }
}

/// Why a subject ended as it did.
pub(super) fn reason(catalog: &Catalog, subject: &Subject<'_>) -> Reason {
    let event = subject.decisive;
    catalog.reason(subject.flow, event.attribute("reason.code"), event.attribute("reason"))
}

fn failed(catalog: &Catalog, subject: &Subject<'_>, now: DateTime<Utc>) -> Verdict {
    let reason = reason(catalog, subject);
    let by = reason.by.map(|who| format!(" by {who}")).unwrap_or_default();
    let (how, fault) = match (subject.flow, reason.fault) {
        (_, Some(Fault::Ours)) => ("did not go through".to_owned(), " This was our fault."),
        (_, Some(Fault::Upstream)) => {
            ("did not go through".to_owned(), " The fault was a partner's, not the customer's.")
        }
        (Flow::Kyc, _) => ("was not passed".to_owned(), ""),
        (_, Some(Fault::Customer | Fault::Market)) => (format!("was refused{by}"), " Not our fault."),
        (_, Some(Fault::NotSaid) | None) => (format!("was refused{by}"), ""),
    };
    let at = clock(subject.decisive.ts, now);
    Verdict {
        state: VerdictState::Failed,
        sentence: format!("{} {how} at {at}: {}.{fault}", thing(subject), reason.says),
        next_step: reason.next_step,
    }
}

fn open(catalog: &Catalog, subject: &Subject<'_>, traces: &[TraceSummary], now: DateTime<Utc>) -> Verdict {
    let waited = subject.waits(now);
    let step = lower_first(&tell(catalog, subject.decisive).title);
    let mut sentence = format!(
        "{} is not finished: the last step, \"{step}\", was at {}, {} ago",
        thing(subject),
        clock(subject.decisive.ts, now),
        length(waited),
    );
    let next_step = if subject.is_stuck(now) {
        sentence += &format!(". It should have taken no more than {}.", length(subject.flow.patience()));
        if let Some(trace) = traces.iter().find(|trace| trace.errors > 0) {
            sentence += &format!(" A request of it failed on our side{}.", place(trace));
        }
        "Tell the customer that it is being looked into, and hand the case with its trace to the engineers on call.".to_owned()
    } else {
        sentence += ". That is usual.";
        format!("Ask the customer to wait; this takes up to {}.", length(subject.flow.patience()))
    };
    Verdict { state: VerdictState::InProgress, sentence, next_step }
}

fn ended(subject: &Subject<'_>, now: DateTime<Utc>) -> Verdict {
    let how = match (subject.stage, subject.flow) {
        (Stage::Cancelled, _) => "was cancelled",
        (_, Flow::Order) => "was carried out",
        (_, Flow::Deposit) => "arrived",
        (_, Flow::Withdrawal) => "was paid out",
        (_, Flow::Kyc) => "was passed",
    };
    Verdict {
        state: VerdictState::Ok,
        sentence: format!("{} {how} at {}.", thing(subject), clock(subject.decisive.ts, now)),
        next_step: "Nothing needs to be done.".to_owned(),
    }
}

/// Nothing that begins and ends was found: requests are all there is to go by.
fn by_requests(catalog: &Catalog, events: &[Event], traces: &[TraceSummary], now: DateTime<Utc>) -> Verdict {
    let broken = traces.iter().filter(|trace| trace.errors > 0).count();
    if let Some(trace) = traces.iter().find(|trace| trace.errors > 0) {
        let many = if traces.len() == 1 {
            "The request".to_owned()
        } else {
            format!("{broken} of {} requests", traces.len())
        };
        let at = clock(trace.start, now);
        return Verdict {
            state: VerdictState::Failed,
            sentence: format!("{many} failed on our side, last at {at}{}.", place(trace)),
            next_step: "Apologise, and hand the case with its trace to the engineers on call.".to_owned(),
        };
    }
    if traces.is_empty() && events.is_empty() {
        return Verdict {
            state: VerdictState::Unknown,
            sentence: "Nothing is stored under this.".to_owned(),
            next_step: "Check the spelling, or ask the customer for an order, payment or customer number."
                .to_owned(),
        };
    }
    let last = events.iter().max_by_key(|event| event.ts);
    let sentence = match last {
        Some(event) => format!(
            "No order or payment is in question; the last thing known is \"{}\" at {}.",
            lower_first(&tell(catalog, event).title),
            clock(event.ts, now)
        ),
        None if traces.len() == 1 => "The request went well.".to_owned(),
        None => format!("{} requests are stored and none of them failed.", traces.len()),
    };
    Verdict {
        state: VerdictState::Ok,
        sentence,
        next_step: "Ask the customer what they expected to see.".to_owned(),
    }
}

/// ` (gateway, POST /orders)`, or nothing where a name gives a suspicion away.
fn place(trace: &TraceSummary) -> String {
    let place = format!(" ({}, {})", trace.root_service, trace.root_operation);
    if hints(&place) { String::new() } else { place }
}

/// `The deposit of 250.00 USD`, `The order to buy 10 ACME`.
pub(super) fn thing(subject: &Subject<'_>) -> String {
    let either = |pick: fn(&Event) -> Option<String>| pick(subject.first).or_else(|| pick(subject.decisive));
    let text = |value: &str| Some(value.to_owned()).filter(|text| !text.is_empty());
    let money = either(|event| event.amount.map(money_text));
    let currency =
        text(&subject.first.currency).or_else(|| text(&subject.decisive.currency)).unwrap_or_default();
    let sum = money.map(|money| format!(" of {money} {currency}").trim_end().to_owned()).unwrap_or_default();
    match subject.flow {
        Flow::Deposit => format!("The deposit{sum}"),
        Flow::Withdrawal => format!("The withdrawal{sum}"),
        Flow::Kyc => "The identity check".to_owned(),
        Flow::Order => {
            let order = if subject.first.symbol.is_empty() { subject.decisive } else { subject.first };
            let quantity =
                order.quantity.map(|quantity| quantity.normalize().to_string()).unwrap_or_default();
            let words = [
                "The order to",
                if order.side.is_empty() { "trade" } else { &order.side },
                &quantity,
                &order.symbol,
            ];
            words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
        }
    }
}

/// `10:02 UTC` today, `10:02 UTC on 19 November 2026` otherwise.
pub(super) fn clock(ts: DateTime<Utc>, now: DateTime<Utc>) -> String {
    if ts.date_naive() == now.date_naive() {
        ts.format("%H:%M UTC").to_string()
    } else {
        ts.format("%H:%M UTC on %-d %B %Y").to_string()
    }
}

/// `47 minutes`, `3 hours`, `2 days`.
pub(super) fn length(delta: TimeDelta) -> String {
    let (amount, unit) = match delta.num_minutes() {
        0 => (delta.num_seconds(), "second"),
        minutes if minutes < 120 => (minutes, "minute"),
        minutes if minutes <= 48 * 60 => (minutes / 60, "hour"),
        minutes => (minutes / (24 * 60), "day"),
    };
    if amount == 1 { format!("1 {unit}") } else { format!("{amount} {unit}s") }
}

pub(super) fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
