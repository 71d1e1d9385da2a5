//! The operations of one service.

use std::collections::BTreeMap;

use clickhouse::Row;
use headroom_store::Store;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{error_rate, percentile};
use crate::error::Result;
use crate::latency::{Buckets, Source};
use crate::range::TimeRange;
use crate::scan::{Aggregate, Filter, ScanQuery};

/// Body of `GET /api/v1/services/{service}/operations`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Operations {
    /// Most calls first.
    pub operations: Vec<OperationRow>,
}

/// One operation of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OperationRow {
    /// Name of the spans.
    pub operation: String,
    /// `server`, `client`, ...
    pub kind: String,
    /// Calls in the range.
    pub calls: u64,
    /// Of those, failed ones.
    pub errors: u64,
    /// `errors / calls`; null without calls.
    pub error_rate: Option<f64>,
    /// Median duration.
    pub p50_ns: Option<u64>,
    /// 95th percentile.
    pub p95_ns: Option<u64>,
    /// 99th percentile.
    pub p99_ns: Option<u64>,
}

#[derive(Debug, Row, Deserialize)]
struct CallRow {
    operation: String,
    kind: String,
    calls: u64,
    errors: u64,
}

#[derive(Debug, Row, Deserialize)]
struct DurationRow {
    operation: String,
    kind: String,
    b: i16,
    n: u64,
}

/// The operations of a service, each kind of span for itself. Two queries over rollups, at once.
pub async fn operations(store: &Store, tenant: &str, service: &str, range: TimeRange) -> Result<Operations> {
    let source = Source::of(&range);
    let calls = ScanQuery::aggregate(tenant, "span_minute")
        .filter(Filter::eq("service", service))
        .filter(Filter::within("m", &range.aligned(60)))
        .columns(["operation", "kind"])
        .aggregates([Aggregate::sum("calls", "calls"), Aggregate::sum("errors", "errors")])
        .descending("calls")
        .ascending("operation");
    let durations = ScanQuery::aggregate(tenant, source.table())
        .filter(Filter::eq("service", service))
        .filter(Filter::within("m", &range.aligned(source.seconds())))
        .columns(["operation", "kind", "b"])
        .aggregates([Aggregate::sum("n", "n")]);
    let (calls, durations) =
        tokio::try_join!(calls.fetch::<CallRow>(store), durations.fetch::<DurationRow>(store))?;
    let mut buckets: BTreeMap<(String, String), Buckets> = BTreeMap::new();
    for row in durations {
        buckets.entry((row.operation, row.kind)).or_default().add(row.b, row.n);
    }
    let operations = calls.into_iter().map(|row| {
        let key = (row.operation, row.kind);
        let durations = buckets.get(&key).cloned().unwrap_or_default();
        OperationRow {
            operation: key.0,
            kind: key.1,
            calls: row.calls,
            errors: row.errors,
            error_rate: error_rate(row.calls, row.errors),
            p50_ns: percentile(&durations, 0.5),
            p95_ns: percentile(&durations, 0.95),
            p99_ns: percentile(&durations, 0.99),
        }
    });
    Ok(Operations { operations: operations.collect() })
}
