//! Limited platforms: what saturates, breaks where it must and is reported as
//! it was.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, SystemTime};

use headroom_sample_data::record::{Log, Points, Span};
use headroom_sample_data::topology::Service;
use headroom_sample_data::{Batch, Limits, Minutes, Platform, Ramp, SampleConfig, Topology};
use opentelemetry::trace::{SpanKind, Status};
use opentelemetry_proto::tonic::metrics::v1::{Metric, metric::Data, number_data_point::Value};

use crate::config;
use crate::generated::{check_trees, hash};
use crate::truth::{check_stories, replay};

const ALL_LIMITS: &str = "
pool.order = { size = 6, hold_ms = 500, timeout_ms = 1000 }
pool.wallet = { size = 2, factor = 25, timeout_ms = 1000 }
lock.risk = { hold_ms = 100, timeout_ms = 1000 }
cpu.gateway = { replicas = 2, cores = 1, work_ms = 33, timeout_ms = 1000 }
cpu.ledger = { replicas = 3, cores = 1, work_ms = 10, timeout_ms = 1000 }
";

pub(crate) fn limited(limits: &str, from: f64, to: f64, minutes: u64) -> SampleConfig {
    let over = Duration::from_secs(60 * minutes);
    SampleConfig {
        backfill: Some(over),
        limits: Limits::parse("limits.toml", limits).expect("limits"),
        ramp: Some(Ramp { from, to, steps: None, over }),
        incidents: false,
        ..config()
    }
}

/// Everything a platform gives in `minutes`, with its instances.
pub(crate) fn all(cfg: &SampleConfig, minutes: u64) -> (Batch, Topology) {
    let (mut platform, mut all) = (Platform::new(cfg), Batch::default());
    for _ in 0..minutes {
        let batch = platform.minute();
        all.spans.extend(batch.spans);
        all.logs.extend(batch.logs);
        all.points.extend(batch.points);
    }
    (all, platform.topology().clone())
}

fn attribute<'a>(span: &'a Span, key: &str) -> Option<std::borrow::Cow<'a, str>> {
    span.data.attributes.iter().find(|a| a.key.as_str() == key).map(|a| a.value.as_str())
}

fn seconds(span: &Span) -> f64 {
    span.data.end_time.duration_since(span.data.start_time).expect("in order").as_secs_f64()
}

/// Spans of statements of a service.
fn statements<'a>(
    batch: &'a Batch,
    topology: &'a Topology,
    service: Service,
) -> impl Iterator<Item = &'a Span> {
    batch.spans.iter().filter(move |span| {
        topology.instances()[usize::from(span.resource)].service == service
            && attribute(span, "db.namespace").is_some()
    })
}

#[test]
fn the_same_seed_gives_the_same_records_also_where_traces_wait() {
    let records = |seed| hash(&all(&SampleConfig { seed, ..limited(ALL_LIMITS, 30.0, 60.0, 2) }, 2).0);
    assert_eq!(records(5), records(5));
    assert_ne!(records(5), records(6));
}

