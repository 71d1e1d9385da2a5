//! Counting good and total per minute from the roll-ups, the business events and metrics.

use std::collections::{BTreeMap, BTreeSet};

use headroom_store::Store;
use serde::Deserialize;

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
    m: i64,
}

#[derive(clickhouse::Row, Deserialize)]
struct Counts {
    m: i64,
    part: u64,
    total: u64,
}

#[derive(clickhouse::Row, Deserialize)]
struct EdgedCounts {
    m: i64,
    part: u64,
    part_edge: u64,
    total: u64,
    total_edge: u64,
}

/// Good and total per minute (start in seconds since the epoch) of `from <= minute < to`.
/// Minutes without any are missing.
pub(super) async fn counts(
    store: &Store,
    tenant: &str,
    indicator: &Indicator,
    from: i64,
    to: i64,
) -> Result<BTreeMap<i64, (u64, u64)>> {
    let (inverted, rows) = match indicator {
        Indicator::Spans { scope, total, part, inverted } => {
            (*inverted, spans(store, tenant, scope, total, part, from, to).await?)
        }
        Indicator::Events { service, total, part, inverted } => {
            let query = event_query(tenant, service.as_deref(), total, part, from, to);
            let rows: Vec<Counts> = query.fetch(store).await?;
            (*inverted, rows.into_iter().map(|row| (row.m, row.part, row.total)).collect())
        }
        Indicator::Metric { metric, attributes, statistic, good } => {
            let statistic = match statistic {
                MetricStatistic::Avg => Statistic::Avg,
                MetricStatistic::Max => Statistic::Max,
            };
            let measure =
                Measure { of: Of::Metric(metric.clone()), attributes: attributes.clone(), statistic };
            let range = TimeRange { from: at(from), to: at(to) };
            let minutes = measures::per_minute(store, tenant, &measure, range).await?;
            let counts =
                |minute: &measures::Minute| Some((minute.at.timestamp(), good.counts(minute.value)?));
            return Ok(minutes.iter().filter_map(counts).collect());
        }
    };
    let good = |part: u64, total: u64| if inverted { total.saturating_sub(part) } else { part };
    Ok(rows
        .into_iter()
        .map(|(ns, part, total)| (ns.div_euclid(1_000_000_000), (good(part, total), total)))
        .collect())
}

async fn spans(
    store: &Store,
    tenant: &str,
    scope: &SpanScope,
    total: &SpanCondition,
    part: &SpanCondition,
    from: i64,
    to: i64,
) -> Result<Vec<(i64, u64, u64)>> {
    if total.latency.is_none() && part.latency.is_none() {
        let query = status_query(tenant, scope, total, part, from, to);
        let rows: Vec<Counts> = query.fetch(store).await?;
        return Ok(rows.into_iter().map(|row| (row.m, row.part, row.total)).collect());
    }
    let query = latency_query(tenant, scope, total, part, from, to);
    let rows: Vec<EdgedCounts> = query.fetch(store).await?;
    let with_edge = |sure: u64, edge: u64, condition: &SpanCondition| {
        sure + (edge as f64 * edge_share(condition)).round() as u64
    };
    Ok(rows
        .into_iter()
        .map(|row| {
            (row.m, with_edge(row.part, row.part_edge, part), with_edge(row.total, row.total_edge, total))
        })
        .collect())
}

/// Share of the threshold's bucket that meets the condition.
fn edge_share(condition: &SpanCondition) -> f64 {
    match condition.latency {
        None => 0.0,
        Some(Latency::Below(ns)) => uncertainty(ns).share_below,
        Some(Latency::Above(ns)) => 1.0 - uncertainty(ns).share_below,
    }
}

fn status_query(
    tenant: &str,
    scope: &SpanScope,
    total: &SpanCondition,
    part: &SpanCondition,
    from: i64,
    to: i64,
) -> ScanQuery {
    let sum = |condition: &SpanCondition, alias: &str| {
        Aggregate::sum("calls", alias).only(status_filter(condition))
    };
    scoped(tenant, "span_minute", scope, from, to).aggregates([sum(part, "part"), sum(total, "total")])
}

fn latency_query(
    tenant: &str,
    scope: &SpanScope,
    total: &SpanCondition,
    part: &SpanCondition,
    from: i64,
    to: i64,
) -> ScanQuery {
    let sum = |condition: &SpanCondition, edge: bool, alias: &str| {
        let filter = Filter::And(vec![status_filter(condition), bucket_filter(condition, edge)]);
        Aggregate::sum("n", alias).only(filter)
    };
    scoped(tenant, "latency_buckets_1m", scope, from, to).aggregates([
        sum(part, false, "part"),
        sum(part, true, "part_edge"),
        sum(total, false, "total"),
        sum(total, true, "total_edge"),
    ])
}

fn scoped(tenant: &str, table: &str, scope: &SpanScope, from: i64, to: i64) -> ScanQuery {
    ScanQuery::aggregate(tenant, table)
        .key(Key::bucket("m", 60, "m"))
        .filter(Filter::eq("service", &scope.service))
        .filter_opt(scope.operation.as_deref().map(|operation| Filter::eq("operation", operation)))
        .filter_opt(
            (!scope.kinds.is_empty()).then(|| Filter::one_of("kind", scope.kinds.iter().map(String::as_str))),
        )
        .filter(between("m", from, to))
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

/// Events sent twice (client retries) count once: they keep their event id.
fn event_query(
    tenant: &str,
    service: Option<&str>,
    total: &[String],
    part: &[String],
    from: i64,
    to: i64,
) -> ScanQuery {
    let named = |names: &[String]| Filter::one_of("name", names.iter().map(String::as_str));
    let id = || Function::CountDistinct(Expr::Column("event_id".to_owned()));
    ScanQuery::aggregate(tenant, "events")
        .key(Key::bucket("ts", 60, "m"))
        .aggregates([Aggregate::new(id(), "part").only(named(part)), Aggregate::new(id(), "total")])
        .filter(named(total))
        .filter_opt(service.map(|service| Filter::eq("service", service)))
        .filter(between("ts", from, to))
}

/// Seconds of silence that are no gap: a small company is quiet for a minute now and then.
const QUIET_SECONDS: i64 = 300;

/// The minutes of `from <= minute < to` in which Headroom was receiving: any span or event
/// of the tenant arrived in them or in the four minutes before, or the silence
/// around them was shorter than five.
pub async fn alive_minutes(store: &Store, tenant: &str, from: i64, to: i64) -> Result<BTreeSet<i64>> {
    let mut minutes = BTreeSet::new();
    for (table, column) in [("span_minute", "m"), ("events", "ts")] {
        let query = ScanQuery::aggregate(tenant, table).key(Key::bucket(column, 60, "m")).filter(between(
            column,
            from - QUIET_SECONDS,
            to,
        ));
        let rows: Vec<Minute> = query.fetch(store).await?;
        minutes.extend(rows.into_iter().map(|row| row.m.div_euclid(1_000_000_000)));
    }
    Ok(without_pauses(&minutes, from, to))
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

fn between(column: &str, from: i64, to: i64) -> Filter {
    Filter::And(vec![
        Filter::compare(column, Compare::GreaterEq, Literal::Time(at(from))),
        Filter::compare(column, Compare::Less, Literal::Time(at(to))),
    ])
}

#[cfg(test)]
mod tests;
