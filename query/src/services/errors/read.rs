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
use crate::sample::{Count, Plan, Sampled};
use crate::scan::{Aggregate, Expr, Filter, Function, Key, Literal, ScanQuery};

/// Failed spans that are read.
const WANTED: u64 = 100_000;
/// Most groups that are taken from the store, those of each step for themselves: the most frequent ones.
const MOST_ROWS: u64 = 50_000;
/// Name of the span event that an exception is.
const EXCEPTION: &str = "exception";
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
    at: i64,
    spans: u64,
    first: i64,
    last: i64,
    trace_id: String,
    traces: Vec<String>,
    versions: Vec<String>,
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
            .aggregates([Aggregate::sum("n", "stored"), Aggregate::sum("n", "failed").only(is_error())])
    };
    let sizes: Vec<SizeRow> = fetch(store, &[&cut, &cut_before], Kinds::All, scan).await?;
    let size = |inside: u8| {
        let rows = sizes.iter().filter(|row| row.inside == inside);
        rows.fold(Count::default(), |sum, row| Count {
            stored: sum.stored + row.stored,
            fitting: sum.fitting + row.failed,
        })
    };
    let of_service =
        |source: Source| ScanQuery::aggregate(tenant, source.table()).filter(Filter::eq("service", service));
    let (count, count_before) = (size(1), size(0));
    let fits = is_error();
    let (plan, plan_before) = tokio::try_join!(
        Plan::read(store, range, source, count, WANTED, of_service, &fits),
        Plan::read(store, before, source, count_before, WANTED, of_service, &fits),
    )?;

    let groups = |source: TypeFrom| {
        let latest = |value: Expr| Function::ArgMax(value, column("ts"));
        failed_spans(tenant, service, &plan, names, source)
            .key(Key::bucket("ts", step_seconds, "at"))
            .aggregates([
                Aggregate::new(Function::Min(message(names)), "example"),
                Aggregate::new(Function::CountDistinct(column("span_id")), "spans"),
                Aggregate::min("ts", "first"),
                Aggregate::max("ts", "last"),
                Aggregate::new(latest(Expr::Hex("trace_id".to_owned())), "trace_id"),
                Aggregate::new(Function::Distinct(Expr::Hex("trace_id".to_owned()), TRACES), "traces"),
                Aggregate::new(Function::Distinct(column("version"), VERSIONS), "versions"),
            ])
            .descending("spans")
            .limit(MOST_ROWS)
    };
    let earlier = |source: TypeFrom| {
        failed_spans(tenant, service, &plan_before, names, source)
            .aggregates([Aggregate::new(Function::Min(message(names)), "example")])
            .limit(MOST_ROWS)
    };
    let [of_exceptions, of_others] = [TypeFrom::Exception, TypeFrom::Attribute].map(groups);
    let [before_exceptions, before_others] = [TypeFrom::Exception, TypeFrom::Attribute].map(earlier);
    let (mut rows, others, mut before, others_before) = tokio::try_join!(
        of_exceptions.fetch::<GroupRow>(store),
        of_others.fetch::<GroupRow>(store),
        before_exceptions.fetch::<BeforeRow>(store),
        before_others.fetch::<BeforeRow>(store),
    )?;
    rows.extend(others);
    before.extend(others_before);
    let read: u64 = rows.iter().map(|row| row.spans).sum();
    // A span that was sent twice is one here and two in the rollup: only a sample is scaled.
    let everything = plan.is_everything(&range);
    let factor = if everything { 1.0 } else { count.fitting as f64 / read.max(1) as f64 };
    let earlier = before.into_iter().map(|row| name(row.operation, row.error_type, &row.example)).collect();
    Ok(Found { groups: together(rows, &earlier, factor), sample: plan.told(&range, read, count.fitting) })
}

/// Where the type of an error is read. Apart, because attributes are what takes longest to read, and spans with an
/// exception do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TypeFrom {
    /// Spans with an exception: its type.
    Exception,
    /// The others: their `error.type`.
    Attribute,
}

/// Failed spans by operation, type, and message without words that have digits.
fn failed_spans(tenant: &str, service: &str, plan: &Plan, names: Names, source: TypeFrom) -> ScanQuery {
    let has_exception = Filter::Has("events_name".to_owned(), Literal::Text(EXCEPTION.to_owned()));
    let of_attribute = Expr::MapValue { column: "attributes".to_owned(), key: "error.type".to_owned() };
    let (which, error_type) = match source {
        TypeFrom::Exception => (has_exception, event("exception.type")),
        TypeFrom::Attribute => (Filter::Not(Box::new(has_exception)), of_attribute),
    };
    ScanQuery::aggregate(tenant, "spans")
        .filter(Filter::eq("service", service))
        .filter(is_error())
        .filter(plan.filter("ts"))
        .filter(which)
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

fn is_error() -> Filter {
    Filter::eq("status", "error")
}

fn column(name: &str) -> Expr {
    Expr::Column(name.to_owned())
}

fn event(key: &str) -> Expr {
    Expr::EventValue { event: EXCEPTION.to_owned(), key: key.to_owned() }
}

/// The name of a group; the type stands in for a message.
fn name(operation: String, error_type: String, example: &str) -> Name {
    let message = [template(example), error_type.clone()].into_iter().find(|text| !text.is_empty());
    (operation, error_type, message.unwrap_or_else(|| "no message was given".to_owned()))
}

/// Groups of one template put together, with their series.
fn together(rows: Vec<GroupRow>, earlier: &BTreeSet<Name>, factor: f64) -> Vec<ErrorGroup> {
    let mut groups: BTreeMap<Name, (GroupRow, BTreeMap<i64, u64>)> = BTreeMap::new();
    // Words with digits are one word already: of all messages of a group the smallest names it.
    let rough = |row: &GroupRow| (row.operation.clone(), row.error_type.clone(), row.rough.clone());
    let mut examples: BTreeMap<_, String> = BTreeMap::new();
    for row in &rows {
        let example = examples.entry(rough(row)).or_insert_with(|| row.example.clone());
        if row.example < *example {
            example.clone_from(&row.example);
        }
    }
    for row in rows {
        let name = name(row.operation.clone(), row.error_type.clone(), &examples[&rough(&row)]);
        let (at, spans) = (row.at, row.spans);
        let series = match groups.get_mut(&name) {
            Some((group, series)) => {
                group.add(row);
                series
            }
            None => &mut groups.entry(name).or_insert((row, BTreeMap::new())).1,
        };
        *series.entry(at).or_default() += spans;
    }
    let scaled = |n: u64| (n as f64 * factor).round() as u64;
    let group = |(name, (mut row, series)): (Name, (GroupRow, BTreeMap<i64, u64>))| {
        row.versions.retain(|version| !version.is_empty());
        row.versions.sort();
        row.versions.dedup();
        row.versions.truncate(VERSIONS as usize);
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
