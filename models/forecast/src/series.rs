//! A demand series: equal steps, in which a gap is not a zero.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, DurationRound, Utc};

/// Below this expected count a silent minute is believed: at 3 requests a minute one minute in twenty is silent
/// by chance (e^-3), above it silence is rather missing data.
const PLAUSIBLE_SILENCE: f64 = 3.0;

/// Demand in equal steps. `None` is a step without data, which is not the same as a step without demand.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Start of the first step.
    pub start: DateTime<Utc>,
    /// Length of a step in minutes.
    pub step_minutes: u32,
    /// Demand per step.
    pub values: Vec<Option<f64>>,
}

impl Series {
    /// An empty series.
    pub fn empty(start: DateTime<Utc>, step_minutes: u32) -> Self {
        Self { start, step_minutes, values: Vec::new() }
    }

    /// A series of points at any distance; steps without a point are missing, points in one step add up.
    pub fn from_points(step_minutes: u32, points: &[(DateTime<Utc>, f64)]) -> Self {
        let step = Duration::minutes(i64::from(step_minutes));
        let floor = |ts: DateTime<Utc>| ts.duration_trunc(step).unwrap_or(ts);
        let Some(start) = points.iter().map(|(ts, _)| floor(*ts)).min() else {
            return Self::empty(DateTime::UNIX_EPOCH, step_minutes);
        };
        let mut series = Self::empty(start, step_minutes);
        for (ts, value) in points {
            let index = ((*ts - start).num_minutes() / i64::from(step_minutes)) as usize;
            if series.values.len() <= index {
                series.values.resize(index + 1, None);
            }
            *series.values[index].get_or_insert(0.0) += value;
        }
        series
    }

    /// The minutes of a service from its first one seen until `to`.
    ///
    /// A minute without a row is a real zero only when the service is quiet at that time anyway: when the median
    /// of the same minute on the other days (or, without other days, of the half hour around) is below three
    /// requests. Otherwise the telemetry is missing, and the forecast must not learn from it.
    pub fn from_counts(counts: &[(DateTime<Utc>, f64)], to: DateTime<Utc>) -> Self {
        let mut series = Self::from_levels(counts, to);
        series.believe_silence();
        series
    }

    /// The minutes of a sum over things that are counted, such as the amounts of orders. A minute without any is zero
    /// where few come at that time, as in [`Self::from_counts`]; of what is not counted, a minute without a point is
    /// missing.
    pub fn from_sums(
        sums: &[(DateTime<Utc>, f64)],
        counts: &[(DateTime<Utc>, f64)],
        to: DateTime<Utc>,
    ) -> Self {
        let counts = Self::from_counts(counts, to);
        let mut series = Self::from_levels(sums, to);
        for index in 0..series.values.len() {
            if series.values[index].is_none() && counts.value(series.at(index)) == Some(0.0) {
                series.values[index] = Some(0.0);
            }
        }
        series
    }

    /// The minutes of a level, such as a price or the length of a queue, from its first one seen until `to`. A minute
    /// without a point is missing: a level is not zero because nobody told it.
    pub fn from_levels(points: &[(DateTime<Utc>, f64)], to: DateTime<Utc>) -> Self {
        let points: Vec<(DateTime<Utc>, f64)> =
            points.iter().filter(|(minute, _)| *minute < to).copied().collect();
        let mut series = Self::from_points(1, &points);
        if !points.is_empty() {
            series.values.resize((to - series.start).num_minutes().max(1) as usize, None);
        }
        series
    }

