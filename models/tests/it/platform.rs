//! A service's requests, as the ingester would have counted them.

use chrono::{DateTime, Duration, Utc};
use clickhouse::Row;
use headroom_models::Subject;
use headroom_store::Store;
use serde::{Deserialize, Serialize};

#[derive(Debug, Row, Serialize, Deserialize)]
struct SpanMinute {
    tenant: String,
    service: String,
    operation: String,
    kind: String,
    status: String,
    version: String,
    region: String,
    m: i64,
    calls: u64,
    errors: u64,
    dur_sum: u64,
    dur_max: u64,
}

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// What is forecast of it.
pub(crate) fn gateway() -> Subject {
    Subject::Requests("gateway".to_owned())
}

/// Requests of the service `gateway` of the tenant `acme`, by the minute.
pub(crate) async fn fill(
    store: &Store,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    demand: impl Fn(DateTime<Utc>) -> u64,
) {
    let minutes = (to - from).num_minutes();
    let rows: Vec<SpanMinute> = (0..minutes)
        .map(|i| from + Duration::minutes(i))
        .map(|m| SpanMinute {
            tenant: "acme".into(),
            service: "gateway".into(),
            operation: "GET /orders".into(),
            kind: "server".into(),
            status: "ok".into(),
            version: "1.0.0".into(),
            region: "us-east-1".into(),
            m: m.timestamp(),
            calls: demand(m),
            errors: 0,
            dur_sum: 1,
            dur_max: 1,
        })
        .collect();
    store.insert_rows("span_minute", &rows).await.unwrap();
}
