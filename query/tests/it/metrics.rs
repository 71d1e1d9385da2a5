//! Metrics with figures worked out by hand.

use chrono::{DateTime, TimeDelta, Utc};
use headroom_query::bubbleup::Names;
use headroom_query::metrics::{self, Aggregation, Kind, MetricQuery, MetricSeries, Selected};
use headroom_query::{QueryError, TimeRange};
use headroom_store::Store;
use headroom_store::native::{Array, Block, Fixed, Nullable, Numbers};

use crate::bodies::fields;
use crate::fixture::{TENANT, base, hour, maps, nanos, span, store, strings, token};

/// What a point has whatever its kind.
#[derive(Clone, Copy)]
struct At {
    minute: i64,
    service: &'static str,
    labels: &'static [(&'static str, &'static str)],
    /// Minute in which its counter was at nought.
    started: i64,
}

/// A point of `order` on host a, of a counter that began long ago.
fn at(minute: i64) -> At {
    At { minute, service: "order", labels: &[("host.name", "a")], started: -500 }
}

fn minute(minute: i64) -> DateTime<Utc> {
    base() + TimeDelta::minutes(minute)
}

fn block(name: &'static str, unit: &'static str, points: &[At]) -> Block<'static> {
    Block::new()
        .with("tenant", strings(points.iter().map(|_| TENANT)))
        .with("service", strings(points.iter().map(|point| point.service)))
        .with("name", strings(points.iter().map(|_| name)))
        .with("unit", strings(points.iter().map(|_| unit)))
        .with("description", strings(points.iter().map(|_| "What it is")))
        .with("ts", nanos(points.iter().map(|point| minute(point.minute))))
        .with("start_ts", nanos(points.iter().map(|point| minute(point.started))))
        .with("resource", maps(points.iter().map(|point| vec![("service.name", point.service)])))
        .with("attributes", maps(points.iter().map(|point| point.labels.to_vec())))
}

async fn gauge(store: &Store, name: &'static str, points: &[(At, f64)]) {
    let heads: Vec<At> = points.iter().map(|(at, _)| *at).collect();
    let values: Numbers<f64> = points.iter().map(|(_, value)| *value).collect();
    let block = block(name, "1", &heads).with("value", values);
    store.insert_block("metric_gauge", &block, &token()).await.expect("gauges are stored");
}

async fn sum(store: &Store, name: &'static str, temporality: &str, rises: bool, points: &[(At, f64)]) {
    let heads: Vec<At> = points.iter().map(|(at, _)| *at).collect();
    let values: Numbers<f64> = points.iter().map(|(_, value)| *value).collect();
    let mut monotonic = Numbers::booleans();
    monotonic.push_n(u8::from(rises), points.len());
    let block = block(name, "{request}", &heads)
        .with("value", values)
        .with("temporality", strings(points.iter().map(|_| temporality)))
        .with("is_monotonic", monotonic);
    store.insert_block("metric_sum", &block, &token()).await.expect("sums are stored");
}

/// Points with counts up to 1, up to 2, up to 4 and beyond.
async fn histogram(store: &Store, name: &'static str, temporality: &str, points: &[(At, [u64; 4], f64)]) {
    let heads: Vec<At> = points.iter().map(|(at, ..)| *at).collect();
    let (mut count, mut sums) = (Numbers::<u64>::new(), Nullable::new(Numbers::<f64>::new()));
    let mut bounds = Array::new(Numbers::<f64>::new());
    let mut counts = Array::new(Numbers::<u64>::new());
    for (_, each, total) in points {
        count.push(each.iter().sum());
        sums.push(Some(*total));
        bounds.push(&[1.0, 2.0, 4.0]);
        counts.push(each);
    }
    let mut times = Array::new(Numbers::nanoseconds());
    let mut values = Array::new(Numbers::<f64>::new());
    let mut traces = Array::new(Fixed::<16>::new());
    let mut spans = Array::new(Fixed::<8>::new());
    for (at, ..) in points {
        times.push(&[minute(at.minute).timestamp_nanos_opt().unwrap()]);
        values.push(&[3.5]);
        traces.inner.push(&(at.minute as u128 + 1).to_be_bytes());
        traces.end_row();
        spans.inner.push(&7_u64.to_be_bytes());
        spans.end_row();
    }
    let block = block(name, "s", &heads)
        .with("temporality", strings(points.iter().map(|_| temporality)))
        .with("count", count)
        .with("sum", sums)
        .with("bounds", bounds)
        .with("counts", counts)
        .with("exemplars_ts", times)
        .with("exemplars_value", values)
        .with("exemplars_trace_id", traces)
        .with("exemplars_span_id", spans);
    store.insert_block("metric_histogram", &block, &token()).await.expect("histograms are stored");
}

