//! What fails in a service, by operation and message.

use chrono::{DateTime, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Result;
use crate::range::TimeRange;
use crate::scan::{Aggregate, Expr, Filter, Function, Key, ScanQuery};

/// Most groups in one answer.
const MOST: u64 = 100;

/// Body of `GET /api/v1/services/{service}/errors`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Errors {
    /// Most frequent first, at most a hundred.
    pub errors: Vec<ErrorGroup>,
}

/// Failed spans of one operation with one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ErrorGroup {
    /// Name of the spans.
    pub operation: String,
    /// Status message, or the `error.type` where there is none.
    pub message: String,
    /// How many spans; one that a client sent twice counts once.
    pub count: u64,
    /// The latest of them.
    pub last_seen: DateTime<Utc>,
    /// Trace of the latest, 32 hex digits.
    pub trace_id: String,
}

#[derive(Debug, Row, Deserialize)]
struct ErrorRow {
    operation: String,
    status_message: String,
    error_type: String,
    spans: u64,
    last: i64,
    trace_id: String,
}

/// Failed spans of a service in groups. One query over its failed spans.
pub async fn errors(store: &Store, tenant: &str, service: &str, range: TimeRange) -> Result<Errors> {
    let column = |name: &str| Expr::Column(name.to_owned());
    let scan = ScanQuery::aggregate(tenant, "spans")
        .filter(Filter::eq("service", service))
        .filter(Filter::eq("status", "error"))
        .filter(Filter::within("ts", &range))
        .columns(["operation", "status_message"])
        .key(Key::map_value("attributes", "error.type", "error_type"))
        .aggregates([
            Aggregate::new(Function::CountDistinct(column("span_id")), "spans"),
            Aggregate::max("ts", "last"),
            Aggregate::new(Function::ArgMax(Expr::Hex("trace_id".to_owned()), column("ts")), "trace_id"),
        ])
        .descending("spans")
        .descending("last")
        .limit(MOST);
    let rows: Vec<ErrorRow> = scan.fetch(store).await?;
    let errors = rows.into_iter().map(|row| ErrorGroup {
        operation: row.operation,
        message: [row.status_message, row.error_type]
            .into_iter()
            .find(|text| !text.is_empty())
            .unwrap_or_else(|| "no message was given".to_owned()),
        count: row.spans,
        last_seen: DateTime::from_timestamp_nanos(row.last),
        trace_id: row.trace_id,
    });
    Ok(Errors { errors: errors.collect() })
}
