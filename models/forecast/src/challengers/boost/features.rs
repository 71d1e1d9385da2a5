//! The feature frame: what is known, at an origin, of a step to come.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Duration, Timelike, Utc};
use headroom_calendar::EventClass;

use crate::effects::{Groups, Overlay};
use crate::phase::{Bucket, PhaseCalendar};
use crate::{Context, Series};

/// Beyond so many minutes an event is not near.
const NEAR: i64 = 1440;

/// Sums over a history, from which the mean of any stretch follows at once.
pub(super) struct Means {
    start: DateTime<Utc>,
    step_minutes: i64,
    sums: Vec<(f64, u32)>,
}

impl Means {
    pub(super) fn new(history: &Series) -> Self {
        let step_minutes = i64::from(history.step_minutes);
        let mut means = Self { start: history.start, step_minutes, sums: vec![(0.0, 0)] };
        means.append(history);
        means
    }

    /// Takes in what lies after the end; what lies between is missing.
    pub(super) fn append(&mut self, recent: &Series) {
        let fresh = recent.since(self.end());
        if fresh.values.is_empty() {
            return;
        }
        let gap = ((fresh.start - self.end()).num_minutes() / self.step_minutes) as usize;
        for value in std::iter::repeat_n(None, gap).chain(fresh.values) {
            let (sum, count) = self.sums[self.sums.len() - 1];
            self.sums.push((sum + value.unwrap_or(0.0), count + u32::from(value.is_some())));
        }
    }

    /// End of the last step.
    pub(super) fn end(&self) -> DateTime<Utc> {
        self.start + Duration::minutes((self.sums.len() as i64 - 1) * self.step_minutes)
    }

    /// The mean of what was measured from one instant to another.
    pub(super) fn mean(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Option<f64> {
        let index = |ts: DateTime<Utc>| {
            let steps = (ts - self.start).num_minutes().div_euclid(self.step_minutes);
            steps.clamp(0, self.sums.len() as i64 - 1) as usize
        };
        let (before, until) = (self.sums[index(from)], self.sums[index(to)]);
        let count = until.1.saturating_sub(before.1);
        (count > 0).then(|| (until.0 - before.0).max(0.0) / f64::from(count))
    }
}

/// Makes rows of features for a calendar.
pub(super) struct Features {
    pub(super) phases: PhaseCalendar,
    overlay: Overlay,
    /// The starts of the events of each class, in order.
    starts: BTreeMap<EventClass, Vec<DateTime<Utc>>>,
    floor: f64,
}

impl Features {
    /// Knows the events up to the horizon that are known at the history's end.
    pub(super) fn new(history: &Series, context: &Context) -> Self {
        let venues = context.calendar.venues();
        let phases = match venues {
            [] => PhaseCalendar::Clock,
            venues => PhaseCalendar::Venues(venues.to_vec()),
        };
        let origin = history.end();
        let events = context.calendar.events(history.start, origin + context.horizon, origin);
        let overlay =
            Overlay::new(events, &context.service, &phases, &mut Groups::default(), history.step_minutes);
        let mut starts: BTreeMap<EventClass, Vec<DateTime<Utc>>> = BTreeMap::new();
        for event in overlay.events.iter().filter(|e| !e.class.in_shape()) {
            starts.entry(event.class).or_default().push(event.start);
        }
        starts.values_mut().for_each(|starts| starts.sort_unstable());
        Self { phases, overlay, starts, floor: history.floor() }
    }

    /// Whether an event touches the step.
    pub(super) fn moved(&self, ts: DateTime<Utc>) -> bool {
        self.overlay.moved(ts)
    }

    /// The mean of the day before the origin, against which demand is measured; what is missing there is taken from
    /// the week.
    pub(super) fn level(&self, means: &Means, origin: DateTime<Utc>) -> Option<f64> {
        let since = |days| means.mean(origin - Duration::days(days), origin);
        since(1).or_else(|| since(7)).map(|level| level + self.floor)
    }

    /// Demand in terms of the level.
    pub(super) fn relative(&self, value: f64, level: f64) -> f64 {
        ((value + self.floor) / level).ln()
    }