/// Points at scale 0: bucket 3 is above 8 and at most 16, bucket 4 up to 32.
async fn exponential(store: &Store, name: &'static str, points: &[(At, i32, Vec<u64>, u64)]) {
    let heads: Vec<At> = points.iter().map(|(at, ..)| *at).collect();
    let (mut count, mut sums) = (Numbers::<u64>::new(), Nullable::new(Numbers::<f64>::new()));
    let (mut offset, mut zero) = (Numbers::<i32>::new(), Numbers::<u64>::new());
    let mut counts = Array::new(Numbers::<u64>::new());
    for (_, first, each, nought) in points {
        count.push(each.iter().sum::<u64>() + nought);
        sums.push(None);
        offset.push(*first);
        zero.push(*nought);
        counts.push(each);
    }
    let block = block(name, "ms", &heads)
        .with("temporality", strings(points.iter().map(|_| "delta")))
        .with("count", count)
        .with("sum", sums)
        .with("positive_offset", offset)
        .with("zero_count", zero)
        .with("positive_counts", counts);
    store.insert_block("metric_exp_histogram", &block, &token()).await.expect("histograms are stored");
}

async fn summary(store: &Store, name: &'static str, points: &[(At, u64, f64)]) {
    let heads: Vec<At> = points.iter().map(|(at, ..)| *at).collect();
    let counts: Numbers<u64> = points.iter().map(|(_, count, _)| *count).collect();
    let sums: Numbers<f64> = points.iter().map(|(_, _, sum)| *sum).collect();
    let block = block(name, "s", &heads).with("count", counts).with("sum", sums);
    store.insert_block("metric_summary", &block, &token()).await.expect("summaries are stored");
}

fn ask(name: &str, aggregation: Aggregation) -> MetricQuery {
    MetricQuery {
        name: name.to_owned(),
        kind: None,
        selected: Selected::default(),
        by: None,
        aggregation: Some(aggregation),
        range: hour(base()),
        step: TimeDelta::minutes(1),
    }
}

async fn answer(store: &Store, query: &MetricQuery) -> MetricSeries {
    metrics::series(store, TENANT, query, Names::Shown, Utc::now()).await.unwrap()
}

/// Minutes and figures of the first line.
fn figures(answer: &MetricSeries) -> Vec<(i64, f64)> {
    let line = answer.lines.first().map(|line| &line.points);
    line.into_iter().flatten().map(|point| ((point.ts - base()).num_minutes(), point.value)).collect()
}

#[tokio::test]
async fn a_counter_is_added_up_over_its_resets() {
    let store = store().await;
    let b = |minute| At { labels: &[("host.name", "b")], ..at(minute) };
    let new = |minute| At { started: 12, ..at(minute) };
    let points = [
        // Host a: 60, nothing, then a new start that it tells with 30, then 90.
        (at(9), 1000.0),
        (at(10), 1060.0),
        (at(11), 1060.0),
        (new(12), 30.0),
        (new(13), 120.0),
        // Host b: 6 a minute; it falls once without telling, to 5.
        (b(9), 100.0),
        (b(10), 106.0),
        (b(11), 112.0),
        (b(12), 5.0),
        (b(13), 11.0),
    ];
    sum(&store, "requests", "cumulative", true, &points).await;
    let both = answer(&store, &ask("requests", Aggregation::Increase)).await;
    assert_eq!(figures(&both), [(10, 66.0), (11, 6.0), (12, 30.0 + 5.0), (13, 96.0)]);
    assert_eq!((both.kind, both.series, both.unavailable), (Kind::Counter, 2, None));
    let rate = answer(&store, &ask("requests", Aggregation::Rate)).await;
    assert_eq!(figures(&rate)[0], (10, 1.1), "66 in a minute");
    let split = MetricQuery { by: Some("host.name".to_owned()), ..ask("requests", Aggregation::Increase) };
    let split = answer(&store, &split).await;
    let labels: Vec<_> = split.lines.iter().map(|line| line.label.as_str()).collect();
    assert_eq!(
        (labels, figures(&split)),
        (vec!["a", "b"], vec![(10, 60.0), (11, 0.0), (12, 30.0), (13, 90.0)])
    );
    let one = Selected { labels: vec![("host.name".to_owned(), "b".to_owned())], ..Selected::default() };
    let one = answer(&store, &MetricQuery { selected: one, ..ask("requests", Aggregation::Count) }).await;
    assert_eq!(figures(&one), [(9, 1.0), (10, 1.0), (11, 1.0), (12, 1.0), (13, 1.0)]);
}

