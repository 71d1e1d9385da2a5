//! What the services' resources held: CPU, memory, connection pools, queues.
//!
//! Read from metric points under the names of the semantic conventions, today's and yesterday's, and of two
//! widespread libraries. A figure per service, resource and step is the sum over the service's instances of their
//! means in the step. How many connections were in use is taken from the pool's `use_time` histogram where there
//! is one: a sample each ten seconds says little about a pool that is in use for a few milliseconds.

mod fold;
mod signals;

use chrono::{DateTime, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Result;
use crate::range::TimeRange;
use crate::scan::{Aggregate, Expr, Filter, Function, Key, ScanQuery};

/// A sort of resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResourceKind {
    /// Processor time of the instances, in cores, or in instances where only a share is reported.
    Cpu,
    /// Memory of the instances, in bytes, or in instances where only a share is reported.
    Memory,
    /// Connections of a pool.
    Connections,
    /// The one thread of an event loop, in instances.
    EventLoop,
    /// Messages that wait to be processed.
    Queue,
}

/// A resource of a service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct Resource {
    /// `service.name`
    pub service: String,
    /// What sort it is.
    pub kind: ResourceKind,
    /// The pool's name; empty where there is but one.
    pub name: String,
}

/// What a resource held over time.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ResourceSeries {
    /// Which.
    pub resource: Resource,
    /// The metric that `used` comes from.
    pub metric: String,
    /// Unit of `used` and `capacity`: `core`, `byte`, `connection`, `instance` or `message`.
    pub unit: String,
    /// Instances that reported in the last step with a report.
    pub instances: u32,
    /// What there is in all, of the last step with a report; none where nobody says.
    pub capacity: Option<f64>,
    /// In time order.
    pub points: Vec<UsePoint>,
}

/// What a resource held in one step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct UsePoint {
    /// Start of the step.
    pub ts: DateTime<Utc>,
    /// In use in the mean.
    pub used: f64,
    /// Of that, in the instance that used most.
    pub most: f64,
    /// Instances that reported.
    pub instances: u32,
    /// What there was in all; none where nobody said.
    pub capacity: Option<f64>,
    /// Requests that waited for it in the mean, where that is reported.
    pub waiting: Option<f64>,
}

/// A number metric of one instance in one step.
#[derive(Debug, Clone, Row, Deserialize)]
struct NumberRow {
    service: String,
    name: String,
    at: i64,
    instance: String,
    pod: String,
    container: String,
    host: String,
    pool: String,
    pool_before: String,
    pool_of_micrometer: String,
    state: String,
    state_before: String,
    mode: String,
    mean: f64,
}

/// A counter of one instance in one step.
#[derive(Debug, Clone, Row, Deserialize)]
struct CounterRow {
    service: String,
    name: String,
    at: i64,
    instance: String,
    pod: String,
    container: String,
    host: String,
    state_before: String,
    mode: String,
    temporality: String,
    most: f64,
    total: f64,
    /// When the counter was at nought: another one is another counter.
    started: i64,
}

/// A histogram of one instance in one step.
#[derive(Debug, Clone, Row, Deserialize)]
struct HistogramRow {
    service: String,
    name: String,
    at: i64,
    instance: String,
    pod: String,
    container: String,
    host: String,
    pool: String,
    pool_before: String,
    temporality: String,
    most: Option<f64>,
    total: Option<f64>,
}

/// The resources of every service, or of one. Four questions at once, to the points of gauges, sums and histograms.
pub async fn read(
    store: &Store,
    tenant: &str,
    service: Option<&str>,
    range: TimeRange,
    step_seconds: i64,
) -> Result<Vec<ResourceSeries>> {
    let range = range.aligned(step_seconds);
    let asked =
        |table: &str, names: Vec<&'static str>| base(tenant, table, service, &range, step_seconds, names);
    let (gauges, sums, counters, histograms) = (
        numbers(asked("metric_gauge", signals::numbers())),
        numbers(asked("metric_sum", signals::numbers())),
        counters(asked("metric_sum", signals::counters())),
        histograms(asked("metric_histogram", signals::USE_TIME.map(|(name, _)| name).to_vec())),
    );
    let (mut numbers, sums, counters, histograms) = tokio::try_join!(
        gauges.fetch::<NumberRow>(store),
        sums.fetch::<NumberRow>(store),
        counters.fetch::<CounterRow>(store),
        histograms.fetch::<HistogramRow>(store)
    )?;
    numbers.extend(sums);
    Ok(fold::fold(&numbers, &counters, &histograms, step_seconds))
}

fn attribute(key: &str, alias: &str) -> Key {
    Key::map_value("attributes", key, alias)
}

fn value() -> Expr {
    Expr::Column("value".to_owned())
}

fn numbers(scan: ScanQuery) -> ScanQuery {
    scan.keys([
        attribute("db.client.connection.pool.name", "pool"),
        attribute("pool.name", "pool_before"),
        attribute("pool", "pool_of_micrometer"),
        attribute("db.client.connection.state", "state"),
        attribute("state", "state_before"),
        attribute("cpu.mode", "mode"),
    ])
    .aggregates([Aggregate::new(Function::Avg(value()), "mean")])
    .ascending("at")
}

fn counters(scan: ScanQuery) -> ScanQuery {
    scan.keys([attribute("state", "state_before"), attribute("cpu.mode", "mode"), Key::column("temporality")])
        .aggregates([
            Aggregate::new(Function::Max(value()), "most"),
            Aggregate::new(Function::Sum(value()), "total"),
            Aggregate::max("start_ts", "started"),
        ])
        .ascending("at")
}

fn histograms(scan: ScanQuery) -> ScanQuery {
    scan.keys([
        attribute("db.client.connection.pool.name", "pool"),
        attribute("pool.name", "pool_before"),
        Key::column("temporality"),
    ])
    .aggregates([Aggregate::max("sum", "most"), Aggregate::sum("sum", "total")])
    .ascending("at")
}

/// Points of these names, by service, step, and what tells one instance from another.
fn base(
    tenant: &str,
    table: &str,
    service: Option<&str>,
    range: &TimeRange,
    step_seconds: i64,
    names: Vec<&'static str>,
) -> ScanQuery {
    let of = |key: &str, alias: &str| Key::map_value("resource", key, alias);
    ScanQuery::aggregate(tenant, table)
        .filter(Filter::one_of("name", names))
        .filter_opt(service.map(|service| Filter::eq("service", service)))
        .filter(Filter::within("ts", range))
        .columns(["service", "name"])
        .key(Key::bucket("ts", step_seconds, "at"))
        .keys([
            of("service.instance.id", "instance"),
            of("k8s.pod.name", "pod"),
            of("container.id", "container"),
            of("host.name", "host"),
        ])
}

#[cfg(test)]
mod tests;
