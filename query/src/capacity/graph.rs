//! Who calls whom, and what a request from outside sets off: read from a sample of whole traces.
//!
//! Traces are taken by a hash of their id, so that a trace is in the sample with all its spans, whenever they
//! arrived. What a message sets off is a trace of its own; it is tied to its sender by the topic's name.

mod fold;
mod visits;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use clickhouse::Row;
use headroom_store::Store;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{QueryError, Result};
use crate::range::TimeRange;
use crate::scan::{Aggregate, Filter, Key, ScanQuery};

/// Spans that a sample may have; a share of some hundredth part is then known within a few per cent.
const MOST_SPANS: u64 = 100_000;
/// Kinds of request that are told apart; the rest is put together.
const MOST_ENTRIES: usize = 300;
/// Spans that are looked through for the sample; beyond, fewer hours are.
const MOST_SCANNED: u64 = 20_000_000;

/// What a request can go to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Target {
    /// A service that sends spans of its own.
    Service {
        /// `service.name`
        name: String,
    },
    /// A database or cache, as one service uses it.
    Database {
        /// The service that calls it.
        service: String,
        /// `db.namespace`, or the database system where there is none.
        name: String,
    },
    /// Somebody outside, as one service uses it: a host that sends no spans.
    Upstream {
        /// The service that calls it.
        service: String,
        /// `server.address`
        host: String,
    },
    /// A topic or queue that messages are sent to.
    Topic {
        /// `messaging.destination.name`
        name: String,
    },
}

/// Calls from a service to a target, or from a topic to a service that consumes it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Edge {
    /// The caller: a service or a topic.
    pub from: Target,
    /// What it calls.
    pub to: Target,
    /// Calls in the sample.
    pub calls: u64,
    /// Calls per request that the caller received: the fan-out. None when the sample has no request to it.
    pub per_call: Option<f64>,
}

/// A kind of request that comes from outside, or a job that starts by itself.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Entry {
    /// The service that takes it first.
    pub service: String,
    /// Name of its span, such as `POST /v1/orders`.
    pub operation: String,
    /// How many of them the sample has.
    pub traces: u64,
    /// How often one of them visits each target in the mean, what its messages set off included.
    #[serde(with = "pairs")]
    #[schema(value_type = Vec<Visits>)]
    pub visits: BTreeMap<Target, f64>,
}

impl Target {
    /// A service.
    pub fn service(name: &str) -> Self {
        Self::Service { name: name.to_owned() }
    }

    /// What people call it: the service, database, host or topic.
    pub fn name(&self) -> &str {
        match self {
            Self::Service { name } | Self::Database { name, .. } | Self::Topic { name } => name,
            Self::Upstream { host, .. } => host,
        }
    }
}

/// How often a target is visited, in JSON.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Visits {
    /// The target.
    pub target: Target,
    /// Visits per request.
    pub visits: f64,
}

mod pairs {
    use super::{BTreeMap, Target, Visits};
    use serde::{Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(map: &BTreeMap<Target, f64>, to: S) -> Result<S::Ok, S::Error> {
        let all = map.iter().map(|(target, visits)| Visits { target: target.clone(), visits: *visits });
        all.collect::<Vec<_>>().serialize(to)
    }
}

/// The platform's calls, from a sample of traces.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CallGraph {
    /// The time the sample is from.
    pub range: TimeRange,
    /// One trace in so many was read.
    pub one_in: u64,
    /// Spans that were read.
    pub spans: u64,
    /// Most frequent first.
    pub entries: Vec<Entry>,
    /// By caller and target.
    pub edges: Vec<Edge>,
}

#[derive(Debug, Row, Deserialize)]
struct HourRow {
    at: i64,
    calls: u64,
}

/// One span of the sample.
#[derive(Debug, Clone, Row, Deserialize)]
struct SpanRow {
    trace_id: String,
    span_id: String,
    parent_span_id: String,
    service: String,
    operation: String,
    kind: String,
    host: String,
    database: String,
    database_before: String,
    system: String,
    system_before: String,
    topic: String,
}

/// The calls in a range, at most its last day. Two queries: the hours' sizes, and the spans of the sample.
pub async fn read(store: &Store, tenant: &str, range: TimeRange) -> Result<CallGraph> {
    let day = TimeRange { from: range.from.max(range.to - TimeDelta::hours(24)), to: range.to }.aligned(3600);
    let sizes = ScanQuery::aggregate(tenant, "span_minute")
        .filter(Filter::within("m", &day))
        .key(Key::bucket("m", 3600, "at"))
        .aggregates([Aggregate::sum("calls", "calls")])
        .descending("at");
    let hours: Vec<HourRow> = sizes.fetch(store).await?;
    let (window, spans) = window(&hours, day);
    let one_in = spans.div_ceil(MOST_SPANS).max(1);
    let attribute = |key: &str, alias: &str| Key::map_value("attributes", key, alias);
    let scan = ScanQuery::rows(tenant, "spans")
        .filter(Filter::within("ts", &window))
        .filter(Filter::OneIn("trace_id".to_owned(), one_in))
        .keys(["trace_id", "span_id", "parent_span_id"].map(|id| Key::hex(id, id)))
        .columns(["service", "operation", "kind"])
        .keys([
            attribute("server.address", "host"),
            attribute("db.namespace", "database"),
            attribute("db.name", "database_before"),
            attribute("db.system.name", "system"),
            attribute("db.system", "system_before"),
            attribute("messaging.destination.name", "topic"),
        ])
        .once_by(["trace_id", "span_id"])
        .limit(2 * MOST_SPANS);
    let rows: Vec<SpanRow> = scan.fetch(store).await?;
    let spans = rows.len() as u64;
    let folded = tokio::task::spawn_blocking(move || {
        let sample = fold::fold(&rows);
        (sample.edges(), visits::entries(&sample))
    });
    let (edges, entries) = folded.await.map_err(|error| {
        QueryError::unavailable(format!("the calls could not be counted: {error}"), "ask again")
    })?;
    Ok(CallGraph { range: window, one_in, spans, entries, edges })
}

/// The latest hours that together are small enough to look through, at least one, and how many spans they have.
fn window(latest_first: &[HourRow], day: TimeRange) -> (TimeRange, u64) {
    let (mut from, mut spans) = (day.to, 0);
    for hour in latest_first {
        if spans > 0 && spans + hour.calls > MOST_SCANNED {
            break;
        }
        from = chrono::DateTime::from_timestamp_nanos(hour.at);
        spans += hour.calls;
    }
    (TimeRange { from: from.max(day.from), to: day.to }, spans)
}

#[cfg(test)]
mod tests;
