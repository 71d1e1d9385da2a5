#![allow(clippy::unwrap_used)]
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::*;

/// Counts of attributes of sampled spans: (key, value, inside, outside).
fn counts(inside: u64, outside: u64, rows: &[(&str, &str, u64, u64)]) -> Counts {
    let mut counts = Counts { spans: Seen { inside, outside }, ..Counts::default() };
    for (key, value, inside, outside) in rows {
        let values = counts.attributes.entry((Scope::Attribute, (*key).to_owned())).or_default();
        values.entry((*value).to_owned()).or_default().add(Seen { inside: *inside, outside: *outside });
    }
    counts
}

fn told(ranked: &Ranked) -> Vec<(&str, Option<&str>)> {
    ranked.differences.iter().map(|one| (one.key.as_str(), one.value.as_deref())).collect()
}

#[test]
fn what_differs_most_comes_first_and_what_does_not_is_left_out() {
    let ranked = rank(&[counts(
        1_000,
        10_000,
        &[
            ("venue", "XNYS", 900, 3_000),
            ("venue", "XLON", 100, 7_000),
            ("order.type", "limit", 620, 5_000),
            ("order.type", "market", 380, 5_000),
            ("pod", "a", 510, 5_000),
            ("pod", "b", 490, 5_000),
            ("retry", "true", 0, 9_000),
        ],
    )]);
    assert_eq!(
        told(&ranked),
        [("retry", None), ("venue", Some("XNYS")), ("order.type", Some("limit"))],
        "of an attribute that selected spans lack, the lack is told"
    );
    let venue = &ranked.differences[1];
    assert!(
        (venue.difference - 0.6).abs() < 1e-12 && venue.difference_low > 0.57 && venue.difference_high < 0.63
    );
    assert_eq!((venue.inside, venue.inside_of, venue.outside, venue.outside_of), (900, 1_000, 3_000, 10_000));
}

#[test]
fn ids_are_told_apart_but_for_one_that_makes_a_large_part() {
    let ids: Vec<String> = (0..900).map(|n| format!("ord-{n}")).collect();
    let mut rows: Vec<(&str, &str, u64, u64)> =
        ids.iter().map(|id| ("order.id", id.as_str(), 1, 0)).collect();
    let customers: Vec<String> = (0..800).map(|n| format!("c-{n}")).collect();
    rows.extend(customers.iter().map(|id| ("customer.id", id.as_str(), 0, 1)));
    rows.push(("customer.id", "c-9999", 300, 2));
    let ranked = rank(&[counts(900, 900, &rows)]);
    let keys: Vec<_> = ranked.identifiers.iter().map(|one| (one.key.as_str(), one.distinct)).collect();
    assert_eq!(keys, [("customer.id", 801), ("order.id", 900)]);
    assert!(told(&ranked).contains(&("customer.id", Some("c-9999"))), "{ranked:?}");
    assert!(!told(&ranked).iter().any(|(key, value)| *key == "order.id" && value.is_some()));
}

#[test]
fn people_are_masked_whatever_the_key() {
    let ranked = rank(&[counts(100, 100, &[("note", "jane@doe.com", 80, 1)])]);
    assert_eq!(told(&ranked)[0], ("note", Some("j***@d***.com")));
    assert!(names_somebody("customer.id") && names_somebody("order.id") && !names_somebody("venue"));
}

/// A hundred attributes of twenty values each, spread by chance alone: in twenty such questions at most one in twenty is
/// to be expected with any answer.
#[test]
fn noise_does_not_rank() {
    let mut runner = TestRunner::deterministic();
    let spans = prop::collection::vec((any::<bool>(), 0_u8..20), 3_000);
    let mut with_answer = 0;
    for _ in 0..20 {
        let mut counts = Counts::default();
        for key in 0..100 {
            let drawn = spans.new_tree(&mut runner).unwrap().current();
            let mut total = Seen::default();
            for (inside, value) in drawn {
                let seen = Seen { inside: inside.into(), outside: (!inside).into() };
                total.add(seen);
                let values = counts.attributes.entry((Scope::Attribute, format!("k{key}"))).or_default();
                values.entry(value.to_string()).or_default().add(seen);
            }
            // Sides differ a little from key to key; what is missing would be tested as such.
            counts.spans.inside = counts.spans.inside.max(total.inside);
            counts.spans.outside = counts.spans.outside.max(total.outside);
        }
        with_answer += u32::from(told(&rank(&[counts])).iter().any(|(_, value)| value.is_some()));
    }
    assert!(with_answer <= 3, "{with_answer} of 20");
}

proptest! {
    #[test]
    fn every_answer_keeps_its_promises(
        rows in prop::collection::vec((0_usize..6, 0_usize..9, 0_u64..400, 0_u64..400), 0..60),
    ) {
        let names: Vec<String> = (0..9).map(|n| n.to_string()).collect();
        let rows: Vec<_> = rows.iter().map(|(k, v, i, o)| (names[*k].as_str(), names[*v].as_str(), *i, *o)).collect();
        // Each span has one value of each attribute at most.
        let of = |key: &str, pick: fn(&(&str, &str, u64, u64)) -> u64| -> u64 {
            rows.iter().filter(|row| row.0 == key).map(pick).sum()
        };
        let most = |pick: fn(&(&str, &str, u64, u64)) -> u64| names.iter().map(|key| of(key, pick)).max().unwrap_or(0);
        let (inside, outside) = (most(|row| row.2), most(|row| row.3));
        let ranked = rank(&[counts(inside, outside, &rows)]);
        prop_assert!(ranked.differences.windows(2).all(|pair| pair[0].difference >= pair[1].difference));
        for one in &ranked.differences {
            prop_assert!(one.difference >= 0.02 && one.p_value < 0.05);
            prop_assert!(one.difference_low <= one.difference && one.difference <= one.difference_high);
            prop_assert!(one.inside <= one.inside_of && one.outside <= one.outside_of);
        }
        // The other way round other values stand out, and none in both.
        let turned: Vec<_> = rows.iter().map(|(k, v, i, o)| (*k, *v, *o, *i)).collect();
        let turned = rank(&[counts(outside, inside, &turned)]);
        prop_assert_eq!(turned.tried, ranked.tried);
        for one in told(&ranked) {
            prop_assert!(!told(&turned).contains(&one));
        }
    }
}
