//! A new version beside the old one.

use chrono::TimeDelta;
use headroom_canary::{Class, Config, Outcome, judge};
use headroom_query::canary::{Business, Comparison, Versions, compare};
use headroom_store::testing::TestStore;

use crate::fixture::{self, SpanSeed, TENANT, base, hour, insert_spans, span, store};

const VERSIONS: Versions<'static> = Versions { service: "order", baseline: "1.0", candidate: "2.0" };

/// Forty minutes of twenty requests each of both versions, which take 1 ms with a spread of a fifth. Of the new version's
/// some fail and all take so many times as long.
async fn platform(failures: u128, slower: f64) -> TestStore {
    let store = store().await;
    let mut spans: Vec<SpanSeed> = Vec::new();
    for minute in 0..40_u128 {
        for n in 0..20_u128 {
            for (version, factor) in [("1.0", 1.0), ("2.0", slower)] {
                let trace = 1 + (minute * 20 + n) * 2 + u128::from(version == "2.0");
                let ts = base() + TimeDelta::minutes(minute as i64) + TimeDelta::seconds(3 * n as i64);
                let spread = 0.9 + 0.2 * ((trace * 7 % 11) as f64 / 10.0);
                let mut seed = span(ts, trace, trace as u64);
                seed.version = version;
                seed.duration_ns = (1e6 * factor * spread) as u64;
                if version == "2.0" && n < failures {
                    seed.status = "error";
                }
                spans.push(seed);
            }
        }
    }
    // Another tenant's new version is broken, and so is another service's.
    let mut others = vec![span(base(), 9_000_001, 1), span(base(), 9_000_002, 2)];
    (others[0].tenant, others[1].service) = ("other", "price");
    for other in &mut others {
        (other.version, other.status, other.duration_ns) = ("2.0", "error", 60_000_000_000);
    }
    spans.extend(others);
    insert_spans(&store, &spans).await;
    // A client that sent some of them again.
    insert_spans(&store, &spans[..100]).await;
    store
}

async fn found(store: &TestStore, business: Option<&Business>) -> Comparison {
    compare(store, TENANT, &VERSIONS, business, hour(base())).await.unwrap()
}

#[tokio::test]
async fn a_version_like_the_old_one_passes() {
    let store = platform(0, 1.0).await;
    let found = found(&store, None).await;
    assert_eq!((found.baseline_calls, found.candidate_calls), (800, 800), "each span once, ours alone");
    let judged = judge(&found.metrics, &Config::default()).unwrap();
    assert_eq!((judged.outcome, judged.score), (Outcome::Pass, 100.0), "{}", judged.words);
}

#[tokio::test]
async fn a_version_that_fails_or_is_slow_does_not() {
    let broken = found(&platform(2, 1.0).await, None).await;
    let judged = judge(&broken.metrics, &Config::default()).unwrap();
    assert_eq!(judged.outcome, Outcome::Fail, "{}", judged.words);
    assert_eq!(judged.metrics[0].class, Class::High);
    assert_eq!(judged.metrics[1].class, Class::Pass, "{}", judged.words);
    let slow = found(&platform(0, 1.5).await, None).await;
    let judged = judge(&slow.metrics, &Config::default()).unwrap();
    assert_eq!((judged.metrics[0].class, judged.metrics[1].class), (Class::Pass, Class::High));
    assert!((1.45..1.55).contains(&judged.metrics[1].effect.unwrap()), "{:?}", judged.metrics[1]);
    assert_eq!(judged.outcome, Outcome::Fail);
}

#[tokio::test]
async fn business_events_count_for_the_version_in_whose_trace_they_are() {
    let store = platform(0, 1.0).await;
    let mut events = Vec::new();
    for minute in 0..40_u128 {
        for n in 0..20_u128 {
            for newer in [0, 1] {
                let trace = 1 + (minute * 20 + n) * 2 + newer;
                let ts = base() + TimeDelta::minutes(minute as i64) + TimeDelta::seconds(3 * n as i64);
                let name = if newer == 1 && n % 4 == 0 { "order.rejected" } else { "order.filled" };
                let mut event = fixture::event(name, ts, &[]).traced(trace);
                event.id = format!("event-{trace}");
                events.push(event);
            }
        }
    }
    fixture::insert_events(&store, &events).await;
    let business = Business {
        good: vec!["order.filled".into()],
        all: vec!["order.filled".into(), "order.rejected".into()],
    };
    let judged = judge(&found(&store, Some(&business)).await.metrics, &Config::default()).unwrap();
    let orders = judged.metrics.iter().find(|metric| metric.name == "good business events").unwrap();
    assert_eq!((orders.class, judged.outcome), (Class::Low, Outcome::Fail), "{}", judged.words);
    assert!((orders.effect.unwrap() - 0.75).abs() < 1e-9, "{orders:?}");
    let wrong = Business { good: vec!["order.filled".into()], all: vec!["order.rejected".into()] };
    let refused = compare(&store, TENANT, &VERSIONS, Some(&wrong), hour(base())).await.unwrap_err();
    assert_eq!(refused.to_string(), "events.all must hold every event that counts");
}
