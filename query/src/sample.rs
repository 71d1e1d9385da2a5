//! Which spans are looked at when all of them would be too many.
//!
//! Two steps. Of a long stretch with very many spans, every so manieth block of time is read, so that what is looked
//! through is bounded whatever is stored. Of those blocks, spans are taken by a hash of their trace's id: whole traces,
//! the same ones each time, whatever they are like. Every answer says how many spans it rests on.

use chrono::TimeDelta;
use serde::Serialize;
use utoipa::ToSchema;

use crate::range::TimeRange;
use crate::scan::Filter;

/// Spans that a question looks through at most; beyond, it looks at fewer blocks of time.
const MOST_SCANNED: u64 = 500_000;
/// Spans that the store reads to get at one of them: those of a mark.
const NEIGHBOURS: u64 = 8192;
/// So many that fit are left in a sample, however many spans must be looked through.
const LEAST: u64 = 500;
/// Blocks of time that a stretch is cut into.
const BLOCKS: i64 = 48;

/// What of a stretch of time is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The blocks of time, in order.
    pub windows: Vec<TimeRange>,
    /// One trace in so many.
    pub one_in: u64,
}

/// What a sample is, as answers tell it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Sampled {
    /// Spans that were read.
    pub spans: u64,
    /// One trace in so many was taken, by a hash of its id.
    pub one_in: u64,
    /// Share of the time that was looked at, in blocks spread evenly over the range; 1 is all of it.
    pub time: f64,
}

impl Plan {
    /// A plan for a range in which `stored` spans are to be looked through, to find `fitting` that fit the question,
    /// of which about `wanted` are taken. Counts are those of rollups.
    pub fn new(range: TimeRange, stored: u64, fitting: u64, wanted: u64) -> Self {
        // A span that fits brings its neighbours with it. What fits few times is looked for everywhere all the same.
        let touched = stored.min(fitting.saturating_mul(NEIGHBOURS));
        let skip = touched.div_ceil(MOST_SCANNED).min(fitting / LEAST).clamp(1, BLOCKS as u64);
        let windows = windows(range, skip as i64);
        let mut plan = Self { windows, one_in: 1 };
        let taken = fitting as f64 * plan.time_share(&range);
        plan.one_in = (taken / wanted.max(1) as f64).round().max(1.0) as u64;
        plan
    }

    /// Rows within the plan's blocks of time.
    pub fn time(&self, column: &str) -> Filter {
        Filter::Or(self.windows.iter().map(|window| Filter::within(column, window)).collect())
    }

    /// Rows that the plan takes: its blocks of time, its traces.
    pub fn filter(&self, column: &str) -> Filter {
        let time = self.time(column);
        if self.one_in <= 1 {
            return time;
        }
        Filter::And(vec![time, Filter::OneIn("trace_id".to_owned(), self.one_in)])
    }

    /// The share of the time of `range` that is looked at.
    pub fn time_share(&self, range: &TimeRange) -> f64 {
        self.windows.iter().map(TimeRange::seconds).sum::<f64>() / range.seconds()
    }

    /// How a sample of so many spans is told.
    pub fn told(&self, range: &TimeRange, spans: u64) -> Sampled {
        Sampled { spans, one_in: self.one_in, time: self.time_share(range) }
    }
}

/// Every `skip`-th of about [`BLOCKS`] blocks of whole minutes.
fn windows(range: TimeRange, skip: i64) -> Vec<TimeRange> {
    if skip <= 1 {
        return vec![range];
    }
    let minutes = (range.length().num_minutes() / BLOCKS).max(1);
    let block = TimeDelta::minutes(minutes);
    let mut windows = Vec::new();
    let mut from = range.from + block * (skip / 2) as i32;
    while from < range.to {
        windows.push(TimeRange { from, to: (from + block).min(range.to) });
        from += block * skip as i32;
    }
    if windows.is_empty() { vec![range] } else { windows }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone as _, Utc};
    use proptest::prelude::*;

    fn hours(n: i64) -> TimeRange {
        let from = Utc.with_ymd_and_hms(2026, 11, 20, 0, 0, 0).unwrap();
        TimeRange::new(from, from + TimeDelta::hours(n)).unwrap()
    }

    #[test]
    fn what_is_little_is_read_whole() {
        assert_eq!(Plan::new(hours(1), 1_000, 900, 10_000), Plan { windows: vec![hours(1)], one_in: 1 });
        let rare = Plan::new(hours(24), 50_000_000, 30, 10_000);
        assert_eq!(rare, Plan { windows: vec![hours(24)], one_in: 1 }, "thirty failures are all looked for");
        let few = Plan::new(hours(24), 50_000_000, 5_000, 10_000);
        assert_eq!((few.windows.len(), few.one_in), (5, 1), "of five thousand five hundred are enough");
    }

    #[test]
    fn what_is_much_is_read_in_blocks() {
        let plan = Plan::new(hours(24), 4_000_000, 2_000_000, 10_000);
        assert_eq!((plan.windows.len(), plan.one_in), (6, 25));
        assert!((plan.time_share(&hours(24)) - 1.0 / 8.0).abs() < 1e-9);
        assert_eq!(plan.windows[0].from, hours(24).from + TimeDelta::minutes(120));
    }

    proptest! {
        #[test]
        fn blocks_are_apart_and_inside(length in 1_i64..900, stored in 0_u64..1_000_000_000, wanted in 1_u64..50_000) {
            let range = hours(length);
            let plan = Plan::new(range, stored, stored, wanted);
            prop_assert!(plan.windows.iter().all(|w| range.from <= w.from && w.from < w.to && w.to <= range.to));
            prop_assert!(plan.windows.windows(2).all(|pair| pair[0].to <= pair[1].from));
            let share = plan.time_share(&range);
            prop_assert!(share > 0.0 && share <= 1.0 + 1e-9);
            // About as many spans as are wanted.
            let taken = stored as f64 * share / plan.one_in as f64;
            prop_assert!(taken <= wanted as f64 * 1.51 + 1.0, "{taken} of {wanted}");
        }
    }
}
