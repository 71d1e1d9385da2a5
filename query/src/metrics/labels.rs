//! One metric: of what kind it is, and what its time series are told apart by.

use std::collections::BTreeMap;

use clickhouse::Row;
use headroom_store::Store;
use headroom_store::schema::PERSONAL_KEYS;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::list::{kind_of, monotonic};
use super::{Aggregation, Kind, Selected, end_of};
use crate::bubbleup::{Names, names_somebody};
use crate::counters::time_series;
use crate::error::{QueryError, Result};
use crate::range::TimeRange;
use crate::scan::{Aggregate, Expr, Function, Key, ScanQuery};

/// Values of a label that are told.
const VALUES: usize = 20;
/// Pairs of label and value that are read of each map.
const MOST_PAIRS: u64 = 5_000;

/// Body of `GET /api/v1/metrics/{name}`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Metric {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Other kinds that the name is reported as too.
    pub other_kinds: Vec<Kind>,
    /// Unit, as UCUM; '' where none was told.
    pub unit: String,
    /// What its sender says of it.
    pub description: String,
    /// Services that report it.
    pub services: Vec<String>,
    /// What may be asked of it, the usual first.
    pub aggregations: Vec<Aggregation>,
    /// Where labels were looked for: the last hours of the range.
    pub looked_at: TimeRange,
    /// Time series there.
    pub series: u64,
    /// What they are told apart by, that with the fewest values first; what all agree in is left out.
    pub labels: Vec<Label>,
}

/// A label of time series: an attribute of the points, or of the program that sent them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Label {
    /// The attribute's key.
    pub key: String,
    /// How many values it has; at least so many where there are very many.
    pub values: u64,
    /// Those with most time series, 20 at most.
    pub top: Vec<LabelValue>,
}

/// A value of a label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LabelValue {
    /// The value.
    pub value: String,
    /// Time series that have it.
    pub series: u64,
}

/// What a name is reported as.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) kind: Kind,
    pub(super) other_kinds: Vec<Kind>,
    /// Its points count since the one before.
    pub(super) delta: bool,
    pub(super) unit: String,
    pub(super) description: String,
    pub(super) services: Vec<String>,
}

#[derive(Debug, Row, Deserialize)]
struct FoundRow {
    monotonic: u8,
    unit: String,
    description: String,
    services: Vec<String>,
    points: u64,
    temporalities: Vec<String>,
}

/// What a name is reported as in a range, as `kind` if that is given, or else as most of its points are.
pub(super) async fn find(
    store: &Store,
    tenant: &str,
    name: &str,
    kind: Option<Kind>,
    range: &TimeRange,
) -> Result<Found> {
    let asked = |table: Kind| {
        let column = |name: &str| Expr::Column(name.to_owned());
        // Gauges and summaries have no temporality: their unit is read in its place, and not looked at.
        let temporality = if matches!(table, Kind::Gauge | Kind::Summary) { "unit" } else { "temporality" };
        Selected::default().points(tenant, table.table(), name, range).key(monotonic(table)).aggregates([
            Aggregate::new(Function::Any(column("unit")), "unit"),
            Aggregate::new(Function::Any(column("description")), "description"),
            Aggregate::new(Function::Distinct(column("service"), 200), "services"),
            Aggregate::count("points"),
            Aggregate::new(Function::Distinct(column(temporality), 5), "temporalities"),
        ])
    };
    let tables = [Kind::Gauge, Kind::Counter, Kind::Histogram, Kind::ExponentialHistogram, Kind::Summary];
    let scans: [ScanQuery; 5] = tables.map(asked);
    let [gauges, sums, histograms, exponential, summaries] = &scans;
    let rows = tokio::try_join!(
        gauges.fetch::<FoundRow>(store),
        sums.fetch::<FoundRow>(store),
        histograms.fetch::<FoundRow>(store),
        exponential.fetch::<FoundRow>(store),
        summaries.fetch::<FoundRow>(store)
    )?;
    let mut found: Vec<(u64, Found)> = tables
        .into_iter()
        .zip([rows.0, rows.1, rows.2, rows.3, rows.4])
        .flat_map(|(table, rows)| rows.into_iter().map(move |row| (row.points, found(table, row))))
        .collect();
    found.sort_by_key(|(points, found)| (std::cmp::Reverse(*points), found.kind));
    let kinds: Vec<Kind> = found.iter().map(|(_, found)| found.kind).collect();
    let chosen =
        found.into_iter().map(|(_, found)| found).find(|found| kind.is_none_or(|kind| kind == found.kind));
    let mut chosen = chosen.ok_or_else(|| {
        let what = if kinds.is_empty() { "was not reported" } else { "was not reported as that kind" };
        QueryError::not_found(
            format!("`{name}` {what} between {} and {}", range.from.to_rfc3339(), range.to.to_rfc3339()),
            "look at a longer range; GET /api/v1/metrics lists what is reported",
        )
    })?;
    chosen.other_kinds = kinds.into_iter().filter(|kind| *kind != chosen.kind).collect();
    Ok(chosen)
}

