//! The counts behind [`Red`]: of a rollup, or of sampled spans.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::Deserialize;

use super::{Red, RedGroup, RedQuery};
use crate::error::Result;
use crate::latency::{Cut, Kinds, Source, Tally, counted_kinds, fetch};
use crate::proportion::{Share, Z95};
use crate::rates::RECEIVED;
use crate::sample::{Count, Plan};
use crate::scan::{Aggregate, Expr, Filter, Key, ScanQuery};
use crate::services::SeriesPoint;

/// Spans whose attributes are read.
const WANTED: u64 = 20_000;
/// Most rows that are taken from the store.
const MOST_ROWS: u64 = 1_000_000;

#[derive(Debug, Row, Deserialize)]
struct TotalRow {
    value: String,
    kind: String,
    b: i16,
    n: u64,
    errors: u64,
}

#[derive(Debug, Row, Deserialize)]
struct PointRow {
    value: String,
    kind: String,
    at: i64,
    b: i16,
    n: u64,
    errors: u64,
}

/// Counts of one value: all of them, and by step.
#[derive(Debug, Default)]
struct Counted {
    total: Tally,
    steps: BTreeMap<DateTime<Utc>, Tally>,
}

fn scope(scan: ScanQuery, query: &RedQuery) -> ScanQuery {
    let equal = |column: &str, text: &Option<String>| text.as_deref().map(|text| Filter::eq(column, text));
    scan.filter_opt(equal("service", &query.service))
        .filter_opt(equal("operation", &query.operation))
        .filter_opt(equal("version", &query.version))
        .filter_opt(equal("region", &query.region))
}

/// All values of a column first; then the series of those that are told.
pub(super) async fn rollup(
    store: &Store,
    tenant: &str,
    query: &RedQuery,
    column: &str,
    step_seconds: i64,
) -> Result<Red> {
    let source = Source::of(&query.range);
    let value = || Key::new(Expr::Column(column.to_owned()), "value");
    let cut = Cut::new(query.range, source);
    let scan = |source: Source, time: Filter| {
        scope(ScanQuery::aggregate(tenant, source.table()), query).filter(time).key(value())
    };
    let totals = |source: Source| {
        scan(source, cut.filter(source)).columns(["kind", "b"]).aggregates(Tally::aggregates())
    };
    // Each service has its own kinds to count; of anything else there is one answer for all of it.
    let kinds = if column == "service" || column == "kind" { Kinds::All } else { Kinds::Counted };
    let totals: Vec<TotalRow> = fetch(store, &[&cut], kinds, totals).await?;
    let scope_of = |value: &str| if column == "service" { value.to_owned() } else { String::new() };
    let mut kinds: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for row in &totals {
        kinds.entry(scope_of(&row.value)).or_default().insert(&row.kind);
    }
    let kinds: BTreeMap<String, BTreeSet<String>> =
        kinds.into_iter().map(|(value, kinds)| (value, counted_kinds(kinds.into_iter()))).collect();
    let counts = |value: &str, kind: &str| {
        column == "kind" || kinds.get(&scope_of(value)).is_some_and(|kinds| kinds.contains(kind))
    };
    let mut groups: BTreeMap<String, Counted> = BTreeMap::new();
    for row in totals.iter().filter(|row| counts(&row.value, &row.kind)) {
        groups.entry(row.value.clone()).or_default().total.add(row.b, row.n, row.errors);
    }
    let (calls, all) = (groups.values().map(|group| group.total.calls()).sum(), groups.len());
    let mut groups = largest(groups, query.limit);
    let told: Vec<String> = groups.iter().map(|(value, _)| value.clone()).collect();
    let counted = kinds.values().flatten().map(String::as_str).collect::<BTreeSet<_>>();
    let of_steps = Cut::for_steps(query.range, source, step_seconds);
    let series = |source: Source| {
        scan(source, of_steps.filter(source))
            .filter(Filter::one_of(column, told.iter().map(String::as_str)))
            .filter_opt((column != "kind").then(|| Filter::one_of("kind", counted.iter().copied())))
            .keys([Key::column("kind"), Key::bucket("m", step_seconds, "at"), Key::column("b")])
            .aggregates(Tally::aggregates())
    };
    for row in fetch::<PointRow>(store, &[&of_steps], Kinds::All, series).await? {
        if !counts(&row.value, &row.kind) {
            continue;
        }
        if let Some((_, group)) = groups.iter_mut().find(|(value, _)| *value == row.value) {
            let step = group.steps.entry(DateTime::from_timestamp_nanos(row.at)).or_default();
            step.add(row.b, row.n, row.errors);
        }
    }
    let left_out = (all - groups.len()) as u64;
    let groups = groups.into_iter().map(|(value, counted)| group(value, &counted, query, None)).collect();
    Ok(Red {
        range: query.range,
        step_seconds,
        groups,
        left_out,
        calls,
        sample: None,
        source: source.table().to_owned(),
        unavailable: None,
    })
}

