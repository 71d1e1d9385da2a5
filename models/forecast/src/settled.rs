//! Where the level of a series last changed for good.
//!
//! After a migration or a launch demand may stand at a multiple of what it was. What came before says little about
//! what comes, and a regression over both learns the change as if it were an ordinary move.

use chrono::{DateTime, Duration, Utc};

use crate::series::{Series, median};

/// By how much the days on both sides of a change differ, the nearest of them.
const FACTOR: f64 = 4.0;
/// Days looked at on each side: a week, in which a week-end or a holiday is no change.
const DAYS: usize = 7;
/// Days that must have passed since.
const LEAST_AFTER: usize = 3;
/// Days that must lie before.
const LEAST_BEFORE: usize = 5;

/// A change of level that lasts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Change {
    /// From when on demand is at its new level.
    pub(crate) since: DateTime<Utc>,
    /// The new level over the old one.
    pub(crate) factor: f64,
}

/// The latest change: every one of the days after it lies by a factor of [`FACTOR`] above, or below, every one of those
/// before. Days of nothing are no level: an outage is none.
pub(crate) fn change(series: &Series) -> Option<Change> {
    let steps = (1440 / series.step_minutes.max(1)) as usize;
    let days: Vec<f64> = series
        .values
        .rchunks_exact(steps.max(1))
        .map(|day| median(day.iter().copied().flatten().collect()).unwrap_or(0.0))
        .collect();
    (LEAST_AFTER..days.len()).find_map(|passed| {
        let after = days.get(passed.saturating_sub(DAYS)..passed)?;
        let before = days.get(passed + 1..(passed + 1 + DAYS).min(days.len()))?;
        if before.len() < LEAST_BEFORE || after.iter().chain(before).any(|level| *level <= 0.0) {
            return None;
        }
        // The day in between is the first of the new level, or the one in which it changed.
        let whole = passed + usize::from(apart(&days[passed..=passed], before));
        let since = series.end() - Duration::days(whole as i64);
        let factor = median(after.to_vec())? / median(before.to_vec())?;
        apart(after, before).then_some(Change { since, factor })
    })
}

/// Whether all days of one side lie by [`FACTOR`] above, or below, all of the other.
fn apart(some: &[f64], others: &[f64]) -> bool {
    let least = |side: &[f64]| side.iter().copied().fold(f64::INFINITY, f64::min);
    let most = |side: &[f64]| side.iter().copied().fold(0.0, f64::max);
    least(some) > FACTOR * most(others) || least(others) > FACTOR * most(some)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Hours whose level on each day is told, with a wave over the day.
    fn hours(levels: &[f64]) -> Series {
        let start = "2026-03-02T00:00:00Z".parse().unwrap();
        let value = |day: &f64, hour: i32| Some(day * f64::from(12 + (hour - 12).abs()));
        let values = levels.iter().flat_map(|day| (0..24).map(move |hour| value(day, hour))).collect();
        Series { start, step_minutes: 60, values }
    }

    #[test]
    fn a_change_that_lasts_is_found_where_it_was() {
        let levels = [[1.0; 8], [1.2; 8], [9.0; 8]].concat();
        let series = hours(&levels);
        let found = change(&series).unwrap();
        assert_eq!(found.since, series.start + Duration::days(16));
        assert!((found.factor - 7.5).abs() < 0.01, "{found:?}");
        let fallen = change(&hours(&[[9.0; 9], [1.0; 9]].concat())).unwrap();
        assert!((fallen.factor - 1.0 / 9.0).abs() < 0.01, "{fallen:?}");
    }

    #[test]
    fn week_ends_outages_and_what_has_just_begun_are_no_change() {
        let week = [5.0, 5.0, 5.0, 5.0, 5.0, 0.5, 0.5];
        let quiet = [week, week, [0.5; 7], week].concat();
        for levels in [
            [week, week, week].concat(),
            quiet[..17].to_vec(),
            [[5.0; 10], [0.0; 10]].concat(),
            [&[5.0; 10][..], &[50.0; 2]].concat(),
            [&[5.0; 4][..], &[50.0; 10]].concat(),
            [[5.0; 10], [15.0; 10]].concat(),
        ] {
            assert_eq!(change(&hours(&levels)), None, "{levels:?}");
        }
    }
}
