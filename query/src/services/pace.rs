//! The bands of delivery figures, by the rules of Four Keys (`METRICS.md` of dora-team/fourkeys).

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::range::TimeRange;

/// How often is deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Pace {
    /// On three days or more of most weeks.
    Daily,
    /// In most weeks.
    Weekly,
    /// In most months.
    Monthly,
    /// Less often.
    Yearly,
}

/// How long something takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Within {
    /// Less than 24 hours.
    OneDay,
    /// Less than 168 hours.
    OneWeek,
    /// Less than 730 hours.
    OneMonth,
    /// Less than 6 x 730 hours.
    SixMonths,
    /// Longer.
    OneYear,
}

/// Which share of deployments fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub enum FailBand {
    /// Up to 15 %.
    #[serde(rename = "0-15%")]
    Low,
    /// Below 46 %.
    #[serde(rename = "16-45%")]
    Middle,
    /// More.
    #[serde(rename = "46-60%")]
    High,
}

impl Within {
    pub(super) fn of(seconds: i64) -> Self {
        match seconds as f64 / 3_600.0 {
            hours if hours < 24.0 => Self::OneDay,
            hours if hours < 168.0 => Self::OneWeek,
            hours if hours < 730.0 => Self::OneMonth,
            hours if hours < 6.0 * 730.0 => Self::SixMonths,
            _ => Self::OneYear,
        }
    }
}

impl FailBand {
    pub(super) fn of(share: f64) -> Self {
        match share {
            share if share <= 0.15 => Self::Low,
            share if share < 0.46 => Self::Middle,
            _ => Self::High,
        }
    }
}

impl Pace {
    /// The pace of deployments in a range, or why it cannot be told. Weeks of seven days and months of thirty are
    /// counted back from the end of the range, whole ones alone.
    pub(super) fn of(deployments: &[DateTime<Utc>], range: TimeRange) -> Result<Self, String> {
        let stretches = |days: i64| range.length().num_days() / days;
        // The deployments of each stretch of so many days, the last stretch first.
        let by = |days: i64| -> Vec<Vec<DateTime<Utc>>> {
            let start = |n: i64| range.to - TimeDelta::days(days * n);
            let within = |n: i64| {
                let own = deployments.iter().filter(|at| start(n + 1) <= **at && **at < start(n));
                own.copied().collect()
            };
            (0..stretches(days)).map(within).collect()
        };
        let weeks = by(7);
        if weeks.is_empty() {
            return Err("a range of less than a week tells no pace".to_owned());
        }
        let days_of = |week: &Vec<DateTime<Utc>>| {
            let days: std::collections::BTreeSet<_> = week.iter().map(DateTime::date_naive).collect();
            days.len() as f64
        };
        let days = median(weeks.iter().map(days_of).collect()).unwrap_or(0.0);
        if days >= 3.0 {
            return Ok(Self::Daily);
        }
        if days >= 1.0 {
            return Ok(Self::Weekly);
        }
        match median(by(30).iter().map(|month| month.len() as f64).collect()) {
            Some(month) if month >= 1.0 => Ok(Self::Monthly),
            Some(_) => Ok(Self::Yearly),
            None => Err("slower than weekly; a range of less than 30 days tells no more".to_owned()),
        }
    }
}

/// The median, between the two in the middle where there are two.
pub(super) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let (low, high) = (values.get(values.len().checked_sub(1)? / 2)?, values.get(values.len() / 2)?);
    Some(f64::midpoint(*low, *high))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn bands_end_where_four_keys_ends_them() {
        let hours = |hours: f64| Within::of((hours * 3_600.0) as i64);
        for (at, below, above) in [
            (24.0, Within::OneDay, Within::OneWeek),
            (168.0, Within::OneWeek, Within::OneMonth),
            (730.0, Within::OneMonth, Within::SixMonths),
            (4_380.0, Within::SixMonths, Within::OneYear),
        ] {
            assert_eq!((hours(at - 0.01), hours(at)), (below, above), "{at} hours");
        }
        let shares = [0.0, 0.15, 0.150_1, 0.459, 0.46, 1.0].map(FailBand::of);
        use FailBand::{High, Low, Middle};
        assert_eq!(shares, [Low, Low, Middle, Middle, High, High]);
    }

    #[test]
    fn a_pace_is_the_median_of_weeks_and_months() {
        let start: DateTime<Utc> = "2026-08-01T00:00:00Z".parse().unwrap();
        let pace = |days: i64, deployed: &[i64]| {
            let deployments: Vec<_> =
                deployed.iter().map(|day| start + TimeDelta::days(*day) + TimeDelta::hours(9)).collect();
            Pace::of(&deployments, TimeRange { from: start, to: start + TimeDelta::days(days) })
        };
        assert_eq!(pace(21, &[0, 1, 2, 7, 8, 9]), Ok(Pace::Daily), "two of three weeks");
        assert_eq!(pace(21, &[0, 1, 2, 7, 8, 14]), Ok(Pace::Weekly));
        assert_eq!(pace(21, &[0, 0, 0, 7, 14]), Ok(Pace::Weekly), "three on a day are one day");
        assert_eq!(pace(90, &[5, 40, 70]), Ok(Pace::Monthly));
        assert_eq!(pace(90, &[5]), Ok(Pace::Yearly), "one of three months");
        assert!(pace(6, &[1, 2, 3]).unwrap_err().contains("less than a week"));
        assert!(pace(21, &[3]).unwrap_err().contains("less than 30 days"));
    }

    #[test]
    fn a_median_lies_between_the_two_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0]), Some(2.5));
        assert_eq!(median(Vec::new()), None);
    }
}
