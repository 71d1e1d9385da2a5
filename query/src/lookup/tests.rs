#![allow(clippy::unwrap_used)]
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::subject::Flow;
use super::*;
use crate::events::Event;
use crate::traces::TraceSummary;

fn now() -> DateTime<Utc> {
    "2026-11-20T10:30:00Z".parse().unwrap()
}

fn event(name: &str, minutes_ago: i64, attributes: &[(&str, &str)]) -> Event {
    let attributes: std::collections::BTreeMap<String, String> =
        attributes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let text = |key: &str| attributes.get(key).cloned().unwrap_or_default();
    let number = |key: &str| attributes.get(key).and_then(|text| text.parse().ok());
    Event {
        event_id: format!("{name}-{minutes_ago}"),
        name: name.to_owned(),
        ts: now() - TimeDelta::minutes(minutes_ago),
        service: "payments".to_owned(),
        customer_id: "c-1".to_owned(),
        order_id: text("order.id"),
        symbol: text("symbol"),
        side: text("side"),
        currency: text("currency"),
        quantity: number("quantity"),
        price: number("price"),
        amount: number("amount"),
        attributes: attributes.clone(),
        ..Event::default()
    }
}

const DEPOSIT: [(&str, &str); 3] = [("payment.id", "p-1"), ("amount", "250"), ("currency", "USD")];
const ORDER: [(&str, &str); 4] =
    [("order.id", "o-1"), ("side", "buy"), ("quantity", "10.000"), ("symbol", "ACME")];

fn with<'a>(base: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [base, more].concat()
}

fn words(verdict: &Verdict) -> String {
    format!("{:?}: {} -> {}", verdict.state, verdict.sentence, verdict.next_step)
}

#[test]
fn a_refused_deposit_says_by_whom_and_why() {
    let failed = with(&DEPOSIT, &[("reason.code", "account_closed"), ("reason", "AC04")]);
    let events = [event("deposit.initiated", 30, &DEPOSIT), event("deposit.failed", 28, &failed)];
    assert_eq!(
        words(&judge(&Catalog::built_in(), &events, &[], now())),
        "Failed: The deposit of 250.00 USD was refused by the bank at 10:02 UTC: account closed. Not our fault. \
         -> Ask the customer for another account."
    );
    let step = tell(&Catalog::built_in(), &events[1]);
    assert_eq!(
        (step.title.as_str(), step.detail.as_str()),
        ("Deposit of 250.00 USD refused", "account closed")
    );
    assert_eq!((step.outcome, step.amount.as_deref()), (Outcome::Failed, Some("250.00")));
}

#[test]
fn an_order_is_told_from_wish_to_end() {
    let placed = event("order.placed", 20, &with(&ORDER, &[("currency", "USD"), ("price", "12.5")]));
    assert_eq!(tell(&Catalog::built_in(), &placed).title, "Placed an order to buy 10 ACME");
    let filled = event("order.filled", 19, &with(&ORDER, &[("currency", "USD"), ("price", "12.5")]));
    assert_eq!(tell(&Catalog::built_in(), &filled).title, "Bought 10 ACME at 12.50 USD");
    let verdict = judge(&Catalog::built_in(), &[filled, placed.clone()], &[], now());
    assert_eq!(
        words(&verdict),
        "Ok: The order to buy 10 ACME was carried out at 10:11 UTC. -> Nothing needs to be done."
    );
    let rejected = event("order.rejected", 19, &[("order.id", "o-1"), ("reason.code", "market_closed")]);
    assert_eq!(
        judge(&Catalog::built_in(), &[placed, rejected], &[], now()).sentence,
        "The order to buy 10 ACME was refused by the exchange at 10:11 UTC: the market was closed. Not our fault."
    );
}

