//! Rolling-origin evaluation, point by point: what was forecast, when, from what was known then, and what came.
//!
//! [`crate::backtest`] scores candidates quickly for promotion. This keeps every point, so that anyone can score
//! them anew, and sets each beside the seasonal naive forecast of the same moment.

mod horizon;
mod score;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, TimeDelta, Utc};

use crate::effects::{Groups, Overlay};
use crate::phase::PhaseCalendar;
use crate::series::Series;
use crate::{Context, Fitted, Forecaster, Unavailable};
use headroom_calendar::EventClass;
pub use horizon::Horizon;
pub(crate) use score::lead;
pub use score::{Score, Summary};

/// At most this many fits in an evaluation; between them the model observes.
const FITS: i32 = 150;
/// Days that the seasonal naive forecast looks back for a measured step.
const NAIVE_DAYS: i64 = 14;

/// What to evaluate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// How far ahead of its points a forecast is issued, and how often: each point is forecast once.
    pub horizon: Horizon,
    /// The first instant forecast.
    pub from: DateTime<Utc>,
    /// The instant after the last.
    pub to: DateTime<Utc>,
}

/// One forecast point.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Start of the step.
    pub ts: DateTime<Utc>,
    /// The forecast's origin: nothing that ended later was known to it.
    pub issued_at: DateTime<Utc>,
    /// The demand that came.
    pub actual: f64,
    /// The class of the most telling event that touches the step; nothing in an ordinary one.
    pub class: Option<EventClass>,
    /// Demand forecast at each of [`crate::QUANTILES`].
    pub quantiles: [f64; 6],
    /// The last like time of day known at the origin; nothing when two weeks have none.
    pub seasonal_naive: Option<f64>,
}

impl Record {
    /// The class as it is written, or `ordinary`.
    pub fn event_class(&self) -> &'static str {
        self.class.map_or("ordinary", EventClass::id)
    }
}

/// An evaluation's outcome.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// The forecaster's name.
    pub model: String,
    /// Every point, in order of time.
    pub records: Vec<Record>,
    /// The scores.
    pub summary: Summary,
}

/// Forecasts every measured step of a window from what was known at its origin. `progress` gets the origins done
/// and the origins in all.
pub fn run(
    forecaster: &dyn Forecaster,
    series: &Series,
    context: &Context,
    window: Window,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Evaluation, Unavailable> {
    let to = window.to.min(series.end());
    let origins = window.horizon.origins(window.from.max(series.start), to, context.calendar.venues())?;
    let refit = TimeDelta::days(1).max((to - window.from) / FITS);
    let longest = origins.iter().map(|(at, until)| *until - *at).max().unwrap_or_default();
    let context =
        Context { horizon: context.horizon.max(refit + longest + TimeDelta::days(2)), ..context.clone() };
    let naive = Naive::new(series, &context);
    let overlay = overlay(series, &context);
    let mut records = Vec::new();
    let mut fitted: Option<Running> = None;
    for (done, (origin, until)) in origins.iter().enumerate() {
        progress(done, origins.len());
        fitted = match fitted.take() {
            Some((at, seen, mut model)) if *origin - at < refit => {
                let recent = series.before(*origin).since(seen - Duration::hours(2));
                model.observe(&recent);
                Some((at, *origin, model))
            }
            _ => Some((*origin, *origin, forecaster.fit(&series.before(*origin), &context)?)),
        };
        let Some((_, _, model)) = &fitted else { continue };
        for (ts, actual) in measured(series, window.from.max(*origin), *until) {
            records.push(Record {
                ts,
                issued_at: *origin,
                actual,
                class: class(&overlay, ts),
                quantiles: model.predict(ts).quantiles,
                seasonal_naive: naive.before(ts, *origin),
            });
        }
    }
    progress(origins.len(), origins.len());
    if records.is_empty() {
        return Err(Unavailable(format!(
            "{} has no measured step from {} to {}; its data run from {} to {}",
            context.service,
            window.from,
            window.to,
            series.start,
            series.end()
        )));
    }
    let summary = Summary::new(&records, naive.scale(window.from)).ok_or_else(|| {
        Unavailable(format!("{} received no requests from {} to {}", context.service, window.from, window.to))
    })?;
    Ok(Evaluation { model: forecaster.name(), records, summary })
}

/// A model with the origin it was fitted at, and up to when it has observed.
type Running = (DateTime<Utc>, DateTime<Utc>, Box<dyn Fitted>);

/// The measured steps that start in `[from, to)`.
fn measured(
    series: &Series,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> impl Iterator<Item = (DateTime<Utc>, f64)> + '_ {
    let step = i64::from(series.step_minutes) * 60;
    let first = ((from - series.start).num_seconds().max(0) + step - 1) / step;
    (first as usize..series.values.len())
        .map(|index| (series.at(index), series.values[index]))
        .take_while(move |(ts, _)| *ts < to)
        .filter_map(|(ts, value)| Some((ts, value?)))
}

fn overlay(series: &Series, context: &Context) -> Overlay {
    let events = context.calendar.events(series.start, series.end(), series.end());
    let venues = PhaseCalendar::Venues(context.calendar.venues().to_vec());
    Overlay::new(events, &context.service, &venues, &mut Groups::default(), series.step_minutes)
}

/// The class of the most telling event that touches a step.
fn class(overlay: &Overlay, ts: DateTime<Utc>) -> Option<EventClass> {
    let here = overlay.at(ts).iter().map(|e| overlay.events[*e].class);
    here.filter(|class| !class.in_shape()).min()
}

/// The seasonal naive forecast: the last measured step at the same time of day, on the first venue's wall clock
/// where there is one.
struct Naive<'a> {
    series: &'a Series,
    context: &'a Context,
}

