use chrono::TimeDelta;
use headroom_query::TimeRange;
use headroom_query::bubbleup::Names;
use headroom_query::latency::{self, LatencyQuery};
use headroom_query::red::{self, Dimension, RedQuery};

use crate::fixture::{SpanSeed, TENANT, base, hour, insert_spans, span, store};

const BROKERS: [&str; 3] = ["alpha", "beta", "gamma"];

/// 1,200 orders in twenty minutes; 1.1 in us fails each time, and alpha has half of the orders.
fn spans() -> Vec<SpanSeed> {
    let mut spans: Vec<SpanSeed> = (0..1_200_u64)
        .map(|i| {
            let (version, region) = (["1.0", "1.1"][(i % 2) as usize], ["eu", "us"][(i / 2 % 2) as usize]);
            let broker = BROKERS[[0, 1, 0, 2][(i / 4 % 4) as usize]];
            SpanSeed {
                version,
                region,
                operation: ["POST /orders", "GET /orders"][(i / 8 % 2) as usize],
                status: if version == "1.1" && region == "us" { "error" } else { "ok" },
                duration_ns: if region == "us" { 80_000_000 } else { 10_000_000 },
                attributes: vec![("tenant.id", "string", broker), ("customer.id", "string", "c-1")],
                ..span(base() + TimeDelta::seconds(i as i64), u128::from(i) + 1, i + 1)
            }
        })
        .collect();
    spans.push(SpanSeed { service: "batch", kind: "internal", ..span(base(), 9_001, 9_001) });
    spans.push(SpanSeed { kind: "client", ..span(base(), 9_002, 9_002) });
    spans
}

fn by(dimension: &str) -> RedQuery {
    RedQuery {
        by: Dimension::parse(dimension).unwrap(),
        service: Some("order".to_owned()),
        operation: None,
        version: None,
        region: None,
        range: hour(base()),
        step: TimeDelta::minutes(1),
        limit: 10,
    }
}

#[tokio::test]
async fn each_dimension_of_the_rollup_is_exact() {
    let store = store().await;
    insert_spans(&store, &spans()).await;
    for (dimension, groups) in [("version", 2), ("region", 2), ("operation", 2), ("service", 1)] {
        let found = red::red(&store, TENANT, &by(dimension), Names::Withheld).await.unwrap();
        assert_eq!((found.groups.len(), found.calls, found.sample), (groups, 1_200, None), "{dimension}");
        for group in &found.groups {
            assert_eq!((group.calls_low, group.calls_high), (group.calls, group.calls));
            assert_eq!(group.series.iter().map(|point| point.calls).sum::<u64>(), group.calls, "{dimension}");
            assert_eq!(group.series.len(), 20);
        }
    }
    let versions = red::red(&store, TENANT, &by("version"), Names::Withheld).await.unwrap();
    let bad = versions.groups.iter().find(|group| group.value == "1.1").unwrap();
    assert_eq!((bad.calls, bad.errors, bad.error_rate), (600, 300, Some(0.5)));
    let regions = red::red(&store, TENANT, &by("region"), Names::Withheld).await.unwrap();
    let us = regions.groups.iter().find(|group| group.value == "us").unwrap();
    assert!(us.quantiles.iter().all(|q| q.low_ns < 80_000_000 && 80_000_000 <= q.high_ns), "{us:?}");
    let scoped = RedQuery { version: Some("1.1".to_owned()), ..by("region") };
    let scoped = red::red(&store, TENANT, &scoped, Names::Withheld).await.unwrap();
    assert_eq!(scoped.groups.iter().map(|group| group.errors).sum::<u64>(), 300);

    // All services; one that receives nothing counts by all its spans. The smaller is left out where one is asked for.
    let services = RedQuery { service: None, limit: 1, ..by("service") };
    let services = red::red(&store, TENANT, &services, Names::Withheld).await.unwrap();
    assert_eq!((services.groups[0].value.as_str(), services.left_out, services.calls), ("order", 1, 1_201));

    let days = TimeRange::new(base() - TimeDelta::days(3), base() + TimeDelta::hours(1)).unwrap();
    let long =
        red::red(&store, TENANT, &RedQuery { range: days, ..by("region") }, Names::Withheld).await.unwrap();
    assert_eq!((long.source.as_str(), long.calls, long.step_seconds), ("latency_buckets_1h", 1_200, 3_600));
    assert_eq!(long.groups.len(), 2, "hours know the region too");
}

#[tokio::test]
async fn an_attribute_is_read_from_spans_and_names_nobody() {
    let store = store().await;
    insert_spans(&store, &spans()).await;
    let found = red::red(&store, TENANT, &by("tenant"), Names::Withheld).await.unwrap();
    let groups: Vec<_> = found.groups.iter().map(|group| (group.value.as_str(), group.calls)).collect();
    assert_eq!(
        (groups, found.source.as_str()),
        (vec![("alpha", 600), ("beta", 300), ("gamma", 300)], "spans")
    );
    assert_eq!(found.sample.unwrap().spans, 1_200);
    let services = RedQuery { service: None, ..by("attribute:service.name") };
    let services = red::red(&store, TENANT, &services, Names::Withheld).await.unwrap();
    assert_eq!(services.groups[0].value, "order", "what the resource says counts too");

    for (dimension, names, allowed) in [
        ("attribute:customer.id", Names::Withheld, false),
        ("attribute:customer.id", Names::Shown, true),
        ("attribute:customer.email", Names::Shown, false),
    ] {
        let answer = red::red(&store, TENANT, &by(dimension), names).await;
        assert_eq!(answer.is_ok(), allowed, "{dimension}");
    }
    assert_eq!(Dimension::parse("colour").unwrap_err().code(), "bad_request");
    let empty = RedQuery { service: Some("nobody".to_owned()), ..by("version") };
    let empty = red::red(&store, TENANT, &empty, Names::Withheld).await.unwrap();
    assert!(empty.groups.is_empty() && empty.unavailable.is_some());
}

/// Hours in the middle of a range and minutes at its ends count what minutes alone do.
#[tokio::test]
async fn sums_of_long_ranges_are_those_of_their_minutes() {
    let store = store().await;
    let early = |i: u64| base() - TimeDelta::hours(4) + TimeDelta::seconds(i as i64 * 13);
    let spans: Vec<SpanSeed> = (0..1_400_u64)
        .map(|i| SpanSeed {
            version: ["1.0", "1.1"][(i % 2) as usize],
            duration_ns: (i + 1) * 1_000_000,
            ..span(early(i), u128::from(i) + 1, i + 1)
        })
        .collect();
    insert_spans(&store, &spans).await;
    let range = TimeRange::new(early(50), early(1_300)).unwrap().aligned(60);
    let inside = spans.iter().filter(|span| range.from <= span.ts && span.ts < range.to).count() as u64;
    let found =
        red::red(&store, TENANT, &RedQuery { range, ..by("version") }, Names::Withheld).await.unwrap();
    assert_eq!((found.calls, found.source.as_str()), (inside, "latency_buckets_1m"));
    for group in &found.groups {
        assert_eq!(group.series.iter().map(|point| point.calls).sum::<u64>(), group.calls);
    }
    let by_minute = latency::percentiles(&store, TENANT, &LatencyQuery::new("order", range)).await.unwrap();
    let all = red::red(&store, TENANT, &RedQuery { range, ..by("service") }, Names::Withheld).await.unwrap();
    assert_eq!((all.calls, &all.groups[0].quantiles), (by_minute.count, &by_minute.quantiles));
}
