//! Events in plain words, from `data/journey.json`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rust_decimal::Decimal;
use serde::Deserialize;

use super::safe::{hints, safe};
use super::subject::{self, Stage};
use super::{Catalog, JourneyStep, Outcome, StepKind};
use crate::events::Event;

#[derive(Debug, Deserialize)]
struct Words {
    title: String,
    outcome: Outcome,
}

static WORDS: LazyLock<BTreeMap<String, Words>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/journey.json"))
        .expect("invariant: data/journey.json is read in a test")
});

/// A business event as a step that a support agent can read out.
pub fn tell(catalog: &Catalog, event: &Event) -> JourneyStep {
    let words = WORDS.get(&event.name);
    let state = subject::state(event).filter(|_| words.is_none());
    let mut outcome = words
        .map(|words| words.outcome)
        .or(state.map(|state| of_stage(state.stage)))
        .unwrap_or(Outcome::Info);
    let mut detail = String::new();
    if event.name == "risk.checked" {
        let passed = event
            .attribute("result")
            .is_none_or(|result| matches!(result, "pass" | "passed" | "ok" | "approved" | "accept"));
        if !passed {
            outcome = Outcome::Failed;
            "not passed".clone_into(&mut detail);
        }
    }
    let refused = outcome == Outcome::Failed && event.name != "risk.checked";
    let explained = event.name.ends_with(".cancelled") && event.attribute("reason").is_some();
    if let Some(flow) = subject::flow(&event.name).filter(|_| refused || explained) {
        detail = catalog.reason(flow, event.attribute("reason.code"), event.attribute("reason")).says;
    }
    let webhook = event.name.starts_with("webhook.");
    if webhook {
        detail = webhook_detail(event);
    }
    let money = event.amount.filter(|_| event.trade_id.is_empty());
    // A suspicion must not be read from the name of an event either.
    let name = if hints(&event.name) { "internal.review" } else { &event.name };
    JourneyStep {
        ts: event.ts,
        kind: if webhook { StepKind::Webhook } else { StepKind::Event },
        event: name.to_owned(),
        title: match (words, state) {
            (Some(words), _) => fill(&words.title, event),
            (None, Some(state)) => state.title.clone(),
            (None, None) => humanise(name),
        },
        service: event.service.clone(),
        outcome,
        detail,
        trace_id: event.trace_id.clone(),
        amount: money.map(money_text),
        currency: Some(event.currency.clone()).filter(|code| !code.is_empty()),
    }
}

fn of_stage(stage: Stage) -> Outcome {
    match stage {
        Stage::Done => Outcome::Ok,
        Stage::Failed => Outcome::Failed,
        Stage::Open => Outcome::Pending,
        Stage::Cancelled => Outcome::Info,
    }
}

/// `to partner-bank, attempt 2, answered 503`, as far as the event says.
fn webhook_detail(event: &Event) -> String {
    let parts = [("webhook.target", ""), ("attempt", "attempt "), ("http.response.status_code", "answered ")];
    let said =
        parts.into_iter().filter_map(|(key, word)| Some(format!("{word}{}", safe(event.attribute(key)?)?)));
    said.collect::<Vec<_>>().join(", ")
}

/// `{name}` becomes the event's figure; a part in square brackets is left out when a figure
/// in it is missing.
fn fill(template: &str, event: &Event) -> String {
    let mut text = String::new();
    for part in template.split_inclusive([']', '[']) {
        let optional = part.ends_with(']');
        let mut missing = false;
        let mut words = part.trim_end_matches(['[', ']']).to_owned();
        for name in ["Side", "side", "quantity", "symbol", "price", "amount", "currency"] {
            let place = format!("{{{name}}}");
            if words.contains(&place) {
                let figure = figure(name, event);
                missing |= figure.is_empty();
                words = words.replace(&place, &figure);
            }
        }
        if !(optional && missing) {
            text += &words;
        }
    }
    text
}

fn figure(name: &str, event: &Event) -> String {
    let done = match event.side.as_str() {
        "buy" => "Bought",
        "sell" => "Sold",
        _ => "Traded",
    };
    match name {
        "Side" => done.to_owned(),
        "side" => event.side.clone(),
        "quantity" => event.quantity.map(|pieces| pieces.normalize().to_string()).unwrap_or_default(),
        "symbol" => event.symbol.clone(),
        "price" => event.price.map(money_text).unwrap_or_default(),
        "amount" => event.amount.map(money_text).unwrap_or_default(),
        _ => event.currency.clone(),
    }
}

/// `refund.requested` becomes `Refund requested`.
fn humanise(name: &str) -> String {
    let text = name.replace(['.', '_', '-'], " ");
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Money with at least two digits after the point, and no more than it has.
pub(super) fn money_text(value: Decimal) -> String {
    let mut value = value.normalize();
    if value.scale() < 2 {
        value.rescale(2);
    }
    value.to_string()
}