#[test]
fn what_waits_too_long_is_stuck() {
    let placed = event("order.placed", 47, &ORDER);
    let accepted = event("order.accepted", 46, &[("order.id", "o-1")]);
    let failed = TraceSummary {
        trace_id: "ab".to_owned(),
        root_service: "gateway".to_owned(),
        root_operation: "POST /orders".to_owned(),
        start: now(),
        duration_ns: 1,
        spans: 3,
        errors: 1,
        services: Vec::new(),
    };
    assert_eq!(
        words(&judge(
            &Catalog::built_in(),
            &[placed.clone(), accepted],
            std::slice::from_ref(&failed),
            now()
        )),
        "InProgress: The order to buy 10 ACME is not finished: the last step, \"order accepted by the exchange\", was at \
         09:44 UTC, 46 minutes ago. It should have taken no more than 5 minutes. A request of it failed on our side \
         (gateway, POST /orders). -> Tell the customer that it is being looked into, and hand the case with its trace to \
         the engineers on call."
    );
    let fresh = event("deposit.initiated", 1, &DEPOSIT);
    assert_eq!(
        words(&judge(&Catalog::built_in(), &[fresh], &[], now())),
        "InProgress: The deposit of 250.00 USD is not finished: the last step, \"started a deposit of 250.00 USD\", was at \
         10:29 UTC, 1 minute ago. That is usual. -> Ask the customer to wait; this takes up to 60 minutes."
    );
    let alone = judge(&Catalog::built_in(), &[], std::slice::from_ref(&failed), now());
    assert_eq!(
        words(&alone),
        "Failed: The request failed on our side, last at 10:30 UTC (gateway, POST /orders). \
         -> Apologise, and hand the case with its trace to the engineers on call."
    );
    let quiet = TraceSummary { root_operation: "POST /fraud-check".to_owned(), ..failed.clone() };
    assert_eq!(
        judge(&Catalog::built_in(), &[], &[quiet], now()).sentence,
        "The request failed on our side, last at 10:30 UTC."
    );
    assert_eq!(judge(&Catalog::built_in(), &[], &[failed], now()).state, VerdictState::Failed);
    assert_eq!(judge(&Catalog::built_in(), &[], &[], now()).state, VerdictState::Unknown);
}

#[test]
fn a_failure_that_was_made_good_is_no_trouble() {
    let again = [("payment.id", "p-2"), ("amount", "250"), ("currency", "USD")];
    let events = [
        event("deposit.failed", 3000, &with(&DEPOSIT, &[("reason.code", "card_declined")])),
        event("deposit.completed", 2900, &again),
    ];
    let verdict = judge(&Catalog::built_in(), &events, &[], now());
    assert_eq!(verdict.sentence, "The deposit of 250.00 USD arrived at 10:10 UTC on 18 November 2026.");
}

#[test]
fn a_suspicion_is_never_spelled_out() {
    for (code, text) in [
        ("fraud", "velocity"),
        ("FRAUD-SUSPECTED", ""),
        ("other", "blocked by fraud engine"),
        ("stolen_card", "x"),
        ("new_aml_rule", ""),
    ] {
        let failed = event("deposit.failed", 5, &with(&DEPOSIT, &[("reason.code", code), ("reason", text)]));
        let verdict = judge(&Catalog::built_in(), std::slice::from_ref(&failed), &[], now());
        let shown =
            serde_json::to_string(&(&verdict, tell(&Catalog::built_in(), &failed))).unwrap().to_lowercase();
        for word in ["fraud", "stolen", "aml", "velocity", "blocked", "our fault"] {
            assert!(!shown.contains(word), "{word} in {shown}");
        }
        assert!(verdict.sentence.ends_with("the reason cannot be shared."), "{}", verdict.sentence);
    }
}