    fn believe_silence(&mut self) {
        const DAY: usize = 1440;
        let mut by_minute: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        for (index, value) in self.values.iter().enumerate() {
            by_minute.entry(index % DAY).or_default().extend(*value);
        }
        let usual: BTreeMap<usize, f64> = by_minute
            .into_iter()
            .map(|(minute, seen)| {
                let days = self.values.len().saturating_sub(minute).div_ceil(DAY);
                let silent = days - seen.len();
                // A minute missing on most days is one the service is silent in; else what it shows when it is seen.
                let usual = if silent > seen.len() && days > 2 { 0.0 } else { median(seen).unwrap_or(0.0) };
                (minute, usual)
            })
            .collect();
        let seen = self.values.clone();
        let several_days = seen.len() >= 2 * DAY;
        for (index, value) in self.values.iter_mut().enumerate() {
            if value.is_some() {
                continue;
            }
            let expected = if several_days {
                usual.get(&(index % DAY)).copied()
            } else {
                let around = &seen[index.saturating_sub(15)..(index + 15).min(seen.len())];
                median(around.iter().flatten().copied().collect())
            };
            if expected.is_some_and(|e| e < PLAUSIBLE_SILENCE) {
                *value = Some(0.0);
            }
        }
    }

    /// Start of a step.
    pub fn at(&self, index: usize) -> DateTime<Utc> {
        self.start + Duration::minutes(index as i64 * i64::from(self.step_minutes))
    }

    /// End of the last step.
    pub fn end(&self) -> DateTime<Utc> {
        self.at(self.values.len())
    }

    /// The step that holds an instant, if it lies within.
    pub fn index(&self, ts: DateTime<Utc>) -> Option<usize> {
        let minutes = (ts - self.start).num_minutes();
        let index = usize::try_from(minutes).ok()? / self.step_minutes as usize;
        (ts >= self.start && index < self.values.len()).then_some(index)
    }

    /// The demand at an instant, if it was measured.
    pub fn value(&self, ts: DateTime<Utc>) -> Option<f64> {
        self.values[self.index(ts)?]
    }

    /// The part before an instant.
    #[must_use]
    pub fn before(&self, ts: DateTime<Utc>) -> Self {
        let length = (ts - self.start).num_minutes().max(0) as usize / self.step_minutes as usize;
        Self { values: self.values[..length.min(self.values.len())].to_vec(), ..*self }
    }

    /// The part from an instant on.
    #[must_use]
    pub fn since(&self, ts: DateTime<Utc>) -> Self {
        let skip = ((ts - self.start).num_minutes().max(0) as usize).div_ceil(self.step_minutes as usize);
        let skip = skip.min(self.values.len());
        Self { start: self.at(skip), step_minutes: self.step_minutes, values: self.values[skip..].to_vec() }
    }

    /// The same series in longer steps, each the mean of its measured parts scaled to the whole step; a step of
    /// which less than half was measured is missing.
    #[must_use]
    pub fn coarser(&self, step_minutes: u32) -> Self {
        let factor = (step_minutes / self.step_minutes).max(1) as usize;
        let values = self
            .values
            .chunks(factor)
            .map(|chunk| {
                let seen: Vec<f64> = chunk.iter().flatten().copied().collect();
                (seen.len() * 2 >= factor)
                    .then(|| seen.iter().sum::<f64>() / seen.len() as f64 * factor as f64)
            })
            .collect();
        Self { start: self.start, step_minutes: self.step_minutes * factor as u32, values }
    }

    /// Takes in what another series of the same step has after the end of this one; what lies between is missing.
    pub fn append(&mut self, recent: &Self) {
        let fresh = recent.since(self.end());
        let gap = (fresh.start - self.end()).num_minutes().max(0) as usize / self.step_minutes as usize;
        if !fresh.values.is_empty() {
            self.values.extend(std::iter::repeat_n(None, gap));
            self.values.extend(fresh.values);
        }
    }

    /// How many steps were measured.
    pub fn measured(&self) -> usize {
        self.values.iter().flatten().count()
    }

    /// The mean of the measured steps; 0 when there are none.
    pub fn mean(&self) -> f64 {
        let measured = self.measured();
        if measured == 0 { 0.0 } else { self.values.iter().flatten().sum::<f64>() / measured as f64 }
    }

