use chrono::TimeDelta;
use headroom_query::TimeRange;
use headroom_query::compare::{self, CompareQuery, OnlyIn, Side};

use crate::fixture::{SpanSeed, TENANT, base, hour, insert_spans, span, store};

/// Two versions of one hour: in 1.1 `POST /orders` is four times as slow, `GET /orders` fails now and then, and
/// `GET /prices` is as before. 1.0 alone has `GET /old`.
fn spans() -> Vec<SpanSeed> {
    let mut spans = Vec::new();
    for i in 0..3_000_u64 {
        let new = i % 2 == 1;
        let operation = ["POST /orders", "GET /orders", "GET /prices"][(i / 2 % 3) as usize];
        let operation = if !new && i % 100 == 4 { "GET /old" } else { operation };
        let slow = new && operation == "POST /orders";
        spans.push(SpanSeed {
            operation,
            version: if new { "1.1" } else { "1.0" },
            status: if new && operation == "GET /orders" && i % 20 == 3 { "error" } else { "ok" },
            duration_ns: (5_000_000 + i % 97 * 40_000) * if slow { 4 } else { 1 },
            ..span(base() + TimeDelta::milliseconds(i as i64 * 1_100), u128::from(i) + 1, i + 1)
        });
    }
    spans
}

fn versions() -> CompareQuery {
    let side = |version: &str| Side { range: hour(base()), version: Some(version.to_owned()) };
    CompareQuery {
        service: "order".to_owned(),
        operation: None,
        kind: None,
        baseline: side("1.0"),
        candidate: side("1.1"),
    }
}

#[tokio::test]
async fn two_versions_side_by_side() {
    let store = store().await;
    insert_spans(&store, &spans()).await;
    let found = compare::compare(&store, TENANT, &versions()).await.unwrap();
    assert_eq!((found.baseline.calls, found.candidate.calls), (1_500, 1_500));
    assert_eq!((found.baseline.errors, found.candidate.errors), (0, 50));
    let errors = found.error_rate.unwrap();
    assert!(errors.low > 0.0 && errors.low < 1.0 / 30.0 && errors.high > 1.0 / 30.0, "{errors:?}");
    let drawn = |pick: fn(&compare::BucketPair) -> u64| found.buckets.iter().map(pick).sum::<u64>();
    assert_eq!((drawn(|pair| pair.baseline), drawn(|pair| pair.candidate)), (1_500, 1_500));
    assert!(found.buckets.windows(2).all(|two| two[0].high_ns.abs_diff(two[1].low_ns) <= 1));

    let order: Vec<_> = found.operations.iter().map(|one| (one.operation.as_str(), one.changed)).collect();
    assert_eq!(
        order,
        [("POST /orders", true), ("GET /orders", true), ("GET /old", false), ("GET /prices", false)]
    );
    let slower = &found.operations[0];
    for change in &slower.quantiles[..2] {
        let (low, high) = (change.ratio_low.unwrap(), change.ratio_high.unwrap());
        assert!(low <= 4.0 && 4.0 <= high && (change.ratio - 4.0).abs() < 0.2, "{change:?}");
    }
    assert!(slower.distance.unwrap().value > 0.99);
    assert_eq!(found.operations[2].only_in, Some(OnlyIn::Baseline));

    let one = CompareQuery { operation: Some("GET /prices".to_owned()), ..versions() };
    let alike = compare::compare(&store, TENANT, &one).await.unwrap();
    let distance = alike.distance.unwrap();
    assert!(distance.value < distance.chance, "{distance:?}");
}

#[tokio::test]
async fn two_ranges_and_nothing() {
    let store = store().await;
    insert_spans(&store, &spans()).await;
    let half = TimeDelta::minutes(30);
    let side = |from| Side { range: TimeRange::new(from, from + half).unwrap(), version: None };
    let query = CompareQuery { baseline: side(base()), candidate: side(base() + half), ..versions() };
    let found = compare::compare(&store, TENANT, &query).await.unwrap();
    assert_eq!(found.baseline.calls + found.candidate.calls, 3_000);
    assert_eq!(found.source, "latency_buckets_1m");
    let week = |days: i64| TimeRange::new(base() - TimeDelta::days(days), base() + half * 2).unwrap();
    let long = CompareQuery {
        baseline: Side { range: week(14), version: None },
        candidate: Side { range: week(7), version: None },
        ..versions()
    };
    let long = compare::compare(&store, TENANT, &long).await.unwrap();
    assert_eq!(
        (long.source.as_str(), long.baseline.calls, long.candidate.calls),
        ("latency_buckets_1h", 3_000, 3_000)
    );

    let gone =
        CompareQuery { candidate: Side { version: Some("9".to_owned()), ..side(base()) }, ..versions() };
    let gone = compare::compare(&store, TENANT, &gone).await.unwrap();
    assert_eq!(gone.unavailable.as_deref(), Some("no requests were measured in the candidate"));
    assert_eq!((gone.error_rate, gone.quantiles.len(), gone.distance), (None, 0, None));
    let same = CompareQuery { candidate: versions().baseline, ..versions() };
    assert_eq!(compare::compare(&store, TENANT, &same).await.unwrap_err().code(), "bad_request");
}