#[test]
fn an_overloaded_platform_still_tells_the_truth() {
    let (mut batch, _) = all(&limited(ALL_LIMITS, 20.0, 120.0, 10), 10);
    let kinds: BTreeSet<String> = batch
        .spans
        .iter()
        .flat_map(|s| s.data.events.events.iter())
        .flat_map(|e| e.attributes.iter().map(|a| a.value.to_string()))
        .filter(|text| {
            text.ends_with(" within 1 s")
                || ["PoolTimeout", "LockTimeout", "Overloaded"].contains(&text.as_str())
        })
        .collect();
    assert_eq!(
        kinds.iter().map(String::as_str).collect::<Vec<_>>(),
        [
            "LockTimeout",
            "Overloaded",
            "PoolTimeout",
            "no connection within 1 s",
            "no core within 1 s",
            "no lock within 1 s"
        ]
    );
    let refused = batch.spans.iter().filter(|s| {
        attribute(s, "http.response.status_code").as_deref() == Some("503")
            && s.data.span_kind == SpanKind::Server
    });
    for span in refused {
        assert!(matches!(span.data.status, Status::Error { .. }), "{}", span.data.name);
        assert_eq!(attribute(span, "error.type").as_deref(), Some("503"));
    }
    let codes = batch.spans.iter().filter(|s| attribute(s, "rpc.grpc.status_code").as_deref() == Some("14"));
    assert!(codes.count() > 100);
    let overloaded = |name: &str| {
        let said =
            |l: &&Log| l.event == Some(name) && l.text("reason") == Some("the platform was overloaded");
        batch.logs.iter().filter(said).count()
    };
    assert!(overloaded("order.rejected") > 100 && overloaded("deposit.failed") > 0);
    check_trees(batch.spans, 1..=16);
    batch.logs.retain(|l| l.event.is_some());
    batch.logs.sort_by_key(|l| l.ts);
    assert!(replay(&batch.logs) > 100, "sells");
    // What is still open at the end of the run has no end yet.
    let last = batch.logs.last().expect("events").ts - 90_000_000_000;
    let old: BTreeSet<_> = batch
        .logs
        .iter()
        .filter(|l| l.event == Some("order.placed") && l.ts < last)
        .filter_map(|l| l.text("order.id"))
        .map(str::to_owned)
        .collect();
    batch.logs.retain(|l| l.text("order.id").is_some_and(|id| old.contains(id)));
    check_stories(&batch.logs, 1_000);
}

#[test]
fn no_more_statements_run_at_once_than_there_are_connections() {
    let (batch, topology) = all(&limited(ALL_LIMITS, 40.0, 120.0, 4), 4);
    for (service, size) in [(Service::Order, 6), (Service::Wallet, 2)] {
        let mut edges: Vec<(SystemTime, i32)> = statements(&batch, &topology, service)
            .flat_map(|s| [(s.data.start_time, 1), (s.data.end_time, -1)])
            .collect();
        // At the same instant who leaves goes first.
        edges.sort();
        let most = edges.iter().scan(0, |running, (_, step)| {
            *running += step;
            Some(*running)
        });
        assert_eq!(most.max(), Some(size), "{service:?}");
    }
}

/// The values of a metric by service: (labels' values, value or sum and count).
pub(crate) fn values(points: &[Points], topology: &Topology, name: &str) -> Vec<(Service, i64, f64)> {
    let mut found = Vec::new();
    for at in points {
        let service = topology.instances()[usize::from(at.resource)].service;
        for metric in at.metrics.iter().filter(|m| m.name == name) {
            found.push((service, at.ts, value(metric)));
        }
    }
    found
}