/// The calls that the rollup counted say how large the sample is to be, and what a span of it stands for.
pub(super) async fn sampled(
    store: &Store,
    tenant: &str,
    query: &RedQuery,
    key: &str,
    step_seconds: i64,
) -> Result<Red> {
    #[derive(Debug, Row, Deserialize)]
    struct KindRow {
        kind: String,
        n: u64,
    }
    let source = Source::of(&query.range);
    let cut = Cut::new(query.range, source);
    let sizes = |source: Source| {
        scope(ScanQuery::aggregate(tenant, source.table()), query)
            .filter(cut.filter(source))
            .columns(["kind"])
            .aggregates([Aggregate::sum("n", "n")])
    };
    let sizes: Vec<KindRow> = fetch(store, &[&cut], Kinds::All, sizes).await?;
    // Over all services requests received count: a service that receives none would be all of its spans.
    let kinds = match &query.service {
        Some(_) => counted_kinds(sizes.iter().map(|row| row.kind.as_str())),
        None => RECEIVED.iter().map(ToString::to_string).collect(),
    };
    let stored = sizes.iter().map(|row| row.n).sum();
    let calls = sizes.iter().filter(|row| kinds.contains(&row.kind)).map(|row| row.n).sum();
    let count = Count { stored, fitting: calls };
    let scoped = |source: Source| scope(ScanQuery::aggregate(tenant, source.table()), query);
    let fits = Filter::one_of("kind", kinds.iter().map(String::as_str));
    let plan = Plan::read(store, query.range, source, count, WANTED, scoped, &fits).await?;
    let of = |column: &str| Expr::MapValue { column: column.to_owned(), key: key.to_owned() };
    let scan = scope(ScanQuery::aggregate(tenant, "spans"), query)
        .filter(fits)
        .filter(plan.filter("ts"))
        .key(Key::new(Expr::First(vec![of("attributes"), of("resource")]), "value"))
        .keys([Key::column("kind"), Key::bucket("ts", step_seconds, "at")])
        .key(Key::new(Expr::LatencyBucket("duration_ns".to_owned()), "b"))
        .aggregates(Tally::aggregates_of_spans())
        .limit(MOST_ROWS);
    let mut groups: BTreeMap<String, Counted> = BTreeMap::new();
    let mut read = 0;
    for row in scan.fetch::<PointRow>(store).await? {
        let group = groups.entry(row.value).or_default();
        let step = group.steps.entry(DateTime::from_timestamp_nanos(row.at)).or_default();
        step.add(row.b, row.n, row.errors);
        group.total.add(row.b, row.n, row.errors);
        read += row.n;
    }
    let all = groups.len();
    let groups = largest(groups, query.limit);
    let left_out = (all - groups.len()) as u64;
    let groups =
        groups.into_iter().map(|(value, counted)| group(value, &counted, query, Some((read, calls))));
    Ok(Red {
        range: query.range,
        step_seconds,
        groups: groups.collect(),
        left_out,
        calls,
        sample: Some(plan.told(&query.range, read, calls)),
        source: "spans".to_owned(),
        unavailable: None,
    })
}

fn largest(groups: BTreeMap<String, Counted>, limit: u32) -> Vec<(String, Counted)> {
    let mut groups: Vec<(String, Counted)> = groups.into_iter().collect();
    groups.sort_by_key(|(_, counted)| std::cmp::Reverse(counted.total.calls()));
    groups.truncate(limit as usize);
    groups
}

/// A group's figures. `of` is the size of the sample and of what it stands for.
fn group(value: String, counted: &Counted, query: &RedQuery, of: Option<(u64, u64)>) -> RedGroup {
    let (seen, errors) = (counted.total.calls(), counted.total.errors);
    let factor = of.map_or(1.0, |(read, calls)| calls as f64 / read.max(1) as f64);
    let scaled = |n: u64| (n as f64 * factor).round() as u64;
    let (low, high) = match of {
        Some((read, calls)) if read < calls => {
            let (low, high) = Share { of: seen, all: read }.interval(Z95);
            ((low * calls as f64).floor() as u64, (high * calls as f64).ceil() as u64)
        }
        _ => (scaled(seen), scaled(seen)),
    };
    let series = counted.steps.iter().map(|(ts, tally)| {
        SeriesPoint::new(*ts, scaled(tally.calls()), scaled(tally.errors), Some(&tally.buckets))
    });
    RedGroup {
        value,
        calls: scaled(seen),
        calls_low: low,
        calls_high: high,
        errors: scaled(errors),
        error_rate: counted.total.error_rate(),
        calls_per_second: scaled(seen) as f64 / query.range.seconds(),
        quantiles: match of {
            Some((read, calls)) if read < calls => counted.total.quantiles_of_sample(),
            _ => counted.total.quantiles(),
        },
        series: series.collect(),
    }
}
