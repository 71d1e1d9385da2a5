//! The budget to come: what is left when the traffic that is forecast arrives and fails as the last hour did.
//!
//! Where requests are counted, the window's total grows and shrinks with traffic: with `e` the error rate of the last
//! hour and `n` the requests that are forecast until `t`, the window that ends at `t` has
//! `bad(t) = bad(what of it is past) + e * n` and `total(t) = total(what of it is past) + n`, and its budget is
//! `1 - bad(t) / total(t) / (1 - target)`. So an hour of failures before a busy opening costs more than one before a quiet
//! night, and in a rolling window old failures leave. Time slices do not hang on traffic, and have no such forecast.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::budget::{COVERAGE_FLOOR, at};
use crate::spec::{Method, Slo};
use crate::timeline::Timeline;

/// Requests that are forecast for a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Traffic {
    /// Its end, in seconds since the epoch; it begins where the one before ends.
    pub end: i64,
    /// How many requests, at the median.
    pub requests: f64,
}

/// The budget to come.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Ahead {
    /// The error rate that is assumed to last: that of the last hour.
    pub error_rate: f64,
    /// The budget at the end of each stretch: 1 untouched, 0 spent, negative overspent.
    pub points: Vec<AheadPoint>,
    /// The end of the first stretch at which nothing is left; null when it lasts as far as traffic is forecast, or is
    /// spent already.
    pub exhausts_at: Option<DateTime<Utc>>,
}

/// The budget at a moment to come.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct AheadPoint {
    /// When.
    pub ts: DateTime<Utc>,
    /// What is left.
    pub budget_remaining: f64,
}

