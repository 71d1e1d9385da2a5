//! Records as they are stored, and as they are shown.

use chrono::{DateTime, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::Deserialize;

use super::{Level, LogLine, Search};
use crate::error::Result;
use crate::lookup::mask_addresses;
use crate::range::TimeRange;
use crate::scan::{Expr, Filter, Key, ScanQuery};
use crate::traces::restore;

/// Records that are equal in these are one that was sent twice.
const SAME: [&str; 5] = ["service", "ts", "span_id", "event_name", "body"];

type Pairs = Vec<(String, String)>;

#[derive(Debug, Clone, Row, Deserialize)]
pub(super) struct Line {
    pub(super) id: u64,
    trace_id: String,
    span_id: String,
    ts: i64,
    service: String,
    severity: u8,
    severity_text: String,
    event_name: String,
    body: String,
    customer_id: String,
    scope_name: String,
    attributes: Pairs,
    attribute_types: Pairs,
    resource: Pairs,
}

/// Records of a stretch of time, newest first, each once. Those of one nanosecond are always in the same order.
pub(super) async fn read(
    store: &Store,
    tenant: &str,
    search: &Search,
    range: &TimeRange,
    most: u64,
) -> Result<Vec<Line>> {
    scan(tenant, search).filter(Filter::within("ts", range)).limit(most).fetch(store).await
}

/// When the newest records of a stretch of time were written, newest first, those that were sent twice twice; in
/// nanoseconds since 1970.
pub(super) async fn moments(
    store: &Store,
    tenant: &str,
    search: &Search,
    range: &TimeRange,
    most: u64,
) -> Result<Vec<i64>> {
    let scan = ScanQuery::rows(tenant, "logs")
        .filter(search.filter())
        .filter(Filter::within("ts", range))
        .columns(["ts"])
        .descending("ts")
        .limit(most);
    scan.fetch(store).await
}

/// The question for records, newest first, each once.
pub(super) fn scan(tenant: &str, search: &Search) -> ScanQuery {
    ScanQuery::rows(tenant, "logs")
        .filter(search.filter())
        .key(Key::new(Expr::Hash(SAME.map(str::to_owned).into()), "id"))
        .keys([Key::hex("trace_id", "trace_id"), Key::hex("span_id", "span_id")])
        .columns([
            "ts",
            "service",
            "severity",
            "severity_text",
            "event_name",
            "body",
            "customer_id",
            "scope_name",
        ])
        .columns(["attributes", "attribute_types", "resource"])
        .descending("ts")
        .ascending("id")
        .once_by(SAME)
}

impl Line {
    /// When, in nanoseconds since 1970.
    pub(super) fn ns(&self) -> i64 {
        self.ts
    }

    /// As it is shown: personal data masked.
    pub(super) fn told(self) -> LogLine {
        let known = |id: String| Some(id).filter(|id| id.bytes().any(|c| c != b'0'));
        LogLine {
            id: format!("{:016x}", self.id),
            ts: DateTime::<Utc>::from_timestamp_nanos(self.ts),
            service: self.service,
            level: Level::of(self.severity, &self.severity_text),
            severity_text: self.severity_text,
            event_name: self.event_name,
            body: mask_addresses(&self.body),
            trace_id: known(self.trace_id),
            span_id: known(self.span_id),
            customer_id: self.customer_id,
            scope_name: self.scope_name,
            attributes: restore(self.attributes, &self.attribute_types),
            resource: self.resource.into_iter().collect(),
        }
    }
}