#[test]
fn our_faults_are_owned_and_checks_are_not_refused() {
    let late = event("deposit.failed", 5, &with(&DEPOSIT, &[("reason.code", "upstream_timeout")]));
    assert_eq!(
        judge(&Catalog::built_in(), &[late], &[], now()).sentence,
        "The deposit of 250.00 USD did not go through at 10:25 UTC: the payment provider did not answer in time. \
         The fault was a partner's, not the customer's."
    );
    let ours = event("order.rejected", 5, &with(&ORDER, &[("reason.code", "internal_error")]));
    assert!(
        judge(&Catalog::built_in(), &[ours], &[], now())
            .sentence
            .ends_with("something failed on our side. This was our fault.")
    );
    let words_alone = event("kyc.rejected", 5, &[("reason", "document expired")]);
    assert_eq!(tell(&Catalog::built_in(), &words_alone).detail, "the document has expired");
    let cancelled = event("order.cancelled", 5, &with(&ORDER, &[("reason", "cancelled by the customer")]));
    assert_eq!(tell(&Catalog::built_in(), &cancelled).detail, "cancelled by the customer");
    let check = event("kyc.rejected", 5, &[("reason.code", "document_expired")]);
    assert_eq!(
        judge(&Catalog::built_in(), &[check], &[], now()).sentence,
        "The identity check was not passed at 10:25 UTC: the document has expired."
    );
    let step = tell(&Catalog::built_in(), &event("fraud.flagged", 1, &[]));
    assert_eq!((step.event.as_str(), step.title.as_str()), ("internal.review", "Internal review"));
}

#[test]
fn every_reason_has_words_for_every_flow() {
    let codes = super::catalog::codes();
    let asked = [
        "insufficient_funds",
        "risk_limit",
        "market_closed",
        "account_closed",
        "card_declined",
        "kyc_missing",
        "upstream_timeout",
        "fraud",
    ];
    assert!(asked.iter().all(|code| codes.iter().any(|known| known == code)));
    let mut unique = codes.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), codes.len(), "a code stands twice in the catalog");
    for code in &codes {
        for flow in [Flow::Order, Flow::Deposit, Flow::Withdrawal, Flow::Kyc] {
            let reason = Catalog::built_in().reason(flow, Some(code), None);
            assert!(!reason.says.is_empty() && reason.next_step.ends_with('.'), "{code} {flow:?}");
        }
    }
    let unknown = Catalog::built_in().reason(Flow::Order, Some("no_such_code"), Some("odd lot not allowed"));
    assert_eq!(unknown.says, "odd lot not allowed");
}

#[test]
fn masks_keep_a_hint_and_no_more() {
    assert_eq!(mask_email("john@doe.com"), "j***@d***.com");
    assert_eq!(mask_email("élan@mail.example.org"), "é***@m***.org");
    assert_eq!(mask_email("nonsense"), "***");
    assert_eq!(mask_name("Jane van Doe"), "J. V. D.");
}

#[test]
fn unknown_events_are_still_told() {
    assert_eq!(
        tell(&Catalog::built_in(), &event("refund.requested_late", 1, &[])).title,
        "Refund requested late"
    );
    assert_eq!(tell(&Catalog::built_in(), &event("deposit.completed", 1, &[])).title, "Deposit arrived");
    assert_eq!(tell(&Catalog::built_in(), &event("order.placed", 1, &[])).title, "Placed an order");
    assert_eq!(
        tell(&Catalog::built_in(), &event("dividend.paid", 1, &[("amount", "3.3"), ("currency", "USD")]))
            .title,
        "Dividend of 3.30 USD"
    );
    let risk =
        tell(&Catalog::built_in(), &event("risk.checked", 1, &[("order.id", "o"), ("result", "rejected")]));
    assert_eq!((risk.outcome, risk.detail.as_str()), (Outcome::Failed, "not passed"));
}

proptest! {
    #[test]
    fn masks_hide_all_but_first_letters(user in "[abd-lnp-z]{2,10}", host in "[abd-lnp-z]{2,10}") {
        // Without the letters of `com`, which is not hidden.
        let masked = mask_email(&format!("{user}@{host}.com"));
        prop_assert!(!masked.contains(&user) && !masked.contains(&host));
    }

    #[test]
    fn any_events_get_a_verdict(names in prop::collection::vec(prop::sample::select(vec!["order.placed", "order.filled", "deposit.failed", "kyc.submitted", "x", "order.cancelled", ""]), 0..8), ago in -100_i64..10_000) {
        let events: Vec<Event> = names.iter().enumerate().map(|(i, name)| event(name, ago + i as i64, &ORDER)).collect();
        let verdict = judge(&Catalog::built_in(), &events, &[], now());
        prop_assert!(verdict.sentence.ends_with('.') && verdict.next_step.ends_with('.'));
    }
}
