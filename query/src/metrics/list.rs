//! Which metrics there are.

use clickhouse::Row;
use headroom_store::Store;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Kind, end_of};
use crate::counters::time_series;
use crate::error::{QueryError, Result};
use crate::range::TimeRange;
use crate::scan::{Aggregate, Expr, Filter, Function, Key, ScanQuery};

/// Most metrics in one answer.
const MOST: usize = 1_000;
/// Services of a metric that are named.
const NAMED: u32 = 50;

/// Body of `GET /api/v1/metrics`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Metrics {
    /// Where metrics were looked for: the last hours of the range.
    pub looked_at: TimeRange,
    /// By name.
    pub metrics: Vec<ListedMetric>,
    /// There are more than were asked for.
    pub truncated: bool,
}

/// A metric that was reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ListedMetric {
    /// Its name.
    pub name: String,
    /// What it is. A name that is reported in two ways is here twice.
    pub kind: Kind,
    /// Unit, as UCUM; '' where none was told.
    pub unit: String,
    /// What its sender says of it.
    pub description: String,
    /// Services that report it, 50 at most.
    pub services: Vec<String>,
    /// Time series.
    pub series: u64,
}

#[derive(Debug, Row, Deserialize)]
struct ListRow {
    name: String,
    monotonic: u8,
    unit: String,
    description: String,
    services: Vec<String>,
    series: u64,
}

/// Metrics with a text in their name or description, in the last hours of a range; of one service if one is given. A query
/// for each kind of point, at once.
///
/// # Errors
/// [`QueryError::BadRequest`] for a limit out of bounds.
pub async fn list(
    store: &Store,
    tenant: &str,
    range: TimeRange,
    text: &str,
    service: Option<&str>,
    limit: usize,
) -> Result<Metrics> {
    if !(1..=MOST).contains(&limit) {
        return Err(QueryError::bad_request(
            format!("{limit} metrics cannot be listed at once"),
            format!("ask for 1 to {MOST}, or look for a part of the name"),
        ));
    }
    let looked_at = end_of(range);
    let asked = |kind: Kind| scan(tenant, kind, &looked_at, text, service, limit);
    let (gauges, sums, histograms, exponential, summaries) = (
        asked(Kind::Gauge),
        asked(Kind::Counter),
        asked(Kind::Histogram),
        asked(Kind::ExponentialHistogram),
        asked(Kind::Summary),
    );
    let rows = tokio::try_join!(
        gauges.fetch(store),
        sums.fetch(store),
        histograms.fetch(store),
        exponential.fetch(store),
        summaries.fetch(store)
    )?;
    let mut metrics: Vec<ListedMetric> = [
        (Kind::Gauge, rows.0),
        (Kind::Counter, rows.1),
        (Kind::Histogram, rows.2),
        (Kind::ExponentialHistogram, rows.3),
        (Kind::Summary, rows.4),
    ]
    .into_iter()
    .flat_map(|(kind, rows)| rows.into_iter().map(move |row| listed(kind, row)))
    .collect();
    metrics.sort_by(|a, b| (&a.name, a.kind).cmp(&(&b.name, b.kind)));
    let truncated = metrics.len() > limit;
    metrics.truncate(limit);
    Ok(Metrics { looked_at, metrics, truncated })
}

/// The kind of the rows of a table: sums are of two.
pub(super) fn kind_of(table: Kind, monotonic: u8) -> Kind {
    if table == Kind::Counter && monotonic == 0 { Kind::UpDownCounter } else { table }
}

/// Of a row whether it is of a sum that only rises; of other tables nothing.
pub(super) fn monotonic(table: Kind) -> Key {
    let condition = match table {
        Kind::Counter => {
            Filter::compare("is_monotonic", crate::scan::Compare::Eq, crate::scan::Literal::Bool(true))
        }
        _ => Filter::Or(Vec::new()),
    };
    Key::is(condition, "monotonic")
}

fn scan(
    tenant: &str,
    kind: Kind,
    range: &TimeRange,
    text: &str,
    service: Option<&str>,
    limit: usize,
) -> ScanQuery {
    let column = |name: &str| Expr::Column(name.to_owned());
    let holds = |column: &str| Filter::Contains(column.to_owned(), text.to_owned());
    ScanQuery::aggregate(tenant, kind.table())
        .filter(Filter::within("ts", range))
        .filter_opt(service.map(|service| Filter::eq("service", service)))
        .filter_opt((!text.is_empty()).then(|| Filter::Or(vec![holds("name"), holds("description")])))
        .keys([Key::column("name"), monotonic(kind)])
        .aggregates([
            Aggregate::new(Function::Any(column("unit")), "unit"),
            Aggregate::new(Function::Any(column("description")), "description"),
            Aggregate::new(Function::Distinct(column("service"), NAMED), "services"),
            Aggregate::new(Function::CountDistinct(time_series()), "series"),
        ])
        .ascending("name")
        .limit(limit as u64 + 1)
}

fn listed(table: Kind, row: ListRow) -> ListedMetric {
    let mut services = row.services;
    services.sort_unstable();
    ListedMetric {
        name: row.name,
        kind: kind_of(table, row.monotonic),
        unit: row.unit,
        description: row.description,
        services,
        series: row.series,
    }
}
