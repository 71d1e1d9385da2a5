//! Quantiles of past misses, by distance and by class of event, corrected online.
//!
//! Split-conformal in units of the unrest: the rank is ceil((n + 1) p). Misses of a class of event count for that
//! class, blended with the ordinary ones and a prior spread while its occurrences are few. The probability asked of
//! the sample is moved by what was covered since (adaptive conformal inference, Gibbs and Candes 2021).

use std::collections::HashMap;

use crate::QUANTILES;
use crate::effects::EventPhase;
use crate::spread::FREAK;

/// Logarithms of the ratios of demand to median forecast that a class never seen adds, at [`QUANTILES`].
const UNSEEN: [f64; 6] = [0.0, 0.22, 0.34, 0.44, 0.69, 0.92];
/// Spread assumed where nothing was measured, at [`QUANTILES`], in usual misses.
const PRIOR: [f64; 6] = [0.0, 1.2, 2.0, 2.8, 5.0, 8.0];
/// So many ordinary misses weigh as much as the prior.
const BLEND: f64 = 30.0;
/// The same for events, in occurrences: the steps of one stand and fall together.
const BLEND_EVENTS: f64 = 3.0;
/// How far a day's coverage moves the probability.
const RATE: f64 = 0.05;
/// How far the probability may be moved, as a share of what lies above it.
const MOST: f64 = 0.5;

/// A class and venue of events, and how far into one a step is.
pub(super) type Moment = (usize, EventPhase);

/// A miss in an event.
pub(super) struct Miss {
    pub(super) moment: Moment,
    /// In logarithms.
    pub(super) log: f64,
    /// In usual misses.
    pub(super) size: f64,
}

/// A class of misses that is corrected by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Class {
    Distance(usize),
    Event(Moment),
}

/// The misses of one class.
#[derive(Debug, Clone, Default)]
struct Pool {
    /// In usual misses, sorted.
    sizes: Vec<f64>,
    /// The farthest that counts, in logarithms: no quantile lies beyond what was seen.
    farthest: f64,
    /// Occurrences of the event.
    occurrences: usize,
}

impl Pool {
    /// The miss at a probability, in logarithms, where a usual one is `scale`.
    fn at(&self, p: f64, scale: f64) -> f64 {
        (scale * quantile(&self.sizes, p).unwrap_or(0.0)).min(self.farthest)
    }
}

/// The farthest of ordinary misses (logarithms) that counts: a few beyond [`FREAK`] are freaks, one in a hundred is
/// how that demand is, as with batches that come once a day.
pub(super) fn farthest(misses: &[f64]) -> f64 {
    let most = misses.iter().copied().fold(0.0, f64::max);
    let beyond = misses.iter().filter(|miss| **miss > FREAK.ln()).count();
    if beyond * 100 > misses.len() { most } else { most.min(FREAK.ln()) }
}

/// The misses of the past.
#[derive(Debug, Clone)]
pub(super) struct Misses {
    /// By distance.
    ordinary: Vec<Pool>,
    /// By moment of an event.
    events: HashMap<Moment, Pool>,
    moved: HashMap<Class, [f64; 6]>,
}

impl Misses {
    /// From the ordinary misses of each distance, with the farthest in logarithms, and those in events.
    pub(super) fn new(
        ordinary: Vec<(Vec<f64>, f64)>,
        events: Vec<Miss>,
        occurrences: impl Fn(usize) -> usize,
    ) -> Self {
        let mut groups: HashMap<Moment, Pool> = HashMap::new();
        for miss in events {
            let pool = groups.entry(miss.moment).or_default();
            pool.occurrences = occurrences(miss.moment.0);
            pool.farthest = pool.farthest.max(miss.log.min(FREAK.ln()));
            pool.sizes.push(miss.size);
        }
        let distances =
            ordinary.into_iter().map(|(sizes, farthest)| Pool { sizes, farthest, occurrences: 0 });
        let mut ordinary: Vec<Pool> = distances.collect();
        for pool in ordinary.iter_mut().chain(groups.values_mut()) {
            pool.sizes.sort_unstable_by(f64::total_cmp);
        }
        Self { ordinary, events: groups, moved: HashMap::new() }
    }