/// The only value; of a histogram its sum; of used and idle connections the used.
fn value(metric: &Metric) -> f64 {
    let number = |value: &Option<Value>| match value {
        Some(Value::AsInt(n)) => *n as f64,
        Some(Value::AsDouble(x)) => *x,
        None => f64::NAN,
    };
    match metric.data.as_ref().expect("data") {
        Data::Gauge(gauge) => number(&gauge.data_points[0].value),
        Data::Sum(sum) => number(&sum.data_points[0].value),
        Data::Histogram(histogram) => histogram.data_points[0].sum.expect("a sum"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn metrics_count_what_really_happened() {
    let cfg = limited(ALL_LIMITS, 30.0, 30.0, 10);
    let (batch, topology) = all(&cfg, 11);
    let end = cfg.start() + chrono::Duration::minutes(10);
    let ended = |s: &&Span| s.data.end_time <= end.into();
    let spent: f64 = statements(&batch, &topology, Service::Order).filter(ended).map(seconds).sum();
    let of_order = |name: &str| -> Vec<f64> {
        let points = values(&batch.points, &topology, name);
        points
            .into_iter()
            .filter(|(s, ts, _)| *s == Service::Order && *ts <= end.timestamp_nanos_opt().unwrap())
            .map(|p| p.2)
            .collect()
    };
    // Ten minutes, one instance that tells of the pool.
    let kept = of_order("db.client.connection.use_time");
    assert_eq!(kept.len(), 10);
    assert!((kept[9] - spent).abs() < 1e-6, "{} for {spent}", kept[9]);
    assert_eq!(of_order("db.client.connection.max"), [6.0; 10]);
    assert!(of_order("db.client.connection.count").iter().all(|used| (0.0..=6.0).contains(used)));
    assert_eq!(of_order("db.client.connection.timeouts"), [0.0; 10]);

    let gateway: Vec<_> = values(&batch.points, &topology, "process.cpu.utilization")
        .into_iter()
        .filter(|(s, ..)| *s == Service::Gateway)
        .collect();
    assert_eq!(gateway.len(), 22, "two instances, eleven minutes");
    let mean = gateway.iter().map(|p| p.2).sum::<f64>() / 22.0;
    let calls = batch.spans.iter().filter(|s| {
        s.data.span_kind == SpanKind::Server
            && topology.instances()[usize::from(s.resource)].service == Service::Gateway
    });
    let wished = calls.count() as f64 * 0.033 / 660.0 / 2.0;
    assert!((mean / wished - 1.0).abs() < 0.03, "{mean} for {wished}");
    let cores: f64 = values(&batch.points, &topology, "system.cpu.logical.count")
        .iter()
        .filter(|(s, ts, _)| *s == Service::Ledger && *ts == gateway[0].1)
        .map(|p| p.2)
        .sum();
    assert_eq!(cores, 3.0, "as many instances as replicas");

    let mut shapes = BTreeSet::new();
    for metric in batch.points.iter().flat_map(|p| &p.metrics) {
        if metric.name.starts_with("db.") || metric.name.starts_with("process.") {
            let shape = match metric.data.as_ref().expect("data") {
                Data::Gauge(_) => "gauge",
                Data::Sum(sum) if sum.is_monotonic => "counter",
                Data::Sum(_) => "up-down counter",
                Data::Histogram(_) => "histogram",
                _ => "other",
            };
            shapes.insert(format!("{} {} {shape}", metric.name, metric.unit));
        }
    }
    insta::assert_snapshot!(shapes.into_iter().collect::<Vec<_>>().join("\n"), @r"
    db.client.connection.count {connection} gauge
    db.client.connection.count {connection} up-down counter
    db.client.connection.max {connection} up-down counter
    db.client.connection.pending_requests {request} up-down counter
    db.client.connection.timeouts {timeout} counter
    db.client.connection.use_time s histogram
    db.client.connection.wait_time s histogram
    process.cpu.utilization 1 gauge
    process.memory.usage By up-down counter
    ");
}

#[test]
fn minutes_sum_up_what_services_did() {
    let cfg = limited(ALL_LIMITS, 20.0, 20.0, 3);
    let (mut platform, mut minutes) = (Platform::new(&cfg), Minutes::default());
    let mut calls: HashMap<Service, u64> = HashMap::new();
    for _ in 0..3 {
        let batch = platform.minute();
        minutes.add(&batch, platform.topology());
        for span in &batch.spans {
            if matches!(span.data.span_kind, SpanKind::Server | SpanKind::Consumer) {
                let service = platform.topology().instances()[usize::from(span.resource)].service;
                *calls.entry(service).or_default() += 1;
            }
        }
    }
    for service in Service::ALL {
        let sum: u64 = minutes.of(service).map(|(_, m)| m.calls).sum();
        assert_eq!(sum, calls.get(&service).copied().unwrap_or_default(), "{service:?}");
    }
    let (start, first) = minutes.of(Service::Order).next().expect("a minute");
    assert_eq!(start, cfg.start());
    // An order takes its statement of half a second in the mean, and what comes after it.
    assert!((0.5..1.0).contains(&first.mean().expect("calls")), "{first:?}");
}
