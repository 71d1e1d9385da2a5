use chrono::TimeDelta;
use headroom_query::bubbleup::{self, Difference, Names, Scope, Selection};

use crate::fixture::{SpanSeed, TENANT, base, hour, insert_spans, span, store};

const CUSTOMERS: [&str; 4] = ["c-1", "c-2", "c-3", "c-4"];

/// 2,000 orders. Those of venue XNYS in version 1.1 fail and are slow; the rest does not depend on anything.
fn orders() -> Vec<SpanSeed> {
    (0..2_000_u64)
        .map(|i| {
            let venue = ["XNYS", "XLON"][(i % 2) as usize];
            let version = ["1.0", "1.1"][(i / 2 % 2) as usize];
            let hit = venue == "XNYS" && version == "1.1";
            let customer = CUSTOMERS[(i / 4 % 4) as usize];
            let order: &'static str = Box::leak(format!("ord-{i}").into_boxed_str());
            SpanSeed {
                status: if hit { "error" } else { "ok" },
                version,
                duration_ns: if hit { 900_000_000 } else { 20_000_000 + i * 1_000 },
                customer,
                attributes: vec![
                    ("venue", "string", venue),
                    ("order.id", "string", order),
                    ("customer.id", "string", if hit { "c-9" } else { customer }),
                    ("customer.email", "string", "jane@doe.com"),
                    ("side", "string", ["buy", "sell"][(i / 16 % 2) as usize]),
                ],
                ..span(base() + TimeDelta::milliseconds(i as i64 * 1_700), u128::from(i) + 1, i + 1)
            }
        })
        .collect()
}

fn told(differences: &[Difference]) -> Vec<(Scope, &str, Option<&str>)> {
    differences.iter().map(|one| (one.scope, one.key.as_str(), one.value.as_deref())).collect()
}

#[tokio::test]
async fn what_sets_failures_and_slowness_apart() {
    let store = store().await;
    insert_spans(&store, &orders()).await;
    let now = base() + TimeDelta::hours(2);
    let failed = Selection::failed("order", hour(base()));
    let answer = bubbleup::differences(&store, TENANT, &failed, Names::Shown, now).await.unwrap();
    assert_eq!((answer.inside.spans, answer.outside.spans), (500, 1_500));
    assert_eq!((answer.inside.sample.spans, answer.outside.sample.spans), (500, 1_500), "few are read whole");
    assert_eq!(
        told(&answer.differences),
        [
            (Scope::Attribute, "customer.id", Some("c-9")),
            (Scope::Column, "service.version", Some("1.1")),
            (Scope::Attribute, "venue", Some("XNYS")),
        ]
    );
    let version = &answer.differences[1];
    assert_eq!(
        (version.inside, version.inside_of, version.outside, version.outside_of),
        (500, 500, 500, 1_500)
    );
    assert_eq!(answer.identifiers.iter().map(|one| one.key.as_str()).collect::<Vec<_>>(), ["order.id"]);
    assert!(!format!("{answer:?}").contains("jane"), "personal data is not read");

    // For a message nobody is named, but that it is one customer is worth telling.
    let message = bubbleup::differences(&store, TENANT, &failed, Names::Withheld, now).await.unwrap();
    let first = &message.differences[0];
    assert_eq!((first.key.as_str(), first.value.as_deref(), first.withheld), ("customer.id", None, true));

    let slow = Selection { errors: false, low_ns: Some(500_000_000), ..failed.clone() };
    let slow = bubbleup::differences(&store, TENANT, &slow, Names::Shown, now).await.unwrap();
    assert_eq!(slow.inside.spans, 500);
    assert!(slow.low_ns.unwrap() < 900_000_000 && slow.high_ns.is_none());
    let keys = told(&slow.differences);
    assert_eq!((keys[0], keys.len()), ((Scope::Column, "status", Some("error")), 4), "{keys:?}");
    assert!(keys.contains(&(Scope::Attribute, "customer.id", Some("c-9"))), "{keys:?}");

    let version = Selection { errors: false, version: Some("1.1".to_owned()), ..failed.clone() };
    let version = bubbleup::differences(&store, TENANT, &version, Names::Shown, now).await.unwrap();
    assert_eq!((version.inside.spans, version.outside.spans), (1_000, 1_000));
    assert!(told(&version.differences).contains(&(Scope::Column, "status", Some("error"))));

    // The same spans against an hour in which nothing was.
    let alone = Selection { baseline: Some(hour(base() - TimeDelta::hours(5))), ..failed };
    let alone = bubbleup::differences(&store, TENANT, &alone, Names::Shown, now).await.unwrap();
    assert_eq!((alone.outside.spans, alone.differences.len()), (0, 0));
    assert!(alone.unavailable.is_some());
}

#[tokio::test]
async fn a_selection_of_everything_is_refused() {
    let store = store().await;
    let all = Selection { errors: false, ..Selection::failed("order", hour(base())) };
    let now = base() + TimeDelta::hours(2);
    let refused = bubbleup::differences(&store, TENANT, &all, Names::Shown, now).await.unwrap_err();
    assert_eq!(refused.code(), "bad_request");
    let turned = Selection { low_ns: Some(5), high_ns: Some(5), ..all };
    assert!(bubbleup::differences(&store, TENANT, &turned, Names::Shown, now).await.is_err());
}

#[tokio::test]
async fn two_ranges_are_compared_and_bands_fit_the_heat_map() {
    let store = store().await;
    let early = |i: u64| SpanSeed {
        attributes: vec![("venue", "string", "XLON")],
        ..span(
            base() - TimeDelta::hours(1) + TimeDelta::seconds(i as i64),
            u128::from(i) + 10_000,
            i + 10_000,
        )
    };
    let mut spans = orders();
    spans.extend((0..500).map(early));
    insert_spans(&store, &spans).await;
    let now = base() + TimeDelta::hours(2);
    let selection = Selection {
        errors: false,
        baseline: Some(hour(base() - TimeDelta::hours(1))),
        ..Selection::failed("order", hour(base()))
    };
    let answer = bubbleup::differences(&store, TENANT, &selection, Names::Shown, now).await.unwrap();
    assert_eq!((answer.inside.spans, answer.outside.spans), (2_000, 500));
    assert!(told(&answer.differences).contains(&(Scope::Attribute, "venue", Some("XNYS"))));

    // Every row of the heat-map holds as many spans as a selection of it.
    let query = headroom_query::latency::LatencyQuery::new("order", hour(base()));
    let map = headroom_query::latency::heatmap(&store, TENANT, &query, 60).await.unwrap();
    for (row, edges) in map.rows.iter().enumerate() {
        let drawn: u64 = map.cells.iter().filter(|cell| cell.1 == row).map(|cell| cell.2).sum();
        let band = Selection {
            baseline: None,
            low_ns: Some(edges.low_ns),
            high_ns: Some(edges.high_ns),
            ..selection.clone()
        };
        let answer = bubbleup::differences(&store, TENANT, &band, Names::Withheld, now).await.unwrap();
        assert_eq!((answer.inside.spans, answer.inside.sample.spans), (drawn, drawn), "{edges:?}");
    }
}
