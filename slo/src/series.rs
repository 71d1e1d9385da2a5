//! The slices of one objective in order of time, and what they add up to.

/// Good and total over a stretch of time; `observed` says how much of it was seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slice {
    /// First second, since the epoch.
    pub start: i64,
    /// Seconds covered: 60, or more where older slices were added up.
    pub seconds: i64,
    /// Good requests or events.
    pub good: u64,
    /// All requests or events.
    pub total: u64,
    /// Minutes in which Headroom was receiving telemetry, 0 to `seconds / 60`. A
    /// minute without requests in which it was receiving counts; a gap does not.
    pub observed: f64,
}

/// The slices of one objective.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    slices: Vec<Slice>,
}

/// What a stretch of time adds up to, in units of the budgeting method: requests
/// for Occurrences, time slices for the others.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Tally {
    /// Good units.
    pub good: f64,
    /// All units.
    pub total: f64,
    /// Minutes seen.
    pub observed: f64,
    /// Minutes there were, since the first slice at the earliest.
    pub expected: f64,
    /// Minutes of the whole stretch, measured or not.
    pub length: f64,
    /// Requests or events under any budgeting method: 0 says that nothing was asked for.
    pub requests: f64,
}

impl Tally {
    /// Bad units over all units; `None` when there were none.
    pub fn error_rate(&self) -> Option<f64> {
        (self.total > 0.0).then(|| (self.total - self.good) / self.total)
    }

    /// Bad units.
    pub fn bad(&self) -> f64 {
        self.total - self.good
    }

    /// Share of the minutes since the first slice that were seen, 0 to 1; 0 when nothing was expected.
    pub fn coverage(&self) -> f64 {
        if self.expected > 0.0 { (self.observed / self.expected).min(1.0) } else { 0.0 }
    }

    /// Share of the whole stretch that was seen, 0 to 1: also low when measuring began within it.
    pub fn seen(&self) -> f64 {
        if self.length > 0.0 { (self.observed / self.length).min(1.0) } else { 0.0 }
    }

    /// How many times faster than allowed the budget burns: `error_rate / (1 - target)`.
    /// No requests burn nothing.
    pub fn burn(&self, target: f64) -> f64 {
        self.error_rate().unwrap_or(0.0) / (1.0 - target)
    }
}

impl Series {
    /// Slices in any order; a later one for the same start wins.
    pub fn new(mut slices: Vec<Slice>) -> Self {
        slices.reverse();
        slices.sort_by_key(|slice| slice.start);
        slices.dedup_by_key(|slice| slice.start);
        Self { slices }
    }

    /// The slices, oldest first.
    pub fn slices(&self) -> &[Slice] {
        &self.slices
    }

    /// End of the newest slice, in seconds since the epoch: all windows end here.
    pub fn watermark(&self) -> Option<i64> {
        self.slices.last().map(|slice| slice.start + slice.seconds)
    }

    /// Start of the oldest slice at or after `from`.
    pub fn first(&self, from: i64) -> Option<i64> {
        let at = self.slices.partition_point(|slice| slice.start < from);
        self.slices.get(at).map(|slice| slice.start)
    }
}
