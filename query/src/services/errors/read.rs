//! Groups as the store makes them, put together by template.

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;
use clickhouse::Row;
use headroom_store::Store;
use serde::Deserialize;

use super::{ErrorGroup, ErrorPoint, template};
use crate::bubbleup::Names;
use crate::error::Result;
use crate::latency::{Cut, Kinds, Source, fetch};
use crate::range::TimeRange;
use crate::sample::{Plan, Sampled};
use crate::scan::{Aggregate, Expr, Filter, Function, Key, ScanQuery};

/// Failed spans that are read.
const WANTED: u64 = 100_000;
/// Most groups that are taken from the store.
const MOST_GROUPS: u64 = 5_000;
/// Most points of series that are.
const MOST_POINTS: u64 = 200_000;
/// Traces of a group.
const TRACES: u32 = 5;
const VERSIONS: u32 = 20;

/// What was found.
pub(super) struct Found {
    pub(super) groups: Vec<ErrorGroup>,
    pub(super) sample: Sampled,
}

#[derive(Debug, Row, Deserialize)]
struct SizeRow {
    inside: u8,
    stored: u64,
    failed: u64,
}

#[derive(Debug, Row, Deserialize)]
struct GroupRow {
    operation: String,
    error_type: String,
    rough: String,
    example: String,
    spans: u64,
    first: i64,
    last: i64,
    trace_id: String,
    traces: Vec<String>,
    versions: Vec<String>,
}

#[derive(Debug, Row, Deserialize)]
struct PointRow {
    operation: String,
    error_type: String,
    rough: String,
    at: i64,
    spans: u64,
}

#[derive(Debug, Row, Deserialize)]
struct BeforeRow {
    operation: String,
    error_type: String,
    #[serde(rename = "rough")]
    _rough: String,
    example: String,
}

/// Operation, type and message.
type Name = (String, String, String);

pub(super) async fn read(
    store: &Store,
    tenant: &str,
    service: &str,
    range: TimeRange,
    before: TimeRange,
    step_seconds: i64,
    names: Names,
) -> Result<Found> {
    let source = Source::of(&range);
    let (cut, cut_before) = (Cut::new(range, source), Cut::new(before, source));
    let scan = |source: Source| {
        let inside = cut.filter(source);
        ScanQuery::aggregate(tenant, source.table())
            .filter(Filter::eq("service", service))
            .filter(Filter::Or(vec![inside.clone(), cut_before.filter(source)]))
            .key(Key::is(inside, "inside"))
            .aggregates([
                Aggregate::sum("n", "stored"),
                Aggregate::sum("n", "failed").only(Filter::eq("status", "error")),
            ])
    };
    let sizes: Vec<SizeRow> = fetch(store, &[&cut, &cut_before], Kinds::All, scan).await?;
    let size = |inside: u8| {
        let rows = sizes.iter().filter(|row| row.inside == inside);
        rows.fold((0, 0), |sum, row| (sum.0 + row.stored, sum.1 + row.failed))
    };
    let ((stored, failed), (stored_before, failed_before)) = (size(1), size(0));
    let plan = Plan::new(range, stored, failed, WANTED);
    let plan_before = Plan::new(before, stored_before, failed_before, WANTED);

    let groups = failed_spans(tenant, service, &plan, names)
        .aggregates([
            Aggregate::new(Function::Min(message(names)), "example"),
            Aggregate::new(Function::CountDistinct(column("span_id")), "spans"),
            Aggregate::min("ts", "first"),
            Aggregate::max("ts", "last"),
            Aggregate::new(Function::ArgMax(Expr::Hex("trace_id".to_owned()), column("ts")), "trace_id"),
            Aggregate::new(Function::Distinct(Expr::Hex("trace_id".to_owned()), TRACES), "traces"),
            Aggregate::new(Function::Distinct(column("version"), VERSIONS), "versions"),
        ])
        .descending("spans")
        .limit(MOST_GROUPS);
    let points = failed_spans(tenant, service, &plan, names)
        .key(Key::bucket("ts", step_seconds, "at"))
        .aggregates([Aggregate::new(Function::CountDistinct(column("span_id")), "spans")])
        .limit(MOST_POINTS);
    let earlier = failed_spans(tenant, service, &plan_before, names)
        .aggregates([Aggregate::new(Function::Min(message(names)), "example")])
        .limit(MOST_GROUPS);
    let (groups, points, earlier) = tokio::try_join!(
        groups.fetch::<GroupRow>(store),
        points.fetch::<PointRow>(store),
        earlier.fetch::<BeforeRow>(store)
    )?;
    let read: u64 = groups.iter().map(|row| row.spans).sum();
    // A span that was sent twice is one here and two in the rollup: only a sample is scaled.
    let whole = plan.one_in == 1 && plan.windows.len() == 1;
    let factor = if whole { 1.0 } else { failed as f64 / read.max(1) as f64 };
    let earlier = earlier.into_iter().map(|row| name(row.operation, row.error_type, &row.example)).collect();
    Ok(Found { groups: together(groups, points, &earlier, factor), sample: plan.told(&range, read) })
}

