//! When a growth factor is reached: by the organic trend, and by what is forecast.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use headroom_models::ForecastPoint;
use headroom_query::capacity::ServiceTraffic;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Weeks of history below which no growth is told.
const WEEKS: i64 = 4;
/// No date is told that lies further away: a straight line over so long is no forecast.
const FURTHEST_DAYS: f64 = 5.0 * 365.0;

/// How demand grows by itself.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Trend {
    /// Growth of the daily peak per 30 days: 0.05 is 5 %. None where it cannot be told.
    pub per_month: Option<f64>,
    /// The 95 % interval.
    pub low: Option<f64>,
    /// The 95 % interval.
    pub high: Option<f64>,
    /// Days that it was read from.
    pub days: usize,
    /// What it says, or why it says nothing.
    pub why: String,
}

/// What is forecast for a service.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = WallAhead)]
pub struct Ahead {
    /// The service.
    pub service: String,
    /// `(moment, requests a second that 19 of 20 such moments stay below)`, in time order.
    #[serde(skip)]
    pub points: Vec<(DateTime<Utc>, f64)>,
    /// The moment with the highest of them, in requests a minute.
    #[serde(skip)]
    pub peak: Option<ForecastPoint>,
    /// Known events: name, start and end.
    #[serde(skip)]
    pub events: Vec<(String, DateTime<Utc>, DateTime<Utc>)>,
}

impl Ahead {
    /// The first moment whose forecast reaches a rate, and the event that it falls into.
    pub(crate) fn first_above(&self, per_second: f64) -> Option<(DateTime<Utc>, Option<&str>)> {
        let (ts, _) = self.points.iter().find(|(_, rate)| *rate >= per_second)?;
        let event = self.events.iter().find(|(_, start, end)| start <= ts && ts < end);
        Some((*ts, event.map(|(name, ..)| name.as_str())))
    }
}

/// The trend of the platform's daily peaks: Sen's slope of their logarithms, each weekday compared with itself
/// only, with the interval of Hirsch, Slack and Smith's seasonal Kendall test (*Techniques of trend analysis for
/// monthly water quality data*, 1982). A holiday or an outage moves a median little.
pub fn trend(doors: &[&ServiceTraffic]) -> Trend {
    let mut steps: BTreeMap<DateTime<Utc>, u64> = BTreeMap::new();
    for step in doors.iter().flat_map(|door| &door.steps) {
        *steps.entry(step.ts).or_default() += step.calls;
    }
    let mut days: BTreeMap<NaiveDate, u64> = BTreeMap::new();
    for (ts, calls) in &steps {
        let peak = days.entry(ts.date_naive()).or_default();
        *peak = (*peak).max(*calls);
    }
    // The first and the last day are seldom whole.
    let whole: Vec<(NaiveDate, f64)> = days
        .iter()
        .skip(1)
        .take(days.len().saturating_sub(2))
        .map(|(day, n)| (*day, (*n as f64).ln()))
        .collect();
    let none = |why: String| Trend { per_month: None, low: None, high: None, days: whole.len(), why };
    let span = whole.last().zip(whole.first()).map_or(0, |(last, first)| (last.0 - first.0).num_days() + 1);
    if span < WEEKS * 7 {
        return none(format!("{span} whole days of history; growth is told from {} on", WEEKS * 7));
    }
    let mut slopes = Vec::new();
    let mut variance = 0.0;
    for weekday in 0..7 {
        let of: Vec<_> =
            whole.iter().filter(|(day, _)| day.weekday().num_days_from_monday() == weekday).collect();
        let n = of.len() as f64;
        variance += n * (n - 1.0) * (2.0 * n + 5.0) / 18.0;
        for (i, (day, value)) in of.iter().enumerate() {
            slopes.extend(
                of[..i].iter().map(|(before, was)| (value - was) / (*day - *before).num_days() as f64),
            );
        }
    }
    slopes.sort_unstable_by(f64::total_cmp);
    let n = slopes.len() as f64;
    let reach = 1.96 * variance.sqrt();
    let at = |rank: f64| slopes[(rank.max(0.0) as usize).min(slopes.len() - 1)];
    let (low, middle, high) = (at((n - reach) / 2.0 - 1.0), at(n / 2.0), at(f64::midpoint(n, reach)));
    let month = |slope: f64| (slope * 30.0).exp_m1();
    let (low, middle, high) = (month(low), month(middle), month(high));
    let percent = |share: f64| format!("{:+.1} %", share * 100.0);
    let why = format!(
        "the daily peak grows by {} in 30 days ({} to {}), read from {} days",
        percent(middle),
        percent(low),
        percent(high),
        whole.len()
    );
    Trend { per_month: Some(middle), low: Some(low), high: Some(high), days: whole.len(), why }
}

