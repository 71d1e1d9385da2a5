//! Where it comes from: what sets failing requests apart, and which called services got worse.

use chrono::{DateTime, TimeDelta, Utc};
use headroom_query::bubbleup::{self, Difference, Names, Selection};
use headroom_query::service_map::{self, MapEdge, MapNodeKind, ServiceMap};
use headroom_query::{Result, TimeRange};
use headroom_store::Store;

/// Differences that are told.
const DIFFERENCES: usize = 3;
/// Shares that differ by less are no trail.
const LEAST_DIFFERENCE: f64 = 0.2;
/// An edge is judged by at least so many of its calls.
const LEAST_CALLS: u64 = 20;
/// A called service got worse when its share of failures is this many times what it was, and at least one in a hundred.
const TIMES: f64 = 3.0;
const LEAST_SHARE: f64 = 0.01;

/// What sets failed requests apart from the others of the same time, strongest first, in words; where none failed, the
/// slow ones (longer than `slow_ns`).
pub(super) async fn differences(
    store: &Store,
    tenant: &str,
    service: &str,
    slow_ns: Option<u64>,
    range: TimeRange,
    now: DateTime<Utc>,
) -> Result<Vec<String>> {
    let failed = Selection::failed(service, range);
    let mut found = bubbleup::differences(store, tenant, &failed, Names::Withheld, now).await?;
    if let (Some(slow_ns), 0) = (slow_ns, found.inside.spans) {
        let slow = Selection { errors: false, low_ns: Some(slow_ns), ..failed };
        found = bubbleup::differences(store, tenant, &slow, Names::Withheld, now).await?;
    }
    // That failed requests have the status of failed ones is no news.
    let news = |one: &&Difference| one.difference >= LEAST_DIFFERENCE && one.key != "status" && !one.withheld;
    Ok(found.differences.iter().filter(news).take(DIFFERENCES).map(words).collect())
}

fn words(one: &Difference) -> String {
    let value = one.value.as_deref().map_or_else(|| "is missing".to_owned(), |value| format!("= {value}"));
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    format!(
        "{} {value}: {} of them, {} of the others",
        one.key,
        percent(one.inside_share),
        percent(one.outside_share)
    )
}

/// A called service, database or host that got worse.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Worse {
    /// Its name if it is a service of the platform.
    pub(super) service: Option<String>,
    pub(super) what: String,
}

/// What a service calls and has got worse since a moment, against the hour before `calm`.
pub(super) async fn worse(
    store: &Store,
    tenant: &str,
    service: &str,
    (calm, since, now): (DateTime<Utc>, DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Worse>> {
    let before = TimeRange { from: calm - TimeDelta::hours(1), to: calm };
    let (before, during) = tokio::try_join!(
        service_map::map(store, tenant, before, Some(service)),
        service_map::map(store, tenant, TimeRange { from: since, to: now }, Some(service)),
    )?;
    Ok(compared(service, &before, &during))
}

fn compared(service: &str, before: &ServiceMap, during: &ServiceMap) -> Vec<Worse> {
    let called = |edge: &&MapEdge| edge.from.kind == MapNodeKind::Service && edge.from.name == service;
    let mut found = Vec::new();
    for edge in during.edges.iter().filter(called).filter(|edge| edge.sampled >= LEAST_CALLS) {
        let was =
            before.edges.iter().filter(called).find(|was| was.to == edge.to && was.sampled >= LEAST_CALLS);
        let rate = was.map_or(0.0, |was| was.error_rate);
        let name = &edge.to.name;
        let what = if edge.error_rate >= LEAST_SHARE && edge.error_rate >= rate * TIMES {
            format!("calls to {name} fail: {:.1} %, {:.1} % before", edge.error_rate * 100.0, rate * 100.0)
        } else if let Some((slow, was)) = was.and_then(|was| slower(was, edge)) {
            format!("calls to {name} are slow: p95 {} ms, {} ms before", slow / 1_000_000, was / 1_000_000)
        } else {
            continue;
        };
        let is_service = edge.to.kind == MapNodeKind::Service && edge.to.name != service;
        found.push(Worse { service: is_service.then(|| name.clone()), what });
    }
    found
}

/// Both p95, if it is at least twice what it was, for certain.
fn slower(was: &MapEdge, is: &MapEdge) -> Option<(u64, u64)> {
    let p95 = |edge: &MapEdge| edge.quantiles.iter().find(|quantile| quantile.q == 0.95).cloned();
    let (was, is) = (p95(was)?, p95(is)?);
    (is.low_ns >= 2 * was.high_ns).then_some((is.value_ns, was.value_ns))
}

#[cfg(test)]
mod tests {
    use headroom_query::latency::QuantileValue;
    use headroom_query::sample::Sampled;
    use headroom_query::service_map::MapPoint;

    use super::*;

    fn edge(to: &str, kind: MapNodeKind, sampled: u64, error_rate: f64, p95_ms: u64) -> MapEdge {
        let ns = p95_ms * 1_000_000;
        MapEdge {
            from: MapPoint { kind: MapNodeKind::Service, name: "order".to_owned() },
            to: MapPoint { kind, name: to.to_owned() },
            calls: sampled,
            calls_low: sampled,
            calls_high: sampled,
            calls_per_second: 1.0,
            errors: 0,
            error_rate,
            quantiles: vec![QuantileValue {
                q: 0.95,
                value_ns: ns,
                low_ns: ns * 9 / 10,
                high_ns: ns * 11 / 10,
            }],
            sampled,
            answered: sampled,
        }
    }

    fn map(edges: Vec<MapEdge>) -> ServiceMap {
        let at = DateTime::UNIX_EPOCH;
        ServiceMap {
            range: TimeRange { from: at, to: at },
            nodes: Vec::new(),
            edges,
            sample: Sampled { spans: 0, of: 0, time: 1.0 },
            unresolved: 0.0,
            without_caller: 0.0,
            source: String::new(),
            unavailable: None,
        }
    }

    #[test]
    fn what_got_worse_is_told_and_what_is_as_ever_is_not() {
        use MapNodeKind::{Database, Service, Upstream};
        let before = map(vec![
            edge("risk", Service, 100, 0.001, 40),
            edge("bank", Upstream, 100, 0.02, 300),
            edge("orders", Database, 100, 0.0, 5),
            edge("quotes", Service, 100, 0.0, 10),
        ]);
        let during = map(vec![
            edge("risk", Service, 100, 0.002, 850),
            edge("bank", Upstream, 100, 0.43, 300),
            edge("orders", Database, 100, 0.009, 8),
            edge("quotes", Service, 10, 1.0, 900),
        ]);
        let found = compared("order", &before, &during);
        let told: Vec<_> = found.iter().map(|one| (one.service.as_deref(), one.what.as_str())).collect();
        assert_eq!(
            told,
            [
                (Some("risk"), "calls to risk are slow: p95 850 ms, 40 ms before"),
                (None, "calls to bank fail: 43.0 %, 2.0 % before"),
            ]
        );
        assert_eq!(compared("risk", &before, &during), []);
        // One that was not called before fails from the start.
        let new = compared("order", &map(Vec::new()), &during);
        assert_eq!(new.len(), 1, "{new:?}");
    }
}
