//! Counting good and total per minute from the roll-ups, the business events and metrics.

use std::collections::{BTreeMap, BTreeSet};

use headroom_store::Store;
use serde::Deserialize;

use super::Stretch;
use crate::error::Result;
use crate::measures::{self, Measure, Of, Statistic};
use crate::range::TimeRange;
use crate::scan::{Aggregate, Compare, Expr, Filter, Function, Key, Literal, ScanQuery};
use crate::slo::budget::at;
use crate::slo::spec::{Indicator, Latency, MetricStatistic, SpanCondition, SpanScope, Status};

/// Buckets per doubling of the duration.
const PER_OCTAVE: f64 = 16.0;

/// What a latency threshold cannot tell: durations are kept in buckets 4.4 % wide.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Uncertainty {
    /// Every request up to this is counted as below the threshold for certain, in ns.
    pub sure_below_ns: f64,
    /// Every request longer than this is counted as above it for certain, in ns.
    pub sure_above_ns: f64,
    /// Share of the bucket between the two that is taken to be below.
    pub share_below: f64,
}

/// The bucket a threshold falls into and the share of it that lies below. Requests in
/// that one bucket are spread evenly over it; all others are counted exactly, so the
/// error is at most the number of requests within 4.4 % of the threshold.
pub fn uncertainty(threshold_ns: u64) -> Uncertainty {
    let bucket = bucket(threshold_ns);
    let low = (f64::from(bucket) / PER_OCTAVE).exp2();
    let high = (f64::from(bucket + 1) / PER_OCTAVE).exp2();
    let share_below = ((threshold_ns as f64 - low) / (high - low)).clamp(0.0, 1.0);
    Uncertainty { sure_below_ns: low, sure_above_ns: high, share_below }
}

/// `ceil(log2(ns) * 16) - 1`: bucket b holds durations in (2^(b/16), 2^((b+1)/16)].
fn bucket(ns: u64) -> i32 {
    if ns == 0 { -1 } else { ((ns as f64).log2() * PER_OCTAVE).ceil() as i32 - 1 }
}

#[derive(clickhouse::Row, Deserialize)]
struct Minute {
    #[serde(rename = "n")]
    _n: u32,
    m: i64,
}

/// A minute of the question `n`; the edges are of the threshold's own bucket.
#[derive(clickhouse::Row, Deserialize)]
struct Counts {
    n: u32,
    m: i64,
    part: u64,
    part_edge: u64,
    total: u64,
    total_edge: u64,
}

/// Good and total by minute (its start in seconds since the epoch). Minutes without any are missing.
pub(super) type ByMinute = BTreeMap<i64, (u64, u64)>;

/// Good and total of each objective in its stretch, in the order they were asked for. All that is counted from spans and
/// events is one question to the store.
pub(super) async fn counts(
    store: &Store,
    tenant: &str,
    asked: &[(&Indicator, Stretch)],
) -> Result<Vec<ByMinute>> {
    let mut found = vec![ByMinute::new(); asked.len()];
    let (mut numbers, mut queries) = (Vec::new(), Vec::new());
    for (n, (indicator, stretch)) in asked.iter().enumerate() {
        match indicator {
            Indicator::Metric { metric, attributes, statistic, good } => {
                let measure = Measure {
                    of: Of::Metric(metric.clone()),
                    attributes: attributes.clone(),
                    statistic: match statistic {
                        MetricStatistic::Avg => Statistic::Avg,
                        MetricStatistic::Max => Statistic::Max,
                    },
                };
                let range = TimeRange { from: at(stretch.from), to: at(stretch.to) };
                let minutes = measures::per_minute(store, tenant, &measure, range).await?;
                let counts =
                    |minute: &measures::Minute| Some((minute.at.timestamp(), good.counts(minute.value)?));
                found[n] = minutes.iter().filter_map(counts).collect();
            }
            Indicator::Spans { scope, total, part, .. } => {
                numbers.push(n);
                queries.push(span_query(tenant, scope, total, part, *stretch));
            }
            Indicator::Events { service, total, part, .. } => {
                numbers.push(n);
                queries.push(event_query(tenant, service.as_deref(), total, part, *stretch));
            }
        }
    }
    for row in ScanQuery::fetch_all::<Counts>(&queries, store).await? {
        let Some(n) = numbers.get(row.n as usize).copied() else { continue };
        found[n].insert(row.m.div_euclid(1_000_000_000), row.counted(asked[n].0));
    }
    Ok(found)
}

impl Counts {
    /// Good and total; of the threshold's bucket the share that lies on the right side.
    fn counted(&self, indicator: &Indicator) -> (u64, u64) {
        let with_edge = |sure: u64, edge: u64, share: f64| sure + (edge as f64 * share).round() as u64;
        let (inverted, part, total) = match indicator {
            Indicator::Spans { total, part, inverted, .. } => (
                *inverted,
                with_edge(self.part, self.part_edge, edge_share(part)),
                with_edge(self.total, self.total_edge, edge_share(total)),
            ),
            Indicator::Events { inverted, .. } => (*inverted, self.part, self.total),
            Indicator::Metric { .. } => (false, self.part, self.total),
        };
        (if inverted { total.saturating_sub(part) } else { part }, total)
    }
}

