//! What the autoscalers of today forecast: a mean over the hours, or the highest, of the last days.

use chrono::{DateTime, Duration, Utc};

use crate::lookback::{self, Rule};
use crate::{Context, Fitted, Forecaster, Series, Unavailable};

/// The mean of the same hour over some days, flat within the hour, weekdays and weekends apart: what AWS predictive
/// scaling makes of its fourteen days.
#[derive(Debug, Clone, Copy)]
pub struct HourlyMean {
    /// Days looked back.
    pub days: u32,
}

/// The highest of the same time over some days, neighbours of a minute included: the `maxValue` estimate of Crane.
/// As a forecaster it is judged by quantiles like any other, so that its medians are scaled to be medians.
#[derive(Debug, Clone, Copy)]
pub struct DayMax {
    /// Days looked back.
    pub days: u32,
}

impl Forecaster for HourlyMean {
    fn name(&self) -> String {
        format!("hourly-mean({}d)", self.days)
    }

    fn fit(&self, history: &Series, context: &Context) -> Result<Box<dyn Fitted>, Unavailable> {
        lookback::fit(*self, 2, history, context)
    }
}

impl Forecaster for DayMax {
    fn name(&self) -> String {
        format!("day-max({}d)", self.days)
    }

    fn fit(&self, history: &Series, context: &Context) -> Result<Box<dyn Fitted>, Unavailable> {
        lookback::fit(*self, 2, history, context)
    }
}

impl Rule for HourlyMean {
    fn foresee(&self, history: &Series, ts: DateTime<Utc>, known: DateTime<Utc>) -> Option<f64> {
        let minutes = i64::from(history.step_minutes);
        let into_hour = if minutes < 60 { ts.timestamp().rem_euclid(3600) / 60 } else { 0 };
        let hour = ts - Duration::minutes(into_hour);
        let steps = (60 / minutes).max(1) as usize;
        let (mut sum, mut count) = (0.0, 0_usize);
        let mut mean = |alike: bool| {
            for day in days_before(hour, known, self.days) {
                if alike && weekend(day) != weekend(ts) {
                    continue;
                }
                for value in between(history, day, steps, known) {
                    sum += value;
                    count += 1;
                }
            }
            (count > 0).then(|| sum / count as f64)
        };
        mean(true).or_else(|| mean(false))
    }
}

impl Rule for DayMax {
    fn foresee(&self, history: &Series, ts: DateTime<Utc>, known: DateTime<Utc>) -> Option<f64> {
        let near = i64::from(history.step_minutes == 1);
        days_before(ts, known, self.days)
            .flat_map(|day| between(history, day - Duration::minutes(near), 2 * near as usize + 1, known))
            .max_by(f64::total_cmp)
    }
}

/// The same time of the `count` days before `known`, the latest first.
fn days_before(ts: DateTime<Utc>, known: DateTime<Utc>, count: u32) -> impl Iterator<Item = DateTime<Utc>> {
    let ahead = ((ts - known).num_minutes().max(0) / 1440) + 1;
    (0..i64::from(count)).map(move |day| ts - Duration::days(ahead + day))
}

/// The measured values of some steps from `from` on that lie before `known`.
fn between(
    history: &Series,
    from: DateTime<Utc>,
    steps: usize,
    known: DateTime<Utc>,
) -> impl Iterator<Item = f64> {
    let minutes = i64::from(history.step_minutes);
    let first = (from - history.start).num_minutes().div_euclid(minutes);
    let last = (first + steps as i64).min((known - history.start).num_minutes().div_euclid(minutes));
    let bound = |index: i64| (index.max(0) as usize).min(history.values.len());
    let (first, last) = (bound(first), bound(last));
    history.values[first..last.max(first)].iter().flatten().copied()
}

fn weekend(ts: DateTime<Utc>) -> bool {
    use chrono::Datelike;
    ts.weekday().num_days_from_monday() >= 5
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::Timelike;

    use super::*;
    use crate::challengers::testing::{context, monday, series};

    #[test]
    fn the_hourly_mean_is_the_mean_of_the_hours_of_like_days() {
        // Weekdays 60 and 120 in turn within each hour, times the hour; weekends a tenth.
        let history = series(14, 1, |ts| {
            let base = f64::from(ts.hour() + 1) * if ts.minute() % 2 == 0 { 60.0 } else { 120.0 };
            Some(if weekend(ts) { base / 10.0 } else { base })
        });
        let rule = HourlyMean { days: 14 };
        let at = |days, hour| monday() + Duration::days(days) + Duration::hours(hour) + Duration::minutes(17);
        assert_eq!(rule.foresee(&history, at(14, 9), history.end()), Some(900.0));
        assert_eq!(rule.foresee(&history, at(19, 9), history.end()), Some(90.0));
        let fit = rule.fit(&history, &context()).unwrap();
        let quantiles = fit.predict(at(14, 9)).quantiles;
        assert!((quantiles[4] - 1200.0).abs() < 15.0, "half of the minutes have 1200: {quantiles:?}");
    }

    #[test]
    fn the_highest_of_the_days_is_found_and_only_before_what_is_known() {
        let history = series(7, 5, |ts| {
            let days = (ts - monday()).num_days();
            Some(100.0 + days as f64)
        });
        let rule = DayMax { days: 7 };
        assert_eq!(rule.foresee(&history, history.end(), history.end()), Some(106.0));
        let known = monday() + Duration::days(3);
        assert_eq!(rule.foresee(&history, known + Duration::hours(5), known), Some(102.0));
        assert_eq!(rule.foresee(&history, known + Duration::days(2), known), Some(102.0));
        // The days grow by a little; what is forecast as median is not the maximum but what came after it.
        let median = rule.fit(&history, &context()).unwrap().predict(history.end()).median();
        assert!((106.5..107.5).contains(&median), "{median}");
    }

    #[test]
    fn gaps_are_not_zeros() {
        let history = series(5, 5, |ts| (ts.hour() != 12 || (ts - monday()).num_days() == 1).then_some(50.0));
        let noon = history.end() + Duration::hours(12);
        assert_eq!(HourlyMean { days: 14 }.foresee(&history, noon, history.end()), Some(50.0));
        assert_eq!(DayMax { days: 3 }.foresee(&history, noon, history.end()), None);
        let fit = DayMax { days: 3 }.fit(&history, &context()).unwrap();
        assert!(
            (fit.predict(noon).median() - 50.0).abs() < 1e-6,
            "the mean stands in for what was never seen"
        );
    }
}
