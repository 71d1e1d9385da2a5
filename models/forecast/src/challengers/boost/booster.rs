//! Gradient boosting of one quantile: trees that follow the gradient of the pinball loss, until rows set aside for it
//! no longer gain. Nothing is drawn at random, so the same rows give the same model.

use crate::challengers::boost::tree::{Frame, Tree};

/// How much of a tree's leaf counts.
const RATE: f64 = 0.1;
/// Most trees.
const MOST: usize = 200;
/// Trees without a gain on the rows set aside after which it stops.
const PATIENCE: usize = 15;

/// A model of one quantile.
#[derive(Debug, Clone)]
pub(super) struct Booster {
    base: f64,
    trees: Vec<Tree>,
}

/// What is learned from: the binned frame, the same as rows for prediction, and the target.
pub(super) struct Lesson<'a> {
    pub(super) frame: &'a Frame,
    pub(super) features: &'a [Vec<f32>],
    pub(super) target: &'a [f64],
}

impl Booster {
    /// Boosts on `train` until `stop` no longer gains, and forgets the trees after the best.
    pub(super) fn fit(lesson: &Lesson<'_>, p: f64, train: &[u32], stop: &[u32]) -> Self {
        let mut best = (f64::INFINITY, 0);
        let mut booster = Self::grow(lesson, p, train, |trees, fitted| {
            let loss: f64 =
                stop.iter().map(|r| pinball(p, lesson.target[*r as usize] - fitted[*r as usize])).sum();
            if loss < best.0 * (1.0 - 1e-4) {
                best = (loss, trees);
            }
            trees < best.1 + PATIENCE
        });
        booster.trees.truncate(best.1);
        booster
    }

    /// Boosts as many trees as another has, on more rows.
    pub(super) fn again(&self, lesson: &Lesson<'_>, p: f64, rows: &[u32]) -> Self {
        Self::grow(lesson, p, rows, |trees, _| trees < self.trees.len())
    }

    /// Adds trees as long as `more` says so of their number and the values fitted so far, of all rows.
    fn grow(lesson: &Lesson<'_>, p: f64, rows: &[u32], mut more: impl FnMut(usize, &[f64]) -> bool) -> Self {
        let Lesson { frame, features, target } = *lesson;
        let base = quantile(p, rows.iter().map(|r| target[*r as usize]).collect());
        let mut fitted = vec![base; target.len()];
        let mut gradients = vec![0.0; target.len()];
        // A leaf must hold what it takes to see the quantile: three rows beyond it.
        let least = (3.0 / (1.0 - p)).ceil().max(20.0) as usize;
        let mut booster = Self { base, trees: Vec::new() };
        while more(booster.trees.len(), &fitted) && booster.trees.len() < MOST {
            for row in rows.iter().map(|r| *r as usize) {
                // Rows that are met pull in no direction; many may be, where counts repeat.
                gradients[row] = match target[row] - fitted[row] {
                    miss if miss.abs() < 1e-9 => 0.0,
                    miss if miss > 0.0 => p,
                    _ => p - 1.0,
                };
            }
            let tree = Tree::grow(frame, rows, &gradients, least, |rows| {
                RATE * quantile(p, rows.iter().map(|r| target[*r as usize] - fitted[*r as usize]).collect())
            });
            for (fitted, features) in fitted.iter_mut().zip(features) {
                *fitted += tree.value(features);
            }
            booster.trees.push(tree);
        }
        booster
    }

    /// The quantile for a row of features.
    pub(super) fn value(&self, features: &[f32]) -> f64 {
        self.base + self.trees.iter().map(|t| t.value(features)).sum::<f64>()
    }
}

/// The loss whose least expectation is at the quantile `p`.
fn pinball(p: f64, miss: f64) -> f64 {
    if miss > 0.0 { p * miss } else { (p - 1.0) * miss }
}

