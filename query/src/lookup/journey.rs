//! Events in plain words, from `data/journey.json`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rust_decimal::Decimal;
use serde::Deserialize;

use super::{JourneyStep, Outcome, catalog, subject};
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
pub fn tell(event: &Event) -> JourneyStep {
    let words = WORDS.get(&event.name);
    let mut outcome = words.map_or(Outcome::Info, |words| words.outcome);
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
    if let Some(flow) =
        subject::flow(&event.name).filter(|_| outcome == Outcome::Failed && event.name != "risk.checked")
    {
        detail = catalog::reason(flow, event.attribute("reason.code"), event.attribute("reason")).says;
    }
    let money = event.amount.filter(|_| event.trade_id.is_empty());
    JourneyStep {
        ts: event.ts,
        event: event.name.clone(),
        title: words.map_or_else(|| humanise(&event.name), |words| fill(&words.title, event)),
        service: event.service.clone(),
        outcome,
        detail,
        trace_id: event.trace_id.clone(),
        amount: money.map(money_text),
        currency: Some(event.currency.clone()).filter(|code| !code.is_empty()),
    }
}

/// `{name}` becomes the event's figure; what is missing leaves no trace.
fn fill(template: &str, event: &Event) -> String {
    let figure =
        |value: Option<Decimal>| value.map(|value| value.normalize().to_string()).unwrap_or_default();
    let money = |value: Option<Decimal>| value.map(money_text).unwrap_or_default();
    let done = match event.side.as_str() {
        "buy" => "Bought",
        "sell" => "Sold",
        _ => "Traded",
    };
    let text = template
        .replace("{Side}", done)
        .replace("{side}", if event.side.is_empty() { "trade" } else { &event.side })
        .replace("{quantity}", &figure(event.quantity))
        .replace("{symbol}", &event.symbol)
        .replace("{price}", &money(event.price))
        .replace("{amount}", &money(event.amount))
        .replace("{currency}", &event.currency);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.trim_end_matches(" of").trim_end_matches(" on").to_owned()
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
