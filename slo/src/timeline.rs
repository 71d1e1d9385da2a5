//! The slices of one objective as running sums: read once, asked for any stretch of time.
//!
//! Building costs one pass over the slices. After that a stretch, however long, costs two searches for its
//! ends and a subtraction, so that the budget, seven burn rates and the windows of four rules read each
//! slice once and not once for each of them. Slices in time that does not count are left out.

use crate::counting::Mask;
use crate::rules::{Rule, rules};
use crate::series::{Series, Slice, Tally};
use crate::spec::{Method, Slo};
use crate::window::Window;

/// Days before the window, and after the newest slice, for which it is known what counts.
const MARGIN_SECONDS: i64 = 31 * 86_400;

/// An objective's slices, summed up.
#[derive(Debug, Clone)]
pub struct Timeline {
    window: Window,
    mask: Mask,
    always: bool,
    watermark: Option<i64>,
    /// Starts of the slices that count.
    starts: Vec<i64>,
    /// Sums of the first n slices, from none to all.
    sums: Vec<Sum>,
    slots: Option<Slots>,
}

/// What slices add up to.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    good: u64,
    total: u64,
    observed: f64,
    seconds: i64,
}

/// The time slices of a budgeting method.
#[derive(Debug, Clone)]
struct Slots {
    /// Share of good that a time slice must reach to be good; `None` when the share itself counts.
    target: Option<f64>,
    /// The first slice of each time slice, and behind the last one the number of slices.
    firsts: Vec<usize>,
    /// Good and all of the first n time slices, from none to all.
    sums: Vec<(f64, f64)>,
}

impl Timeline {
    /// The sums of the slices that count for an objective.
    pub fn new(slo: &Slo, series: &Series) -> Self {
        // Of an objective that cannot be computed nothing is asked.
        let always = slo.counting.is_always() || slo.indicator.is_err();
        let watermark = series.watermark();
        let end = watermark.unwrap_or(0);
        let (start, stop) = slo.window.bounds(end);
        let mask = if always {
            Mask::always()
        } else {
            let from = start.min(series.first(i64::MIN).unwrap_or(start)) - MARGIN_SECONDS;
            slo.counting.mask(from, stop.max(end + MARGIN_SECONDS))
        };
        let counted = series.slices().iter().filter(|slice| always || mask.counts(slice.start));
        let (mut starts, mut sums) = (Vec::new(), vec![Sum::default()]);
        let mut sum = Sum::default();
        for slice in counted {
            starts.push(slice.start);
            sum = sum.plus(slice);
            sums.push(sum);
        }
        let mut line =
            Self { window: slo.window.clone(), mask, always, watermark, starts, sums, slots: None };
        line.slots = match slo.method {
            Method::Occurrences => None,
            Method::Timeslices { target, seconds } => Some(line.slots(seconds, Some(target))),
            Method::RatioTimeslices { seconds } => Some(line.slots(seconds, None)),
        };
        line
    }

    fn slots(&self, seconds: i64, target: Option<f64>) -> Slots {
        let slot = |n: usize| self.starts[n].div_euclid(seconds);
        let mut firsts: Vec<usize> =
            (0..self.starts.len()).filter(|n| *n == 0 || slot(*n) != slot(n - 1)).collect();
        firsts.push(self.starts.len());
        let mut slots = Slots { target, sums: vec![(0.0, 0.0)], firsts };
        let mut sum = (0.0, 0.0);
        for pair in slots.firsts.windows(2) {
            sum = add(sum, slots.one(self.sum(pair[0], pair[1])));
            slots.sums.push(sum);
        }
        slots
    }

    /// End of the newest slice, in seconds since the epoch: all windows end here.
    pub fn watermark(&self) -> Option<i64> {
        self.watermark
    }

    /// Start of the oldest slice that counts, at or after `from`.
    pub fn first(&self, from: i64) -> Option<i64> {
        self.starts.get(self.starts.partition_point(|start| *start < from)).copied()
    }