/// Failed spans by operation, type, and message without words that have digits.
fn failed_spans(tenant: &str, service: &str, plan: &Plan, names: Names) -> ScanQuery {
    let error_type = Expr::First(vec![
        event("exception.type"),
        Expr::MapValue { column: "attributes".to_owned(), key: "error.type".to_owned() },
    ]);
    ScanQuery::aggregate(tenant, "spans")
        .filter(Filter::eq("service", service))
        .filter(Filter::eq("status", "error"))
        .filter(plan.filter("ts"))
        .columns(["operation"])
        .key(Key::new(error_type, "error_type"))
        .key(Key::new(Expr::WithoutNumbers(Box::new(message(names))), "rough"))
}

/// What a span says; what its exception says only for those who may see traces.
fn message(names: Names) -> Expr {
    match names {
        Names::Withheld => column("status_message"),
        Names::Shown => Expr::First(vec![column("status_message"), event("exception.message")]),
    }
}

fn column(name: &str) -> Expr {
    Expr::Column(name.to_owned())
}

fn event(key: &str) -> Expr {
    Expr::EventValue { event: "exception".to_owned(), key: key.to_owned() }
}

/// The name of a group; the type stands in for a message.
fn name(operation: String, error_type: String, example: &str) -> Name {
    let message = [template(example), error_type.clone()].into_iter().find(|text| !text.is_empty());
    (operation, error_type, message.unwrap_or_else(|| "no message was given".to_owned()))
}

/// Groups of one template put together, with their series.
fn together(
    rows: Vec<GroupRow>,
    points: Vec<PointRow>,
    earlier: &BTreeSet<Name>,
    factor: f64,
) -> Vec<ErrorGroup> {
    let mut names: BTreeMap<Name, Name> = BTreeMap::new();
    let mut groups: BTreeMap<Name, (GroupRow, BTreeMap<i64, u64>)> = BTreeMap::new();
    for row in rows {
        let name = name(row.operation.clone(), row.error_type.clone(), &row.example);
        names.insert((row.operation.clone(), row.error_type.clone(), row.rough.clone()), name.clone());
        match groups.get_mut(&name) {
            Some((group, _)) => group.add(row),
            None => {
                groups.insert(name, (row, BTreeMap::new()));
            }
        }
    }
    for point in points {
        let name = names.get(&(point.operation, point.error_type, point.rough));
        if let Some((_, series)) = name.and_then(|name| groups.get_mut(name)) {
            *series.entry(point.at).or_default() += point.spans;
        }
    }
    let scaled = |n: u64| (n as f64 * factor).round() as u64;
    let group = |(name, (mut row, series)): (Name, (GroupRow, BTreeMap<i64, u64>))| {
        row.versions.retain(|version| !version.is_empty());
        row.versions.sort();
        row.versions.dedup();
        row.traces.retain(|trace| *trace != row.trace_id);
        row.traces.insert(0, row.trace_id.clone());
        row.traces.truncate(TRACES as usize);
        let series = series.into_iter();
        ErrorGroup {
            new: !earlier.contains(&name),
            operation: name.0,
            error_type: name.1,
            message: name.2,
            count: scaled(row.spans),
            first_seen: DateTime::from_timestamp_nanos(row.first),
            last_seen: DateTime::from_timestamp_nanos(row.last),
            versions: row.versions,
            series: series
                .map(|(at, n)| ErrorPoint { ts: DateTime::from_timestamp_nanos(at), count: scaled(n) })
                .collect(),
            trace_id: row.trace_id,
            traces: row.traces,
        }
    };
    groups.into_iter().map(group).collect()
}

impl GroupRow {
    fn add(&mut self, other: Self) {
        if other.last > self.last {
            self.trace_id = other.trace_id;
        }
        self.spans += other.spans;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.traces.extend(other.traces);
        self.versions.extend(other.versions);
    }
}
