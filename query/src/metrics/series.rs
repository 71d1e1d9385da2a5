//! A metric over time.

use chrono::{DateTime, TimeDelta, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::exemplars::{self, MetricExemplar};
use super::fold::{self, Groups};
use super::labels::find;
use super::measure::{measure, most_gap, nanos, step_seconds};
use super::numbers::LevelRow;
use super::{Aggregation, Kind, Selected, distributions, label, numbers, of_kind};
use crate::bubbleup::Names;
use crate::counters::{Counters, time_series};
use crate::error::Result;
use crate::range::TimeRange;
use crate::red::Dimension;
use crate::scan::{Expr, Key, ScanQuery};
use crate::services::{self, Deploy};

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricQuery {
    /// The metric's name.
    pub name: String,
    /// Of which kind, where a name is reported as several.
    pub kind: Option<Kind>,
    /// Which of its points.
    pub selected: Selected,
    /// The label that has a line for each value.
    pub by: Option<String>,
    /// What the points of a step come to; what is usual for the kind if none is asked for.
    pub aggregation: Option<Aggregation>,
    /// When.
    pub range: TimeRange,
    /// Least width of a step.
    pub step: TimeDelta,
}

/// Body of `GET /api/v1/metrics/{name}/series`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MetricSeries {
    /// The metric.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Its points count since the one before each, and not since a start.
    pub delta: bool,
    /// Its own unit, as UCUM. A rate is in so many of them a second; of a histogram, values a second.
    pub unit: String,
    /// What the points of a step come to.
    pub aggregation: Aggregation,
    /// What was asked for, in whole steps.
    pub range: TimeRange,
    /// Width of a step: what was asked for, and not less than time series report in.
    pub step_seconds: i64,
    /// A line for each value of the label; one, named '', where none was asked for. The 8 largest at most.
    pub lines: Vec<Line>,
    /// All others together, of figures that add up.
    pub other: Option<Line>,
    /// Values of the label that have no line of their own.
    pub left_out: usize,
    /// Time series that fit.
    pub series: usize,
    /// Hours of the range, and those in which nothing was stored.
    pub hours: HoursTold,
    /// Version changes of the service, if one was asked for.
    pub deploys: Vec<Deploy>,
    /// Traces of large values, where a sender told them, for those who may see traces.
    pub exemplars: Vec<MetricExemplar>,
    /// Why there are no figures, when there are none.
    pub unavailable: Option<String>,
}

/// The figures of one value of a label.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Line {
    /// The value; '' where a time series has none.
    pub label: String,
    /// In time order; steps without a point are left out.
    pub points: Vec<MetricPoint>,
}

/// A figure of one step.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MetricPoint {
    /// Start of the step.
    pub ts: DateTime<Utc>,
    /// The figure.
    pub value: f64,
    /// Of a percentile the lower edge of its bucket; null where that is open.
    pub low: Option<f64>,
    /// The upper edge: null means that it may be any more.
    pub high: Option<f64>,
}

/// The hours (UTC) that a range touches and that have begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HoursTold {
    /// How many there are.
    pub all: usize,
    /// Those in which points that fit were stored.
    pub told: usize,
    /// The others, neighbours together.
    pub silent: Vec<TimeRange>,
}

#[derive(Debug, Row, Deserialize)]
struct HourRow {
    at: i64,
}

/// A metric over time: the kinds of its points, then how many time series fit, then their points.
///
/// # Errors
/// [`NotFound`](crate::QueryError::NotFound) where nothing of that name was reported,
/// [`BadRequest`](crate::QueryError::BadRequest) for what may not be asked of its kind, a label that names people, or more
/// time series than are read at once.
pub async fn series(
    store: &Store,
    tenant: &str,
    query: &MetricQuery,
    names: Names,
    now: DateTime<Utc>,
) -> Result<MetricSeries> {
    query.selected.check(names)?;
    if let Some(key) = &query.by {
        Dimension::Attribute(key.clone()).check(names)?;
    }
    let found = find(store, tenant, &query.name, query.kind, &query.range).await?;
    let kind = found.kind;
    let asked = query.aggregation.unwrap_or(kind.offered(found.delta)[0]);
    kind.check(found.delta, asked, &query.name)?;
    let points =
        |range: &TimeRange| of_kind(query.selected.points(tenant, kind.table(), &query.name, range), kind);
    let measured = measure(store, points(&query.range), kind).await?;
    let step_seconds = step_seconds(query.step, measured.interval);
    let range = steps_of(query.range, step_seconds, asked.needs_whole_steps(kind), now);
    let by = query.by.as_deref().map_or_else(|| Expr::First(Vec::new()), label);
    let rises = kind.rises(asked);
    // What a counter rose by in the first step hangs on where it stood before.
    let before = TimeDelta::seconds(if rises { step_seconds * most_gap(step_seconds) } else { 0 });
    let read = TimeRange { from: range.from - before, ..range };
    let by_step = points(&read)
        .key(Key::new(by, "label"))
        .key(Key::new(time_series(), "part"))
        .key(Key::bucket("ts", step_seconds, "at"));
    let hours = points(&query.range).key(Key::bucket("ts", 3600, "at")).ascending("at");
    let example = async {
        if names == Names::Withheld || kind == Kind::Summary {
            return Ok(Vec::new());
        }
        let rows = ScanQuery::rows(tenant, kind.table());
        exemplars::read(store, of_kind(query.selected.of(rows, &query.name, &query.range), kind)).await
    };
    let deployed = async {
        match query.selected.service.as_deref() {
            Some(service) => services::deploys(store, tenant, service, query.range).await,
            None => Ok(Vec::new()),
        }
    };
    // On the heap: what is asked together would be too large for the stack.
    let (groups, hours, deploys, exemplars) = tokio::try_join!(
        Box::pin(figures(store, by_step, Read { kind, asked, step_seconds, since: nanos(read.from) })),
        Box::pin(hours.fetch::<HourRow>(store)),
        Box::pin(deployed),
        Box::pin(example),
    )?;
    let (lines, other, left_out) =
        fold::lines(groups, range.from.timestamp() / step_seconds, step_seconds, asked);
    let hours = told(&query.range, hours.iter().map(|row| DateTime::from_timestamp_nanos(row.at)), now);
    Ok(MetricSeries {
        unavailable: lines.is_empty().then(|| why(&query.name, measured.series, asked)),
        name: query.name.clone(),
        kind,
        delta: found.delta,
        unit: found.unit,
        aggregation: asked,
        range,
        step_seconds,
        lines,
        other,
        left_out,
        series: measured.series,
        hours,
        deploys,
        exemplars,
    })
}

