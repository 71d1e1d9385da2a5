//! Availability against target, and what was down for how long.
//!
//! The figures of a stretch are those of [`headroom_query::slo::Stretch`]: by the objective's own budgeting method, of
//! what was seen. A day or a month of which less than 90 % was seen since measuring began has none.

mod page;

use chrono::{DateTime, NaiveDate, Utc};
use headroom_capacity::money::Figure;
use headroom_query::slo::budget::at;
use headroom_query::slo::{self, Measured, Promise, SloSet, Stretch};
use headroom_store::Store;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Result;
use crate::incidents::{Incident, Mean};
use crate::month::Period;

pub(crate) use page::document;

/// The body of a report on uptime.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct UptimeReport {
    /// Whose.
    pub tenant: String,
    /// The month.
    #[serde(flatten)]
    pub period: Period,
    /// In the order of the definitions.
    pub objectives: Vec<ObjectiveUptime>,
    /// Alerts that paged, the oldest first.
    pub incidents: Vec<Incident>,
    /// Mean time from detection to acknowledgement.
    pub mtta: Figure<Mean>,
    /// Mean time from detection to the end.
    pub mttr: Figure<Mean>,
}

/// An objective's month.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ObjectiveUptime {
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
    /// The whole month, as far as it is past.
    pub month: Availability,
    /// Each of its days.
    pub days: Vec<DayAvailability>,
    /// Stretches that were not seen: neither up nor down.
    pub gaps: Vec<Gap>,
}

/// What a stretch of time comes to.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Availability {
    /// Share that was good of what was seen, 0 to 1.
    pub availability: Figure<f64>,
    /// Whether the target was kept.
    pub kept: Option<bool>,
    /// What the availability would be if all that was not seen had been down.
    pub lowest: Figure<f64>,
    /// Minutes of downtime, as the objective defines it, among those seen.
    pub downtime_minutes: Figure<f64>,
    /// Minutes in which more than half failed; null where the objective does not count failures.
    pub outage_minutes: Option<f64>,
    /// Good requests, events or time slices.
    pub good: f64,
    /// All of them.
    pub total: f64,
    /// Minutes that count.
    pub minutes: f64,
    /// Minutes of them that were seen.
    pub seen_minutes: f64,
}

/// A day.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DayAvailability {
    /// Its date in the report's zone.
    pub day: NaiveDate,
    /// What it comes to.
    #[serde(flatten)]
    pub of: Availability,
}

/// A stretch that was not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Gap {
    /// Its first moment.
    pub from: DateTime<Utc>,
    /// The first moment after it.
    pub to: DateTime<Utc>,
    /// Whether it lies before the first minute that was ever measured.
    pub before_measuring: bool,
}

impl Availability {
    fn of(stretch: &Stretch, target: f64) -> Self {
        let availability = stretch.availability();
        Self {
            kept: availability.as_ref().ok().map(|share| *share >= target - 1e-12),
            availability: availability.into(),
            lowest: stretch.lowest().into(),
            downtime_minutes: stretch.downtime().into(),
            outage_minutes: stretch.outage,
            good: stretch.good,
            total: stretch.total,
            minutes: stretch.minutes,
            seen_minutes: stretch.seen,
        }
    }

    /// Minutes that count and were not seen.
    pub fn unseen_minutes(&self) -> f64 {
        (self.minutes - self.seen_minutes).max(0.0)
    }
}

impl ObjectiveUptime {
    /// What its slices say.
    fn of(measured: &Measured<'_>, period: &Period) -> Self {
        let promise = &measured.promise;
        let target = promise.target();
        let (from, to) = period.stretch();
        let day = |day: &crate::month::Day| DayAvailability {
            day: day.date,
            of: Availability::of(&measured.stretch(day.from, day.to), target),
        };
        let first = measured.first(i64::MIN);
        let gap = |(start, end): (i64, i64)| Gap {
            from: at(start),
            to: at(end),
            before_measuring: first.is_none_or(|first| end <= first),
        };
        Self {
            days: period.days.iter().map(day).collect(),
            gaps: measured.gaps(from, to).into_iter().map(gap).collect(),
            ..Self::without(promise, Availability::of(&measured.stretch(from, to), target))
        }
    }

    fn without(promise: &Promise<'_>, month: Availability) -> Self {
        Self {
            name: promise.id().to_owned(),
            display_name: promise.display_name().to_owned(),
            service: promise.service().to_owned(),
            objective: slo::objective(promise),
            target: promise.target(),
            month,
            days: Vec::new(),
            gaps: Vec::new(),
        }
    }
}

/// The objectives' months, one after the other: a month of one is 45,000 minutes.
pub(crate) async fn objectives(
    store: &Store,
    tenant: &str,
    set: &SloSet,
    period: &Period,
) -> Result<Vec<ObjectiveUptime>> {
    let mut found = Vec::new();
    let (from, to) = period.stretch();
    for promise in set.promises() {
        let minutes = (to - from) as f64 / 60.0;
        let without = |why: &str| {
            let stretch = Stretch { error_rate: Err(why.to_owned()), minutes, ..Stretch::default() };
            let gaps = vec![Gap { from: at(from), to: at(to), before_measuring: true }];
            let month = Availability::of(&stretch, promise.target());
            ObjectiveUptime { gaps, ..ObjectiveUptime::without(&promise, month) }
        };
        if let Some(why) = promise.unavailable() {
            found.push(without(&why));
            continue;
        }
        let lines = slo::timelines(store, tenant, &promise.objectives(), (from, to)).await?;
        let measured = Measured::new(promise.clone(), |id| lines.get(id))
            .expect("invariant: each objective has its line");
        found.push(match measured.watermark() {
            None => without("nothing of it was measured in this month"),
            Some(_) => ObjectiveUptime::of(&measured, period),
        });
    }
    Ok(found)
}
