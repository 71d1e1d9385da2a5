//! From a cell of the heat-map to traces that lie in it.

use chrono::{DateTime, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Buckets, LatencyQuery};
use crate::error::{QueryError, Result};
use crate::scan::{Compare, Expr, Filter, Key, Literal, ScanQuery};

/// Most exemplars in one answer.
const MOST: u64 = 20;

/// Body of `GET /api/v1/latency/exemplars`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Exemplars {
    /// Longest first.
    pub exemplars: Vec<Exemplar>,
}

/// A span that lies in the cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Exemplar {
    /// 32 hex digits.
    pub trace_id: String,
    /// 16 hex digits.
    pub span_id: String,
    /// How long it took.
    pub duration_ns: u64,
    /// When: its start, or the start of its minute where the rollup answered.
    pub ts: DateTime<Utc>,
    /// Name of the span.
    pub operation: String,
    /// `unset`, `ok` or `error`.
    pub status: String,
}

#[derive(Debug, Row, Deserialize)]
struct ExemplarRow {
    trace_id: String,
    span_id: String,
    duration_ns: u64,
    at: i64,
    operation: String,
    status: String,
}

/// Traces with a span of a service (and operation) that took more than `low_ns` and at
/// most `high_ns`. Reads the exemplars (one per octave, operation and minute); only
/// when none of those lies in the cell are spans read, longest of the cell first.
pub async fn exemplars(
    store: &Store,
    tenant: &str,
    query: &LatencyQuery,
    low_ns: u64,
    high_ns: u64,
) -> Result<Exemplars> {
    if low_ns >= high_ns {
        return Err(QueryError::bad_request(
            format!("no duration is above {low_ns} ns and at most {high_ns} ns"),
            "give low_ns and high_ns of a row of the heat-map",
        ));
    }
    let octaves = (Buckets::index(low_ns.saturating_add(1)) >> 4, Buckets::index(high_ns) >> 4);
    let rollup = cell(ScanQuery::rows(tenant, "exemplars"), query, low_ns, high_ns)
        .filter(Filter::within("m", &query.range.aligned(60)))
        .filter(Filter::compare("octave", Compare::GreaterEq, Literal::Int(octaves.0.into())))
        .filter(Filter::compare("octave", Compare::LessEq, Literal::Int(octaves.1.into())))
        .key(Key::new(Expr::Nanos("m".to_owned()), "at"));
    let mut rows: Vec<ExemplarRow> = rollup.fetch(store).await?;
    if rows.is_empty() {
        let spans = cell(ScanQuery::rows(tenant, "spans"), query, low_ns, high_ns)
            .filter_opt(query.kind.as_deref().map(|kind| Filter::eq("kind", kind)))
            .filter(Filter::within("ts", &query.range))
            .key(Key::new(Expr::Nanos("ts".to_owned()), "at"));
        rows = spans.fetch(store).await?;
    }
    let exemplars = rows.into_iter().map(|row| Exemplar {
        trace_id: row.trace_id,
        span_id: row.span_id,
        duration_ns: row.duration_ns,
        ts: DateTime::from_timestamp_nanos(row.at),
        operation: row.operation,
        status: row.status,
    });
    Ok(Exemplars { exemplars: exemplars.collect() })
}

fn cell(scan: ScanQuery, query: &LatencyQuery, low_ns: u64, high_ns: u64) -> ScanQuery {
    scan.filter(Filter::eq("service", &query.service))
        .filter_opt(query.operation.as_deref().map(|operation| Filter::eq("operation", operation)))
        .filter(Filter::compare("duration_ns", Compare::Greater, Literal::UInt(low_ns)))
        .filter(Filter::compare("duration_ns", Compare::LessEq, Literal::UInt(high_ns)))
        .keys([Key::hex("trace_id", "trace_id"), Key::hex("span_id", "span_id")])
        .columns(["duration_ns", "operation", "status"])
        .descending("duration_ns")
        .once_by(["trace_id", "span_id"])
        .limit(MOST)
}