    /// What lies between the median and each of [`QUANTILES`], in logarithms, for a step of a distance, in an event or not,
    /// whose usual miss is `scale`.
    pub(super) fn quantiles(&self, reach: usize, moment: Option<Moment>, scale: f64) -> [f64; 6] {
        let class = self.class(reach, moment);
        let moved = self.moved.get(&class).copied().unwrap_or_default();
        let pool = &self.ordinary[reach];
        let weight = pool.sizes.len() as f64 / (pool.sizes.len() as f64 + BLEND);
        let at = |pool: &Pool, i: usize| pool.at(QUANTILES[i] + moved[i], scale);
        let ordinary = |i: usize| weight * at(pool, i) + (1.0 - weight) * scale * PRIOR[i];
        let Some(moment) = moment else { return std::array::from_fn(ordinary) };
        let Some(own) = self.events.get(&moment) else {
            return std::array::from_fn(|i| ordinary(i) + UNSEEN[i]);
        };
        let weight = own.occurrences as f64 / (own.occurrences as f64 + BLEND_EVENTS);
        std::array::from_fn(|i| weight * at(own, i) + (1.0 - weight) * (ordinary(i) + UNSEEN[i]))
    }

    fn class(&self, reach: usize, moment: Option<Moment>) -> Class {
        match moment {
            Some(moment) if self.events.contains_key(&moment) => Class::Event(moment),
            _ => Class::Distance(reach),
        }
    }

    /// Takes in the misses of forecasts that have come true, which span so many `days`.
    pub(super) fn correct(&mut self, seen: &[(usize, Option<Moment>, f64)], days: f64) {
        let mut by_class: HashMap<Class, Vec<f64>> = HashMap::new();
        for (reach, moment, size) in seen {
            by_class.entry(self.class(*reach, *moment)).or_default().push(*size);
        }
        for (class, sizes) in by_class {
            let pool = match class {
                Class::Distance(reach) => &self.ordinary[reach].sizes,
                Class::Event(moment) => &self.events[&moment].sizes,
            };
            let moved = self.moved.entry(class).or_default();
            for (i, p) in QUANTILES.into_iter().enumerate().skip(1) {
                let Some(bound) = quantile(pool, p + moved[i]) else { continue };
                let above = sizes.iter().filter(|size| **size > bound).count() as f64 / sizes.len() as f64;
                let most = MOST * (1.0 - p);
                moved[i] = (moved[i] + RATE * days.min(1.0) * (above - (1.0 - p))).clamp(-most, most);
            }
        }
    }
}

/// The conformal quantile of a sorted sample, at rank (n + 1) p, between two values in proportion; the largest
/// beyond the sample.
fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let rank = ((sorted.len() + 1) as f64 * p - 1.0).clamp(0.0, sorted.len().saturating_sub(1) as f64);
    let low = *sorted.get(rank.floor() as usize)?;
    let high = sorted.get(rank.ceil() as usize).copied().unwrap_or(low);
    Some(low + (high - low) * rank.fract())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effects::EventPhase;

    fn ramp(count: usize) -> Vec<f64> {
        (1..=count).map(|i| i as f64 / count as f64).collect()
    }

    #[test]
    fn quantiles_lie_at_rank_n_plus_one_p_and_never_beyond_the_sample() {
        assert_eq!(quantile(&ramp(9), 0.5), Some(5.0 / 9.0));
        assert_eq!(quantile(&ramp(9), 0.999), Some(1.0));
        assert_eq!(quantile(&[], 0.5), None);
        let misses = Misses::new(vec![(ramp(5000), 0.8)], Vec::new(), |_| 0);
        let far = misses.quantiles(0, None, 3.0);
        assert!(far[5] < 1.0, "the farthest miss was 0.8, and the prior still weighs a little: {far:?}");
    }

    #[test]
    fn an_event_never_seen_is_wider_than_an_ordinary_step_and_a_seen_one_is_its_own() {
        let moment = (7, EventPhase::Start);
        let seen = (0..200).map(|i| Miss { moment, log: 0.0, size: f64::from(i % 2) * 1e-3 });
        let misses = Misses::new(vec![(ramp(5000), 9.0)], seen.collect(), |_| 200);
        let ordinary = misses.quantiles(0, None, 1.0);
        let unseen = misses.quantiles(0, Some((8, EventPhase::Start)), 1.0);
        let own = misses.quantiles(0, Some(moment), 1.0);
        assert!(unseen[2] > ordinary[2] && own[2] < ordinary[2], "{unseen:?} {ordinary:?} {own:?}");
    }

    #[test]
    fn coverage_that_falls_short_moves_the_probability_up_and_only_for_its_class() {
        let pools = vec![(ramp(5000), 9.0), (ramp(5000), 9.0)];
        let mut misses = Misses::new(pools, Vec::new(), |_| 0);
        let before = misses.quantiles(0, None, 1.0);
        for _ in 0..40 {
            misses.correct(&[(0, None, 2.0), (0, None, 0.1)], 1.0);
        }
        let after = misses.quantiles(0, None, 1.0);
        assert!(after[2] > before[2] + 0.02, "{before:?} {after:?}");
        assert_eq!(after[0], before[0], "the median is not for coverage to move");
        assert_eq!(misses.quantiles(1, None, 1.0), before);
    }
}