/// The budget of an objective over the traffic that is forecast after its newest slice.
///
/// # Errors
/// The reason why it cannot be told.
pub fn ahead(slo: &Slo, line: &Timeline, traffic: &[Traffic]) -> Result<Ahead, String> {
    if slo.method != Method::Occurrences {
        return Err(format!("{} do not hang on traffic", slo.method.word()));
    }
    if !slo.counting.is_always() {
        return Err("only some time counts, and the traffic of that time is not forecast apart".to_owned());
    }
    let end = line.watermark().ok_or("nothing has been measured yet")?;
    let hour = line.last(end, 3_600);
    if hour.seen() < COVERAGE_FLOOR {
        return Err("less than 90 % of the last hour was seen".to_owned());
    }
    let error_rate = hour.error_rate().ok_or("nothing was requested in the last hour")?;
    let mut requests = 0.0;
    let mut points = Vec::new();
    for stretch in traffic.iter().filter(|stretch| stretch.end > end) {
        requests += stretch.requests.max(0.0);
        let start = slo.window.start(stretch.end);
        let past = line.between(start, end);
        // A calendar-aligned window begins anew: what was forecast before that is not in it.
        let within = if start > end { break } else { requests };
        let total = past.total + within;
        if total > 0.0 {
            let bad = past.bad() + error_rate * within;
            let budget_remaining = 1.0 - bad / total / slo.allowed();
            points.push(AheadPoint { ts: at(stretch.end), budget_remaining });
        }
    }
    if points.is_empty() {
        return Err("no traffic is forecast".to_owned());
    }
    let left = line.window(end);
    let has_some = left.error_rate().is_none_or(|rate| rate < slo.allowed());
    let gone = points.iter().find(|point| point.budget_remaining <= 0.0).map(|point| point.ts);
    Ok(Ahead { error_rate, exhausts_at: gone.filter(|_| has_some), points })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::slo;
    use crate::{Series, Slice};

    const HOUR: i64 = 3_600;

    /// Hours of so many good and all.
    fn line(slo: &Slo, hours: &[(u64, u64)]) -> Timeline {
        let minutes = hours.iter().zip(0..).flat_map(|((good, total), hour)| {
            (0..60).map(move |minute| Slice {
                start: hour * HOUR + minute * 60,
                seconds: 60,
                good: good / 60,
                total: total / 60,
                observed: 1.0,
            })
        });
        Timeline::new(slo, &Series::new(minutes.collect()))
    }

    fn traffic(from: i64, requests: &[f64]) -> Vec<Traffic> {
        requests
            .iter()
            .zip(1..)
            .map(|(requests, n)| Traffic { end: (from + n) * HOUR, requests: *requests })
            .collect()
    }

    #[test]
    fn a_busy_opening_spends_what_a_quiet_night_does_not() {
        let slo = slo(0.99, "1d", Method::Occurrences);
        // 23 quiet hours of 6,000 requests without failures, and one with 2 %.
        let mut hours = vec![(6_000, 6_000); 23];
        hours.push((5_880, 6_000));
        let line = line(&slo, &hours);
        let quiet = ahead(&slo, &line, &traffic(24, &[6_000.0; 8])).unwrap();
        assert!((quiet.error_rate - 0.02).abs() < 1e-12);
        assert_eq!(quiet.exhausts_at, None);
        // After an hour: 240 bad of 144,000, of 1 % allowed.
        assert!((quiet.points[0].budget_remaining - (1.0 - 240.0 / 144_000.0 / 0.01)).abs() < 1e-9);
        // The market opens: ten times the traffic. 120 + 0.02 x 60,000 n reaches 1 % of what is in the window in the
        // third hour, and not before.
        let busy = ahead(&slo, &line, &traffic(24, &[60_000.0; 8])).unwrap();
        assert_eq!(busy.exhausts_at, Some(at(27 * HOUR)), "{busy:?}");
    }

    #[test]
    fn old_failures_leave_a_rolling_window_and_a_calendar_one_begins_anew() {
        let slo = slo(0.99, "1d", Method::Occurrences);
        let mut hours = vec![(5_400, 6_000)];
        hours.extend([(6_000, 6_000); 23]);
        let found = ahead(&slo, &line(&slo, &hours), &traffic(24, &[6_000.0; 2])).unwrap();
        assert_eq!(found.points[0].budget_remaining, 1.0, "the bad hour has left");
    }

    #[test]
    fn what_cannot_be_told_says_why() {
        let occurrences = slo(0.99, "1d", Method::Occurrences);
        let slices = slo(0.99, "1d", Method::RatioTimeslices { seconds: 60 });
        let line = |slo: &Slo| line(slo, &[(60, 60)]);
        let why = |slo: &Slo, line: &Timeline, traffic: &[Traffic]| ahead(slo, line, traffic).unwrap_err();
        assert_eq!(why(&slices, &line(&slices), &[]), "RatioTimeslices do not hang on traffic");
        assert_eq!(why(&occurrences, &line(&occurrences), &[]), "no traffic is forecast");
        let empty = Timeline::new(&occurrences, &Series::default());
        assert_eq!(why(&occurrences, &empty, &[]), "nothing has been measured yet");
    }

    proptest! {
        /// With traffic as it was, the forecast is the formula of time to exhaustion: remaining x window / burn.
        #[test]
        fn even_traffic_agrees_with_the_burn(bad in 1_u64..60, target in 0.9_f64..0.995) {
            let slo = slo(target, "30d", Method::Occurrences);
            let mut hours = vec![(6_000, 6_000); 719];
            hours.push((6_000 - bad * 60, 6_000));
            let line = line(&slo, &hours);
            let found = ahead(&slo, &line, &traffic(720, &[6_000.0; 719])).unwrap();
            let burn = found.error_rate / slo.allowed();
            let left = 1.0 - bad as f64 / 100.0 / 720.0 / slo.allowed();
            let hours = left * 720.0 / burn;
            match found.exhausts_at {
                Some(gone) => prop_assert!((gone.timestamp() as f64 / 3_600.0 - 720.0 - hours).abs() <= 1.0 + 1e-6),
                None => prop_assert!(hours > 718.0),
            }
        }
    }
}
