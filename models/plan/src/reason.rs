//! The sentence that says why a step is taken.

use std::cmp::Reverse;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use crate::needs::{self, Need};
use crate::{STANDING_MINUTES, ServiceCapacity};
use headroom_calendar::{Calendar, Event, EventClass};
use headroom_forecast::Prediction;

/// How far back a fall looks for what came to its end.
const ENDED_MINUTES: usize = 120;

/// What the sentences are made from; all slices are minutes of the plan.
pub(super) struct Steps<'a> {
    pub(super) forecast: &'a [Prediction],
    pub(super) needs: &'a [Need],
    /// Replicas wanted, bounds left aside.
    pub(super) wanted: &'a [u32],
    /// Floors before the budget.
    pub(super) unbudgeted: &'a [u32],
    pub(super) capacity: &'a ServiceCapacity,
    pub(super) calendar: &'a Calendar,
    /// The demand that reactive scaling goes by now, in requests a minute.
    pub(super) measured: f64,
    /// The replicas that it asks for.
    pub(super) standing: u32,
}

impl Steps<'_> {
    /// The sentence of a plan that starts without a step.
    pub(super) fn standing(&self, at: usize, replicas: u32) -> String {
        let bound = self.bound(at, replicas).unwrap_or_default();
        format!("{replicas} replicas for {}{bound}", self.demand_text(at))
    }

    /// The sentence of a step from `before` to `after` replicas.
    pub(super) fn changed(&self, at: usize, before: u32, after: u32) -> String {
        if after > before { self.up(at, before, after) } else { self.down(at, before, after) }
    }

    fn up(&self, at: usize, before: u32, after: u32) -> String {
        if at < STANDING_MINUTES && self.standing >= self.wanted[at] {
            let bound = self.bound(at, after).unwrap_or_default();
            return format!(
                "{:.0} requests a minute were measured, more than forecast: {before} -> {after} replicas at once, as reactive scaling asks for{bound}",
                self.measured
            );
        }
        let last = (at + self.capacity.ahead_minutes() as usize).min(self.needs.len() - 1);
        // The minute that asks for it; where the rise begins early for its steps, that lies further on.
        let beyond = (at..self.needs.len()).take_while(|i| *i <= last || self.wanted[*i] > self.wanted[at]);
        let driver = beyond.clone().find(|i| self.needs[*i].replicas >= after);
        let driver = driver.or_else(|| beyond.min_by_key(|i| Reverse(self.needs[*i].replicas))).unwrap_or(at);
        let cause = self.cause(driver).unwrap_or_else(|| "demand rises".to_owned());
        let until = (self.forecast[driver].ts - self.forecast[at].ts).num_seconds();
        let due = i64::from(self.capacity.ahead_minutes() * 60 - self.capacity.ahead_seconds());
        let ready = due + i64::from(self.capacity.ready_seconds());
        let spare = until - ready;
        let serving = self.forecast[at].ts + Duration::seconds(ready);
        let ready = if spare >= 60 {
            format!("ready {} before", minutes(spare / 60))
        } else if spare >= 0 {
            "ready just in time".to_owned()
        } else {
            format!("at once, ready after {} s", self.capacity.ready_seconds())
        };
        let quantile = (self.needs[driver].quantile * 1000.0).round() / 1000.0;
        let demand = self.demand_text(driver);
        let by = serving.format("%H:%M UTC");
        let bound = self.bound(at, after).unwrap_or_default();
        format!("{cause}, q{quantile}: {before} -> {after} replicas by {by} for {demand}, {ready}{bound}")
    }

    fn down(&self, at: usize, before: u32, after: u32) -> String {
        let cause = self.ended(at).unwrap_or_else(|| "demand falls".to_owned());
        let bound = self.bound(at, after).unwrap_or_default();
        format!(
            "{cause}: the floor goes {before} -> {after} replicas for {}, scale-in is the autoscaler's{bound}",
            self.demand_text(at)
        )
    }

    /// Which bound kept the plan from the replicas wanted.
    fn bound(&self, at: usize, replicas: u32) -> Option<String> {
        let wanted = self.wanted[at];
        if replicas < self.unbudgeted[at] {
            return Some(format!("; {} but for the day's budget", self.unbudgeted[at]));
        }
        if wanted <= replicas {
            return None;
        }
        if replicas == self.capacity.max_replicas {
            return Some(format!("; {wanted} wanted, held at the maximum"));
        }
        let step = self.capacity.max_step?;
        Some(format!("; {wanted} wanted, in steps of at most {step}"))
    }

    fn demand_text(&self, at: usize) -> String {
        let (demand, ts) = (self.needs[at].demand, self.forecast[at].ts);
        format!("{demand:.0} requests a minute at {} UTC", ts.format("%H:%M"))
    }

    /// What lifts the demand of a minute: the strongest event, or else an open within the hour.
    fn cause(&self, driver: usize) -> Option<String> {
        if let Some((event, multiplier)) = needs::strongest(&self.forecast[driver]) {
            let start = self.clock(event, event.start);
            return Some(format!("{} at {start}, class median {multiplier:.1}x", event.name));
        }
        let soon = (driver + 60).min(self.forecast.len() - 1);
        let open = self.forecast[driver..=soon].iter().find_map(|p| of_class(p, EventClass::Open))?;
        Some(format!("{} opens at {}", self.venue_name(open), self.clock(open, open.start)))
    }

    /// What came to its end in the last hours.
    fn ended(&self, at: usize) -> Option<String> {
        let back = ENDED_MINUTES + self.capacity.stabilisation_minutes as usize;
        let now = self.forecast[at].ts;
        for minute in self.forecast[at.saturating_sub(back)..at].iter().rev() {
            if let Some((event, _)) = needs::strongest(minute).filter(|(e, _)| e.end() <= now) {
                return Some(format!("{} is over since {}", event.name, self.clock(event, event.end())));
            }
            if let Some(close) = of_class(minute, EventClass::Close).filter(|e| e.end() <= now) {
                return Some(format!(
                    "{} closed at {}",
                    self.venue_name(close),
                    self.clock(close, close.end())
                ));
            }
            if let Some(open) = of_class(minute, EventClass::Open).filter(|e| e.end() <= now) {
                return Some(format!("the rush after {} opened is over", self.venue_name(open)));
            }
        }
        None
    }

    fn venue_name(&self, event: &Event) -> String {
        let mic = event.venue.as_deref().unwrap_or_default();
        self.calendar.venue(mic).map_or(mic, |v| v.name.as_str()).to_owned()
    }

    fn clock(&self, event: &Event, ts: DateTime<Utc>) -> String {
        event
            .venue
            .as_deref()
            .and_then(|mic| self.calendar.venue(mic))
            .map_or_else(|| ts.format("%H:%M UTC").to_string(), |venue| venue.clock_text(ts))
    }
}

fn of_class(prediction: &Prediction, class: EventClass) -> Option<&Arc<Event>> {
    prediction.events.iter().map(|(event, _)| event).find(|event| event.class == class)
}

fn minutes(count: i64) -> String {
    if count == 1 { "1 minute".to_owned() } else { format!("{count} minutes") }
}