fn found(table: Kind, row: FoundRow) -> Found {
    let mut services = row.services;
    services.sort_unstable();
    Found {
        kind: kind_of(table, row.monotonic),
        other_kinds: Vec::new(),
        delta: row.temporalities.iter().any(|one| one == "delta"),
        unit: row.unit,
        description: row.description,
        services,
    }
}

#[derive(Debug, Row, Deserialize)]
struct PairRow {
    pair: (String, String),
    series: u64,
}

#[derive(Debug, Row, Deserialize)]
struct CountRow {
    series: u64,
}

/// A metric with its labels. A query for each kind of point, then three to the table of one of them.
///
/// # Errors
/// [`QueryError::NotFound`] where nothing of that name was reported.
pub async fn describe(
    store: &Store,
    tenant: &str,
    name: &str,
    kind: Option<Kind>,
    service: Option<&str>,
    range: TimeRange,
    names: Names,
) -> Result<Metric> {
    let found = find(store, tenant, name, kind, &range).await?;
    let looked_at = end_of(range);
    let selected = Selected { service: service.map(str::to_owned), labels: Vec::new() };
    let scan = || super::of_kind(selected.points(tenant, found.kind.table(), name, &looked_at), found.kind);
    let pairs = |column: &str| {
        let without = PERSONAL_KEYS.map(str::to_owned).to_vec();
        let series = Aggregate::new(Function::CountDistinct(time_series()), "series");
        scan()
            .key(Key::new(Expr::Pairs { column: column.to_owned(), without }, "pair"))
            .aggregates([series])
            .descending("series")
            .limit(MOST_PAIRS)
    };
    let (own, program) = (pairs("attributes"), pairs("resource"));
    let all = scan().aggregates([Aggregate::new(Function::CountDistinct(time_series()), "series")]);
    let (own, program, all): (Vec<PairRow>, Vec<PairRow>, Vec<CountRow>) =
        tokio::try_join!(own.fetch(store), program.fetch(store), all.fetch(store))?;
    let series = all.first().map_or(0, |row| row.series);
    let shown = |row: &PairRow| names == Names::Shown || !names_somebody(&row.pair.0);
    let pairs = own.into_iter().chain(program).filter(shown).map(|row| (row.pair.0, row.pair.1, row.series));
    Ok(Metric {
        name: name.to_owned(),
        kind: found.kind,
        aggregations: found.kind.offered(found.delta).to_vec(),
        other_kinds: found.other_kinds,
        unit: found.unit,
        description: found.description,
        services: found.services,
        looked_at,
        series,
        labels: labels(pairs, series),
    })
}

/// Labels with their values, of (key, value, time series).
pub(super) fn labels(pairs: impl Iterator<Item = (String, String, u64)>, series: u64) -> Vec<Label> {
    let mut keys: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for (key, value, series) in pairs {
        let found = keys.entry(key).or_default().entry(value).or_default();
        *found = series.max(*found);
    }
    let mut labels: Vec<Label> = keys
        .into_iter()
        .filter(|(_, values)| values.len() > 1 || values.values().any(|count| *count < series))
        .map(|(key, values)| {
            let mut top: Vec<LabelValue> =
                values.into_iter().map(|(value, series)| LabelValue { value, series }).collect();
            top.sort_by(|a, b| b.series.cmp(&a.series).then_with(|| a.value.cmp(&b.value)));
            let values = top.len() as u64;
            top.truncate(VALUES);
            Label { key, values, top }
        })
        .collect();
    labels.sort_by(|a, b| (a.values, &a.key).cmp(&(b.values, &b.key)));
    labels
}
