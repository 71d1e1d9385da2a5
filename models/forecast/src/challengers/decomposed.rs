//! Day, week and trend taken apart: MSTL (seasonal-trend decomposition by LOESS, several seasons) with AutoETS for
//! what is left of the trend, from augurs.
//!
//! In logarithms, so that the seasons multiply. Of ETS only the models without a season are there, and no intervals;
//! quantiles come from how forecasts of the last third of the history turned out.

use augurs::ets::AutoETS;
use augurs::mstl::MSTLModel;
use augurs::{Fit, Predict};
use chrono::{DateTime, Duration, Utc};

use crate::phase::PhaseCalendar;
use crate::spread::{Spread, Stratum, reach};
use crate::{Context, Fitted, Forecaster, Prediction, Series, Unavailable, monotone};

const DAY: u32 = 1440;
/// The decomposition runs on steps of so many minutes at least: at single minutes it takes minutes.
const STEP: u32 = 10;
/// Most steps decomposed: 60 days of ten minutes.
const MOST: usize = 8640;
/// Origins in the last third of the history from which the residuals are forecast.
const ORIGINS: usize = 4;
/// Hours after which what the last hour showed has lost half of its weight.
const HALF_LIFE: f64 = 2.0;
/// No forecast leaves the range of the history by more than this (natural logarithm): a trend must not run away.
const BEYOND: f64 = 0.7;

/// The model.
#[derive(Debug, Clone, Copy, Default)]
pub struct Decomposed;

impl Forecaster for Decomposed {
    fn name(&self) -> String {
        "mstl-ets".to_owned()
    }

    fn fit(&self, history: &Series, context: &Context) -> Result<Box<dyn Fitted>, Unavailable> {
        let fail = |why: &str| Unavailable(format!("{}: {why}", context.service));
        let factor = (STEP / history.step_minutes.max(1)).max(1);
        let coarse = history.coarser(history.step_minutes * factor);
        let coarse = coarse.since(coarse.at(coarse.values.len().saturating_sub(MOST)));
        let day = (DAY / coarse.step_minutes) as usize;
        if day < 2 || coarse.values.len() < 4 * day {
            return Err(fail("a decomposition needs four days of history in steps of less than a day"));
        }
        let floor = coarse.floor();
        let logs = filled(&coarse, day, floor).ok_or_else(|| fail("nothing was measured"))?;
        let steps = (context.horizon.num_minutes() / i64::from(coarse.step_minutes)).max(1) as usize + day;
        let phases = PhaseCalendar::Clock;
        let mut residuals = Vec::new();
        for number in 0..ORIGINS {
            let known = logs.len() - logs.len() * (ORIGINS - number) / (3 * ORIGINS);
            let ahead = steps.min(logs.len() - known);
            // A past too short to decompose, or without a model, gives no residuals; the prior spread stands in.
            let Ok(forecast) = forecast(&logs[..known], day, ahead) else { continue };
            for (index, log) in forecast.into_iter().enumerate() {
                let Some(value) = coarse.values[known + index] else { continue };
                let stratum = Stratum::Ordinary(phases.slot(coarse.at(known + index)).bucket);
                residuals.push((reach((index / day) as i32 + 1), stratum, (value + floor) / log.exp()));
            }
        }
        let path = forecast(&logs, day, steps).map_err(|why| fail(&why))?;
        let parts = f64::from(factor);
        Ok(Box::new(DecomposedFit {
            path,
            start: coarse.end(),
            origin: history.end(),
            step_minutes: coarse.step_minutes,
            day,
            parts,
            floor: floor / parts,
            spread: Spread::fit(residuals, |_| 0),
            last_hour: 1.0,
            phases,
        }))
    }
}

/// The logarithms of a series, in which what is missing is the mean of the nearest days with the same time, or of all.
fn filled(series: &Series, day: usize, floor: f64) -> Option<Vec<f64>> {
    let logs: Vec<Option<f64>> = series.values.iter().map(|v| v.map(|v| (v + floor).ln())).collect();
    let seen: Vec<f64> = logs.iter().flatten().copied().collect();
    let mean = seen.iter().sum::<f64>() / seen.len().max(1) as f64;
    let near = |index: usize| {
        (1..=7).find_map(|days| {
            let before = index.checked_sub(days * day).and_then(|i| logs[i]);
            let after = logs.get(index + days * day).copied().flatten();
            match (before, after) {
                (Some(a), Some(b)) => Some(f64::midpoint(a, b)),
                (one, other) => one.or(other),
            }
        })
    };
    let filled = logs.iter().enumerate().map(|(i, log)| log.or_else(|| near(i)).unwrap_or(mean)).collect();
    (!seen.is_empty()).then_some(filled)
}

/// The logarithms of the coming steps.
fn forecast(logs: &[f64], day: usize, steps: usize) -> Result<Vec<f64>, String> {
    let (low, high) = logs.iter().fold((f64::MAX, f64::MIN), |(low, high), l| (low.min(*l), high.max(*l)));
    if high - low < 1e-9 {
        return Ok(vec![high; steps]);
    }
    let mut periods = vec![day];
    periods.extend((logs.len() >= 21 * day).then_some(7 * day));
    let model = MSTLModel::new(periods, AutoETS::non_seasonal().into_trend_model());
    let fitted = model.fit(logs).map_err(|e| e.to_string())?;
    let path = fitted.predict(steps, None).map_err(|e| e.to_string())?.point;
    if path.len() < steps || path.iter().any(|log| !log.is_finite()) {
        return Err("the decomposition gave no number".to_owned());
    }
    Ok(path.into_iter().map(|log| log.clamp(low - BEYOND, high + BEYOND)).collect())
}