/// Share of the threshold's bucket that meets the condition.
fn edge_share(condition: &SpanCondition) -> f64 {
    match condition.latency {
        None => 0.0,
        Some(Latency::Below(ns)) => uncertainty(ns).share_below,
        Some(Latency::Above(ns)) => 1.0 - uncertainty(ns).share_below,
    }
}

/// From the roll-up of calls, or from the buckets where a duration is asked for.
fn span_query(
    tenant: &str,
    scope: &SpanScope,
    total: &SpanCondition,
    part: &SpanCondition,
    stretch: Stretch,
) -> ScanQuery {
    let is_latency = total.latency.is_some() || part.latency.is_some();
    let (table, column) = if is_latency { ("latency_buckets_1m", "n") } else { ("span_minute", "calls") };
    let sum = |condition: &SpanCondition, edge: bool, alias: &str| {
        let filter = Filter::And(vec![status_filter(condition), bucket_filter(condition, edge)]);
        Aggregate::sum(column, alias).only(filter)
    };
    ScanQuery::aggregate(tenant, table)
        .key(Key::bucket("m", 60, "m"))
        .filter(Filter::eq("service", &scope.service))
        .filter_opt(scope.operation.as_deref().map(|operation| Filter::eq("operation", operation)))
        .filter_opt(
            (!scope.kinds.is_empty()).then(|| Filter::one_of("kind", scope.kinds.iter().map(String::as_str))),
        )
        .filter(stretch.of("m"))
        .aggregates([
            sum(part, false, "part"),
            sum(part, true, "part_edge"),
            sum(total, false, "total"),
            sum(total, true, "total_edge"),
        ])
}

fn status_filter(condition: &SpanCondition) -> Filter {
    let compare = |op| Filter::compare("status", op, Literal::Text("error".to_owned()));
    match condition.status {
        None => Filter::And(Vec::new()),
        Some(Status::Error) => compare(Compare::Eq),
        Some(Status::NotError) => compare(Compare::NotEq),
    }
}

/// Buckets that meet the condition for certain, or (`edge`) the one that does in part.
fn bucket_filter(condition: &SpanCondition, edge: bool) -> Filter {
    let compare = |ns: u64, op| Filter::compare("b", op, Literal::Int(i64::from(bucket(ns))));
    match (condition.latency, edge) {
        (None, false) => Filter::And(Vec::new()),
        (None, true) => Filter::Or(Vec::new()),
        (Some(Latency::Below(ns)), false) => compare(ns, Compare::Less),
        (Some(Latency::Above(ns)), false) => compare(ns, Compare::Greater),
        (Some(Latency::Below(ns) | Latency::Above(ns)), true) => compare(ns, Compare::Eq),
    }
}

/// Events sent twice (client retries) count once: they keep their event id. No duration is asked of them.
fn event_query(
    tenant: &str,
    service: Option<&str>,
    total: &[String],
    part: &[String],
    stretch: Stretch,
) -> ScanQuery {
    let named = |names: &[String]| Filter::one_of("name", names.iter().map(String::as_str));
    let ids = |alias: &str, of: Filter| {
        Aggregate::new(Function::CountDistinct(Expr::Column("event_id".to_owned())), alias).only(of)
    };
    let none = || Filter::Or(Vec::new());
    ScanQuery::aggregate(tenant, "events")
        .key(Key::bucket("ts", 60, "m"))
        .aggregates([
            ids("part", named(part)),
            ids("part_edge", none()),
            ids("total", Filter::And(Vec::new())),
            ids("total_edge", none()),
        ])
        .filter(named(total))
        .filter_opt(service.map(|service| Filter::eq("service", service)))
        .filter(stretch.of("ts"))
}

/// Seconds of silence that are no gap: a small company is quiet for a minute now and then.
const QUIET_SECONDS: i64 = 300;

/// The minutes of a stretch in which Headroom was receiving: any span or event
/// of the tenant arrived in them or in the four minutes before, or the silence
/// around them was shorter than five.
pub(super) async fn alive_minutes(store: &Store, tenant: &str, stretch: Stretch) -> Result<BTreeSet<i64>> {
    let earlier = Stretch { from: stretch.from - QUIET_SECONDS, ..stretch };
    let heard = [("span_minute", "m"), ("events", "ts")].map(|(table, column)| {
        ScanQuery::aggregate(tenant, table).key(Key::bucket(column, 60, "m")).filter(earlier.of(column))
    });
    let rows: Vec<Minute> = ScanQuery::fetch_all(&heard, store).await?;
    let minutes = rows.into_iter().map(|row| row.m.div_euclid(1_000_000_000)).collect();
    Ok(without_pauses(&minutes, stretch.from, stretch.to))
}

/// Fills silences shorter than [`QUIET_SECONDS`], and the same length at the newest end, where
/// it is not known yet how long the silence will be.
fn without_pauses(heard: &BTreeSet<i64>, from: i64, to: i64) -> BTreeSet<i64> {
    let mut alive = BTreeSet::new();
    let mut following = heard.iter().skip(1);
    for minute in heard {
        let silent_until = following.next().copied().unwrap_or((minute + QUIET_SECONDS).min(to));
        let end = if silent_until - minute <= QUIET_SECONDS { silent_until } else { minute + 60 };
        alive
            .extend((*minute..end.max(minute + 60)).step_by(60).filter(|minute| (from..to).contains(minute)));
    }
    alive
}

#[cfg(test)]
mod tests;
