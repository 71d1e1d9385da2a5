//! The differences between all values of one sample and all of another, without making them.
//!
//! `n * m` differences are counted below any number in `n + m` steps, as both samples are sorted, and the k-th smallest of
//! them is found by halving: at most 64 counts, since there are 2^64 numbers. That is exact, and as cheap for histograms.

use crate::sample::Sample;

/// Pairs `(x, y)` with `x - y` at most `limit`.
pub fn pairs_within(x: &Sample, y: &Sample, limit: f64) -> u128 {
    let (mut pairs, mut fitting) = (0, 0_u128);
    let mut at = y.values().len();
    // The smaller x is, the more y fit, from their top down. Rounding keeps that order.
    for (x, count) in x.pairs().rev() {
        while at > 0 && x - y.values()[at - 1] <= limit {
            at -= 1;
            fitting += u128::from(y.counts()[at]);
        }
        pairs += u128::from(count) * fitting;
    }
    pairs
}

/// The `k`-th smallest difference `x - y`, `k` from 1; the smallest for 0, the largest for more than there are. `None` if a
/// sample is empty.
pub fn nth(x: &Sample, y: &Sample, k: u128) -> Option<f64> {
    let mut low = key(x.values().first()? - y.values().last()?);
    let mut high = key(x.values().last()? - y.values().first()?);
    // The smallest number with at least k differences up to it is itself a difference.
    while low < high {
        let middle = low + (high - low) / 2;
        if pairs_within(x, y, number(middle)) >= k { high = middle } else { low = middle + 1 }
    }
    Some(number(low))
}

/// The middle difference: the Hodges-Lehmann estimate of the shift from `y` to `x`.
pub fn median(x: &Sample, y: &Sample) -> Option<f64> {
    let pairs = u128::from(x.len()) * u128::from(y.len());
    Some(f64::midpoint(nth(x, y, pairs.div_ceil(2))?, nth(x, y, pairs / 2 + 1)?))
}

/// Whole numbers in the order of the floating-point numbers.
fn key(number: f64) -> i128 {
    // Both zeros are one.
    let bits = (number + 0.0).to_bits();
    if bits >> 63 == 0 { i128::from(bits) } else { -i128::from(bits & !(1 << 63)) }
}

fn number(key: i128) -> f64 {
    let bits = key.unsigned_abs() as u64;
    if key < 0 { -f64::from_bits(bits) } else { f64::from_bits(bits) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against making and sorting all differences.
        #[test]
        fn it_is_the_nth(
            x in prop::collection::vec((-9_i32..9, 1_u64..4), 1..12),
            y in prop::collection::vec((-9_i32..9, 1_u64..4), 1..12),
            unit in prop_oneof![Just(1.0), Just(0.1), Just(1e-300)],
        ) {
            let sample = |pairs: &[(i32, u64)]| Sample::of_counts(pairs.iter().map(|(v, n)| (f64::from(*v) * unit, *n)));
            let (x, y) = (sample(&x), sample(&y));
            let mut all = Vec::new();
            for (a, n) in x.pairs() {
                for (b, m) in y.pairs() {
                    all.extend(std::iter::repeat_n(a - b, (n * m) as usize));
                }
            }
            all.sort_by(f64::total_cmp);
            for (k, expected) in all.iter().enumerate() {
                prop_assert_eq!(nth(&x, &y, k as u128 + 1), Some(*expected));
                prop_assert_eq!(pairs_within(&x, &y, *expected), all.iter().filter(|d| *d <= expected).count() as u128);
            }
            prop_assert_eq!(nth(&x, &y, u128::MAX), all.last().copied());
        }
    }
}
