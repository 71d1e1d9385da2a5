//! The sentence that says why a step is taken.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use crate::ServiceCapacity;
use headroom_calendar::{Calendar, Event, EventClass};
use headroom_forecast::Prediction;

/// What the sentences are made from.
pub(super) struct Steps<'a> {
    pub(super) forecast: &'a [Prediction],
    /// Demand at the planned quantile.
    pub(super) demand: &'a [f64],
    pub(super) needs: &'a [u32],
    /// Minutes by which the plan runs before the need.
    pub(super) ahead: usize,
    /// Minutes for which the plan stays after the need.
    pub(super) hold: usize,
    pub(super) capacity: &'a ServiceCapacity,
    pub(super) calendar: &'a Calendar,
}

impl Steps<'_> {
    /// The sentence of a plan that starts without a step.
    pub(super) fn standing(&self, at: usize, replicas: u32) -> String {
        format!("{replicas} replicas for {}", self.demand_text(at))
    }

    /// The sentence of a step from `before` to `after` replicas.
    pub(super) fn changed(&self, at: usize, before: u32, after: u32) -> String {
        if after > before { self.up(at, before, after) } else { self.down(at, before, after) }
    }

    fn up(&self, at: usize, before: u32, after: u32) -> String {
        let last = (at + self.ahead).min(self.needs.len() - 1);
        let driver = (at..=last).find(|i| self.needs[*i] >= after).unwrap_or(at);
        let cause = self.cause(driver).unwrap_or_else(|| "demand rises".to_owned());
        let until = Duration::minutes((driver - at) as i64);
        let spare = until.num_seconds() - i64::from(self.capacity.lead_seconds);
        let ready = if spare >= 60 {
            format!("ready {} before", minutes(spare / 60))
        } else if spare >= 0 {
            "ready just in time".to_owned()
        } else {
            format!("at once, ready after {} s", self.capacity.lead_seconds)
        };
        format!("{cause}: {before} -> {after} replicas for {}, {ready}", self.demand_text(driver))
    }

    fn down(&self, at: usize, before: u32, after: u32) -> String {
        let cause = self.ended(at).unwrap_or_else(|| "demand falls".to_owned());
        format!("{cause}: {before} -> {after} replicas for {}", self.demand_text(at))
    }

    fn demand_text(&self, at: usize) -> String {
        let percent = self.capacity.quantile() * 100.0;
        format!(
            "{:.0} requests a minute at {} UTC ({} % quantile)",
            self.demand[at],
            self.forecast[at].ts.format("%H:%M"),
            (percent * 10.0).round() / 10.0
        )
    }

    /// What lifts the demand of a minute: the strongest event, or else an open within the hour.
    fn cause(&self, driver: usize) -> Option<String> {
        let strongest = self.forecast[driver]
            .events
            .iter()
            .filter(|(event, multiplier)| !event.class.in_shape() && *multiplier > 1.05)
            .max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((event, multiplier)) = strongest {
            let start = self.clock(event, event.start);
            return Some(format!("{} at {start}, {multiplier:.1}x an ordinary day", event.name));
        }
        let soon = (driver + 60).min(self.forecast.len() - 1);
        let open = self.forecast[driver..=soon].iter().find_map(|p| of_class(p, EventClass::Open))?;
        Some(format!("{} opens at {}", self.venue_name(open), self.clock(open, open.start)))
    }

    /// What came to its end in the last hours.
    fn ended(&self, at: usize) -> Option<String> {
        let recent = &self.forecast[at.saturating_sub(120 + self.hold)..at];
        let now = self.forecast[at].ts;
        for minute in recent.iter().rev() {
            let over = minute.events.iter().find(|(e, m)| !e.class.in_shape() && *m > 1.05 && e.end() <= now);
            if let Some((event, _)) = over {
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
