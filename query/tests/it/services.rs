use chrono::TimeDelta;
use headroom_query::bubbleup::Names;
use headroom_query::{overview, rates, services};

use crate::fixture::{SpanSeed, TENANT, base, hour, insert_spans, span, store, trace_hex};

/// Sixty orders, each third refused, a version change at half time; a batch job of internal spans.
fn minutes() -> Vec<SpanSeed> {
    let start = base();
    let mut spans = Vec::new();
    for i in 0..60_u64 {
        let ts = start + TimeDelta::minutes(i as i64) + TimeDelta::seconds(7);
        let failed = i % 3 == 0;
        spans.push(SpanSeed {
            status: if failed { "error" } else { "ok" },
            message: if failed { "venue said no" } else { "" },
            version: if i < 30 { "1.0" } else { "1.1" },
            ..span(ts, u128::from(i) + 1, i + 1)
        });
        spans.push(SpanSeed {
            kind: "client",
            operation: "GET /quote",
            ..span(ts, u128::from(i) + 1, i + 1001)
        });
    }
    for i in 0..5 {
        let ts = start + TimeDelta::minutes(i);
        spans.push(SpanSeed {
            service: "ledger",
            kind: "internal",
            operation: "sweep",
            duration_ns: 0,
            ..span(ts, 9_000, 9_000 + i as u64)
        });
    }
    spans
}

#[tokio::test]
async fn services_by_rate_errors_and_duration() {
    let store = store().await;
    insert_spans(&store, &minutes()).await;
    let range = hour(base());
    let list = services::list(&store, TENANT, range).await.unwrap();
    let names: Vec<&str> = list.services.iter().map(|row| row.service.as_str()).collect();
    assert_eq!(names, ["ledger", "order"]);
    let order = &list.services[1];
    assert_eq!((order.calls, order.errors), (60, 20));
    assert!((order.calls_per_second - 60.0 / 3600.0).abs() < 1e-9);
    assert_eq!((order.trend.len(), order.trend.iter().sum::<u64>(), order.trend[0]), (30, 60, 2));
    assert!(order.p99_low_ns.unwrap() < 1_000_000 && 1_000_000 <= order.p99_high_ns.unwrap());
    let ledger = &list.services[0];
    assert_eq!((ledger.calls, ledger.error_rate), (5, Some(0.0)));
    assert!(overview::sentence(&list.services).starts_with("order fails 33.3 % of its calls (20 of 60)."));

    // Of the whole platform what was received counts, by steps that hold all of it: the batch job received nothing.
    let signals = overview::signals(&store, TENANT, range).await.unwrap();
    assert_eq!((signals.step_seconds, signals.points.len(), signals.points[0].ts), (60, 60, range.from));
    assert_eq!(
        signals
            .points
            .iter()
            .map(|point| (point.calls, point.errors))
            .fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1)),
        (60, 20)
    );
    assert!(signals.points.iter().all(|point| point.p99_ns.is_some()));
    let day = headroom_query::TimeRange { from: range.from - TimeDelta::hours(23), to: range.to };
    let signals = overview::signals(&store, TENANT, day).await.unwrap();
    assert_eq!((signals.step_seconds, signals.points.len()), (720, 5));
    assert_eq!(signals.points.iter().map(|point| point.calls).sum::<u64>(), 60);

    let operations = services::operations(&store, TENANT, "order", range).await.unwrap().operations;
    let kinds: Vec<_> = operations
        .iter()
        .map(|row| (row.operation.as_str(), row.kind.as_str(), row.calls, row.errors))
        .collect();
    assert_eq!(kinds, [("GET /quote", "client", 60, 0), ("POST /orders", "server", 60, 20)]);
    assert!(operations.iter().all(|row| row.p50_ns.is_some()));

    let minutes = rates::per_minute(&store, TENANT, "order", range).await.unwrap();
    assert_eq!(minutes.len(), 60);
    assert_eq!((minutes[0].m, minutes[0].calls, minutes[0].errors, minutes[1].errors), (range.from, 1, 1, 0));
}

#[tokio::test]
async fn where_nothing_was_received_the_platform_is_all_its_spans() {
    let store = store().await;
    let batch: Vec<SpanSeed> = minutes().into_iter().filter(|seed| seed.service == "ledger").collect();
    insert_spans(&store, &batch).await;
    let signals = overview::signals(&store, TENANT, hour(base())).await.unwrap();
    assert_eq!(signals.points.iter().map(|point| point.calls).sum::<u64>(), 5);
    assert_eq!(overview::signals(&store, "somebody-else", hour(base())).await.unwrap().points, []);
}