struct DecomposedFit {
    /// Logarithms of the coming steps, floor included, in long steps.
    path: Vec<f64>,
    start: DateTime<Utc>,
    origin: DateTime<Utc>,
    step_minutes: u32,
    /// Long steps of a day.
    day: usize,
    /// Steps of the history in a long one.
    parts: f64,
    floor: f64,
    spread: Spread,
    /// What the last hour was to its forecast.
    last_hour: f64,
    phases: PhaseCalendar,
}

impl DecomposedFit {
    /// The demand foreseen at the fit, the floor included; beyond the horizon as a day before.
    fn foreseen(&self, ts: DateTime<Utc>) -> f64 {
        let steps = (ts - self.start).num_minutes().max(0) as usize / self.step_minutes as usize;
        let last = self.path.len() - 1;
        let index = if steps > last { last + 1 - self.day + (steps - last - 1) % self.day } else { steps };
        self.path[index].exp() / self.parts
    }
}

impl Fitted for DecomposedFit {
    fn observe(&mut self, recent: &Series) {
        self.origin = self.origin.max(recent.end());
        let hour = recent.since(self.start.max(recent.end() - Duration::hours(1)));
        let (mut seen, mut expected) = (0.0, 0.0);
        for (index, value) in hour.values.iter().enumerate() {
            if let Some(value) = value {
                seen += value + self.floor;
                expected += self.foreseen(hour.at(index));
            }
        }
        self.last_hour = if expected > 0.0 { (seen / expected).clamp(0.5, 4.0) } else { 1.0 };
    }

    fn predict(&self, ts: DateTime<Utc>) -> Prediction {
        let ahead = (ts - self.origin).num_minutes().max(0) as f64 / 60.0;
        let base = self.foreseen(ts) * self.last_hour.powf(0.5_f64.powf(ahead / HALF_LIFE));
        let distance = reach((ts - self.origin).num_days() as i32 + 1);
        let factors = self.spread.factors(distance, Stratum::Ordinary(self.phases.slot(ts).bucket));
        Prediction { ts, quantiles: monotone(factors.map(|f| base * f - self.floor)), events: Vec::new() }
    }

    fn phases(&self) -> &PhaseCalendar {
        &self.phases
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::f64::consts::TAU;

    use chrono::{Datelike, Timelike};

    use super::*;
    use crate::challengers::testing::{context, monday, series};

    /// A day's wave, quieter weekends and a growth of one per cent a day.
    fn demand(ts: DateTime<Utc>) -> f64 {
        let minutes = (ts - monday()).num_minutes() as f64;
        let weekend = if ts.weekday().num_days_from_monday() >= 5 { 0.5 } else { 1.0 };
        let hour = f64::from(ts.hour()) + f64::from(ts.minute()) / 60.0;
        1000.0 * (0.6 * (hour / 24.0 * TAU).sin()).exp() * weekend * (minutes / 1440.0 * 0.01).exp()
    }

    #[test]
    fn seasons_and_trend_are_carried_on() {
        let history = series(28, 30, |ts| Some(demand(ts)));
        let begun = std::time::Instant::now();
        let fit = Decomposed.fit(&history, &context()).unwrap();
        eprintln!("fit: {:?}", begun.elapsed());
        for hours in [3, 20, 60, 5 * 24 + 11, 7 * 24 + 9] {
            let ts = history.end() + Duration::hours(hours);
            let ratio = fit.predict(ts).median() / demand(ts);
            assert!((0.9..1.1).contains(&ratio), "{hours} h: {ratio}");
        }
    }

    #[test]
    fn single_minutes_are_a_tenth_of_ten() {
        let history = series(8, 1, |ts| (ts.hour() != 3).then_some(100.0 + f64::from(ts.hour())));
        let fit = Decomposed.fit(&history, &context()).unwrap();
        let noon = fit.predict(history.end() + Duration::minutes(725)).median();
        assert!((108.0..116.0).contains(&noon), "{noon}");
    }

    #[test]
    fn the_last_hour_lifts_the_next_ones_and_fades() {
        let history = series(14, 10, |ts| Some(100.0 + f64::from(ts.hour())));
        let mut fit = Decomposed.fit(&history, &context()).unwrap();
        let at = |hours| history.end() + Duration::hours(hours);
        let before = [fit.predict(at(1)).median(), fit.predict(at(24)).median()];
        let doubled = (0..6).map(|_| Some(200.0)).collect();
        fit.observe(&Series { start: history.end(), step_minutes: 10, values: doubled });
        let after = [fit.predict(at(1)).median(), fit.predict(at(24)).median()];
        assert!((1.7..2.2).contains(&(after[0] / before[0])), "{before:?} {after:?}");
        assert!((0.98..1.02).contains(&(after[1] / before[1])), "{before:?} {after:?}");
    }

    #[test]
    fn a_constant_series_is_foreseen_as_it_is_and_a_short_one_refused() {
        let fit = Decomposed.fit(&series(8, 10, |_| Some(40.0)), &context()).unwrap();
        assert!((fit.predict(monday() + Duration::days(30)).median() - 40.0).abs() < 1e-3);
        let refused = Decomposed.fit(&series(3, 10, |_| Some(40.0)), &context()).err().unwrap();
        assert_eq!(
            refused.0,
            "gateway: a decomposition needs four days of history in steps of less than a day"
        );
    }
}
