//! Where each error budget went in a month.
//!
//! `consumed = error rate of the month / (1 - target)`: 1 is all that the target allows of the month's units, whatever
//! the objective's own window is; burn by day is the same of a day. What is left at the month's ends is of the
//! objective's own window, as the page of the objective shows it.

mod page;

use chrono::{DateTime, NaiveDate, Utc};
use headroom_capacity::money::Figure;
use headroom_control::{BudgetStep, Control};
use headroom_query::TimeRange;
use headroom_query::bubbleup::Names;
use headroom_query::services;
use headroom_query::slo::budget::at;
use headroom_query::slo::slices::{Generation, Stretch as Minutes, generations};
use headroom_query::slo::{self, Measured, Promise, SloSet};
use headroom_store::Store;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Result;
use crate::month::Period;

pub(crate) use page::document;

const HOUR: i64 = 3_600;
/// Hours and errors that are told of each objective.
const TOLD: usize = 5;
/// Steps of policies that are looked through.
const STEPS: usize = 1_000;

/// The body of a report on objectives.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SloReport {
    /// Whose.
    pub tenant: String,
    /// The month.
    #[serde(flatten)]
    pub period: Period,
    /// In the order of the definitions.
    pub objectives: Vec<ObjectiveMonth>,
}

/// An objective's month.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ObjectiveMonth {
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
    /// Its window as written, such as `30d`.
    pub window: String,
    /// Budget consumed in the month: 1 is all that the target allows of the month's units.
    pub consumed: Figure<f64>,
    /// Budget left in the objective's own window when the month began: 1 untouched, below 0 overspent.
    pub left_at_start: Figure<f64>,
    /// The same when it ended, or at the end of what was measured.
    pub left_at_end: Figure<f64>,
    /// Budget consumed by each day of what the target allows of its units.
    pub days: Vec<DayBurn>,
    /// The hours that ate most of what was consumed, the worst first.
    pub worst_hours: Vec<WorstHour>,
    /// What failed most in the worst hour.
    pub errors: Figure<Vec<ErrorCount>>,
    /// When the budget of its own window was spent.
    pub exhausted: Vec<Exhausted>,
    /// Steps of budget policies that held in the month.
    pub steps: Vec<BudgetStep>,
    /// What the objective counted: more than one generation says that its definition changed.
    pub generations: Vec<Generation>,
}

/// A day.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DayBurn {
    /// Its date in the report's zone.
    pub day: NaiveDate,
    /// How many times faster than allowed the budget burned.
    pub burn: Figure<f64>,
    /// Bad units.
    pub bad: f64,
    /// All units.
    pub total: f64,
}

/// An hour that ate budget.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct WorstHour {
    /// Its first moment.
    pub from: DateTime<Utc>,
    /// Bad units in it.
    pub bad: f64,
    /// All units.
    pub total: f64,
    /// Its share of the month's bad units, 0 to 1.
    pub share: f64,
}

/// Failed spans of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ErrorCount {
    /// Name of the spans.
    pub operation: String,
    /// Type of the error; '' where it is not known.
    pub error_type: String,
    /// What they say, with numbers, ids and addresses replaced.
    pub message: String,
    /// How many.
    pub count: u64,
}

/// A time in which no budget was left, by the hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Exhausted {
    /// The first hour that ended without.
    pub from: DateTime<Utc>,
    /// The first one after it that ended with some; null if there is none in the month.
    pub to: Option<DateTime<Utc>>,
}

impl ObjectiveMonth {
    /// What its slices say.
    fn of(measured: &Measured<'_>, period: &Period) -> Self {
        let target = measured.promise.target();
        let (from, to) = period.stretch();
        let end = measured.watermark().map_or(to, |newest| newest.min(to));
        let left = |end: i64| measured.budget(end).map(|budget| budget.remaining).into();
        let day = |day: &crate::month::Day| {
            let of = measured.stretch(day.from, day.to);
            DayBurn {
                day: day.date,
                burn: of.consumed(target).into(),
                bad: of.total - of.good,
                total: of.total,
            }
        };
        Self {
            consumed: measured.stretch(from, to).consumed(target).into(),
            left_at_start: left(from),
            left_at_end: left(end.max(from)),
            days: period.days.iter().map(day).collect(),
            worst_hours: worst_hours(measured, from, to),
            exhausted: exhausted(measured, from, end),
            ..Self::without(&measured.promise, "")
        }
    }