    /// What is added to demand before its logarithm is taken or a ratio is formed: half a request where requests
    /// are counted, a fiftieth of the mean of anything else, so that it is small in any unit.
    pub(crate) fn floor(&self) -> f64 {
        let mean = self.mean();
        if self.values.iter().flatten().all(|value| value.fract() == 0.0) {
            0.5 + mean * 1e-3
        } else {
            (mean * 0.02).clamp(f64::MIN_POSITIVE, 0.5 + mean * 1e-3)
        }
    }
}

/// The median, or nothing of nothing.
pub(crate) fn median(mut values: Vec<f64>) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let (middle, odd) = (values.len() / 2, values.len() % 2 == 1);
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let upper = *upper;
    let lower = if odd { upper } else { below.iter().copied().max_by(f64::total_cmp).unwrap_or(upper) };
    Some(f64::midpoint(lower, upper))
}

/// The value at which half of the weight lies below: what minimises the weighted sum of absolute errors.
pub(crate) fn weighted_median(mut values: Vec<(f64, f64)>) -> Option<f64> {
    let half = values.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
    if half <= 0.0 {
        return None;
    }
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut below = 0.0;
    values.into_iter().find_map(|(value, weight)| {
        below += weight;
        (below >= half).then_some(value)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn counts(
        from: DateTime<Utc>,
        minutes: i64,
        calls: impl Fn(i64) -> Option<u64>,
    ) -> Vec<(DateTime<Utc>, f64)> {
        (0..minutes)
            .filter_map(|i| calls(i).map(|calls| (from + Duration::minutes(i), calls as f64)))
            .collect()
    }

    #[test]
    fn a_gap_in_busy_hours_is_missing_and_a_quiet_night_is_zero() {
        let from: DateTime<Utc> = "2026-03-02T00:00:00Z".parse().unwrap();
        // Four days: silent until 06:00, then 100 a minute; on the third day an outage from 12:00 to 13:00.
        let seen = counts(from, 4 * 1440, |i| {
            let outage = (2 * 1440 + 720..2 * 1440 + 780).contains(&i);
            (i % 1440 >= 360 && !outage).then_some(100)
        });
        let series = Series::from_counts(&seen, from + Duration::days(4));
        assert_eq!(series.start, from + Duration::hours(6));
        assert_eq!(series.value(from + Duration::days(2) + Duration::hours(12)), None);
        assert_eq!(series.value(from + Duration::days(2) + Duration::hours(2)), Some(0.0));
        assert_eq!(series.value(from + Duration::days(2) + Duration::hours(14)), Some(100.0));
        assert_eq!(series.values.iter().filter(|v| v.is_none()).count(), 60);
    }

    #[test]
    fn on_the_first_day_the_surroundings_decide() {
        let from: DateTime<Utc> = "2026-03-02T00:00:00Z".parse().unwrap();
        let busy = counts(from, 300, |i| (!(100..104).contains(&i)).then_some(50));
        let series = Series::from_counts(&busy, from + Duration::minutes(300));
        assert_eq!(series.values[101], None);
        let sparse = counts(from, 300, |i| (i % 3 != 1).then_some(1));
        let series = Series::from_counts(&sparse, from + Duration::minutes(300));
        assert_eq!(series.values[1], Some(0.0));
    }

    #[test]
    fn medians_are_exact() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(Vec::new()), None);
        assert_eq!(weighted_median(vec![(1.0, 1.0), (5.0, 10.0), (9.0, 1.0)]), Some(5.0));
        assert_eq!(weighted_median(vec![(1.0, 0.0)]), None);
    }

    #[test]
    fn cutting_keeps_every_step() {
        let from: DateTime<Utc> = "2026-03-02T00:00:00Z".parse().unwrap();
        let series =
            Series { start: from, step_minutes: 1, values: (0..10).map(|i| Some(f64::from(i))).collect() };
        let cut = from + Duration::minutes(4);
        assert_eq!(series.before(cut).measured() + series.since(cut).measured(), 10);
        assert_eq!(series.since(cut).value(cut), Some(4.0));
        assert_eq!(series.before(cut).value(cut), None);
    }
}