impl<'a> Naive<'a> {
    fn new(series: &'a Series, context: &'a Context) -> Self {
        Self { series, context }
    }

    /// The value so many days before a step, if it was measured.
    fn back(&self, ts: DateTime<Utc>, days: i64) -> Option<(DateTime<Utc>, f64)> {
        let at = match self.context.calendar.venues().first() {
            Some(venue) => {
                let local = ts.with_timezone(&venue.tz).naive_local() - Duration::days(days);
                venue.utc(local.date(), local.time())
            }
            None => ts - Duration::days(days),
        };
        Some((at, self.series.value(at)?))
    }

    fn before(&self, ts: DateTime<Utc>, origin: DateTime<Utc>) -> Option<f64> {
        let known = |(at, _): &(DateTime<Utc>, f64)| {
            *at + Duration::minutes(i64::from(self.series.step_minutes)) <= origin
        };
        let days = (ts - origin).num_days().max(0) + NAIVE_DAYS;
        (1..=days).filter_map(|back| self.back(ts, back)).find(known).map(|(_, value)| value)
    }

    /// The mean absolute error of the last like time before `until`: the unit of MASE.
    fn scale(&self, until: DateTime<Utc>) -> Option<f64> {
        let (mut sum, mut count) = (0.0, 0_u32);
        for (ts, value) in measured(self.series, self.series.start, until) {
            if let Some((_, naive)) = (1..=NAIVE_DAYS).find_map(|back| self.back(ts, back)) {
                sum += (value - naive).abs();
                count += 1;
            }
        }
        (count > 0 && sum > 0.0).then(|| sum / f64::from(count))
    }
}

/// The scores of a part of the records.
pub fn part<'a>(records: impl Iterator<Item = &'a Record>, scale: Option<f64>) -> Option<Score> {
    Score::of(records, scale)
}

/// Mean of the logarithms of some ratios, as a ratio; nothing of nothing.
pub fn geometric_mean(ratios: &[f64]) -> Option<f64> {
    let sum: f64 = ratios.iter().map(|ratio| ratio.max(1e-12).ln()).sum();
    (!ratios.is_empty()).then(|| (sum / ratios.len() as f64).exp())
}

/// Records by a key.
fn grouped(
    records: &[Record],
    key: impl Fn(&Record) -> &'static str,
) -> BTreeMap<&'static str, Vec<&Record>> {
    let mut groups: BTreeMap<&'static str, Vec<&Record>> = BTreeMap::new();
    for record in records {
        groups.entry(key(record)).or_default().push(record);
    }
    groups
}
