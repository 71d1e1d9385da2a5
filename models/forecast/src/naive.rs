//! Seasonal naive: what was seen a day or a week ago. The zero of the scale, and at times hard to beat.

use chrono::{DateTime, Duration, Utc};

use crate::phase::PhaseCalendar;
use crate::series::{Series, median};
use crate::spread::{REACHES, Spread, Stratum, reach};
use crate::{Context, Fitted, Forecaster, Prediction, Unavailable, monotone};

/// The same minute one or more periods ago.
#[derive(Debug, Clone, Copy)]
pub struct SeasonalNaive {
    /// The period in days: 1 or 7.
    pub days: u32,
}

impl Forecaster for SeasonalNaive {
    fn name(&self) -> String {
        format!("seasonal-naive({}d)", self.days)
    }

    fn fit(&self, history: &Series, context: &Context) -> Result<Box<dyn Fitted>, Unavailable> {
        let needed = 2 * self.days as usize * 1440 / history.step_minutes.max(1) as usize;
        if history.values.len() < needed {
            return Err(Unavailable(format!(
                "{} has less than {} days of history",
                context.service,
                2 * self.days
            )));
        }
        let phases = PhaseCalendar::Clock;
        let mut fit = NaiveFit {
            history: history.clone(),
            period: Duration::days(i64::from(self.days)),
            floor: history.floor(),
            spread: Spread::default(),
            phases,
        };
        let mut residuals = Vec::new();
        for (index, value) in history.values.iter().enumerate() {
            let (Some(value), ts) = (value, history.at(index)) else { continue };
            let stratum = Stratum::Ordinary(fit.phases.slot(ts).bucket);
            for (distance, days) in REACHES.into_iter().enumerate() {
                if let Some(base) = fit.seen_before(ts, ts - Duration::days(i64::from(days) - 1)) {
                    residuals.push((distance, stratum, (value + fit.floor) / (base + fit.floor)));
                }
            }
        }
        fit.spread = Spread::fit(residuals, |_| 0);
        Ok(Box::new(fit))
    }
}

struct NaiveFit {
    history: Series,
    period: Duration,
    floor: f64,
    spread: Spread,
    phases: PhaseCalendar,
}

impl NaiveFit {
    /// The demand at the last like time before `known`, gaps skipped; the median of five minutes where steps are
    /// single minutes.
    fn seen_before(&self, ts: DateTime<Utc>, known: DateTime<Utc>) -> Option<f64> {
        let mut at = ts - self.period;
        while at >= known {
            at -= self.period;
        }
        for _ in 0..5 {
            let index = self.history.index(at)?;
            let reach = if self.history.step_minutes == 1 { 2 } else { 0 };
            let near = &self.history.values
                [index.saturating_sub(reach)..(index + reach + 1).min(self.history.values.len())];
            if let Some(value) = median(near.iter().flatten().copied().collect()) {
                return Some(value);
            }
            at -= self.period;
        }
        None
    }
}

impl Fitted for NaiveFit {
    fn observe(&mut self, recent: &Series) {
        let fresh = recent.since(self.history.end());
        let gap = ((fresh.start - self.history.end()).num_minutes().max(0) as usize)
            / self.history.step_minutes as usize;
        self.history.values.extend(std::iter::repeat_n(None, gap));
        self.history.values.extend(fresh.values);
    }

    fn predict(&self, ts: DateTime<Utc>) -> Prediction {
        let origin = self.history.end();
        let base = self.seen_before(ts, origin).unwrap_or_else(|| self.history.mean());
        let distance = reach((ts - origin).num_days() as i32 + 1);
        let factors = self.spread.factors(distance, Stratum::Ordinary(self.phases.slot(ts).bucket));
        let quantiles = monotone(factors.map(|f| (base + self.floor) * f - self.floor));
        Prediction { ts, quantiles, events: Vec::new() }
    }

    fn phases(&self) -> &PhaseCalendar {
        &self.phases
    }
}