    /// The ends of the slices that count, after `from` and until `to`.
    pub fn ends(&self, from: i64, to: i64) -> impl Iterator<Item = i64> + '_ {
        let seconds = |n: usize| self.sums[n + 1].seconds - self.sums[n].seconds;
        let ends = self.starts.iter().enumerate().map(move |(n, start)| start + seconds(n));
        ends.filter(move |end| from < *end && *end <= to)
    }

    /// What `from <= start < to` adds up to.
    pub fn between(&self, from: i64, to: i64) -> Tally {
        let low = self.starts.partition_point(|start| *start < from);
        let high = self.starts.partition_point(|start| *start < to).max(low);
        let sum = self.sum(low, high);
        let since = self.starts.first().map_or(to, |first| from.max(*first));
        let minutes = |from: i64| self.mask.seconds(from, to) as f64 / 60.0;
        let (good, total) = match &self.slots {
            None => (sum.good as f64, sum.total as f64),
            Some(slots) => slots.between(low, high, |low, high| self.sum(low, high)),
        };
        Tally {
            good,
            total,
            observed: sum.observed,
            expected: minutes(since),
            length: minutes(from),
            requests: sum.total as f64,
        }
    }

    /// Start of the last minutes in which less than half was good, if they reach up to the newest slice. One without
    /// requests neither begins nor ends them.
    pub fn mostly_bad_since(&self) -> Option<i64> {
        let slices = self.sums.windows(2).map(|pair| pair[1].minus(pair[0]));
        let asked = self.starts.iter().zip(slices).rev().filter(|(_, sum)| sum.total > 0);
        asked.take_while(|(_, sum)| sum.good * 2 < sum.total).last().map(|(start, _)| *start)
    }

    /// Minutes of `from <= start < to` in which less than half was good.
    pub fn mostly_bad(&self, from: i64, to: i64) -> f64 {
        let bad = self.slices(from, to).filter(|(_, sum)| sum.good * 2 < sum.total);
        bad.map(|(_, sum)| sum.seconds as f64 / 60.0).sum()
    }

    /// The stretches of `from` to `to` that count and were not seen.
    pub fn gaps(&self, from: i64, to: i64) -> Vec<(i64, i64)> {
        let seen = self.slices(from, to).filter(|(_, sum)| sum.observed > 0.0);
        let ends = seen.map(|(start, sum)| (start, start + sum.seconds)).chain([(to, to)]);
        let mut gaps = Vec::new();
        let mut seen_until = from;
        for (start, end) in ends {
            if seen_until < start && self.mask.seconds(seen_until, start) > 0 {
                gaps.push((seen_until, start));
            }
            seen_until = end;
        }
        gaps
    }

    /// The slices of `from <= start < to` that count.
    fn slices(&self, from: i64, to: i64) -> impl Iterator<Item = (i64, Sum)> {
        let low = self.starts.partition_point(|start| *start < from);
        let high = self.starts.partition_point(|start| *start < to).max(low);
        (low..high).map(|n| (self.starts[n], self.sum(n, n + 1)))
    }

    /// The last `seconds` before `end` that count.
    pub fn last(&self, end: i64, seconds: i64) -> Tally {
        self.between(self.mask.back(end, seconds), end)
    }

    /// The objective's window of slices that end at `end`.
    pub fn window(&self, end: i64) -> Tally {
        self.between(self.window.start(end), end)
    }

    /// Seconds that count in the whole of the objective's window around `end`, and of these how many are still
    /// to come; none in a rolling window.
    pub fn period(&self, end: i64) -> (i64, i64) {
        let (start, stop) = self.window.bounds(end);
        (self.mask.seconds(start, stop), self.mask.seconds(end, stop))
    }

    /// When so many seconds that count will have passed after `end`; `None` when it is too far ahead.
    pub fn ahead(&self, end: i64, seconds: f64) -> Option<i64> {
        self.mask.ahead(end, seconds as i64)
    }

    /// The rules that can fire, loudest first. Where only some time counts, the window is as long as
    /// that time.
    pub fn rules(&self, target: f64) -> Vec<Rule> {
        rules(self.length(), target)
    }

    /// The window's nominal length in seconds that count.
    pub fn length(&self) -> i64 {
        if self.always { self.window.seconds } else { self.period(self.watermark.unwrap_or(0)).0 }
    }

    fn sum(&self, low: usize, high: usize) -> Sum {
        self.sums[high].minus(self.sums[low])
    }
}

impl Sum {
    fn plus(self, slice: &Slice) -> Self {
        Self {
            good: self.good + slice.good,
            total: self.total + slice.total,
            observed: self.observed + slice.observed,
            seconds: self.seconds + slice.seconds,
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            good: self.good - other.good,
            total: self.total - other.total,
            observed: self.observed - other.observed,
            seconds: self.seconds - other.seconds,
        }
    }
}

impl Slots {
    /// One time slice as good and all. One without requests is good. One that was seen for less
    /// than half is no unit at all: coverage speaks for it.
    fn one(&self, sum: Sum) -> (f64, f64) {
        if sum.seconds == 0 || sum.observed * 120.0 < sum.seconds as f64 {
            return (0.0, 0.0);
        }
        let share = if sum.total == 0 { 1.0 } else { sum.good as f64 / sum.total as f64 };
        let good = self.target.map_or(share, |target| f64::from(u8::from(share >= target)));
        (good, 1.0)
    }

    /// Good and all of the slices from `low` to `high`. A time slice that is cut by an end counts with
    /// what of it lies inside.
    fn between(&self, low: usize, high: usize, sum: impl Fn(usize, usize) -> Sum) -> (f64, f64) {
        if low == high {
            return (0.0, 0.0);
        }
        let slot = |n: usize| self.firsts.partition_point(|first| *first <= n) - 1;
        let (first, last) = (slot(low), slot(high - 1));
        if first == last {
            return self.one(sum(low, high));
        }
        let whole = (self.sums[last].0 - self.sums[first + 1].0, self.sums[last].1 - self.sums[first + 1].1);
        let head = self.one(sum(low, self.firsts[first + 1]));
        add(add(head, whole), self.one(sum(self.firsts[last], high)))
    }
}

fn add(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    (a.0 + b.0, a.1 + b.1)
}

#[cfg(test)]
mod tests;
