//! The bodies of `/api/v1/slos`.

mod describe;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use headroom_store::Store;
use serde::Serialize;
use utoipa::ToSchema;

pub use describe::SliBody;

use super::budget::{Assessment, assess, at, budget, burn_of};
use super::slices;
use super::{Series, Slo, SloSet, Timeline, words};
use crate::error::Result;
use crate::range::TimeRange;

/// One objective as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SloRow {
    /// Its name in addresses and alerts.
    pub name: String,
    /// The name people read.
    pub display_name: String,
    /// The service it is promised for.
    pub service: String,
    /// The promise in one sentence.
    pub objective: String,
    /// The share that must be good, in [0, 1).
    pub target: f64,
    /// The rolling window as written, such as `30d`.
    pub window: String,
    /// Occurrences, Timeslices or RatioTimeslices.
    pub budgeting_method: String,
    /// What is counted.
    pub sli: SliBody,
    /// Share that was good in the window; null when unavailable.
    pub status: Option<f64>,
    /// Share of the budget that is left: 1 untouched, 0 spent, negative overspent; null when unavailable.
    pub budget_remaining: Option<f64>,
    /// Good requests, events or time slices in the window.
    pub good: Option<f64>,
    /// All requests, events or time slices in the window.
    pub total: Option<f64>,
    /// Why there are no figures.
    pub unavailable: Option<String>,
    /// How many times faster than allowed the budget burns, by window; null where too little was seen.
    pub burn: BTreeMap<String, Option<f64>>,
    /// Share of the window's minutes that were seen.
    pub coverage: Option<f64>,
    /// Start of the first measured minute within the window.
    pub measured_since: Option<DateTime<Utc>>,
    /// End of the last measured minute: where the window ends.
    pub measured_until: Option<DateTime<Utc>>,
    /// When the budget is gone at the pace of the last hour; null when it will not be, or is spent.
    pub exhausts_at: Option<DateTime<Utc>>,
    /// What a person should know, in plain words.
    pub sentence: String,
}

/// The body of `/api/v1/slos`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SloList {
    /// In the order of the definitions.
    pub slos: Vec<SloRow>,
}

/// One objective with its history.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SloDetail {
    /// As in the list.
    #[serde(flatten)]
    pub row: SloRow,
    /// The OpenSLO document as YAML.
    pub definition: String,
    /// Width of a point in seconds.
    pub step_seconds: i64,
    /// The history over the asked range.
    pub series: Vec<SloPoint>,
}

/// A stretch of an objective's history.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SloPoint {
    /// Its end: the window of `budget_remaining` and `burn_1h` ends here.
    pub ts: DateTime<Utc>,
    /// Good units in the stretch.
    pub good: f64,
    /// All units in the stretch.
    pub total: f64,
    /// The budget left in the window that ends here; null when unavailable.
    pub budget_remaining: Option<f64>,
    /// The burn over the hour that ends here; null when too little was seen.
    pub burn_1h: Option<f64>,
}

/// All objectives as they stand at `now`, from their stored slices.
pub async fn rows(store: &Store, tenant: &str, set: &SloSet, now: DateTime<Utc>) -> Result<Vec<SloRow>> {
    let all: Vec<&Slo> = set.slos.iter().collect();
    let series = slices::stored(store, tenant, &all, now).await?;
    let empty = Series::default();
    Ok(all
        .into_iter()
        .map(|slo| {
            let line = Timeline::new(slo, series.get(&slo.id).unwrap_or(&empty));
            row(slo, &assess(slo, &line, now))
        })
        .collect())
}

/// One objective as it stands at `now`, with its history over `range`.
pub async fn detail(
    store: &Store,
    tenant: &str,
    slo: &Slo,
    range: &TimeRange,
    now: DateTime<Utc>,
) -> Result<SloDetail> {
    let series = slices::stored(store, tenant, &[slo], now).await?.remove(&slo.id).unwrap_or_default();
    let row = row(slo, &assess(slo, &Timeline::new(slo, &series), now));
    let (from, to) = (range.from.timestamp(), range.to.timestamp());
    let step_seconds = step(to - from);
    let history = match slo.indicator {
        Ok(_) => {
            let first = slo.history_from(from).min(from - 3_600);
            Series::new(slices::stored_minutes(store, tenant, slo, first, to).await?)
        }
        Err(_) => Series::default(),
    };
    let series = points(slo, &Timeline::new(slo, &history), from, to, step_seconds);
    Ok(SloDetail { row, definition: slo.definition.clone(), step_seconds, series })
}

/// A whole step that gives at most 300 points.
fn step(length: i64) -> i64 {
    let steps = [60, 300, 900, 1_800, 3_600, 10_800, 21_600];
    steps.into_iter().find(|step| length / step <= 300).unwrap_or(86_400)
}

fn points(slo: &Slo, history: &Timeline, from: i64, to: i64, step: i64) -> Vec<SloPoint> {
    let (Some(first), Some(watermark)) = (history.first(from - step), history.watermark()) else {
        return Vec::new();
    };
    let mut points = Vec::new();
    let mut end = (first.max(from).div_euclid(step) + 1) * step;
    while end <= to.min(watermark) {
        let within = history.between(end - step, end);
        points.push(SloPoint {
            ts: at(end),
            good: within.good,
            total: within.total,
            budget_remaining: budget(slo, history, end).ok().map(|budget| budget.remaining),
            burn_1h: burn_of(slo, &history.last(end, 3_600)),
        });
        end += step;
    }
    points
}

/// The body of one assessed objective.
pub fn row(slo: &Slo, found: &Assessment) -> SloRow {
    let budget = found.budget.as_ref().ok();
    SloRow {
        name: slo.id.clone(),
        display_name: slo.display_name.clone(),
        service: slo.service.clone(),
        objective: describe::objective(slo),
        target: slo.target,
        window: slo.window.text.clone(),
        budgeting_method: slo.method.word().to_owned(),
        sli: describe::sli(slo),
        status: budget.map(|b| b.status),
        budget_remaining: budget.map(|b| b.remaining),
        good: budget.map(|b| b.good),
        total: budget.map(|b| b.total),
        unavailable: found.budget.as_ref().err().cloned(),
        burn: found.burn.iter().map(|(window, burn)| ((*window).to_owned(), *burn)).collect(),
        coverage: found.coverage,
        measured_since: found.since,
        measured_until: found.watermark,
        exhausts_at: budget.and_then(|b| b.exhausts_at),
        sentence: words::sentence(slo, found),
    }
}
