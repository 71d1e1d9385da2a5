//! Anomalies: each minute that was measured, held once against the forecast made at the midnight before it.
//!
//! Not against the newest forecast: that follows the demand from minute to minute, and would follow an outage or a new
//! level before it is known for one. A service that is watched anew, as after a restart, is watched from some days back,
//! with the forecasts that would have been made then; so the watch knows what is usual for it, and what was told before
//! is not told again.

use std::sync::Arc;

use chrono::{DateTime, Duration, DurationRound, Utc};

use crate::calendar::Event;
use crate::forecast::anomaly::{Anomaly, Detector};
use crate::forecast::{Context, Fitted, Forecaster, PhaseCalendar, Prediction};
use crate::series::Series;

/// Spans may come so late; as a minute is looked at only once, that waits for them.
const SETTLE_MINUTES: i64 = 5;
/// Days back from which a service is watched.
const BACK_DAYS: i64 = 5;
/// Days in which a watch learns what is usual, and tells nothing.
const LEARN_DAYS: i64 = 2;

/// Watches one service.
pub(super) struct Watch {
    detector: Detector,
    day: Option<Day>,
    /// Up to where minutes have been looked at.
    seen: DateTime<Utc>,
    /// From where on anomalies are told.
    tells: DateTime<Utc>,
}

/// What a day is held against.
struct Day {
    midnight: DateTime<Utc>,
    fitted: Box<dyn Fitted>,
    /// What may explain demand, whatever the model makes of it.
    events: Vec<Arc<Event>>,
}

impl Watch {
    /// A watch over a history. `told` is up to when an earlier watch has told, if there was one; reasons name the time
    /// at the first venue of `phases`.
    pub(super) fn new(history: &Series, told: Option<DateTime<Utc>>, phases: &PhaseCalendar) -> Self {
        let seen = history.start.max(midnight(history.end()) - Duration::days(BACK_DAYS));
        let learned = seen + Duration::days(LEARN_DAYS);
        let told = told.map(|told| told - Duration::minutes(SETTLE_MINUTES));
        Self {
            detector: Detector::new(history.step_minutes, phases.venues().first().cloned()),
            day: None,
            seen,
            tells: told.map_or(learned, |told| told.max(learned)),
        }
    }

    /// Looks at the minutes of a whole history that were not seen yet, each day's against its own forecast.
    pub(super) fn replay(
        &mut self,
        history: &Series,
        forecaster: &dyn Forecaster,
        context: &Context,
    ) -> Vec<Anomaly> {
        let mut found = Vec::new();
        let until = history.end() - Duration::minutes(SETTLE_MINUTES);
        let mut known = None;
        while self.seen < until {
            let midnight = midnight(self.seen);
            if known != Some(midnight) {
                self.hold_against(midnight, history, forecaster, context);
                known = Some(midnight);
            }
            found.extend(self.look(history, until.min(midnight + Duration::days(1))));
        }
        found
    }

    /// Looks at the newest minutes.
    pub(super) fn observe(&mut self, recent: &Series) -> Vec<Anomaly> {
        self.look(recent, recent.end() - Duration::minutes(SETTLE_MINUTES))
    }

    /// Takes the forecast of a midnight, if it is not taken yet, and what the calendar has of the days after it. With
    /// too little history before it there is none, and the day is not looked at.
    fn hold_against(
        &mut self,
        midnight: DateTime<Utc>,
        history: &Series,
        forecaster: &dyn Forecaster,
        context: &Context,
    ) {
        let taken = self.day.take().filter(|day| day.midnight == midnight).map(|day| day.fitted);
        let fitted = taken.or_else(|| forecaster.fit(&history.before(midnight), context).ok());
        let Some(fitted) = fitted else { return };
        let phases = fitted.phases();
        let concerns = |event: &Event| {
            let follows = event.venue.as_ref().is_some_and(|mic| phases.follows(mic));
            event.concerns(&context.service) && (follows || !event.follows_venue)
        };
        // The next midnight's forecast is made with the first fit after it.
        let events = context.calendar.events(midnight, midnight + Duration::days(2), history.end());
        let events = events.into_iter().filter(concerns).map(Arc::new).collect();
        self.day = Some(Day { midnight, fitted, events });
    }

    fn look(&mut self, minutes: &Series, until: DateTime<Utc>) -> Vec<Anomaly> {
        let mut found = Vec::new();
        while self.seen < until {
            let ts = self.seen;
            self.seen += Duration::minutes(i64::from(minutes.step_minutes));
            let (Some(value), Some(day)) = (minutes.value(ts), &self.day) else { continue };
            let on = day.events.iter().filter(|event| event.effect_start() <= ts && ts < event.end());
            let events = on.map(|event| (Arc::clone(event), 1.0)).collect();
            let expected = Prediction { events, ..day.fitted.predict(ts) };
            found.extend(self.detector.observe(value, &expected).filter(|_| ts >= self.tells));
        }
        found
    }
}

fn midnight(ts: DateTime<Utc>) -> DateTime<Utc> {
    ts.duration_trunc(Duration::days(1)).unwrap_or(ts)
}