    /// Demand from its terms.
    pub(super) fn absolute(&self, relative: f64, level: f64) -> f64 {
        relative.exp() * level - self.floor
    }

    /// The features of the step at `ts` as seen from `origin`; not a number where there is none.
    pub(super) fn row(
        &self,
        means: &Means,
        ts: DateTime<Utc>,
        origin: DateTime<Utc>,
        level: f64,
    ) -> Vec<f32> {
        let mut row = Vec::with_capacity(16 + 2 * self.starts.len());
        self.time(ts, &mut row);
        self.events(ts, &mut row);
        // What the target was so many days ago, seen from an origin as many days ago; the same time of the last day
        // and of the last week, and the mean of seven days.
        let step = Duration::minutes(means.step_minutes);
        let reach = if means.step_minutes == 1 { step * 2 } else { Duration::zero() };
        let ahead = (ts - origin).num_minutes().max(0);
        let like = |period: i64, back: i64| {
            let ago = Duration::days(period * (ahead / (1440 * period) + 1 + back));
            let value = means.mean(ts - ago - reach, (ts - ago + reach + step).min(origin))?;
            Some(self.relative(value, self.level(means, origin - ago)?) as f32)
        };
        let week: Vec<f32> = (0..7).filter_map(|back| like(1, back)).collect();
        row.push(like(1, 0).unwrap_or(f32::NAN));
        row.push(like(7, 0).unwrap_or(f32::NAN));
        row.push(if week.is_empty() { f32::NAN } else { week.iter().sum::<f32>() / week.len() as f32 });
        // How the last hour stands to the hour a day before, and the last day to the week.
        let hour = means.mean(origin - Duration::hours(1), origin);
        let yesterday = means.mean(origin - Duration::hours(25), origin - Duration::hours(24));
        let change = |now: Option<f64>, then: Option<f64>| match (now, then) {
            (Some(now), Some(then)) => self.relative(now, then + self.floor) as f32,
            _ => f32::NAN,
        };
        row.push(change(hour, yesterday));
        row.push(change(Some(level - self.floor), means.mean(origin - Duration::days(7), origin)));
        row.push((ahead as f32).ln_1p());
        row
    }

    /// Where the step stands in its day and session.
    fn time(&self, ts: DateTime<Utc>, row: &mut Vec<f32>) {
        let slot = self.phases.slot(ts);
        row.push((slot.key % 1440) as f32);
        row.push((slot.key / 1440) as f32);
        row.push(match slot.bucket {
            Bucket::NonTrading => 0.0,
            Bucket::OffHours => 1.0,
            Bucket::PreOpen => 2.0,
            Bucket::Session => 3.0,
            Bucket::Opening => 4.0,
            Bucket::Closing => 5.0,
        });
        let (local, session) = match self.phases.venues().first() {
            Some(venue) => {
                let local = ts.with_timezone(&venue.tz).naive_local();
                (local, venue.session(local.date()))
            }
            None => (ts.naive_utc(), None),
        };
        row.push(local.weekday().num_days_from_monday() as f32);
        row.push(local.minute() as f32);
        let minutes = |apart: Duration| apart.num_minutes() as f32;
        row.push(session.as_ref().map_or(f32::NAN, |s| minutes(ts - s.open)));
        row.push(session.as_ref().map_or(f32::NAN, |s| minutes(s.close - ts)));
    }

    /// For each class whether an event is on, and the minutes since the start of the nearest (before it, negative).
    fn events(&self, ts: DateTime<Utc>, row: &mut Vec<f32>) {
        let on = self.overlay.at(ts);
        for (class, starts) in &self.starts {
            row.push(f32::from(u8::from(on.iter().any(|e| self.overlay.events[*e].class == *class))));
            let after = starts.partition_point(|s| *s <= ts);
            let nearest = starts[after.saturating_sub(1)..(after + 1).min(starts.len())]
                .iter()
                .map(|start| (ts - *start).num_minutes())
                .min_by_key(|minutes| minutes.abs());
            row.push(nearest.filter(|m| m.abs() <= NEAR).map_or(f32::NAN, |m| m as f32));
        }
    }
}
