//! The shape of what is generated: repeatable, well-formed traces, incidents
//! within their windows.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::RangeInclusive;

use chrono::Duration;
use headroom_sample_data::record::Span;
use headroom_sample_data::topology::Service;
use headroom_sample_data::{Batch, Platform, SampleConfig};
use opentelemetry::trace::{SpanId, SpanKind, Status, TraceId};

use crate::{config, generate, utc};

fn fingerprint(cfg: &SampleConfig) -> u64 {
    let mut hashes = Vec::new();
    generate(cfg, utc("2026-11-18T18:30:00Z"), 60, |_, batch| hashes.push(hash(&batch)));
    let mut hasher = DefaultHasher::new();
    hashes.hash(&mut hasher);
    hasher.finish()
}

pub(crate) fn hash(batch: &Batch) -> u64 {
    let (mut hasher, mut text) = (DefaultHasher::new(), String::new());
    write!(text, "{batch:?}").expect("writing to a string");
    text.hash(&mut hasher);
    hasher.finish()
}

#[test]
fn the_same_settings_give_the_same_records() {
    let cfg = config();
    assert_eq!(fingerprint(&cfg), fingerprint(&cfg));
    let other = SampleConfig { seed: 43, ..config() };
    assert_ne!(fingerprint(&cfg), fingerprint(&other));
}

#[test]
fn every_trace_is_a_tree_of_four_to_fifteen_spans() {
    let cfg = SampleConfig { backfill_traces_per_minute: 40.0, ..config() };
    let mut spans = Vec::new();
    // From an hour before the open over a rate decision to after the close.
    generate(&cfg, utc("2026-11-18T13:30:00Z"), 480, |_, batch| spans.extend(batch.spans));
    let traces = check_trees(spans, 4..=15);
    assert!(traces > 5_000, "{traces}");
}

/// Every trace is a tree of so many spans, children within their parents. Gives
/// the number of traces.
pub(crate) fn check_trees(all: Vec<Span>, sizes: RangeInclusive<usize>) -> usize {
    let mut traces: HashMap<TraceId, Vec<Span>> = HashMap::new();
    for span in all {
        traces.entry(span.data.span_context.trace_id()).or_default().push(span);
    }
    for spans in traces.values() {
        let by_id: HashMap<_, _> = spans.iter().map(|s| (s.data.span_context.span_id(), &s.data)).collect();
        let name = &spans[0].data.name;
        assert_eq!(by_id.len(), spans.len(), "{name}: span ids differ");
        assert!(sizes.contains(&spans.len()), "{name}: {} spans", spans.len());
        assert_eq!(spans.iter().filter(|s| s.data.parent_span_id == SpanId::INVALID).count(), 1, "{name}");
        for span in spans {
            let span = &span.data;
            assert!(span.start_time < span.end_time, "{name}");
            if span.parent_span_id != SpanId::INVALID {
                let parent = by_id[&span.parent_span_id];
                assert!(
                    parent.start_time <= span.start_time && span.end_time <= parent.end_time,
                    "{name} / {}",
                    span.name
                );
            }
        }
    }
    traces.len()
}

#[test]
fn a_client_span_around_each_server_span() {
    generate(&config(), utc("2026-11-18T14:30:00Z"), 60, |_, batch| {
        let by_id: HashMap<_, _> =
            batch.spans.iter().map(|s| (s.data.span_context.span_id(), &s.data)).collect();
        for span in batch.spans.iter().map(|s| &s.data) {
            if span.span_kind == SpanKind::Server && span.parent_span_id != SpanId::INVALID {
                assert_eq!(by_id[&span.parent_span_id].span_kind, SpanKind::Client);
                assert!(span.parent_span_is_remote);
            }
        }
    });
}

#[test]
fn the_bad_deploy_hurts_in_its_window_and_nowhere_else() {
    let cfg = SampleConfig { backfill_traces_per_minute: 300.0, ..config() };
    let window = Platform::new(&cfg).schedule().bad_deploy;
    let start = window.start - Duration::minutes(60);
    let topology = Platform::new(&cfg).topology().clone();
    let mut orders: BTreeMap<&str, (f64, f64, f64)> = BTreeMap::new();
    let mut said = Vec::new();
    generate(&cfg, start, 155, |t, batch| {
        let slot = if t < window.start {
            "before"
        } else if window.contains(t) {
            "during"
        } else {
            "after"
        };
        for span in &batch.spans {
            let instance = &topology.instances()[usize::from(span.resource)];
            let is_order = instance.service == Service::Order && span.data.name == "POST /orders";
            if is_order && span.data.span_kind == SpanKind::Server {
                assert_eq!(instance.version == "2.31.0", slot == "during", "at {t}");
                let sums = orders.entry(slot).or_default();
                sums.0 += 1.0;
                sums.1 += f64::from(u8::from(matches!(span.data.status, Status::Error { .. })));
                sums.2 +=
                    span.data.end_time.duration_since(span.data.start_time).expect("in order").as_secs_f64();
            }
        }
        said.extend(batch.logs.iter().filter_map(|l| l.event).filter(|e| e.starts_with("deployment.")));
    });
    let rate = |slot: &str| orders[slot].1 / orders[slot].0;
    let mean = |slot: &str| orders[slot].2 / orders[slot].0;
    assert!((0.05..0.12).contains(&rate("during")), "{orders:?}");
    assert!(rate("before") < 0.01 && rate("after") < 0.01, "{orders:?}");
    assert!(mean("during") > 1.5 * mean("before") && mean("after") < 1.2 * mean("before"), "{orders:?}");
    assert_eq!(
        said,
        ["deployment.finished", "deployment.finished", "deployment.rolled_back", "deployment.rolled_back"]
    );
}

#[test]
fn the_slow_bank_is_slow_in_its_window() {
    let cfg = SampleConfig { backfill_traces_per_minute: 300.0, ..config() };
    let window = Platform::new(&cfg).schedule().slow_bank[0];
    let mut calls = [(0.0, 0.0); 2];
    generate(&cfg, window.start - Duration::minutes(60), 100, |t, batch| {
        for span in batch.spans.iter().filter(|s| s.data.name == "POST /v3/debits") {
            let sums = &mut calls[usize::from(window.contains(t))];
            sums.0 += 1.0;
            sums.1 +=
                span.data.end_time.duration_since(span.data.start_time).expect("in order").as_secs_f64();
        }
    });
    let [well, slow] = calls.map(|(n, seconds)| seconds / n);
    assert!(slow > 10.0 * well, "{well} s, then {slow} s");
}

#[test]
fn the_open_brings_far_more_than_midnight() {
    let cfg = SampleConfig { backfill_traces_per_minute: 60.0, ..config() };
    let count = |start: &str| {
        let mut roots = 0;
        generate(&cfg, utc(start), 20, |_, batch| {
            roots += batch.spans.iter().filter(|s| s.data.parent_span_id == SpanId::INVALID).count();
        });
        roots
    };
    // 19:30 in New York and 06:00 in India against the first minutes of New York.
    let (open, night) = (count("2026-11-18T14:30:00Z"), count("2026-11-18T00:30:00Z"));
    assert!(open > 10 * night, "{open} against {night}");
}