#[tokio::test]
async fn a_service_over_time_shows_its_deploys() {
    let store = store().await;
    insert_spans(&store, &minutes()).await;
    let range = hour(base());
    let series = services::series(&store, TENANT, "order", range, TimeDelta::minutes(10)).await.unwrap();
    assert_eq!((series.step_seconds, series.points.len()), (600, 6));
    assert_eq!(series.points.iter().map(|point| (point.calls, point.errors)).collect::<Vec<_>>()[0], (10, 4));
    assert!(series.points.iter().all(|point| point.p95_ns.is_some()));
    let deploys: Vec<_> =
        series.deploys.iter().map(|deploy| (deploy.ts - range.from, deploy.version.as_str())).collect();
    assert_eq!(deploys, [(TimeDelta::minutes(30), "1.1")]);
}

#[tokio::test]
async fn errors_are_grouped_and_lead_to_a_trace() {
    let store = store().await;
    let mut spans = minutes();
    spans.push(SpanSeed {
        status: "error",
        attributes: vec![("error.type", "string", "timeout")],
        ..span(base(), 77, 77)
    });
    insert_spans(&store, &spans).await;
    // A client that sends everything again is not believed twice.
    insert_spans(&store, &spans).await;
    let errors = services::errors(&store, TENANT, "order", hour(base()), Names::Shown).await.unwrap().errors;
    let groups: Vec<_> =
        errors.iter().map(|group| (group.message.as_str(), group.count, group.trace_id.clone())).collect();
    assert_eq!(groups, [("venue said no", 20, trace_hex(58)), ("timeout", 1, trace_hex(77))]);
    assert_eq!(errors[0].last_seen, base() + TimeDelta::minutes(57) + TimeDelta::seconds(7));
}

#[tokio::test]
async fn messages_of_different_things_are_one_group() {
    let store = store().await;
    let mut spans = Vec::new();
    let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    for i in 0..90_u64 {
        let failed = SpanSeed {
            status: "error",
            version: ["1.0", "1.1"][(i / 45) as usize],
            ..span(base() + TimeDelta::seconds(i as i64 * 30), u128::from(i) + 1, i + 1)
        };
        spans.push(match i % 3 {
            0 => SpanSeed { message: leak(format!("order {} not found", i * 7_919)), ..failed },
            1 => SpanSeed { message: leak(format!("user 'Jane {i}' has no account")), ..failed },
            _ => {
                SpanSeed { exception: Some(("Timeout", leak(format!("no answer within {i} ms")))), ..failed }
            }
        });
    }
    let long_ago = base() - TimeDelta::hours(20);
    spans.push(SpanSeed { status: "error", message: "order 1 not found", ..span(long_ago, 900, 900) });
    insert_spans(&store, &spans).await;
    let found = services::errors(&store, TENANT, "order", hour(base()), Names::Shown).await.unwrap();
    let groups: Vec<_> = found
        .errors
        .iter()
        .map(|group| (group.error_type.as_str(), group.message.as_str(), group.count, group.new))
        .collect();
    assert_eq!(
        groups,
        [
            ("Timeout", "no answer within <number> ms", 30, true),
            ("", "user <text> has no account", 30, true),
            ("", "order <number> not found", 30, false),
        ]
    );
    let orders = &found.errors[2];
    assert_eq!((orders.first_seen, orders.last_seen), (base(), base() + TimeDelta::seconds(87 * 30)));
    assert_eq!(
        (orders.versions.as_slice(), orders.traces.len()),
        (["1.0".to_owned(), "1.1".to_owned()].as_slice(), 5)
    );
    assert_eq!((orders.trace_id.clone(), orders.traces[0].clone()), (trace_hex(88), trace_hex(88)));
    assert_eq!(orders.series.iter().map(|point| point.count).sum::<u64>(), 30);
    assert_eq!((found.sample.spans, found.sample.of, found.sample.time), (90, 90, 1.0));

    // Who may not see traces is not told what exceptions say.
    let found = services::errors(&store, TENANT, "order", hour(base()), Names::Withheld).await.unwrap();
    assert!(found.errors.iter().any(|group| group.message == "Timeout" && group.count == 30), "{found:?}");
    assert!(!format!("{found:?}").contains("no answer"));
}