#[tokio::test]
async fn deltas_are_what_they_say() {
    let store = store().await;
    let since = |minute: i64| At { started: minute - 1, ..at(minute) };
    sum(&store, "consumed", "delta", true, &[(since(1), 5.0), (since(2), 7.0), (since(2), 8.0)]).await;
    let found = answer(&store, &ask("consumed", Aggregation::Increase)).await;
    assert_eq!(figures(&found), [(1, 5.0), (2, 15.0)]);
    sum(&store, "queued", "delta", false, &[(since(1), 5.0), (since(2), -2.0)]).await;
    let found = answer(&store, &ask("queued", Aggregation::Increase)).await;
    assert_eq!((found.kind, figures(&found)), (Kind::UpDownCounter, vec![(1, 5.0), (2, -2.0)]));
}

#[tokio::test]
async fn levels_of_two_series_are_summed_and_averaged_however_often_they_report() {
    let store = store().await;
    let b = |minute| At { service: "payments", ..at(minute) };
    gauge(&store, "queue", &[(at(3), 10.0), (at(3), 20.0), (b(3), 1.0), (at(4), 12.0), (b(4), 2.0)]).await;
    for (asked, told) in [
        (Aggregation::Sum, [16.0, 14.0]),
        (Aggregation::Avg, [8.0, 7.0]),
        (Aggregation::Min, [1.0, 2.0]),
        (Aggregation::Max, [20.0, 12.0]),
        (Aggregation::Count, [2.0, 2.0]),
    ] {
        let found = answer(&store, &ask("queue", asked)).await;
        assert_eq!(figures(&found), [(3, told[0]), (4, told[1])], "{asked:?}");
    }
    let asked = ask("queue", Aggregation::Rate);
    let refused = metrics::series(&store, TENANT, &asked, Names::Shown, Utc::now()).await;
    assert!(matches!(refused, Err(QueryError::BadRequest { .. })), "{refused:?}");
    let of_service = Selected { service: Some("payments".to_owned()), ..Selected::default() };
    let found = MetricQuery { selected: of_service, ..ask("queue", Aggregation::Sum) };
    assert_eq!(figures(&answer(&store, &found).await), [(3, 1.0), (4, 2.0)]);
    let hours = MetricQuery {
        range: TimeRange::new(base() - TimeDelta::hours(2), base() + TimeDelta::hours(1)).unwrap(),
        ..ask("queue", Aggregation::Sum)
    };
    let hours = answer(&store, &hours).await.hours;
    assert_eq!((hours.all, hours.told), (3, 1));
    assert_eq!(hours.silent, [TimeRange { from: base() - TimeDelta::hours(2), to: base() }]);
}

