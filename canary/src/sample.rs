//! Observations of one metric.

use std::collections::BTreeMap;

/// A set of finite values with the number of times that each was seen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sample {
    /// Distinct, rising.
    values: Vec<f64>,
    /// How often each was seen, at least once.
    counts: Vec<u64>,
}

impl Sample {
    /// Each value once; those that are not finite are left out.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        Self::of_counts(values.into_iter().map(|value| (value, 1)))
    }

    /// Values with counts, in any order; equal values add up.
    pub fn of_counts(pairs: impl IntoIterator<Item = (f64, u64)>) -> Self {
        let mut pairs: Vec<(f64, u64)> =
            pairs.into_iter().filter(|(value, count)| value.is_finite() && *count > 0).collect();
        // Both zeros are one value.
        pairs.iter_mut().for_each(|(value, _)| *value += 0.0);
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut sample = Self::default();
        for (value, count) in pairs {
            match sample.values.last() {
                Some(last) if *last == value => {
                    let counted = sample.counts.last_mut().expect("invariant: each value has a count");
                    *counted += count;
                }
                _ => {
                    sample.values.push(value);
                    sample.counts.push(count);
                }
            }
        }
        sample
    }

    /// A base-2 exponential histogram: bucket `i` holds what is above `2^(i / 2^scale)` and at most `2^((i+1) / 2^scale)`.
    /// The values are binary logarithms of the buckets' middles: differences are logarithms of ratios.
    pub fn of_buckets(scale: u8, buckets: &BTreeMap<i32, u64>) -> Self {
        let width = (-f64::from(scale)).exp2();
        Self::of_counts(buckets.iter().map(|(&index, &count)| ((f64::from(index) + 0.5) * width, count)))
    }

    /// Distinct values, rising.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// How often each of [`Sample::values`] was seen.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Number of observations.
    pub fn len(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Whether nothing was seen.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Arithmetic mean; `None` of nothing.
    pub fn mean(&self) -> Option<f64> {
        let sum: f64 = self.pairs().map(|(value, count)| value * count as f64).sum();
        (!self.is_empty()).then(|| sum / self.len() as f64)
    }

    /// The value below which a share `q` of the observations lies, by linear interpolation between ranks (type 7 of Hyndman and
    /// Fan, as R and NumPy do); `None` of nothing.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let last = self.len().checked_sub(1)?;
        let rank = q.clamp(0.0, 1.0) * last as f64;
        let (low, share) = (rank.floor(), rank.fract());
        let low_value = self.nth(low as u64)?;
        let high_value = self.nth(low as u64 + u64::from(share > 0.0))?;
        Some(low_value + (high_value - low_value) * share)
    }

    /// Without what lies further than `factor` interquartile ranges outside the quartiles (Tukey 1977; 3 is "far out").
    #[must_use]
    pub fn without_outliers(&self, factor: f64) -> Self {
        let (Some(low), Some(high)) = (self.quantile(0.25), self.quantile(0.75)) else { return self.clone() };
        let reach = factor * (high - low);
        Self::of_counts(self.pairs().filter(|(value, _)| (low - reach..=high + reach).contains(value)))
    }

    pub(crate) fn pairs(&self) -> impl DoubleEndedIterator<Item = (f64, u64)> {
        self.values.iter().copied().zip(self.counts.iter().copied())
    }

    /// The observation of rank `n` from 0.
    fn nth(&self, n: u64) -> Option<f64> {
        let mut seen = 0;
        self.pairs().find_map(|(value, count)| {
            seen += count;
            (n < seen).then_some(value)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_add_up_and_nan_is_left_out() {
        let sample = Sample::of([2.0, f64::NAN, 1.0, 2.0, f64::INFINITY, -0.0, 0.0]);
        assert_eq!((sample.values(), sample.counts()), (&[0.0, 1.0, 2.0][..], &[2, 1, 2][..]));
        assert_eq!((sample.len(), sample.mean()), (5, Some(1.0)));
        assert_eq!((Sample::default().mean(), Sample::default().quantile(0.5)), (None, None));
    }

    /// `quantile(c(1, 2, 3, 4, 10), c(0, .25, .5, .6, .9, 1))` in R.
    #[test]
    fn quantiles_are_those_of_r() {
        let sample = Sample::of([10.0, 4.0, 1.0, 2.0, 3.0]);
        let got: Vec<f64> =
            [0.0, 0.25, 0.5, 0.6, 0.9, 1.0].iter().filter_map(|q| sample.quantile(*q)).collect();
        for (got, expected) in got.iter().zip([1.0, 2.0, 3.0, 3.4, 7.6, 10.0]) {
            assert!((got - expected).abs() < 1e-12, "{got} {expected}");
        }
    }

    #[test]
    fn far_out_values_go() {
        let sample = Sample::of([1.0, 2.0, 3.0, 4.0, 5.0, 10.0, 10.1]);
        // Quartiles 2.5 and 7.5: the fences are -12.5 and 22.5.
        assert_eq!(sample.without_outliers(3.0), sample);
        let sample = Sample::of([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 1e3]);
        assert_eq!(sample.without_outliers(3.0), Sample::of([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
    }

    #[test]
    fn buckets_are_logarithms() {
        let sample = Sample::of_buckets(4, &BTreeMap::from([(0, 3), (16, 1)]));
        assert_eq!(sample.values(), [0.5 / 16.0, 1.0 + 0.5 / 16.0]);
    }
}
