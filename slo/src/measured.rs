//! A promise with its slices: everything that is read from them, for one objective and for a composite alike.

use chrono::{DateTime, Utc};

use crate::budget::{self, Assessment, Budget, at, burn_of};
use crate::composite::{self, Weighed};
use crate::promise::Promise;
use crate::reading::Reading;
use crate::rules::{Rule, rules};
use crate::spec::{Indicator, Slo};
use crate::stretch::Stretch;
use crate::timeline::Timeline;

/// A promise and what was measured of it.
#[derive(Debug, Clone)]
pub struct Measured<'a> {
    /// What is promised.
    pub promise: Promise<'a>,
    parts: Vec<Weighed<'a>>,
}

impl<'a> Measured<'a> {
    /// A promise with the slices of its objectives; `None` while those of one are missing.
    pub fn new(promise: Promise<'a>, line: impl Fn(&str) -> Option<&'a Timeline>) -> Option<Self> {
        let weighed = |weight: f64, slo: &'a Slo| Some(Weighed { weight, slo, line: line(&slo.id)? });
        let parts = match &promise {
            Promise::One(slo) => weighed(1.0, slo).map(|part| vec![part]),
            Promise::Whole(_, parts) => parts.iter().map(|(weight, slo)| weighed(*weight, slo)).collect(),
        }?;
        Some(Self { promise, parts })
    }

    /// End of the newest slice; of a composite, of the part that was measured last.
    pub fn watermark(&self) -> Option<i64> {
        let ends: Option<Vec<i64>> = self.parts.iter().map(|part| part.line.watermark()).collect();
        ends?.into_iter().min()
    }

    /// Whether the newest slices end too long ago to speak about the present.
    pub fn is_stale(&self, now: DateTime<Utc>) -> bool {
        self.parts.iter().any(|part| budget::is_stale(part.line, now))
    }

    /// Assesses it.
    pub fn assess(&self, now: DateTime<Utc>) -> Assessment {
        match (&self.promise, self.parts.as_slice()) {
            (Promise::One(slo), [part]) => budget::assess(slo, part.line, now),
            (promise, parts) => composite::assess(promise.window(), parts, now),
        }
    }

    /// Status and budget of the window that ends at `end`, or why there are none.
    pub fn budget(&self, end: i64) -> Result<Budget, String> {
        match (&self.promise, self.parts.as_slice()) {
            (Promise::One(slo), [part]) => budget::budget(slo, part.line, end),
            (promise, parts) => composite::budget(promise.window(), parts, end),
        }
    }

    /// The burn over the last `seconds` before `end`; `None` when too little was seen.
    pub fn burn(&self, end: i64, seconds: i64) -> Option<f64> {
        match (&self.promise, self.parts.as_slice()) {
            (Promise::One(slo), [part]) => burn_of(slo, &part.line.last(end, seconds)),
            (_, parts) => composite::burn(parts, end, seconds),
        }
    }

    /// The window's length in seconds that count; of a composite, that of the part with the fewest.
    pub fn length(&self) -> i64 {
        let lengths = self.parts.iter().map(|part| part.line.length());
        lengths.min().unwrap_or(self.promise.window().seconds)
    }

    /// The rules that can fire, loudest first.
    pub fn rules(&self) -> Vec<Rule> {
        rules(self.length(), self.promise.target())
    }

    /// What a rule says at `end`. `significance` is the limit of the gate for low traffic.
    pub fn reading(&self, rule: Rule, significance: f64, end: i64) -> Reading {
        match (&self.promise, self.parts.as_slice()) {
            (Promise::One(slo), [part]) => Reading::at(slo, part.line, rule, significance, end),
            (_, parts) => composite::reading(parts, rule, significance, end),
        }
    }

    /// The ends of the slices that count, after `from` and until `to`; of a composite, those of its first part.
    pub fn ends(&self, from: i64, to: i64) -> Vec<i64> {
        self.parts.first().map_or_else(Vec::new, |part| part.line.ends(from, to).collect())
    }

    /// Start of the oldest slice at or after `from` from which all parts were measured.
    pub fn first(&self, from: i64) -> Option<i64> {
        let firsts: Option<Vec<i64>> = self.parts.iter().map(|part| part.line.first(from)).collect();
        firsts?.into_iter().max()
    }

    /// Good and all units of `from <= start < to`; of a composite those of all parts, in their own units.
    pub fn counts(&self, from: i64, to: i64) -> (f64, f64) {
        let tallies = self.parts.iter().map(|part| part.line.between(from, to));
        tallies.fold((0.0, 0.0), |sum, tally| (sum.0 + tally.good, sum.1 + tally.total))
    }

    /// Since when it has been down, if it is: minutes up to the newest slice in which more than half of the requests
    /// failed, with none between in which they did not. Of a composite, the part that has been down longest.
    pub fn down_since(&self) -> Option<DateTime<Utc>> {
        let down = |part: &Weighed<'_>| counts_failures(part.slo).then(|| part.line.mostly_bad_since());
        self.parts.iter().filter_map(|part| down(part).flatten()).min().map(at)
    }

    /// What was kept of it from `from` on and before `to`.
    pub fn stretch(&self, from: i64, to: i64) -> Stretch {
        Stretch::of(&self.parts, from, to)
    }

    /// The stretches of `from` to `to` that count and were not seen; of a composite, of any part.
    pub fn gaps(&self, from: i64, to: i64) -> Vec<(i64, i64)> {
        let mut all: Vec<(i64, i64)> = self.parts.iter().flat_map(|part| part.line.gaps(from, to)).collect();
        all.sort_unstable();
        let mut gaps: Vec<(i64, i64)> = Vec::new();
        for (start, end) in all {
            match gaps.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => gaps.push((start, end)),
            }
        }
        gaps
    }
}

/// Whether what is bad has failed. Slow requests are served, and a metric may stand for anything.
pub(crate) fn counts_failures(slo: &Slo) -> bool {
    match &slo.indicator {
        Ok(Indicator::Spans { total, part, .. }) => total.latency.is_none() && part.latency.is_none(),
        Ok(Indicator::Events { .. }) => true,
        Ok(Indicator::Metric { .. }) | Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Method;
    use crate::testing::slo;
    use crate::{Series, Slice};

    fn down(minutes: &[(u64, u64)]) -> Option<i64> {
        let slo = slo(0.99, "30d", Method::Occurrences);
        let slices = minutes.iter().zip(0..).map(|((good, total), n)| Slice {
            start: n * 60,
            seconds: 60,
            good: *good,
            total: *total,
            observed: 1.0,
        });
        let line = Timeline::new(&slo, &Series::new(slices.collect()));
        let measured = Measured::new(Promise::One(&slo), |_| Some(&line)).expect("slices");
        measured.down_since().map(|at| at.timestamp())
    }

    #[test]
    fn down_is_when_more_than_half_fails_up_to_now() {
        assert_eq!(down(&[(0, 9), (9, 9), (4, 9), (0, 9)]), Some(120));
        assert_eq!(down(&[(9, 9), (0, 9), (0, 0), (0, 9), (0, 0)]), Some(60), "silence is no recovery");
        assert_eq!(down(&[(0, 9), (5, 10)]), None);
        assert_eq!(down(&[(9, 9), (0, 0)]), None);
        assert_eq!(down(&[]), None);
    }
}