/// The conformal quantile of a sample: of its `n` values the one of rank (n + 1) p, rounded up; 0 of nothing.
pub(super) fn quantile(p: f64, mut values: Vec<f64>) -> f64 {
    let rank = ((values.len() + 1) as f64 * p).ceil() as usize;
    let Some(index) = rank.min(values.len()).checked_sub(1) else { return 0.0 };
    *values.select_nth_unstable_by(index, f64::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of (x, y), of which the spread of y grows with x where x is above a half and the median jumps there.
    fn lesson(count: usize) -> (Vec<Vec<f32>>, Vec<f64>) {
        let unit = |i: usize, by: f64| (i as f64 * by).fract();
        (0..count)
            .map(|i| {
                let (x, u) = (unit(i, 0.618_033_988_7), unit(i, 0.754_877_666_2));
                let y = if x > 0.5 { 10.0 + 4.0 * u } else { 2.0 + u };
                (vec![x as f32, unit(i, 0.569_840_290_9) as f32], y)
            })
            .unzip()
    }

    #[test]
    fn each_quantile_is_found_where_it_lies() {
        let (features, target) = lesson(4000);
        let columns: Vec<Vec<f32>> = (0..2).map(|c| features.iter().map(|f| f[c]).collect()).collect();
        let frame = Frame::new(&columns);
        let lesson = Lesson { frame: &frame, features: &features, target: &target };
        let (train, stop): (Vec<u32>, Vec<u32>) = (0..4000).partition(|r| r % 5 != 0);
        for p in [0.5, 0.8, 0.95] {
            let booster = Booster::fit(&lesson, p, &train, &stop);
            for x in [0.1, 0.45, 0.55, 0.9] {
                let truth = if x > 0.5 { 10.0 + 4.0 * p } else { 2.0 + p };
                let found = booster.value(&[x, 0.3]);
                assert!((found - truth).abs() < 0.35, "p {p}, x {x}: {found} instead of {truth}");
            }
            let all: Vec<u32> = (0..4000).collect();
            let again = booster.again(&lesson, p, &all);
            assert_eq!(again.trees.len(), booster.trees.len());
            let twice = booster.again(&lesson, p, &all);
            assert_eq!(again.value(&[0.7, 0.1]).to_bits(), twice.value(&[0.7, 0.1]).to_bits());
        }
    }

    #[test]
    fn a_target_without_a_pattern_stops_early() {
        let (features, _) = lesson(2000);
        let target: Vec<f64> = (0..2000).map(|i| f64::from(i) * 0.414_213_562).map(f64::fract).collect();
        let columns: Vec<Vec<f32>> = (0..2).map(|c| features.iter().map(|f| f[c]).collect()).collect();
        let frame = Frame::new(&columns);
        let lesson = Lesson { frame: &frame, features: &features, target: &target };
        let (train, stop): (Vec<u32>, Vec<u32>) = (0..2000).partition(|r| r % 5 != 0);
        let booster = Booster::fit(&lesson, 0.5, &train, &stop);
        assert!(booster.trees.len() < 60, "{}", booster.trees.len());
        assert!((booster.value(&[0.2, 0.2]) - 0.5).abs() < 0.15);
    }

    #[test]
    fn what_is_missing_is_a_value_of_its_own() {
        let features: Vec<Vec<f32>> =
            (0..400).map(|i| vec![if i % 2 == 0 { f32::NAN } else { i as f32 }]).collect();
        let target: Vec<f64> = (0..400).map(|i| if i % 2 == 0 { 7.0 } else { 1.0 }).collect();
        let frame = Frame::new(&[features.iter().map(|f| f[0]).collect()]);
        let lesson = Lesson { frame: &frame, features: &features, target: &target };
        let rows: Vec<u32> = (0..400).collect();
        let booster = Booster::fit(&lesson, 0.5, &rows, &rows);
        assert!((booster.value(&[f32::NAN]) - 7.0).abs() < 0.1);
        assert!((booster.value(&[1.0]) - 1.0).abs() < 0.1);
    }

    #[test]
    fn quantiles_are_ranks() {
        assert_eq!(quantile(0.5, vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(quantile(0.95, vec![3.0, 1.0, 2.0]), 3.0);
        assert_eq!(quantile(0.5, Vec::new()), 0.0);
    }
}