    /// An objective without figures.
    fn without(promise: &Promise<'_>, why: &str) -> Self {
        Self {
            name: promise.id().to_owned(),
            display_name: promise.display_name().to_owned(),
            service: promise.service().to_owned(),
            objective: slo::objective(promise),
            target: promise.target(),
            window: promise.window().text.clone(),
            consumed: Figure::unavailable(why),
            left_at_start: Figure::unavailable(why),
            left_at_end: Figure::unavailable(why),
            days: Vec::new(),
            worst_hours: Vec::new(),
            errors: Figure::unavailable(if why.is_empty() {
                "nothing bad was seen in this month"
            } else {
                why
            }),
            exhausted: Vec::new(),
            steps: Vec::new(),
            generations: Vec::new(),
        }
    }
}

/// The hours with the most bad units.
fn worst_hours(measured: &Measured<'_>, from: i64, to: i64) -> Vec<WorstHour> {
    let (good, total) = measured.counts(from, to);
    let all_bad = total - good;
    let hour = |start: i64| {
        let (good, total) = measured.counts(start, (start + HOUR).min(to));
        WorstHour { from: at(start), bad: total - good, total, share: (total - good) / all_bad }
    };
    let hours = (from..to).step_by(HOUR as usize).map(hour);
    let mut hours: Vec<WorstHour> = hours.filter(|hour| hour.bad > 1e-9 && all_bad > 0.0).collect();
    hours.sort_by(|a, b| b.bad.total_cmp(&a.bad).then(a.from.cmp(&b.from)));
    hours.truncate(TOLD);
    hours
}

/// The times in which the budget of the objective's own window was spent. An hour without a figure ends none.
fn exhausted(measured: &Measured<'_>, from: i64, end: i64) -> Vec<Exhausted> {
    let mut times: Vec<Exhausted> = Vec::new();
    for hour in (from..=end).step_by(HOUR as usize) {
        let Ok(budget) = measured.budget(hour) else { continue };
        let open = times.last_mut().filter(|time| time.to.is_none());
        match (open, budget.remaining <= 0.0) {
            (None, true) => times.push(Exhausted { from: at(hour), to: None }),
            (Some(time), false) => time.to = Some(at(hour)),
            _ => {}
        }
    }
    times
}

/// The objectives' months, one after the other: with the window before it, a month of one is 90,000 minutes.
pub(crate) async fn objectives(
    store: &Store,
    control: &Control,
    tenant: &str,
    set: &SloSet,
    period: &Period,
) -> Result<Vec<ObjectiveMonth>> {
    let mut found = Vec::new();
    for promise in set.promises() {
        let (from, to) = period.stretch();
        let mut month = if let Some(why) = promise.unavailable() {
            ObjectiveMonth::without(&promise, &why)
        } else {
            let lines = slo::timelines(store, tenant, &promise.objectives(), (from, to)).await?;
            let measured = Measured::new(promise.clone(), |id| lines.get(id))
                .expect("invariant: each objective has its line");
            match measured.watermark() {
                None => ObjectiveMonth::without(&promise, "nothing of it was measured in this month"),
                Some(_) => ObjectiveMonth::of(&measured, period),
            }
        };
        if let Some(worst) = month.worst_hours.first() {
            month.errors = errors(store, tenant, promise.service(), worst.from).await;
        }
        for slo in promise.objectives() {
            month.generations.extend(generations(store, tenant, &slo.id, Minutes { from, to }).await?);
        }
        let held = |step: &BudgetStep| {
            step.begun_at < period.until && step.ended_at.is_none_or(|ended| ended > period.from)
        };
        let steps = crate::report::blocking(control, {
            let (tenant, slo) = (tenant.to_owned(), promise.id().to_owned());
            move |control| control.budget_steps(&tenant, &slo, STEPS)
        });
        month.steps = steps.await?.into_iter().filter(held).collect();
        found.push(month);
    }
    Ok(found)
}

/// What failed most in an hour of a service, or why it is not known: spans expire before slices do.
async fn errors(store: &Store, tenant: &str, service: &str, from: DateTime<Utc>) -> Figure<Vec<ErrorCount>> {
    let Ok(range) = TimeRange::new(from, from + chrono::TimeDelta::hours(1)) else {
        return Figure::unavailable("the hour cannot be asked for");
    };
    match services::errors(store, tenant, service, range, Names::Withheld).await {
        Ok(found) if found.errors.is_empty() => Figure::unavailable(
            "no failed span of the service is stored for the worst hour: its requests were slow, failed elsewhere, or its spans have expired",
        ),
        Ok(found) => Figure::Known(
            found
                .errors
                .into_iter()
                .take(TOLD)
                .map(|of| ErrorCount {
                    operation: of.operation,
                    error_type: of.error_type,
                    message: of.message,
                    count: of.count,
                })
                .collect(),
        ),
        Err(error) => Figure::unavailable(error.to_string()),
    }
}
