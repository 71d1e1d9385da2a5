//! Latencies counted in buckets whose width grows with the value, after DDSketch (Masson, Rim and Lee 2019,
//! arXiv:1908.10693, section 2.1): a percentile is wrong by at most [`RELATIVE_ERROR`], and the memory is
//! bounded whatever the count.

use super::Latency;

/// The most by which a percentile read from raw samples differs from the true one, relative to it: 1 %.
/// Below one microsecond the difference is at most one microsecond.
pub const RELATIVE_ERROR: f64 = 0.01;

/// The greatest value of the first bucket, in milliseconds.
const FIRST: f64 = 0.001;
/// The highest bucket: about 30 days.
const LAST_BUCKET: usize = 1_430;

/// Counts of latencies in milliseconds.
#[derive(Debug, Clone, Default)]
pub(super) struct Histogram {
    /// The bucket that `counts[0]` is.
    first: usize,
    counts: Vec<u64>,
    total: u64,
    sum: f64,
    min: f64,
    max: f64,
}

fn gamma() -> f64 {
    (1.0 + RELATIVE_ERROR) / (1.0 - RELATIVE_ERROR)
}

fn bucket(ms: f64) -> usize {
    // ln γ of the constant above: 2 atanh(0.01).
    const LN_GAMMA: f64 = 0.020_000_666_706_669_435;
    if ms <= FIRST { 0 } else { (((ms / FIRST).ln() / LN_GAMMA).ceil() as usize).min(LAST_BUCKET) }
}

fn value(bucket: usize) -> f64 {
    FIRST * 2.0 * gamma().powi(bucket as i32) / (gamma() + 1.0)
}

impl Histogram {
    /// Counts `times` latencies of `ms`, finite and not negative.
    pub(super) fn add(&mut self, ms: f64, times: u64) {
        if times == 0 {
            return;
        }
        (self.min, self.max) = if self.total == 0 { (ms, ms) } else { (self.min.min(ms), self.max.max(ms)) };
        self.total = self.total.saturating_add(times);
        self.sum += ms * times as f64;
        self.count(bucket(ms), times);
    }

    /// Counts all of another's.
    pub(super) fn merge(&mut self, other: &Self) {
        if other.total == 0 {
            return;
        }
        (self.min, self.max) = if self.total == 0 {
            (other.min, other.max)
        } else {
            (self.min.min(other.min), self.max.max(other.max))
        };
        self.total = self.total.saturating_add(other.total);
        self.sum += other.sum;
        for (at, times) in other.counts.iter().enumerate().filter(|(_, times)| **times > 0) {
            self.count(other.first + at, *times);
        }
    }

    fn count(&mut self, bucket: usize, times: u64) {
        if self.counts.is_empty() {
            self.first = bucket;
        }
        if bucket < self.first {
            self.counts.splice(0..0, std::iter::repeat_n(0, self.first - bucket));
            self.first = bucket;
        }
        let at = bucket - self.first;
        if at >= self.counts.len() {
            self.counts.resize(at + 1, 0);
        }
        self.counts[at] = self.counts[at].saturating_add(times);
    }

    /// How many were counted.
    #[cfg(test)]
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// The mean in milliseconds.
    pub(super) fn mean(&self) -> Option<f64> {
        (self.total > 0).then(|| (self.sum / self.total as f64).clamp(self.min, self.max))
    }

    /// The value below which a share `q` of the latencies lies, by the nearest rank: the least value such
    /// that at least `q` of them are no greater.
    pub(super) fn quantile(&self, q: f64) -> Option<f64> {
        if self.total == 0 {
            return None;
        }
        let rank = ((q * self.total as f64).ceil() as u64).clamp(1, self.total);
        let mut seen = 0_u64;
        for (at, times) in self.counts.iter().enumerate() {
            seen = seen.saturating_add(*times);
            if seen >= rank {
                return Some(value(self.first + at).clamp(self.min, self.max));
            }
        }
        Some(self.max)
    }

    /// All of [`Latency`], without the percentiles that too few requests cannot tell.
    pub(super) fn latency(&self) -> Latency {
        let told = |q: f64| if self.total as f64 * (1.0 - q) >= 0.999_999 { self.quantile(q) } else { None };
        Latency {
            mean_ms: self.mean(),
            min_ms: (self.total > 0).then_some(self.min),
            p50_ms: self.quantile(0.5),
            p90_ms: told(0.9),
            p95_ms: told(0.95),
            p99_ms: told(0.99),
            p999_ms: told(0.999),
            max_ms: (self.total > 0).then_some(self.max),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn percentiles_are_those_of_the_nearest_rank_within_one_percent() {
        let mut histogram = Histogram::default();
        (1..=1_000).for_each(|ms| histogram.add(f64::from(ms), 1));
        let latency = histogram.latency();
        for (read, truth) in [
            (latency.p50_ms, 500.0),
            (latency.p90_ms, 900.0),
            (latency.p95_ms, 950.0),
            (latency.p99_ms, 990.0),
            (latency.p999_ms, 999.0),
        ] {
            let read = read.unwrap();
            assert!((read - truth).abs() <= truth * RELATIVE_ERROR, "{read} for {truth}");
        }
        assert_eq!(
            (latency.min_ms, latency.max_ms, latency.mean_ms),
            (Some(1.0), Some(1_000.0), Some(500.5))
        );
    }

    #[test]
    fn few_requests_have_no_far_percentiles() {
        let mut histogram = Histogram::default();
        histogram.add(3.0, 99);
        let latency = histogram.latency();
        assert_eq!((latency.p95_ms, latency.p99_ms), (Some(3.0), None));
        histogram.add(3.0, 1);
        assert_eq!(histogram.latency().p99_ms, Some(3.0));
        assert_eq!(Histogram::default().latency(), Latency::default());
    }

    #[test]
    fn the_logarithm_is_that_of_gamma() {
        assert!((gamma().ln() - 0.020_000_666_706_669_435).abs() < 1e-15);
        assert_eq!(bucket(FIRST), 0);
        assert_eq!(bucket(30.0 * 86_400_000.0), bucket(1e30).min(LAST_BUCKET));
    }

    proptest! {
        #[test]
        fn any_percentile_is_within_the_error_and_none_falls(
            mut values in prop::collection::vec(0.002_f64..1e8, 1..300), cut in 0_usize..300, q in 0.0_f64..1.0,
        ) {
            let mut whole = Histogram::default();
            let mut other = Histogram::default();
            for (at, ms) in values.iter().enumerate() {
                if at < cut { whole.add(*ms, 1) } else { other.add(*ms, 1) }
            }
            whole.merge(&other);
            values.sort_by(f64::total_cmp);
            let rank = ((q * values.len() as f64).ceil() as usize).clamp(1, values.len());
            let truth = values[rank - 1];
            let read = whole.quantile(q).unwrap();
            prop_assert!((read - truth).abs() <= truth * RELATIVE_ERROR * 1.000_001);
            prop_assert!(read <= whole.quantile((q + 0.1).min(1.0)).unwrap());
            prop_assert_eq!(whole.total(), values.len() as u64);
        }
    }
}
