//! Requests that a service received, per minute: what forecasts and plans are made of.
//!
//! Reads `span_minute`, once: one row per series and minute.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Result;
use crate::range::TimeRange;
use crate::scan::{Aggregate, Filter, Key, ScanQuery};

/// The kinds of span that are requests a service received.
pub const RECEIVED: [&str; 2] = ["server", "consumer"];

/// Requests received in one minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct MinuteRate {
    /// Start of the minute.
    pub m: DateTime<Utc>,
    /// Requests received.
    pub calls: u64,
    /// Of those, the ones that failed.
    pub errors: u64,
}

#[derive(Debug, Row, Deserialize)]
struct RateRow {
    at: i64,
    calls: u64,
    errors: u64,
}

/// What every service received in each minute of a range, in time order: one question for all of them. A minute without a
/// row is left out, as in [`per_minute`].
pub async fn by_service(
    store: &Store,
    tenant: &str,
    range: TimeRange,
) -> Result<BTreeMap<String, Vec<(DateTime<Utc>, u64)>>> {
    #[derive(Debug, Row, Deserialize)]
    struct ServiceRow {
        service: String,
        at: i64,
        calls: u64,
    }
    let scan = received(tenant, &range)
        .key(Key::column("service"))
        .key(Key::bucket("m", 60, "at"))
        .aggregates([Aggregate::sum("calls", "calls")])
        .ascending("service")
        .ascending("at");
    let rows: Vec<ServiceRow> = scan.fetch(store).await?;
    let mut services: BTreeMap<String, Vec<(DateTime<Utc>, u64)>> = BTreeMap::new();
    for row in rows {
        let minute = (DateTime::from_timestamp_nanos(row.at), row.calls);
        services.entry(row.service).or_default().push(minute);
    }
    Ok(services)
}

fn received(tenant: &str, range: &TimeRange) -> ScanQuery {
    ScanQuery::aggregate(tenant, "span_minute")
        .filter(Filter::one_of("kind", RECEIVED))
        .filter(Filter::within("m", &range.aligned(60)))
}

/// Requests per minute, in time order. A minute without a row was without requests *or*
/// without telemetry: the two cannot be told apart here, so it is left out, not zero.
pub async fn per_minute(
    store: &Store,
    tenant: &str,
    service: &str,
    range: TimeRange,
) -> Result<Vec<MinuteRate>> {
    let scan = received(tenant, &range)
        .filter(Filter::eq("service", service))
        .key(Key::bucket("m", 60, "at"))
        .aggregates([Aggregate::sum("calls", "calls"), Aggregate::sum("errors", "errors")])
        .ascending("at");
    let rows: Vec<RateRow> = scan.fetch(store).await?;
    Ok(rows
        .into_iter()
        .map(|row| MinuteRate {
            m: DateTime::from_timestamp_nanos(row.at),
            calls: row.calls,
            errors: row.errors,
        })
        .collect())
}