/// How points are read.
#[derive(Clone, Copy)]
struct Read {
    kind: Kind,
    asked: Aggregation,
    step_seconds: i64,
    /// From when on, in nanoseconds since 1970.
    since: i64,
}

async fn figures(store: &Store, points: ScanQuery, read: Read) -> Result<Groups> {
    let Read { kind, asked, step_seconds, since } = read;
    let width = step_seconds * 1_000_000_000;
    if asked == Aggregation::Count {
        #[derive(Debug, Row, Deserialize)]
        struct PartRow {
            label: String,
            part: u64,
            at: i64,
        }
        let rows: Vec<PartRow> = points.fetch(store).await?;
        return Ok(fold::reporting(rows.iter().map(|row| (row.label.as_str(), row.part, row.at / width))));
    }
    if !kind.rises(asked) {
        let rows: Vec<LevelRow> = numbers::levels(points).fetch(store).await?;
        return Ok(fold::levels(&rows, width, asked));
    }
    if kind.counts() {
        let readings = distributions::read(store, points, kind, width).await?;
        let rises = fold::rises(readings, || Counters::new(width, since, most_gap(step_seconds)));
        return Ok(fold::distributed(rises, step_seconds, asked));
    }
    let readings = numbers::read_sums(store, points, width).await?;
    let rises = fold::rises(readings, || Counters::new(width, since, most_gap(step_seconds)));
    Ok(fold::counted(rises, step_seconds, asked))
}

/// A range in whole steps; those that have not ended are left away where a part of one says too little.
fn steps_of(range: TimeRange, step_seconds: i64, whole: bool, now: DateTime<Utc>) -> TimeRange {
    let aligned = range.aligned(step_seconds);
    let ended = DateTime::from_timestamp(now.timestamp().div_euclid(step_seconds) * step_seconds, 0);
    let to =
        ended.filter(|ended| whole && *ended < aligned.to && *ended > aligned.from).unwrap_or(aligned.to);
    TimeRange { to, ..aligned }
}

/// Which hours of a range there are figures of.
fn told(range: &TimeRange, stored: impl Iterator<Item = DateTime<Utc>>, now: DateTime<Utc>) -> HoursTold {
    let stored: std::collections::BTreeSet<DateTime<Utc>> = stored.collect();
    let hours: Vec<DateTime<Utc>> = range.steps(3600).into_iter().filter(|hour| *hour <= now).collect();
    let mut silent: Vec<TimeRange> = Vec::new();
    for hour in hours.iter().filter(|hour| !stored.contains(hour)) {
        let end = *hour + TimeDelta::hours(1);
        match silent.last_mut() {
            Some(last) if last.to == *hour => last.to = end,
            _ => silent.push(TimeRange { from: *hour, to: end }),
        }
    }
    let told = hours.iter().filter(|hour| stored.contains(hour)).count();
    HoursTold { all: hours.len(), told, silent }
}

fn why(name: &str, series: usize, asked: Aggregation) -> String {
    if series == 0 {
        return format!("no point of `{name}` that fits was stored in this range");
    }
    match asked.quantile() {
        Some(_) => format!(
            "the {series} time series of `{name}` that fit counted nothing in this range, or have no bounds in common"
        ),
        None => format!("the points of `{name}` that fit are too few to say what it rose by"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_without_a_point_are_named_together() {
        let at = |hour: i64| DateTime::UNIX_EPOCH + TimeDelta::hours(hour);
        let range = TimeRange { from: at(10) + TimeDelta::minutes(5), to: at(16) };
        let hours = told(&range, [at(10), at(13)].into_iter(), at(14) + TimeDelta::minutes(1));
        assert_eq!((hours.all, hours.told), (5, 2), "15:00 has not begun");
        let silent: Vec<_> = hours.silent.iter().map(|hours| (hours.from, hours.to)).collect();
        assert_eq!(silent, [(at(11), at(13)), (at(14), at(15))]);
    }

    #[test]
    fn a_step_that_has_not_ended_is_left_away_from_what_adds_up() {
        let at = |minute: i64| DateTime::UNIX_EPOCH + TimeDelta::minutes(minute);
        let range = TimeRange { from: at(3), to: at(61) };
        let now = at(58) + TimeDelta::seconds(30);
        assert_eq!(steps_of(range, 300, true, now), TimeRange { from: at(0), to: at(55) });
        assert_eq!(steps_of(range, 300, false, now), TimeRange { from: at(0), to: at(65) });
        assert_eq!(steps_of(range, 300, true, at(120)), TimeRange { from: at(0), to: at(65) }, "all have");
        assert_eq!(
            steps_of(range, 7200, true, now),
            TimeRange { from: at(0), to: at(120) },
            "there is but one"
        );
    }
}