#[tokio::test]
async fn quantiles_come_from_the_buckets_of_all_series() {
    let store = store().await;
    let b = |minute| At { labels: &[("host.name", "b")], ..at(minute) };
    let points = [
        (at(9), [100, 0, 0, 0], 50.0),
        (at(10), [105, 10, 5, 0], 80.0),
        (b(9), [7, 7, 7, 7], 70.0),
        (b(10), [12, 17, 12, 7], 105.0),
    ];
    histogram(&store, "took", "cumulative", &points).await;
    // In minute 10 came 10 up to 1, 20 up to 2, 10 up to 4: the 20th of 40 is half way between 1 and 2.
    let median = answer(&store, &ask("took", Aggregation::P50)).await;
    let point = &median.lines[0].points[0];
    assert_eq!((point.ts, point.value, point.low, point.high), (minute(10), 1.5, Some(1.0), Some(2.0)));
    // The 36th of 40 is the 6th of 10 between 2 and 4.
    assert_eq!(figures(&answer(&store, &ask("took", Aggregation::P90)).await), [(10, 3.2)]);
    assert_eq!(figures(&answer(&store, &ask("took", Aggregation::Increase)).await), [(10, 40.0)]);
    assert_eq!(figures(&answer(&store, &ask("took", Aggregation::Sum)).await), [(10, 65.0)]);
    assert_eq!(figures(&answer(&store, &ask("took", Aggregation::Avg)).await), [(10, 65.0 / 40.0)]);
    let traces: Vec<_> = median.exemplars.iter().map(|one| (one.value, one.trace_id.len())).collect();
    assert_eq!(traces, [(3.5, 32), (3.5, 32)], "one for each trace");
    let asked = ask("took", Aggregation::P50);
    let withheld = metrics::series(&store, TENANT, &asked, Names::Withheld, Utc::now()).await.unwrap();
    assert_eq!(withheld.exemplars, [], "they lead to traces");
}

#[tokio::test]
async fn exponential_buckets_and_summaries_add_up_too() {
    let store = store().await;
    // 8 to 16: 2, 16 to 32: 2 + 3; and one nought.
    exponential(&store, "fine", &[(at(1), 3, vec![2, 2], 0), (at(1), 4, vec![3], 1)]).await;
    let found = answer(&store, &ask("fine", Aggregation::P50)).await;
    let point = &found.lines[0].points[0];
    // The 4th of 8: after the nought and the 2 it is the 1st of 5 between 16 and 32.
    assert!((point.value - 16.0 * 2f64.powf(0.2)).abs() < 1e-9, "{point:?}");
    assert_eq!((point.low, point.high, found.kind), (Some(16.0), Some(32.0), Kind::ExponentialHistogram));
    let mean = answer(&store, &ask("fine", Aggregation::Avg)).await;
    assert!(mean.lines.is_empty() && mean.unavailable.is_some(), "nobody told a sum: {mean:?}");

    summary(&store, "gc", &[(at(1), 10, 1.0), (at(2), 14, 2.0)]).await;
    assert_eq!(figures(&answer(&store, &ask("gc", Aggregation::Avg)).await), [(2, 0.25)]);
    assert_eq!(figures(&answer(&store, &ask("gc", Aggregation::Increase)).await), [(2, 4.0)]);
}

