//! Models whose forecast is read off the history: the same time of other days, as seen from an origin. What they lack
//! in quantiles of their own they take from how their past forecasts turned out.

use chrono::{DateTime, Duration, Utc};

use crate::phase::PhaseCalendar;
use crate::series::Series;
use crate::spread::{REACHES, Spread, Stratum, reach};
use crate::{Context, Fitted, Prediction, Unavailable, monotone};

/// How demand is read off the history.
pub(super) trait Rule: Send + Sync + 'static {
    /// The demand to expect in the step at `ts`, from what was measured before `known`.
    fn foresee(&self, history: &Series, ts: DateTime<Utc>, known: DateTime<Utc>) -> Option<f64>;
}

/// Takes a rule's residuals over a history that must have `least_days`.
pub(super) fn fit(
    rule: impl Rule,
    least_days: u32,
    history: &Series,
    context: &Context,
) -> Result<Box<dyn Fitted>, Unavailable> {
    let needed = least_days as usize * 1440 / history.step_minutes.max(1) as usize;
    if history.values.len() < needed {
        return Err(Unavailable(format!("{} has less than {least_days} days of history", context.service)));
    }
    let mut fit = LookbackFit {
        rule,
        history: history.clone(),
        floor: history.floor(),
        spread: Spread::default(),
        phases: PhaseCalendar::Clock,
    };
    let mut residuals = Vec::new();
    for (index, value) in history.values.iter().enumerate() {
        let (Some(value), ts) = (value, history.at(index)) else { continue };
        let stratum = Stratum::Ordinary(fit.phases.slot(ts).bucket);
        for (distance, days) in REACHES.into_iter().enumerate() {
            let known = ts - Duration::days(i64::from(days) - 1);
            if let Some(base) = fit.rule.foresee(history, ts, known) {
                residuals.push((distance, stratum, (value + fit.floor) / (base + fit.floor)));
            }
        }
    }
    fit.spread = Spread::fit(residuals, |_| 0);
    Ok(Box::new(fit))
}

struct LookbackFit<R> {
    rule: R,
    history: Series,
    floor: f64,
    spread: Spread,
    phases: PhaseCalendar,
}

impl<R: Rule> Fitted for LookbackFit<R> {
    fn observe(&mut self, recent: &Series) {
        self.history.append(recent);
    }

    fn predict(&self, ts: DateTime<Utc>) -> Prediction {
        let origin = self.history.end();
        let base = self.rule.foresee(&self.history, ts, origin).unwrap_or_else(|| self.history.mean());
        let distance = reach((ts - origin).num_days() as i32 + 1);
        let factors = self.spread.factors(distance, Stratum::Ordinary(self.phases.slot(ts).bucket));
        let quantiles = monotone(factors.map(|f| (base + self.floor) * f - self.floor));
        Prediction { ts, quantiles, events: Vec::new() }
    }

    fn phases(&self) -> &PhaseCalendar {
        &self.phases
    }
}
