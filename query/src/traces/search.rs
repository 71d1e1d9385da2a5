//! Many traces, by what they were like.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{TraceSummary, Traces, load};
use crate::error::{QueryError, Result};
use crate::range::TimeRange;
use crate::scan::{Aggregate, Compare, Expr, Filter, Function, Key, Literal, ScanQuery};

/// Most traces in one answer.
pub const MAX_TRACES: u32 = 500;
/// Id of the parent of a root span.
const NO_PARENT: [u8; 8] = [0; 8];

/// Which traces come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SearchOrder {
    /// The latest.
    #[default]
    Recent,
    /// The slowest, by the longest span that matched.
    Slowest,
}

/// What traces are looked for: those with a span that has all of this.
#[derive(Debug, Clone, PartialEq)]
pub struct TraceSearch {
    /// When the span began.
    pub range: TimeRange,
    /// Its service.
    pub service: Option<String>,
    /// Its name.
    pub operation: Option<String>,
    /// Its status: `unset`, `ok` or `error`.
    pub status: Option<String>,
    /// It took at least this long.
    pub min_duration_ns: Option<u64>,
    /// The customer it was done for.
    pub customer_id: Option<String>,
    /// Which come first.
    pub order: SearchOrder,
    /// At most so many, 1 to [`MAX_TRACES`].
    pub limit: u32,
}

impl TraceSearch {
    /// The fifty latest traces of a range.
    pub fn new(range: TimeRange) -> Self {
        Self {
            range,
            service: None,
            operation: None,
            status: None,
            min_duration_ns: None,
            customer_id: None,
            order: SearchOrder::Recent,
            limit: 50,
        }
    }

    fn scan(&self, tenant: &str, range: &TimeRange, at_least_ns: Option<u64>) -> ScanQuery {
        let equal =
            |column: &str, text: &Option<String>| text.as_deref().map(|text| Filter::eq(column, text));
        let scan = self
            .of_operation(ScanQuery::aggregate(tenant, "spans"))
            .filter_opt(equal("status", &self.status))
            .filter_opt(equal("customer_id", &self.customer_id))
            .filter_opt(at_least_ns.max(self.min_duration_ns).map(at_least))
            .filter(Filter::within("ts", range))
            .key(Key::hex("trace_id", "trace_id"))
            .aggregates([Aggregate::max("ts", "last"), Aggregate::max("duration_ns", "longest")])
            .limit(u64::from(self.limit) + 1);
        match self.order {
            SearchOrder::Recent => scan.descending("last").ascending("trace_id"),
            SearchOrder::Slowest => scan.descending("longest").ascending("trace_id"),
        }
    }

    fn of_operation(&self, scan: ScanQuery) -> ScanQuery {
        let equal =
            |column: &str, text: &Option<String>| text.as_deref().map(|text| Filter::eq(column, text));
        scan.filter_opt(equal("service", &self.service)).filter_opt(equal("operation", &self.operation))
    }

    /// The exemplars keep the longest span of each operation, minute and octave: as many
    /// traces as are asked for are known to reach a length, and shorter spans need not be
    /// looked at. Says nothing where the exemplars cannot tell what would match.
    async fn surely_reached(&self, store: &Store, tenant: &str) -> Result<Option<u64>> {
        if self.order != SearchOrder::Slowest || self.status.is_some() || self.customer_id.is_some() {
            return Ok(None);
        }
        // Only minutes that lie wholly inside: the first starts, and the last ends, within.
        let inside = Filter::And(vec![
            Filter::compare("m", Compare::GreaterEq, Literal::Time(self.range.from)),
            Filter::compare("m", Compare::LessEq, Literal::Time(self.range.to - TimeDelta::minutes(1))),
        ]);
        let wanted = self.limit as usize + 1;
        let scan = self
            .of_operation(ScanQuery::rows(tenant, "exemplars"))
            .filter(inside)
            .key(Key::hex("trace_id", "trace_id"))
            .columns(["duration_ns"])
            .descending("duration_ns")
            .limit(wanted as u64 * 8);
        let rows: Vec<LongRow> = scan.fetch(store).await?;
        let mut seen = BTreeSet::new();
        Ok(rows.iter().filter(|row| seen.insert(&row.trace_id)).nth(wanted - 1).map(|row| row.duration_ns))
    }
}

fn at_least(ns: u64) -> Filter {
    Filter::compare("duration_ns", Compare::GreaterEq, Literal::UInt(ns))
}

#[derive(Debug, Row, Deserialize)]
struct LongRow {
    trace_id: String,
    duration_ns: u64,
}

#[derive(Debug, Row, Deserialize)]
struct MatchRow {
    trace_id: String,
    #[serde(rename = "last")]
    _last: i64,
    #[serde(rename = "longest")]
    _longest: u64,
}