#[tokio::test]
async fn metrics_are_found_by_text_and_told_by_their_labels() {
    let store = store().await;
    let b = |minute| At { labels: &[("host.name", "b"), ("customer.id", "c-1")], ..at(minute) };
    gauge(&store, "pool.used", &[(at(1), 1.0), (b(1), 2.0)]).await;
    sum(&store, "pool.waits", "cumulative", true, &[(at(1), 1.0)]).await;
    sum(&store, "http.requests", "cumulative", true, &[(at(1), 1.0)]).await;
    let listed = |text: &'static str, service, limit| {
        let store = &store;
        async move { metrics::list(store, TENANT, hour(base()), text, service, limit).await.unwrap() }
    };
    let found = listed("POOL", None, 10).await;
    let names: Vec<_> = found.metrics.iter().map(|one| (one.name.as_str(), one.kind, one.series)).collect();
    assert_eq!(names, [("pool.used", Kind::Gauge, 2), ("pool.waits", Kind::Counter, 1)]);
    assert_eq!(
        (found.metrics[0].services.as_slice(), found.truncated),
        (["order".to_owned()].as_slice(), false)
    );
    let few = listed("", None, 2).await;
    assert_eq!((few.metrics.len(), few.truncated, few.metrics[0].name.as_str()), (2, true, "http.requests"));
    assert_eq!(listed("", Some("payments"), 10).await.metrics, []);
    assert!(metrics::list(&store, TENANT, hour(base()), "", None, 0).await.is_err());

    let describe = |names| metrics::describe(&store, TENANT, "pool.used", None, None, hour(base()), names);
    let told = describe(Names::Shown).await.unwrap();
    let labels: Vec<_> = told.labels.iter().map(|label| (label.key.as_str(), label.values)).collect();
    assert_eq!((labels, told.series), (vec![("customer.id", 1), ("host.name", 2)], 2));
    assert_eq!(told.aggregations[0], Aggregation::Avg);
    let withheld = describe(Names::Withheld).await.unwrap();
    assert_eq!(withheld.labels.len(), 1, "a customer is named to those who may see traces");
    let by_customer =
        MetricQuery { by: Some("customer.id".to_owned()), ..ask("pool.used", Aggregation::Avg) };
    let refused = metrics::series(&store, TENANT, &by_customer, Names::Withheld, Utc::now()).await;
    assert!(matches!(refused, Err(QueryError::BadRequest { .. })), "{refused:?}");
    let by_mail =
        Selected { labels: vec![("customer.email".to_owned(), "a".to_owned())], ..Selected::default() };
    let by_mail = MetricQuery { selected: by_mail, ..ask("pool.used", Aggregation::Avg) };
    let refused = metrics::series(&store, TENANT, &by_mail, Names::Shown, Utc::now()).await;
    assert!(matches!(refused, Err(QueryError::BadRequest { .. })), "{refused:?}");

    let missing = metrics::describe(&store, TENANT, "none", None, None, hour(base()), Names::Shown).await;
    assert!(matches!(missing, Err(QueryError::NotFound { .. })), "{missing:?}");
    for tenant in ["other", "acme' OR '1'='1"] {
        let others = metrics::list(&store, tenant, hour(base()), "", None, 10).await.unwrap();
        assert_eq!(others.metrics, [], "{tenant}");
        let asked = ask("pool.used", Aggregation::Avg);
        assert!(metrics::series(&store, tenant, &asked, Names::Shown, Utc::now()).await.is_err());
    }
}

#[tokio::test]
async fn a_service_has_its_deployments_beside_its_metric() {
    let store = store().await;
    let version = |minute: i64, version| crate::fixture::SpanSeed {
        version,
        ..span(base() + TimeDelta::minutes(minute), minute as u128 + 1, 1)
    };
    crate::fixture::insert_spans(&store, &[version(0, "1.0"), version(20, "2.0")]).await;
    gauge(&store, "cpu", &[(at(1), 0.5)]).await;
    let of_service = Selected { service: Some("order".to_owned()), ..Selected::default() };
    let found = answer(&store, &MetricQuery { selected: of_service, ..ask("cpu", Aggregation::Avg) }).await;
    assert_eq!(found.deploys.iter().map(|deploy| deploy.version.as_str()).collect::<Vec<_>>(), ["2.0"]);
}

#[tokio::test]
async fn bodies_keep_their_fields() {
    let store = store().await;
    histogram(&store, "took", "delta", &[(at(1), [1, 1, 1, 1], 9.0)]).await;
    let listed = metrics::list(&store, TENANT, hour(base()), "", None, 10).await.unwrap();
    insta::assert_snapshot!(fields(&listed), @"{looked_at{from to} metrics[{description kind name series services[] unit}] truncated}");
    let told =
        metrics::describe(&store, TENANT, "took", None, None, hour(base()), Names::Shown).await.unwrap();
    insta::assert_snapshot!(fields(&told), @"{aggregations[] description kind labels[] looked_at{from to} name other_kinds[] series services[] unit}");
    let by_host = MetricQuery { by: Some("host.name".to_owned()), ..ask("took", Aggregation::P99) };
    insta::assert_snapshot!(fields(&answer(&store, &by_host).await), @"{aggregation delta deploys[] exemplars[{span_id trace_id ts value}] hours{all silent[] told} kind left_out lines[{label points[{high low ts value}]}] name other range{from to} series step_seconds unavailable unit}");
}
