//! What can be said before there is a history: the level measured so far, the multipliers that events are assumed to
//! have, and a wide spread.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::effects::{Effects, Groups, Overlay};
use crate::past::stratum;
use crate::phase::PhaseCalendar;
use crate::series::{Series, median};
use crate::spread::Spread;
use crate::{Context, Fitted, Forecaster, Prediction, Unavailable, monotone};
use headroom_calendar::Event;

/// A flat forecast at the median, lifted by events as their class lets expect.
#[derive(Debug, Clone)]
pub struct PriorModel(
    /// Whose sessions decide which events count.
    pub PhaseCalendar,
);

impl Forecaster for PriorModel {
    fn name(&self) -> String {
        format!("prior({})", self.0.name())
    }

    fn fit(&self, history: &Series, context: &Context) -> Result<Box<dyn Fitted>, Unavailable> {
        let origin = history.end();
        let values: Vec<f64> = history.values.iter().flatten().copied().collect();
        if values.iter().all(|value| *value == 0.0) && !values.is_empty() {
            return Err(Unavailable(format!("{} received no requests in its history", context.service)));
        }
        let level = median(values.clone()).map(|level| level.max(history.mean() / 2.0)).ok_or_else(|| {
            Unavailable(format!("{} has no measured step: not even a level is known", context.service))
        })?;
        let events = context.calendar.events(origin, origin + context.horizon, origin);
        let step = history.step_minutes;
        let overlay = Overlay::new(events, &context.service, &self.0, &mut Groups::default(), step);
        let spread = Spread::fit(Vec::new(), |_| 0);
        Ok(Box::new(PriorFit { phases: self.0.clone(), level, values, overlay, spread, origin }))
    }
}

struct PriorFit {
    phases: PhaseCalendar,
    level: f64,
    values: Vec<f64>,
    overlay: Overlay,
    spread: Spread,
    origin: DateTime<Utc>,
}

impl Fitted for PriorFit {
    fn observe(&mut self, recent: &Series) {
        let fresh = recent.since(self.origin);
        self.values.extend(fresh.values.iter().flatten());
        self.origin = self.origin.max(fresh.end());
        self.level = median(self.values.clone()).unwrap_or(self.level);
    }

    fn predict(&self, ts: DateTime<Utc>) -> Prediction {
        let slot = self.phases.slot(ts);
        let effects = Effects::default();
        let (stratum, log) = stratum(&self.overlay, &effects, ts, slot, false);
        let quantiles = self.spread.factors(0, stratum).map(|factor| self.level * log.exp() * factor);
        let events = effects.multipliers(ts, slot.bucket, &self.overlay).into_iter();
        let events = events.map(|(e, m)| (Arc::<Event>::clone(&self.overlay.events[e]), m)).collect();
        Prediction { ts, quantiles: monotone(quantiles), events }
    }

    fn phases(&self) -> &PhaseCalendar {
        &self.phases
    }
}
