//! What counters rose by from step to step: those that began anew, new ones and silences told apart.

use std::collections::{BTreeMap, HashMap};

use crate::scan::{Aggregate, Compare, Expr, Filter, Function, Key, Literal, ScanQuery};

/// What a counter counts: a number, or the counts of a histogram.
pub(crate) trait Amount: Clone + Default {
    /// What came since an earlier reading; nothing where it fell, so that it must have begun anew.
    fn since(&self, before: &Self) -> Option<Self>;
    /// Adds what came elsewhere.
    fn add(&mut self, other: &Self);
    /// One of so many equal parts.
    fn part_of(&self, parts: f64) -> Self;
}

impl Amount for f64 {
    fn since(&self, before: &Self) -> Option<Self> {
        (before <= self).then(|| self - before)
    }

    fn add(&mut self, other: &Self) {
        *self += other;
    }

    fn part_of(&self, parts: f64) -> Self {
        self / parts
    }
}

/// A counter's points in one step; of several starts in a step, each has its own.
#[derive(Debug, Clone)]
pub(crate) struct Reading<A> {
    /// Number of the step since 1970.
    pub(crate) step: i64,
    /// Which time series.
    pub(crate) part: u64,
    /// Whether each point counts since the one before.
    pub(crate) delta: bool,
    /// The largest that it stood at.
    pub(crate) most: A,
    /// What it stood at in the end.
    pub(crate) last: A,
    /// All points together: of a delta, what came.
    pub(crate) total: A,
    /// When the counter was at nought, in nanoseconds since 1970: another one is another counter.
    pub(crate) started: i64,
}

/// A time series as it was read last.
struct Stood<A> {
    started: i64,
    step: i64,
    at: A,
}

/// Counters as they are followed from step to step.
pub(crate) struct Counters<A> {
    /// Width of a step in nanoseconds.
    width: i64,
    /// From when on points are read, in nanoseconds since 1970: one that started later was at nought before.
    since: i64,
    /// Steps over which one may be silent and its rise is still known: it is spread over them.
    most_gap: i64,
    last: HashMap<u64, Stood<A>>,
    /// What came in each step.
    pub(crate) steps: BTreeMap<i64, A>,
}

impl<A: Amount> Counters<A> {
    pub(crate) fn new(width: i64, since: i64, most_gap: i64) -> Self {
        Self { width, since, most_gap, last: HashMap::new(), steps: BTreeMap::new() }
    }

    /// Takes in a reading; those of one counter must come in the order of time.
    pub(crate) fn add(&mut self, reading: Reading<A>) {
        let Reading { step, part, delta, most, last, total, started } = reading;
        if delta {
            self.steps.entry(step).or_default().add(&total);
            return;
        }
        let before = self.last.insert(part, Stood { started, step, at: last.clone() });
        let (then, mut rose) = match before {
            Some(before) if before.started == started => {
                let rose = most.since(&before.at);
                // It began anew and did not say so: what it reached after that is what is known of it.
                (before.step, rose.unwrap_or_else(|| most.clone()))
            }
            // It began anew since.
            Some(before) => (before.step, most.clone()),
            None if started >= self.since => (started / self.width - 1, most.clone()),
            // What it stood at before is not known.
            None => return,
        };
        if last.since(&most).is_none() {
            rose.add(&last);
        }
        let gap = step - then;
        if gap == 0 {
            self.steps.entry(step).or_default().add(&rose);
        } else if gap <= self.most_gap {
            let share = rose.part_of(gap as f64);
            for step in then + 1..=step {
                self.steps.entry(step).or_default().add(&share);
            }
        }
    }
}

/// What tells one time series of a metric from another.
pub(crate) fn time_series() -> Expr {
    Expr::Hash(["service", "resource", "attributes"].map(str::to_owned).to_vec())
}

/// Adds to a question of points what a [`Reading`] is made of; `value` is what a point counts.
pub(crate) fn readings(points: ScanQuery, value: impl Fn() -> Expr) -> ScanQuery {
    points.keys([Key::column("temporality"), started()]).aggregates([
        Aggregate::new(Function::Max(value()), "most"),
        Aggregate::new(Function::ArgMax(value(), Expr::Column("ts".to_owned())), "last"),
        Aggregate::new(Function::Sum(value()), "total"),
    ])
}

/// When a counter was at nought. Of deltas that is each point's own, and tells nothing apart.
pub(crate) fn started() -> Key {
    let condition = Filter::compare("temporality", Compare::NotEq, Literal::Text("delta".to_owned()));
    let value = Box::new(Expr::Column("start_ts".to_owned()));
    Key::new(Expr::Where { condition: Box::new(condition), value }, "started")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(step: i64, part: u64, most: f64, last: f64, started: i64) -> Reading<f64> {
        Reading { step, part, delta: false, most, last, total: most, started: started * 60 }
    }

    fn rose(rows: &[(i64, u64, f64, i64)]) -> Vec<(i64, f64)> {
        let mut counters = Counters::new(60, 0, 10);
        for (step, part, most, started) in rows {
            counters.add(reading(*step, *part, *most, *most, *started));
        }
        counters.steps.into_iter().collect()
    }

    #[test]
    fn a_counter_rises_falls_back_and_is_silent() {
        assert_eq!(rose(&[(0, 1, 100.0, -9), (1, 1, 130.0, -9), (2, 1, 130.0, -9)]), [(1, 30.0), (2, 0.0)]);
        assert_eq!(
            rose(&[(0, 1, 100.0, -9), (3, 1, 160.0, -9)]),
            [(1, 20.0), (2, 20.0), (3, 20.0)],
            "spread"
        );
        assert_eq!(rose(&[(0, 1, 100.0, -9), (20, 1, 160.0, -9)]), [], "too long ago");
        assert_eq!(rose(&[(0, 1, 100.0, -9), (1, 1, 7.0, 1)]), [(1, 7.0)], "began anew");
        assert_eq!(rose(&[(0, 1, 100.0, -9), (1, 1, 7.0, -9)]), [(1, 7.0)], "and did not say so");
        assert_eq!(rose(&[(5, 1, 7.0, 5)]), [(5, 7.0)], "a new one");
        assert_eq!(rose(&[(0, 1, 1.0, -9), (0, 2, 5.0, -9), (1, 1, 2.0, -9), (1, 2, 9.0, -9)]), [(1, 5.0)]);
    }

    #[test]
    fn a_new_start_within_a_step_counts_what_came_before_it_and_after() {
        assert_eq!(rose(&[(0, 1, 100.0, -9), (1, 1, 110.0, -9), (1, 1, 5.0, 1)]), [(1, 15.0)], "told");
        let mut counters = Counters::new(60, 0, 10);
        counters.add(reading(0, 1, 100.0, 100.0, -9));
        counters.add(reading(1, 1, 110.0, 5.0, -9));
        assert_eq!(counters.steps.into_iter().collect::<Vec<_>>(), [(1, 15.0)], "not told");
    }
}
