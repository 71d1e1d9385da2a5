//! The bodies of `/api/v1/slos`.

mod burning;
mod describe;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use headroom_store::Store;
use serde::Serialize;
use utoipa::ToSchema;

pub use burning::{BurnPoint, Burning};
pub use describe::{SliBody, objective};

use std::collections::HashMap;

use super::budget::{Assessment, at};
use super::slices::{self, Stretch};
use super::{Measured, Promise, Series, Slo, SloSet, Timeline, words};
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
    /// Occurrences, Timeslices or RatioTimeslices; of a composite, `Composite`.
    pub budgeting_method: String,
    /// Of a composite, the objectives that are weighed together.
    pub parts: Vec<PartBody>,
    /// The composite that it is a part of. A part alerts through its composite, and not by itself.
    pub part_of: Option<String>,
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

/// A part of a composite.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PartBody {
    /// The objective's name.
    pub name: String,
    /// The name people read.
    pub display_name: String,
    /// Its share of the whole, in (0, 1].
    pub share: f64,
    /// What it promises.
    pub target: f64,
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
    Ok(standing(store, tenant, set, None, now).await?.0)
}

/// All objectives as they stand at `now`, and with a range those that burnt fastest in it. One query.
pub async fn standing(
    store: &Store,
    tenant: &str,
    set: &SloSet,
    range: Option<&TimeRange>,
    now: DateTime<Utc>,
) -> Result<(Vec<SloRow>, Vec<Burning>)> {
    let all: Vec<&Slo> = set.slos.iter().collect();
    let lines = lines(&all, &slices::stored(store, tenant, &all, now).await?);
    let measured: Vec<Measured<'_>> =
        set.promises().into_iter().map(|promise| measured(promise, &lines)).collect();
    let burning = range.map(|range| burning::fastest(&measured, range, now)).unwrap_or_default();
    Ok((measured.iter().map(|measured| row(set, measured, now)).collect(), burning))
}

/// One objective as it stands at `now`, with its history over `range`.
pub async fn detail(
    store: &Store,
    tenant: &str,
    set: &SloSet,
    promise: Promise<'_>,
    range: &TimeRange,
    now: DateTime<Utc>,
) -> Result<SloDetail> {
    let of = promise.objectives();
    let current = lines(&of, &slices::stored(store, tenant, &of, now).await?);
    let row = row(set, &measured(promise.clone(), &current), now);
    let (from, to) = (range.from.timestamp(), range.to.timestamp());
    let step_seconds = step(to - from);
    let past = lines(&of, &history(store, tenant, &of, (from, to)).await?);
    let series = points(&measured(promise.clone(), &past), from, to, step_seconds);
    Ok(SloDetail { row, definition: promise.definition().to_owned(), step_seconds, series })
}

/// The minutes of objectives that figures within `from` and `to` look back on.
pub(super) async fn history(
    store: &Store,
    tenant: &str,
    slos: &[&Slo],
    (from, to): (i64, i64),
) -> Result<HashMap<String, Series>> {
    let stretch = |slo: &Slo| Stretch { from: slo.history_from(from).min(from - 3_600), to };
    let wanted: Vec<(&Slo, Stretch)> =
        slos.iter().filter(|slo| slo.indicator.is_ok()).map(|slo| (*slo, stretch(slo))).collect();
    let found = slices::minutes(store, tenant, &wanted).await?;
    Ok(found.into_iter().map(|(id, slices)| (id, Series::new(slices))).collect())
}

/// The sums of objectives for figures within `from` and `to`, in seconds since the epoch, by the objective's id.
pub async fn timelines<'a>(
    store: &Store,
    tenant: &str,
    slos: &[&'a Slo],
    stretch: (i64, i64),
) -> Result<HashMap<&'a str, Timeline>> {
    Ok(lines(slos, &history(store, tenant, slos, stretch).await?))
}

/// The sums of each objective; of nothing where nothing is stored.
pub(super) fn lines<'a>(slos: &[&'a Slo], series: &HashMap<String, Series>) -> HashMap<&'a str, Timeline> {
    let empty = Series::default();
    let line = |slo: &&'a Slo| (slo.id.as_str(), Timeline::new(slo, series.get(&slo.id).unwrap_or(&empty)));
    slos.iter().map(line).collect()
}

/// A promise with what was measured of it.
pub(super) fn measured<'a>(promise: Promise<'a>, lines: &'a HashMap<&str, Timeline>) -> Measured<'a> {
    Measured::new(promise, |id| lines.get(id)).expect("invariant: each objective has its line")
}

/// A whole step that gives at most 300 points.
fn step(length: i64) -> i64 {
    let steps = [60, 300, 900, 1_800, 3_600, 10_800, 21_600];
    steps.into_iter().find(|step| length / step <= 300).unwrap_or(86_400)
}

/// Where the steps of a history end, as far as it was measured.
fn ends(history: &Measured<'_>, (from, to): (i64, i64), step: i64) -> impl Iterator<Item = i64> + use<> {
    let measured = history.first(from - step).zip(history.watermark());
    let steps = measured
        .map(|(first, watermark)| first.max(from).div_euclid(step) + 1..=to.min(watermark).div_euclid(step));
    steps.into_iter().flatten().map(move |number| number * step)
}

fn points(history: &Measured<'_>, from: i64, to: i64, step: i64) -> Vec<SloPoint> {
    let point = |end| {
        let (good, total) = history.counts(end - step, end);
        SloPoint {
            ts: at(end),
            good,
            total,
            budget_remaining: history.budget(end).ok().map(|budget| budget.remaining),
            burn_1h: history.burn(end, 3_600),
        }
    };
    ends(history, (from, to), step).map(point).collect()
}

/// The body of one promise.
fn row(set: &SloSet, measured: &Measured<'_>, now: DateTime<Utc>) -> SloRow {
    let promise = &measured.promise;
    let found: Assessment = measured.assess(now);
    let budget = found.budget.as_ref().ok();
    SloRow {
        name: promise.id().to_owned(),
        display_name: promise.display_name().to_owned(),
        service: promise.service().to_owned(),
        objective: describe::objective(promise),
        target: promise.target(),
        window: promise.window().text.clone(),
        budgeting_method: match promise {
            Promise::One(slo) => slo.method.word().to_owned(),
            Promise::Whole(..) => "Composite".to_owned(),
        },
        parts: describe::parts(promise),
        part_of: set.whole_of(promise.id()).map(|whole| whole.id.clone()),
        sli: describe::sli(promise),
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
        sentence: words::of_window(promise.window(), &found),
    }
}
