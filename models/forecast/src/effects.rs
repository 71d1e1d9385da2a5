//! What events do to demand: one multiplier per event group (class and venue) and phase of the event, learned from
//! its past occurrences and shrunk towards the prior while these are few.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use crate::phase::{Bucket, PhaseCalendar};
use crate::series::median;
use headroom_calendar::{Event, EventClass};

/// The prior counts as much as this many occurrences.
const PRIOR_WEIGHT: f64 = 2.0;
/// Only this many of the latest occurrences count.
const REMEMBERED: usize = 120;
/// Above this length an event is a matter of the whole day, and its phase is the session's.
const LONG_HOURS: i64 = 4;
/// No multiplier lies outside (natural logarithm of 20).
const BOUND: f64 = 3.0;

/// How far into an event a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum EventPhase {
    /// In the lead before the start.
    Before,
    /// The first quarter of an hour.
    Start,
    /// The rest of the first hour.
    Early,
    /// After the first hour.
    Late,
    /// A day-long event, by the part of the session.
    Day(Bucket),
}

/// The events of a stretch of time, laid over the steps of a series.
#[derive(Debug, Clone, Default)]
pub(super) struct Overlay {
    pub(super) events: Vec<Arc<Event>>,
    /// The group of each event.
    pub(super) groups: Vec<usize>,
    by_step: HashMap<i64, Vec<usize>>,
    step_minutes: i64,
}

/// Numbers the pairs of class and venue.
#[derive(Debug, Clone, Default)]
pub(super) struct Groups(Vec<(EventClass, Option<String>)>);

impl Groups {
    fn number(&mut self, event: &Event) -> usize {
        let at = self.0.iter().position(|(class, venue)| *class == event.class && *venue == event.venue);
        at.unwrap_or_else(|| {
            self.0.push((event.class, event.venue.clone()));
            self.0.len() - 1
        })
    }
}

impl Overlay {
    /// Lays events over steps; those that merely follow a venue which `phases` does not know are left out.
    pub(super) fn new(
        events: Vec<Event>,
        service: &str,
        phases: &PhaseCalendar,
        groups: &mut Groups,
        step_minutes: u32,
    ) -> Self {
        let step = i64::from(step_minutes);
        let mut overlay = Self { step_minutes: step, ..Self::default() };
        for event in events {
            let followed = event.venue.as_deref().is_none_or(|mic| phases.follows(mic));
            if !event.concerns(service) || (event.follows_venue && !followed) {
                continue;
            }
            let number = overlay.events.len();
            let first = event.effect_start().timestamp().div_euclid(60 * step);
            let last = (event.end().timestamp() - 1).div_euclid(60 * step);
            for slot in first..=last {
                overlay.by_step.entry(slot).or_default().push(number);
            }
            overlay.groups.push(groups.number(&event));
            overlay.events.push(Arc::new(event));
        }
        overlay
    }

    /// The events that touch the step at `ts`.
    pub(super) fn at(&self, ts: DateTime<Utc>) -> &[usize] {
        self.by_step.get(&ts.timestamp().div_euclid(60 * self.step_minutes)).map_or(&[], Vec::as_slice)
    }

    /// Whether an event that has a multiplier touches the step.
    pub(super) fn moved(&self, ts: DateTime<Utc>) -> bool {
        self.at(ts).iter().any(|e| !self.events[*e].class.in_shape())
    }

    /// The group of an event, and its phase in the step at `ts`.
    pub(super) fn moment(&self, event: usize, ts: DateTime<Utc>, bucket: Bucket) -> (usize, EventPhase) {
        (self.groups[event], self.phase(event, ts, bucket))
    }

    /// The phase of an event in the step at `ts`.
    pub(super) fn phase(&self, event: usize, ts: DateTime<Utc>, bucket: Bucket) -> EventPhase {
        let event = &self.events[event];
        if event.duration > Duration::hours(LONG_HOURS) {
            return EventPhase::Day(bucket);
        }
        if ts + Duration::minutes(self.step_minutes) <= event.start {
            return EventPhase::Before;
        }
        // From the start of the step that the event starts in, so that in long steps 14:00 and 14:15 are alike.
        let step = 60 * self.step_minutes;
        let first = event.start.timestamp().div_euclid(step) * step;
        match (ts.timestamp() - first).max(0) / 60 {
            0..15 => EventPhase::Start,
            15..60 => EventPhase::Early,
            _ => EventPhase::Late,
        }
    }
}

