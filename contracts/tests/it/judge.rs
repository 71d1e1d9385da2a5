//! Events against the contracts in force.

use std::sync::LazyLock;

use headroom_contracts::{ContractsError, Registry, Rule, Value, Verdict};
use proptest::prelude::*;

use crate::{PLACED, data};

fn breaches(verdict: Verdict<'_>) -> String {
    match verdict {
        Verdict::Breach(faults) => {
            let told: Vec<_> = faults.iter().map(|fault| format!("[{}] {fault}", fault.rule)).collect();
            told.join("\n")
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn names_aliases_and_strangers() {
    let registry = Registry::built_in();
    for (name, canonical) in [("order.placed", None), ("OrderPlaced", Some("order.placed"))] {
        let verdict = registry.judge(name, PLACED.iter().copied());
        assert_eq!(verdict, Verdict::Valid { version: 1, canonical }, "{name}");
    }
    for name in ["", "order", "order.placed ", "ORDER.PLACED", "cart.emptied"] {
        assert_eq!(registry.judge(name, PLACED.iter().copied()), Verdict::NoContract, "{name}");
    }
    let moved = [
        ("event.id", Value::Text("e")),
        ("customer.id", Value::Text("c")),
        ("payment.id", Value::Text("p")),
        ("portfolio.id", Value::Text("f")),
        ("amount", Value::Text("250.00")),
        ("currency", Value::Text("USD")),
    ];
    for (alias, wire) in [
        ("CashDeposited", "deposit.completed"),
        ("DepositCompleted", "deposit.completed"),
        ("CashWithdrawn", "withdrawal.completed"),
    ] {
        let verdict = registry.judge(alias, moved.iter().copied());
        assert_eq!(verdict, Verdict::Valid { version: 1, canonical: Some(wire) }, "{alias}");
    }
}

#[test]
fn a_breach_says_field_rule_and_what_was_found() {
    let registry = Registry::built_in();
    let wrong = [
        ("customer.id", Value::Text("")),
        ("order.id", Value::Int(7)),
        ("symbol", Value::Text("AAPL")),
        ("side", Value::Text("short")),
        ("quantity", Value::Text("0.00")),
        ("price", Value::Double(187.25)),
        ("currency", Value::Text("Dollar")),
        ("tags", Value::Other),
    ];
    insta::assert_snapshot!(breaches(registry.judge("order.placed", wrong.into_iter())), @r#"
    [minLength] customer.id must be a text that is not empty, found an empty text
    [type] order.id must be a text, found the integer 7
    [enum] side must be one of "buy", "sell", found the text "short"
    [exclusiveMinimum] quantity must be above 0, found the text "0.00"
    [type] price must be a decimal number as text, or an integer, found the float 187.25
    [format] currency must be a currency of three capital letters such as USD, found the text "Dollar"
    "#);
}

#[test]
fn personal_values_are_not_repeated() {
    let registry = Registry::built_in();
    let long = format!("{}@example.com", "maria.lopez".repeat(40));
    let wrong = [
        ("event.id", Value::Text("e")),
        ("customer.email", Value::Text(&long)),
        ("customer.name", Value::Int(4_929_123)),
        ("customer.country", Value::Text("Spain")),
    ];
    let told = breaches(registry.judge("customer.registered", wrong.into_iter()));
    insta::assert_snapshot!(told, @r#"
    [maxLength] customer.email must be a text of at most 320 characters, found a text of 452 characters
    [type] customer.name must be a text, found an integer
    [pattern] customer.country must be a text that matches ^[A-Z]{2}$, found the text "Spain"
    [required] customer.id must be there, found nothing
    "#);
    assert!(!told.contains("maria") && !told.contains("4929123") && !told.contains("4_929"));
}

#[test]
fn a_version_that_nobody_described_is_a_breach() {
    let registry = Registry::built_in().with_folder(&data("own")).unwrap();
    let judge = |name: &'static str, version: Value<'static>| {
        let attributes = PLACED.into_iter().chain([("event.version", version), ("desk", Value::Text("d"))]);
        registry.judge(name, attributes)
    };
    for (version, right) in [
        (Value::Int(1), Some(1)),
        (Value::Int(2), Some(2)),
        (Value::Text("2"), Some(2)),
        (Value::Int(0), None),
        (Value::Int(3), None),
        (Value::Int(-1), None),
        (Value::Int(i64::MIN), None),
        (Value::Text("two"), None),
        (Value::Text("+1"), None),
        (Value::Text(""), None),
        (Value::Text("99999999999999999999999"), None),
        (Value::Double(1.0), None),
        (Value::Bool(true), None),
        (Value::Other, None),
    ] {
        match (judge("desk.order", version), right) {
            (Verdict::Valid { version, .. }, Some(right)) => assert_eq!(version, right),
            (Verdict::Breach(faults), None) => {
                assert_eq!((faults.len(), faults[0].rule), (1, Rule::Version), "{faults:?}");
            }
            (verdict, _) => panic!("{version:?}: {verdict:?}"),
        }
    }
    insta::assert_snapshot!(breaches(judge("desk.order", Value::Int(3))), @"[event.version] event.version must be a version from 1 to 2, found the integer 3");
    insta::assert_snapshot!(breaches(judge("order.placed", Value::Text("2"))), @r#"[event.version] event.version must be 1, the only version, found the text "2""#);
}

#[test]
fn an_own_folder_adds_and_replaces() {
    let own = Registry::built_in().with_folder(&data("own")).unwrap();
    let rate = [("pair", Value::Text("USDINR")), ("rate", Value::Text("88.42"))];
    // The built-in fx.updated wants base and quote; the own one replaced it with its aliases.
    assert_eq!(own.judge("fx.updated", rate.into_iter()), Verdict::Valid { version: 1, canonical: None });
    let by_alias = own.judge("Rate", rate.into_iter());
    assert_eq!(by_alias, Verdict::Valid { version: 1, canonical: Some("fx.updated") });
    assert_eq!(own.judge("FxRate", rate.into_iter()), Verdict::NoContract);
    assert!(matches!(Registry::built_in().judge("fx.updated", rate.into_iter()), Verdict::Breach(_)));
    // What the folder does not speak of stays.
    let placed = own.judge("OrderPlaced", PLACED.into_iter());
    assert_eq!(placed, Verdict::Valid { version: 1, canonical: Some("order.placed") });
}

#[test]
fn a_broken_folder_is_refused_as_a_whole() {
    let error = Registry::built_in().with_folder(&data("broken")).unwrap_err();
    assert!(matches!(&error, ContractsError::Invalid { problems, .. } if problems.len() > 20), "{error}");
    let missing = Registry::built_in().with_folder(&data("nowhere")).unwrap_err();
    assert!(missing.to_string().starts_with("cannot read contracts at "), "{missing}");
}

static BUILT_IN: LazyLock<Registry> = LazyLock::new(Registry::built_in);

fn value() -> impl Strategy<Value = (u8, String, i64, f64)> {
    (0_u8..5, ".{0,40}|[0-9.e+-]{0,40}", any::<i64>(), any::<f64>())
}

proptest! {
    #[test]
    fn anything_gets_a_verdict(
        name in prop::sample::select(vec!["order.placed", "fx.updated", "split.applied", "customer.registered", "x"]),
        attributes in prop::collection::vec((".*|event\\.version|rate|ratio|side|quantity|currency|customer\\.country", value()), 0..12),
    ) {
        let attributes = attributes.iter().map(|(key, (kind, text, whole, double))| {
            let value = match kind {
                0 => Value::Text(text),
                1 => Value::Int(*whole),
                2 => Value::Double(*double),
                3 => Value::Bool(*whole > 0),
                _ => Value::Other,
            };
            (key.as_str(), value)
        });
        if let Verdict::Breach(faults) = BUILT_IN.judge(name, attributes) {
            prop_assert!(!faults.is_empty() && faults.len() <= 16);
        }
    }
}