/// Traces with a span that matches. One query finds their ids (for the latest, first in
/// the last part of the range and only then in all of it; for the slowest, the exemplars
/// first say how slow they must be), two more sum them up.
pub async fn search(store: &Store, tenant: &str, query: &TraceSearch) -> Result<Traces> {
    if !(1..=MAX_TRACES).contains(&query.limit) {
        return Err(QueryError::bad_request(
            format!("{} traces cannot be shown at once", query.limit),
            format!("ask for 1 to {MAX_TRACES}"),
        ));
    }
    let at_least_ns = query.surely_reached(store, tenant).await?;
    let mut found: Vec<MatchRow> = Vec::new();
    for range in looked_at(query) {
        found = query.scan(tenant, &range, at_least_ns).fetch(store).await?;
        if found.len() > query.limit as usize {
            break;
        }
    }
    let truncated = found.len() > query.limit as usize;
    found.truncate(query.limit as usize);
    let ids: Vec<&str> = found.iter().map(|row| row.trace_id.as_str()).collect();
    Ok(Traces { traces: summaries(store, tenant, &ids).await?, truncated })
}

/// The latest traces are most often found in the last minutes.
fn looked_at(query: &TraceSearch) -> Vec<TimeRange> {
    let last = TimeRange { from: query.range.to - TimeDelta::minutes(5), to: query.range.to };
    if query.order == SearchOrder::Recent && last.from > query.range.from {
        vec![last, query.range]
    } else {
        vec![query.range]
    }
}

#[derive(Debug, Row, Deserialize)]
struct SummaryRow {
    trace_id: String,
    root_service: String,
    root_operation: String,
    first_service: String,
    first_operation: String,
    roots: u64,
    start: i64,
    spans: u64,
    errors: u64,
    services: Vec<String>,
}

/// One line per trace that is known, in the order of the ids. Reads the spans of these
/// traces within their bounds.
pub async fn summaries(store: &Store, tenant: &str, trace_ids: &[&str]) -> Result<Vec<TraceSummary>> {
    let bounds = load::bounds(store, tenant, trace_ids).await?;
    let earliest = bounds.values().map(|(start, _)| *start).min();
    let latest = bounds.values().map(|(_, end)| *end).max();
    let (Some(from), Some(to)) = (earliest, latest) else {
        return Ok(Vec::new());
    };
    let column = |name: &str| Expr::Column(name.to_owned());
    let first = |name: &str| Function::ArgMin(column(name), column("ts"));
    let root = Filter::compare("parent_span_id", Compare::Eq, Literal::Bytes(NO_PARENT.to_vec()));
    let distinct = |alias: &str| Aggregate::new(Function::CountDistinct(column("span_id")), alias);
    let scan = ScanQuery::aggregate(tenant, "spans")
        .filter(Filter::ids("trace_id", bounds.keys().map(String::as_str)))
        .filter(Filter::within("ts", &TimeRange { from, to: to + TimeDelta::nanoseconds(1) }))
        .key(Key::hex("trace_id", "trace_id"))
        .aggregates([
            Aggregate::new(first("service"), "root_service").only(root.clone()),
            Aggregate::new(first("operation"), "root_operation").only(root.clone()),
            Aggregate::new(first("service"), "first_service"),
            Aggregate::new(first("operation"), "first_operation"),
            Aggregate::count("roots").only(root),
            Aggregate::min("ts", "start"),
            distinct("spans"),
            distinct("errors").only(Filter::eq("status", "error")),
            Aggregate::new(Function::Distinct(column("service"), 100), "services"),
        ]);
    let rows: Vec<SummaryRow> = scan.fetch(store).await?;
    let mut summaries: Vec<TraceSummary> = rows.into_iter().map(|row| summary(row, &bounds)).collect();
    let place =
        |trace: &TraceSummary| trace_ids.iter().position(|id| id.eq_ignore_ascii_case(&trace.trace_id));
    summaries.sort_by_cached_key(place);
    Ok(summaries)
}

fn summary(
    row: SummaryRow,
    bounds: &std::collections::BTreeMap<String, (DateTime<Utc>, DateTime<Utc>)>,
) -> TraceSummary {
    let start = DateTime::from_timestamp_nanos(row.start);
    let end = bounds.get(&row.trace_id).map_or(start, |(_, end)| *end);
    let (root_service, root_operation) = if row.roots > 0 {
        (row.root_service, row.root_operation)
    } else {
        (row.first_service, row.first_operation)
    };
    let mut services = row.services;
    services.sort();
    TraceSummary {
        trace_id: row.trace_id,
        root_service,
        root_operation,
        start,
        duration_ns: (end - start).num_nanoseconds().unwrap_or(0).max(0) as u64,
        spans: row.spans,
        errors: row.errors,
        services,
    }
}
