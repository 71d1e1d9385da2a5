//! Which values of a metric are good.

/// How a value is compared with a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// At most.
    Lte,
    /// Less than.
    Lt,
    /// At least.
    Gte,
    /// More than.
    Gt,
}

impl Op {
    /// Whether a value meets a limit.
    pub fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Self::Lte => value <= limit,
            Self::Lt => value < limit,
            Self::Gte => value >= limit,
            Self::Gt => value > limit,
        }
    }

    /// In words: `at most`, `below`, `at least`, `above`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Lte => "at most",
            Self::Lt => "below",
            Self::Gte => "at least",
            Self::Gt => "above",
        }
    }
}

/// What a minute of a metric comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricStatistic {
    /// The mean of its points.
    Avg,
    /// The largest of them.
    Max,
}

/// How good a minute is by the value of a metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MetricGood {
    /// The value is a ratio of 0 to 1 that was computed before.
    Ratio {
        /// It is the share that failed.
        is_failure: bool,
    },
    /// The value is good when it meets a limit.
    Compared {
        /// How it is compared.
        op: Op,
        /// With what.
        value: f64,
    },
}

/// The parts into which a minute with a ratio is divided.
const PARTS: f64 = 1e6;

impl MetricGood {
    /// Good and total of a minute with this value; `None` where a ratio is not within 0 and 1, or no number.
    pub fn counts(self, found: f64) -> Option<(u64, u64)> {
        match self {
            Self::Ratio { is_failure } => {
                let share = if is_failure { 1.0 - found } else { found };
                (0.0..=1.0).contains(&found).then(|| ((share * PARTS).round() as u64, PARTS as u64))
            }
            Self::Compared { op, value } => found.is_finite().then(|| (u64::from(op.holds(found, value)), 1)),
        }
    }

    /// In words, to stand behind "the metric": `at most 60`.
    pub fn words(self) -> String {
        match self {
            Self::Ratio { is_failure: false } => "the share that is good".to_owned(),
            Self::Ratio { is_failure: true } => "the share that failed".to_owned(),
            Self::Compared { op, value } => format!("{} {value}", op.words()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_by_its_value() {
        let success = MetricGood::Ratio { is_failure: false };
        let failure = MetricGood::Ratio { is_failure: true };
        assert_eq!(
            (success.counts(0.999), failure.counts(0.25)),
            (Some((999_000, 1_000_000)), Some((750_000, 1_000_000)))
        );
        for wrong in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert_eq!((success.counts(wrong), failure.counts(wrong)), (None, None));
        }
        let fresh = MetricGood::Compared { op: Op::Lt, value: 60.0 };
        assert_eq!([59.9, 60.0].map(|age| fresh.counts(age)), [Some((1, 1)), Some((0, 1))]);
        assert_eq!(fresh.counts(f64::NAN), None);
        assert_eq!(fresh.words(), "below 60");
        let holds = |op: Op| [1.0, 2.0, 3.0].map(|value| op.holds(value, 2.0));
        assert_eq!(holds(Op::Lte), [true, true, false]);
        assert_eq!(holds(Op::Lt), [true, false, false]);
        assert_eq!(holds(Op::Gte), [false, true, true]);
        assert_eq!(holds(Op::Gt), [false, false, true]);
    }
}
