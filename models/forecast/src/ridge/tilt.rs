//! Events do not multiply all demand alike: the busier the ordinary day, the smaller the factor by which one lifts it.
//! In the crash of 2008 a rate decision moved volume less, as a factor, than in the calm of 2006.

use std::collections::HashMap;

use super::conformal::Moment;
use super::solve::{self, Prior};

/// So many steps weigh as much as the expectation that there is no tilt.
const WEIGHT: f64 = 20.0;
/// The tilt may not move a multiplier by more (natural logarithm).
const MOST: f64 = 0.7;

/// One step in a past event.
pub(super) struct Lift {
    pub(super) moment: Moment,
    /// The logarithm of the demand an ordinary day would have brought.
    pub(super) level: f64,
    /// By how much the logarithm of the multiplier, learned from the other occurrences, fell short.
    pub(super) miss: f64,
}

/// By class and venue: how the multiplier falls as the level rises; by moment: the level at which it holds as it is.
#[derive(Debug, Clone, Default)]
pub(super) struct Tilt {
    slopes: HashMap<usize, f64>,
    levels: HashMap<Moment, f64>,
}

impl Tilt {
    pub(super) fn fit(lifts: &[Lift]) -> Self {
        let mut sums: HashMap<Moment, (f64, f64)> = HashMap::new();
        for lift in lifts {
            let sum = sums.entry(lift.moment).or_default();
            *sum = (sum.0 + lift.level, sum.1 + 1.0);
        }
        let levels: HashMap<Moment, f64> =
            sums.into_iter().map(|(m, (sum, count))| (m, sum / count)).collect();
        let mut rows: HashMap<usize, Vec<(Vec<f64>, f64)>> = HashMap::new();
        for lift in lifts {
            let row = (vec![lift.level - levels[&lift.moment]], lift.miss);
            rows.entry(lift.moment.0).or_default().push(row);
        }
        let prior = Prior { center: vec![0.0], weight: WEIGHT };
        let slope = |rows: &[(Vec<f64>, f64)]| solve::fit(rows, &prior)[0].clamp(-1.0, 0.0);
        Self { slopes: rows.into_iter().map(|(group, rows)| (group, slope(&rows))).collect(), levels }
    }

    /// What to add to the logarithm of a multiplier when an ordinary day would bring `level`.
    pub(super) fn at(&self, moment: Moment, level: f64) -> f64 {
        let slope = self.slopes.get(&moment.0).copied().unwrap_or(0.0);
        self.levels.get(&moment).map_or(0.0, |usual| (slope * (level - usual)).clamp(-MOST, MOST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effects::EventPhase;

    #[test]
    fn a_lift_that_adds_is_a_smaller_factor_on_a_busy_day() {
        // Always 1,000 more: twice 1,000, but only 1.25 times 4,000.
        let moment = (0, EventPhase::Start);
        let lifts: Vec<Lift> = (0..60)
            .map(|i| {
                let level = [1000.0_f64, 2000.0, 4000.0][i % 3];
                Lift { moment, level: level.ln(), miss: ((level + 1000.0) / level).ln() - 1.5_f64.ln() }
            })
            .collect();
        let tilt = Tilt::fit(&lifts);
        let factor = |level: f64| 1.5 * tilt.at(moment, level.ln()).exp();
        assert!(factor(1000.0) > 1.65 && factor(4000.0) < 1.35, "{} {}", factor(1000.0), factor(4000.0));
        assert_eq!(tilt.at((1, EventPhase::Start), 9.0), 0.0, "a class never seen has no tilt");
    }
}