/// One measured step in an event, against the demand of an ordinary day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    pub(super) ts: DateTime<Utc>,
    pub(super) bucket: Bucket,
    pub(super) ratio: f64,
}

/// The learned multipliers.
#[derive(Debug, Clone, Default)]
pub(super) struct Effects {
    learned: HashMap<(usize, EventPhase), Vec<(usize, f64)>>,
    occurrences: HashMap<usize, usize>,
}

impl Effects {
    /// Learns from samples in two rounds; in the second, what the other events of the same step do is taken out.
    pub(super) fn fit(samples: &[Sample], overlay: &Overlay) -> Self {
        let mut effects = Self::default();
        for round in 0..2 {
            let mut cells: BTreeMap<(usize, EventPhase, usize), Vec<f64>> = BTreeMap::new();
            for sample in samples.iter().filter(|s| s.ratio > 0.0) {
                let active: Vec<usize> = overlay
                    .at(sample.ts)
                    .iter()
                    .copied()
                    .filter(|e| !overlay.events[*e].class.in_shape())
                    .collect();
                for event in &active {
                    let others: f64 = active
                        .iter()
                        .filter(|other| round > 0 && *other != event)
                        .map(|other| effects.log(*other, sample.ts, sample.bucket, overlay, None))
                        .sum();
                    let phase = overlay.phase(*event, sample.ts, sample.bucket);
                    cells
                        .entry((overlay.groups[*event], phase, *event))
                        .or_default()
                        .push(sample.ratio.ln() - others);
                }
            }
            effects = Self::default();
            let mut seen: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
            for ((group, phase, event), logs) in cells {
                let Some(log) = median(logs) else { continue };
                effects.learned.entry((group, phase)).or_default().push((event, log.clamp(-BOUND, BOUND)));
                seen.entry(group).or_default().push(event);
            }
            for occurrences in effects.learned.values_mut() {
                let surplus = occurrences.len().saturating_sub(REMEMBERED);
                occurrences.drain(..surplus);
            }
            for (group, mut events) in seen {
                events.sort_unstable();
                events.dedup();
                effects.occurrences.insert(group, events.len());
            }
        }
        effects
    }

    /// How many occurrences of a group were seen.
    pub(super) fn occurrences(&self, group: usize) -> usize {
        self.occurrences.get(&group).copied().unwrap_or(0)
    }

    /// The logarithm of an event's multiplier in the step at `ts`; `without` leaves one occurrence out, so that
    /// residuals of the past are honest.
    pub(super) fn log(
        &self,
        event: usize,
        ts: DateTime<Utc>,
        bucket: Bucket,
        overlay: &Overlay,
        without: Option<usize>,
    ) -> f64 {
        if overlay.events[event].class.in_shape() {
            return 0.0;
        }
        let phase = overlay.phase(event, ts, bucket);
        let fade = match phase {
            EventPhase::Before => 0.3,
            EventPhase::Late => 0.6,
            EventPhase::Start | EventPhase::Early | EventPhase::Day(_) => 1.0,
        };
        let prior = overlay.events[event].prior().ln() * fade;
        let seen: Vec<f64> = self
            .learned
            .get(&(overlay.groups[event], phase))
            .map(|all| all.iter().filter(|(e, _)| Some(*e) != without).map(|(_, log)| *log).collect())
            .unwrap_or_default();
        let count = seen.len() as f64;
        match median(seen) {
            Some(log) => (log * count + prior * PRIOR_WEIGHT) / (count + PRIOR_WEIGHT),
            None => prior,
        }
    }

    /// Each event of the step with its multiplier.
    pub(super) fn multipliers(
        &self,
        ts: DateTime<Utc>,
        bucket: Bucket,
        overlay: &Overlay,
    ) -> Vec<(usize, f64)> {
        overlay.at(ts).iter().map(|e| (*e, self.log(*e, ts, bucket, overlay, None).exp())).collect()
    }
}
