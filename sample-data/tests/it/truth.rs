//! The business events as a support agent or an auditor would read them: sells
//! never exceed what is held, money is exact, every journey is told in order.

use std::collections::{BTreeSet, HashMap, HashSet};

use headroom_sample_data::SampleConfig;
use headroom_sample_data::record::Log;
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::{config, generate, utc};

/// All business events of `minutes` from `start`, in time order.
pub(crate) fn events(cfg: &SampleConfig, start: &str, minutes: i64) -> Vec<Log> {
    let mut all = Vec::new();
    generate(cfg, utc(start), minutes, |_, batch| {
        all.extend(batch.logs.into_iter().filter(|l| l.event.is_some()));
    });
    all.sort_by_key(|l| l.ts);
    all
}

pub(crate) fn decimal(log: &Log, key: &str) -> Decimal {
    let text = log.text(key).unwrap_or_else(|| panic!("{:?} lacks {key}", log.event));
    let value: Decimal = text.parse().expect("a decimal");
    assert_eq!(value.to_string(), text, "parses exactly");
    value
}

/// The events with the right figures in the place of wrong ones, without those that were taken back.
pub(crate) fn put_right(events: &[Log]) -> Vec<Log> {
    let of = |name: &str, key: &str| -> HashMap<String, &Log> {
        let all = events.iter().filter(|log| log.event == Some(name));
        all.map(|log| (log.text(key).expect("whose").to_owned(), log)).collect()
    };
    let corrections = of("booking.corrected", "corrects.event.id");
    let cancelled = of("booking.cancelled", "cancels.event.id");
    let mut right = events.to_vec();
    right.retain(|log| !cancelled.contains_key(log.text("event.id").expect("an id")));
    for log in &mut right {
        let Some(correction) = corrections.get(log.text("event.id").expect("an id")) else { continue };
        for (key, value) in &mut log.attributes {
            let given = correction.attributes.iter().find(|(name, _)| name == key);
            if let (Some((_, given)), "price" | "amount") = (given, key.as_str()) {
                assert_ne!(value, given, "a correction changes something");
                *value = given.clone();
            }
        }
    }
    right
}

/// What a split multiplies pieces by.
pub(crate) fn split_factor(log: &Log) -> Decimal {
    let (new, old) = log.text("ratio").and_then(|ratio| ratio.split_once(':')).expect("new:old");
    new.parse::<Decimal>().expect("a number") / old.parse::<Decimal>().expect("a number")
}

/// What an event does to its portfolio's cash.
fn cash_change(name: &str, log: &Log) -> Option<Decimal> {
    match name {
        "deposit.completed" | "dividend.paid" | "interest.paid" => Some(decimal(log, "amount")),
        "withdrawal.completed" | "fee.charged" | "tax.withheld" => Some(-decimal(log, "amount")),
        "order.filled" | "order.partially_filled" => {
            let notional = (decimal(log, "quantity") * decimal(log, "price")).round_dp(2);
            let fee = decimal(log, "fee");
            Some(if log.text("side") == Some("buy") { -notional - fee } else { notional - fee })
        }
        _ => None,
    }
}

/// Replays positions and cash as they truly were; panics when a sell exceeds what is held or cash
/// goes below zero. Gives the sells seen.
pub(crate) fn replay(events: &[Log]) -> usize {
    let mut held: HashMap<(String, String), Decimal> = HashMap::new();
    let mut cash: HashMap<String, Decimal> = HashMap::new();
    let mut sells = 0;
    for log in &put_right(events) {
        let name = log.event.expect("an event");
        if name == "split.applied" {
            let factor = split_factor(log);
            for ((_, symbol), quantity) in &mut held {
                if log.text("symbol") == Some(symbol) {
                    *quantity *= factor;
                }
            }
        }
        if let Some(change) = cash_change(name, log) {
            let purse = cash.entry(log.text("portfolio.id").expect("a portfolio").to_owned()).or_default();
            *purse += change;
            assert!(*purse >= Decimal::ZERO, "{name} leaves {purse}");
        }
        if !matches!(name, "order.filled" | "order.partially_filled") {
            continue;
        }
        let key = |k: &str| log.text(k).expect("portfolio and symbol").to_owned();
        let quantity = decimal(log, "quantity");
        assert!(quantity > Decimal::ZERO && decimal(log, "price") > Decimal::ZERO);
        let position = held.entry((key("portfolio.id"), key("symbol"))).or_default();
        match log.text("side") {
            Some("buy") => *position += quantity,
            Some("sell") => {
                *position -= quantity;
                sells += 1;
                assert!(*position >= Decimal::ZERO, "sold {} more than held", -*position);
            }
            side => panic!("side {side:?}"),
        }
    }
    sells
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3))]

    #[test]
    fn sells_never_exceed_the_position(seed in any::<u64>()) {
        let cfg = SampleConfig { seed, backfill_traces_per_minute: 30.0, ..config() };
        // Wednesday's New York session, the close included.
        let sells = replay(&events(&cfg, "2026-11-18T14:00:00Z", 450));
        prop_assert!(sells > 150, "only {sells} sells");
    }
}

#[test]
fn a_split_doubles_what_may_be_sold() {
    // Over two sessions with the split before the second, at 08:00 New York.
    let cfg = SampleConfig { backfill_traces_per_minute: 30.0, ..config() };
    let all = events(&cfg, "2026-11-11T14:00:00Z", 1_900);
    assert_eq!(all.iter().filter(|l| l.event == Some("split.applied")).count(), 1);
    assert!(replay(&all) > 200);
}

