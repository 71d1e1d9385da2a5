#![allow(clippy::unwrap_used)]
use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn span(id: &str, parent: Option<&str>, start_ms: i64, duration_ms: u64) -> Span {
    Span {
        span_id: id.to_owned(),
        parent_span_id: parent.map(str::to_owned),
        service: "order".to_owned(),
        operation: id.to_owned(),
        kind: "server".to_owned(),
        status: "unset".to_owned(),
        status_message: String::new(),
        start: DateTime::from_timestamp_millis(1_000_000 + start_ms).unwrap(),
        start_offset_ns: 0,
        duration_ns: duration_ms * 1_000_000,
        depth: 0,
        critical: false,
        customer_id: String::new(),
        attributes: BTreeMap::new(),
        resource: BTreeMap::new(),
        events: Vec::new(),
        links: Vec::new(),
    }
}

fn drawn(spans: Vec<Span>) -> Vec<String> {
    let line = |span: &Span| {
        let mark = if span.critical { "*" } else { "" };
        format!(
            "{}{}{mark} +{}",
            "  ".repeat(span.depth as usize),
            span.span_id,
            span.start_offset_ns / 1_000_000
        )
    };
    arrange(spans).iter().map(line).collect()
}

#[test]
fn parents_come_first_also_when_their_clock_is_late() {
    let spans = vec![
        span("late-child", Some("root"), 60, 30),
        span("root", None, 5, 95),
        span("early-child", Some("root"), 0, 20),
    ];
    assert_eq!(drawn(spans), ["root* +5", "  early-child* +0", "  late-child* +60"]);
}

#[test]
fn the_critical_path_is_what_held_the_end_up() {
    let spans = vec![
        span("root", None, 0, 100),
        span("auth", Some("root"), 0, 10),
        span("price", Some("root"), 10, 20),
        span("risk", Some("root"), 10, 80),
        span("db", Some("risk"), 20, 30),
        span("cache", Some("risk"), 20, 5),
        span("mail", Some("root"), 95, 400),
    ];
    assert_eq!(
        drawn(spans),
        [
            "root* +0",
            "  auth* +0",
            "  price +10",
            "  risk* +10",
            "    cache +20",
            "    db* +20",
            "  mail* +95"
        ]
    );
}

#[test]
fn orphans_stand_at_the_top_and_rings_are_cut() {
    let orphan = vec![span("a", Some("gone"), 0, 10), span("b", Some("a"), 1, 1)];
    assert_eq!(drawn(orphan), ["a* +0", "  b* +1"]);
    let ring = vec![span("a", Some("b"), 0, 10), span("b", Some("a"), 1, 1), span("own", Some("own"), 2, 1)];
    assert_eq!(drawn(ring), ["own +2", "a* +0", "  b* +1"]);
    assert!(arrange(Vec::new()).is_empty());
}

#[test]
fn attributes_get_their_types_back() {
    let values = [
        ("s", "x"),
        ("i", "-7"),
        ("d", "0.5"),
        ("nan", "NaN"),
        ("b", "true"),
        ("y", "AQI="),
        ("a", "[1,\"x\"]"),
        ("k", "{\"n\":1}"),
        ("bad", "seven"),
    ];
    let types = [
        ("i", "int"),
        ("d", "double"),
        ("nan", "double"),
        ("b", "bool"),
        ("y", "bytes"),
        ("a", "array"),
        ("k", "kvlist"),
        ("bad", "int"),
    ];
    let pairs = |list: &[(&str, &str)]| {
        list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>()
    };
    let restored = restore(pairs(&values), &pairs(&types));
    let expected = json!({"s": "x", "i": -7, "d": 0.5, "nan": "NaN", "b": true, "y": "AQI=", "a": [1, "x"], "k": {"n": 1}, "bad": "seven"});
    assert_eq!(serde_json::to_value(restored).unwrap(), expected);
}

proptest! {
    #[test]
    fn any_set_of_spans_is_kept_and_parents_come_first(links in prop::collection::vec((0_u8..40, 0_i64..1000, 0_u64..1000), 0..40)) {
        let spans: Vec<Span> = links.iter().enumerate()
            .map(|(i, (parent, start, length))| span(&i.to_string(), Some(&parent.to_string()), *start, *length))
            .collect();
        let placed = arrange(spans.clone());
        let ids = |spans: &[Span]| spans.iter().map(|span| span.span_id.clone()).collect::<BTreeSet<_>>();
        prop_assert_eq!(ids(&placed), ids(&spans));
        prop_assert_eq!(placed.len(), spans.len());
        for (i, span) in placed.iter().enumerate().filter(|(_, span)| span.depth > 0) {
            let before = placed[..i].iter().rev().find(|other| other.depth < span.depth).unwrap();
            prop_assert_eq!(Some(&before.span_id), span.parent_span_id.as_ref());
        }
        prop_assert_eq!(placed.iter().any(|span| span.critical), !placed.is_empty());
    }
}
