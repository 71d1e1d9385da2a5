//! From a metric to traces that are examples of its values.

use chrono::{DateTime, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Result;
use crate::scan::{Compare, Expr, Filter, Key, Literal, ScanQuery};

/// Points whose exemplars are read, the newest.
const POINTS: u64 = 500;
/// Most exemplars in one answer.
const MOST: usize = 20;

/// A value that a request brought about.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MetricExemplar {
    /// When.
    pub ts: DateTime<Utc>,
    /// The value.
    pub value: f64,
    /// 32 hex digits.
    pub trace_id: String,
    /// 16 hex digits.
    pub span_id: String,
}

#[derive(Debug, Row, Deserialize)]
pub(super) struct ExemplarRow {
    pub(super) times: Vec<i64>,
    pub(super) values: Vec<f64>,
    pub(super) traces: Vec<String>,
    pub(super) spans: Vec<String>,
}

/// The largest exemplars of the newest points that fit, largest first.
pub(super) async fn read(store: &Store, points: ScanQuery) -> Result<Vec<MetricExemplar>> {
    let column = |name: &str| Expr::Column(name.to_owned());
    let scan = points
        .filter(Filter::Value(Expr::Length("exemplars_ts".to_owned()), Compare::Greater, Literal::UInt(0)))
        .keys([Key::new(column("exemplars_ts"), "times"), Key::new(column("exemplars_value"), "values")])
        .keys([
            Key::new(Expr::HexArray("exemplars_trace_id".to_owned()), "traces"),
            Key::new(Expr::HexArray("exemplars_span_id".to_owned()), "spans"),
        ])
        .descending("ts")
        .limit(POINTS);
    Ok(largest(scan.fetch(store).await?))
}

/// The largest, each trace once. One without a trace leads nowhere.
pub(super) fn largest(rows: Vec<ExemplarRow>) -> Vec<MetricExemplar> {
    let each = |row: ExemplarRow| {
        let ids = row.traces.into_iter().zip(row.spans);
        row.times.into_iter().zip(row.values).zip(ids).map(|((at, value), (trace_id, span_id))| {
            MetricExemplar { ts: DateTime::from_timestamp_nanos(at), value, trace_id, span_id }
        })
    };
    let mut exemplars: Vec<MetricExemplar> = rows.into_iter().flat_map(each).collect();
    exemplars.retain(|one| one.value.is_finite() && one.trace_id.bytes().any(|digit| digit != b'0'));
    exemplars.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| b.ts.cmp(&a.ts)));
    let mut seen = std::collections::BTreeSet::new();
    exemplars.retain(|one| seen.insert(one.trace_id.clone()));
    exemplars.truncate(MOST);
    exemplars
}