#[test]
fn every_event_has_what_its_readers_need() {
    let cfg = SampleConfig { backfill_traces_per_minute: 60.0, ..config() };
    let mut names = BTreeSet::new();
    let mut ids = HashSet::new();
    for log in events(&cfg, "2026-11-18T14:00:00Z", 450) {
        let name = log.event.expect("an event");
        names.insert(name);
        assert!(ids.insert(log.text("event.id").expect("an id").to_owned()), "event ids differ");
        let money: &[&str] = match name {
            "order.filled" | "order.partially_filled" => &["quantity", "price", "fee"],
            "order.placed" => &["quantity"],
            "price.updated" => &["price"],
            "fx.updated" => &["rate"],
            n if n.starts_with("deposit.") || n.starts_with("withdrawal.") => &["amount"],
            _ => &[],
        };
        for key in money {
            assert!(decimal(&log, key) > Decimal::ZERO, "{name} {key}");
        }
        let texts: &[&str] = match name {
            "customer.registered" => &["customer.id", "customer.email", "customer.name", "customer.country"],
            "order.placed" => &[
                "customer.id",
                "order.id",
                "account.id",
                "portfolio.id",
                "symbol",
                "side",
                "currency",
                "order.type",
            ],
            "order.rejected" => &["customer.id", "order.id", "reason.code", "reason"],
            "order.filled" => &["customer.id", "order.id", "trade.id", "portfolio.id", "venue"],
            "deposit.failed" | "withdrawal.failed" => {
                &["customer.id", "payment.id", "reason.code", "reason", "method"]
            }
            "session.started" => &["customer.id", "session.id"],
            _ => &[],
        };
        for key in texts {
            assert!(log.text(key).is_some_and(|v| !v.is_empty()), "{name} {key}");
        }
    }
    let expected = [
        "customer.registered",
        "deposit.completed",
        "deposit.failed",
        "deposit.initiated",
        "fx.updated",
        "kyc.approved",
        "kyc.submitted",
        "order.accepted",
        "order.cancelled",
        "order.filled",
        "order.partially_filled",
        "order.placed",
        "order.rejected",
        "price.updated",
        "risk.checked",
        "session.started",
        "withdrawal.completed",
        "withdrawal.initiated",
    ];
    for name in expected {
        assert!(names.contains(name), "{name} never happened");
    }
}

#[test]
fn an_order_is_told_in_order_and_ends_once() {
    let cfg = SampleConfig { backfill_traces_per_minute: 60.0, ..config() };
    check_stories(&events(&cfg, "2026-11-18T14:00:00Z", 480), 1_500);
}

/// Every order, more than `least` of them, is told in order and ends once.
pub(crate) fn check_stories(events: &[Log], least: usize) {
    let mut stories: HashMap<String, Vec<&'static str>> = HashMap::new();
    for log in events {
        if let Some(id) = log.text("order.id") {
            stories.entry(id.to_owned()).or_default().push(log.event.expect("an event"));
        }
    }
    assert!(stories.len() > least);
    for (id, story) in stories {
        assert_eq!(story[0], "order.placed", "{id}: {story:?}");
        let ends = story
            .iter()
            .filter(|e| matches!(**e, "order.filled" | "order.rejected" | "order.cancelled"))
            .count();
        assert_eq!(ends, 1, "{id}: {story:?}");
        if story.contains(&"order.filled") {
            assert_eq!(&story[1..3], ["risk.checked", "order.accepted"], "{id}");
        }
    }
}

#[test]
fn dividends_and_fees_reach_their_owners() {
    // Monday noon to Tuesday morning: KO pays at 07:00 New York on Monday the 16th.
    let cfg = SampleConfig { backfill_traces_per_minute: 20.0, ..config() };
    let all = events(&cfg, "2026-11-13T14:30:00Z", 3 * 1_440);
    let count = |name| all.iter().filter(|l| l.event == Some(name)).count();
    assert!(count("dividend.paid") > 5, "{}", count("dividend.paid"));
    assert!(count("fee.charged") > 5 && count("fee.charged") == count("invoice.issued"));
}

#[test]
fn a_second_run_knows_the_same_customers_and_repeats_no_id() {
    let cfg = config();
    let ids = |start: &str, name: &str, key: &str| -> BTreeSet<String> {
        let all = events(&cfg, start, 60);
        all.iter().filter(|l| l.event == Some(name)).filter_map(|l| l.text(key)).map(str::to_owned).collect()
    };
    let (first, second) = ("2026-11-18T14:30:00Z", "2026-11-19T14:30:00Z");
    let customers = |start| ids(start, "deposit.completed", "customer.id");
    assert!(customers(first).intersection(&customers(second)).count() >= 2_500);
    for (name, key) in
        [("order.placed", "order.id"), ("deposit.completed", "payment.id"), ("session.started", "event.id")]
    {
        let (a, b) = (ids(first, name, key), ids(second, name, key));
        assert!(!a.is_empty() && a.is_disjoint(&b), "{name}");
    }
}

#[test]
fn a_run_that_goes_on_registers_nobody_again() {
    let registered = |cfg: &SampleConfig| {
        let all = events(cfg, "2026-11-18T14:30:00Z", 4);
        let known = all.iter().filter(|l| l.event == Some("customer.registered"));
        known.filter_map(|l| l.text("customer.id")).collect::<BTreeSet<_>>().len()
    };
    let continues = SampleConfig { continues: true, ..config() };
    assert!(registered(&config()) >= 2_000);
    assert!(registered(&continues) < 50, "only customers who are new");
}
