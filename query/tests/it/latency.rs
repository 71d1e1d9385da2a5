use chrono::TimeDelta;
use headroom_query::TimeRange;
use headroom_query::latency::{self, LatencyQuery};

use crate::fixture::{SpanSeed, TENANT, base, hour, insert_spans, span, store, trace_hex};

/// A thousand requests of 1 to 1000 ms in the first ten minutes, and calls that do not count.
fn requests() -> Vec<SpanSeed> {
    let start = base();
    let mut spans: Vec<SpanSeed> = (1..=1000)
        .map(|i| SpanSeed {
            duration_ns: i * 1_000_000,
            ..span(start + TimeDelta::seconds((i % 600) as i64), u128::from(i), i)
        })
        .collect();
    spans.push(SpanSeed { kind: "client", duration_ns: 9_000_000_000, ..span(start, 5_000, 5_000) });
    spans
}

#[tokio::test]
async fn percentiles_bracket_the_truth() {
    let store = store().await;
    insert_spans(&store, &requests()).await;
    let start = base();
    let query =
        LatencyQuery { step: Some(TimeDelta::seconds(60)), ..LatencyQuery::new("order", hour(start)) };
    let answer = latency::percentiles(&store, TENANT, &query).await.unwrap();
    assert_eq!(
        (answer.count, answer.source.as_str(), answer.unavailable.as_deref()),
        (1000, "latency_buckets_1m", None)
    );
    for (value, truth) in answer.quantiles.iter().zip([500_000_000, 950_000_000, 990_000_000]) {
        assert!(value.low_ns < truth && truth <= value.high_ns, "{value:?} {truth}");
        assert!(value.low_ns <= value.value_ns && value.value_ns <= value.high_ns);
    }
    assert_eq!(answer.series.len(), 10);
    assert_eq!(answer.series[0].ts, start);
    assert_eq!(answer.series.iter().map(|point| point.count).sum::<u64>(), 1000);

    let clients = LatencyQuery { kind: Some("client".to_owned()), ..query.clone() };
    assert_eq!(latency::percentiles(&store, TENANT, &clients).await.unwrap().count, 1);
    let day = TimeRange::new(start - TimeDelta::days(3), start + TimeDelta::hours(1)).unwrap();
    let long = latency::percentiles(&store, TENANT, &LatencyQuery { range: day, ..query }).await.unwrap();
    assert_eq!((long.count, long.source.as_str()), (1000, "latency_buckets_1h"));
    assert_eq!(long.quantiles, answer.quantiles, "hours merge to the same buckets");
}

#[tokio::test]
async fn nothing_measured_is_said_and_not_shown_as_zero() {
    let store = store().await;
    let answer =
        latency::percentiles(&store, TENANT, &LatencyQuery::new("order", hour(base()))).await.unwrap();
    assert_eq!(answer.count, 0);
    assert!(answer.quantiles.is_empty() && answer.series.is_empty());
    assert_eq!(answer.unavailable.as_deref(), Some("no requests were measured in this range"));
    let wrong = LatencyQuery { quantiles: vec![99.0], ..LatencyQuery::new("order", hour(base())) };
    let refused = latency::percentiles(&store, TENANT, &wrong).await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.to_string().as_str()),
        ("bad_request", "the quantile 99 is not between 0 and 1")
    );
}

#[tokio::test]
async fn a_heat_map_leads_to_traces() {
    let store = store().await;
    insert_spans(&store, &requests()).await;
    let query = LatencyQuery::new("order", hour(base()));
    let map = latency::heatmap(&store, TENANT, &query, 60).await.unwrap();
    assert_eq!((map.step_seconds, map.columns.len()), (60, 60));
    assert!(map.rows.len() <= 40);
    assert_eq!(map.cells.iter().map(|cell| cell.2).sum::<u64>(), 1000);

    let top = map.rows.last().unwrap();
    let found = latency::exemplars(&store, TENANT, &query, top.low_ns, top.high_ns).await.unwrap().exemplars;
    assert!(!found.is_empty());
    assert!(found.iter().all(|e| e.duration_ns > top.low_ns && e.duration_ns <= top.high_ns), "{found:?}");
    assert!(
        found.iter().any(|e| e.trace_id == trace_hex(1000) && e.duration_ns == 1_000_000_000),
        "{found:?}"
    );

    // One duration that no exemplar was kept for: the spans themselves are asked.
    let one = latency::exemplars(&store, TENANT, &query, 532_999_999, 533_000_000).await.unwrap().exemplars;
    assert_eq!(one.len(), 1);
    assert_eq!(
        (one[0].trace_id.as_str(), one[0].operation.as_str()),
        (trace_hex(533).as_str(), "POST /orders")
    );
}