/// Dates between which a growth factor is reached.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Dates {
    pub(crate) at: NaiveDate,
    pub(crate) from: NaiveDate,
    /// None where the trend may as well be no growth.
    pub(crate) to: Option<NaiveDate>,
}

impl Trend {
    /// When `factor` is reached, in its interval.
    ///
    /// # Errors
    ///
    /// Why no date can be told.
    pub(crate) fn reaches(
        &self,
        now: DateTime<Utc>,
        factor: f64,
        low: f64,
        high: f64,
    ) -> Result<Dates, String> {
        let today = now.date_naive();
        if factor <= 1.0 {
            return Ok(Dates { at: today, from: today, to: Some(today) });
        }
        let (Some(middle), Some(slow), Some(fast)) = (self.per_month, self.low, self.high) else {
            return Err(self.why.clone());
        };
        let days = |factor: f64, month: f64| {
            if factor <= 1.0 {
                return Some(0.0);
            }
            let daily = month.ln_1p() / 30.0;
            (daily > 0.0).then(|| factor.ln() / daily).filter(|days| *days <= FURTHEST_DAYS)
        };
        let date = |days: f64| today + Days::new(days as u64);
        if middle <= 0.0 {
            return Err(format!("no growth: {}", self.why));
        }
        let Some(at) = days(factor, middle) else {
            return Err(format!("beyond five years: {}", self.why));
        };
        let from = days(low, fast).unwrap_or(at).min(at);
        Ok(Dates { at: date(at), from: date(from), to: days(high, slow).map(|d| date(d.max(at))) })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use chrono::TimeDelta;
    use headroom_query::capacity::Step;

    fn door(days: i64, peak: impl Fn(i64) -> f64) -> ServiceTraffic {
        let start: DateTime<Utc> = "2026-06-01T00:00:00Z".parse().unwrap();
        let step = |i: i64| Step {
            ts: start + TimeDelta::hours(i),
            calls: (peak(i / 24) * if i % 24 == 14 { 1.0 } else { 0.3 }) as u64,
            errors: 0,
            busy_ns: 0,
            away_ns: 0,
        };
        ServiceTraffic {
            service: "gateway".into(),
            step_seconds: 3600,
            steps: (0..days * 24).map(step).collect(),
        }
    }

    /// Weekends at a tenth, 1 % growth a week, a little noise, one day without telemetry's half.
    fn growing(day: i64) -> f64 {
        let weekday = if day % 7 >= 5 { 0.1 } else { 1.0 };
        let noise = 1.0 + 0.02 * (((day * day * 7919 + 13 * day) % 101) as f64 / 50.0 - 1.0);
        let outage = if day == 20 { 0.4 } else { 1.0 };
        1e6 * weekday * noise * outage * 1.01_f64.powf(day as f64 / 7.0)
    }

    #[test]
    fn growth_is_seen_through_weekends_noise_and_an_outage() {
        let found = trend(&[&door(90, growing)]);
        let truth = 1.01_f64.powf(30.0 / 7.0) - 1.0;
        assert!((found.per_month.unwrap() - truth).abs() < 0.004, "{found:?}");
        assert!(found.low.unwrap() < truth && truth < found.high.unwrap());
        let now = "2026-09-01T00:00:00Z".parse().unwrap();
        let dates = found.reaches(now, 2.0, 1.9, 2.1).unwrap();
        let weeks = (dates.at - NaiveDate::from_ymd_opt(2026, 9, 1).unwrap()).num_days() as f64 / 7.0;
        assert!((weeks - 2.0_f64.ln() / 1.01_f64.ln()).abs() < 8.0, "{weeks}");
        assert!(dates.from < dates.at && dates.to.is_none_or(|to| to > dates.at));
    }

    #[test]
    fn a_flat_platform_has_no_date_and_a_short_history_no_growth() {
        let flat =
            trend(&[&door(60, |day| 1e5 * (1.0 + 0.05 * (((day * day * 7919) % 101) as f64 / 50.0 - 1.0)))]);
        assert!(flat.low.unwrap() <= 0.0 && flat.high.unwrap() >= 0.0, "{flat:?}");
        let short = trend(&[&door(20, growing)]);
        assert_eq!(
            (short.per_month, short.why.as_str()),
            (None, "18 whole days of history; growth is told from 28 on")
        );
        let now = "2026-09-01T00:00:00Z".parse().unwrap();
        assert_eq!(short.reaches(now, 2.0, 1.0, 3.0), Err(short.why));
    }
}
