//! The section that fits minutes best.

use super::Minute;
use crate::curve::queue::waiting;

/// Steps of the table of waiting probabilities.
const TABLE: usize = 1024;
/// Places of the first look over the range of the service time, and of a look around a known one.
const LOOKS: usize = 64;
const LOOKS_NEAR: usize = 12;
/// Steps that narrow the best place; each leaves 62 %. A resample needs three digits only.
const NARROWINGS: usize = 40;
const NARROWINGS_NEAR: usize = 16;
/// Rounds of the robust fit.
const ROUNDS: usize = 10;
/// Distances from which on a minute counts less, and not at all, in robust standard deviations.
const HUBER: f64 = 1.345;
const FAR: f64 = 6.0;

/// Mean wait over mean service at a utilisation.
#[derive(Debug, Clone)]
pub(super) struct Waits {
    servers: f64,
    /// (1 + cv²)/2
    spread: f64,
    /// Probability to wait at utilisations from 0 to 1; empty for one server, where it is the utilisation.
    table: Vec<f64>,
}

impl Waits {
    pub(super) fn new(servers: u32, service_cv2: f64) -> Self {
        let offered = |step: usize| f64::from(servers) * step as f64 / TABLE as f64;
        let table = if servers == 1 {
            Vec::new()
        } else {
            (0..=TABLE).map(|step| waiting(servers, offered(step))).collect()
        };
        Self { servers: f64::from(servers), spread: 0.5 * (1.0 + service_cv2), table }
    }

    pub(super) fn with_service_cv2(&self, service_cv2: f64) -> Self {
        Self { spread: 0.5 * (1.0 + service_cv2), ..self.clone() }
    }

    /// Time in the section, waiting included, for a utilisation below 1.
    fn stay(&self, arrival_rate: f64, service: f64) -> f64 {
        let utilisation = arrival_rate * service / self.servers;
        let waits = if self.table.is_empty() {
            utilisation
        } else {
            let at = utilisation * TABLE as f64;
            let step = (at as usize).min(TABLE - 1);
            let (low, high) = (self.table[step], self.table[step + 1]);
            low + (at - step as f64) * (high - low)
        };
        service * (1.0 + self.spread * waits / (self.servers * (1.0 - utilisation)))
    }
}

/// A delay and a section, and the weighted sum of squares they leave.
#[derive(Debug, Clone, Copy)]
pub(super) struct Section {
    pub(super) delay: f64,
    /// 0 without section.
    pub(super) service: f64,
    pub(super) cost: f64,
}

impl Section {
    /// The best without any section: a delay alone.
    pub(super) fn none(minutes: &[Minute]) -> Self {
        Self::weighted(minutes, &weights(minutes), |_| 0.0, 0.0)
    }

    /// The best of all service times.
    pub(super) fn search(minutes: &[Minute], waits: &Waits) -> Self {
        Self::search_weighted(minutes, &weights(minutes), waits)
    }

    fn search_weighted(minutes: &[Minute], weights: &[f64], waits: &Waits) -> Self {
        // Below a thousandth of the capacity no wait can be seen.
        Self::search_between(minutes, weights, waits, [1e-3, 1.0 - 1e-6], [LOOKS, NARROWINGS])
    }

    /// The best service time within a factor of eight of this one's.
    pub(super) fn search_near(&self, minutes: &[Minute], waits: &Waits) -> Self {
        let share = self.service * highest_rate(minutes) / waits.servers;
        let range = [0.125 * share, (8.0 * share).min(1.0 - 1e-6)];
        Self::search_between(minutes, &weights(minutes), waits, range, [LOOKS_NEAR, NARROWINGS_NEAR])
    }

    /// The best among utilisations of the busiest minute, each standing for a service time.
    fn search_between(
        minutes: &[Minute],
        weights: &[f64],
        waits: &Waits,
        [low, high]: [f64; 2],
        [looks, narrowings]: [usize; 2],
    ) -> Self {
        let unit = waits.servers / highest_rate(minutes);
        let at = |share: f64| {
            let service = share * unit;
            Self::weighted(minutes, weights, |m| waits.stay(m.arrival_rate, service), service)
        };
        let step = (high / low).powf(1.0 / (looks - 1) as f64);
        let share = |look: usize| (low * step.powi(look as i32)).min(high);
        let costs: Vec<f64> = (0..looks).map(|look| at(share(look)).cost).collect();
        let best = (0..looks).min_by(|a, b| costs[*a].total_cmp(&costs[*b])).unwrap_or(0);
        let found = narrowed(share(best.saturating_sub(1)), share((best + 1).min(looks - 1)), narrowings, at);
        let none = Self::weighted(minutes, weights, |_| 0.0, 0.0);
        if none.cost <= found.cost { none } else { found }
    }

    /// With the best delay from 0 up for a given stay in the section.
    fn weighted(minutes: &[Minute], weights: &[f64], stay: impl Fn(&Minute) -> f64, service: f64) -> Self {
        let (mut total, mut sum) = (0.0, 0.0);
        for (minute, weight) in minutes.iter().zip(weights) {
            total += weight;
            sum += weight * (minute.response - stay(minute));
        }
        let delay = (sum / total).max(0.0);
        let off = |m: &Minute| m.response - stay(m) - delay;
        let cost = minutes.iter().zip(weights).map(|(m, weight)| weight * off(m).powi(2)).sum();
        Self { delay, service, cost }
    }

    /// How far a minute lies off, in the unit of one request.
    fn distance(&self, minute: &Minute, waits: &Waits) -> f64 {
        let stay = if self.service == 0.0 { 0.0 } else { waits.stay(minute.arrival_rate, self.service) };
        (minute.response - self.delay - stay) * (minute.requests as f64).sqrt()
    }
}

/// The minutes without those that lie far off a robust fit.
pub(super) fn robust(minutes: &[Minute], waits: &Waits) -> Vec<Minute> {
    let mut weights = weights(minutes);
    let mut distances = Vec::new();
    let mut usual = 0.0;
    for _ in 0..ROUNDS {
        let section = Section::search_weighted(minutes, &weights, waits);
        distances = minutes.iter().map(|m| section.distance(m, waits).abs()).collect();
        usual = 1.4826 * median(distances.clone());
        if usual == 0.0 {
            break;
        }
        for ((weight, minute), distance) in weights.iter_mut().zip(minutes).zip(&distances) {
            *weight = minute.requests as f64 * (HUBER * usual / distance).min(1.0);
        }
    }
    // Most minutes lie exactly on a curve: then rounding is no outlier.
    let largest = minutes.iter().map(|m| m.response * (m.requests as f64).sqrt()).fold(0.0, f64::max);
    let far = FAR * usual + 1e-9 * largest;
    minutes
        .iter()
        .zip(distances)
        .filter(|(_, distance)| *distance <= far)
        .map(|(minute, _)| *minute)
        .collect()
}

fn weights(minutes: &[Minute]) -> Vec<f64> {
    minutes.iter().map(|m| m.requests as f64).collect()
}

fn highest_rate(minutes: &[Minute]) -> f64 {
    minutes.iter().map(|m| m.arrival_rate).fold(0.0, f64::max)
}

fn median(mut values: Vec<f64>) -> f64 {
    let middle = values.len() / 2;
    if values.is_empty() { 0.0 } else { *values.select_nth_unstable_by(middle, f64::total_cmp).1 }
}

/// The lowest cost between two places, by golden section.
fn narrowed(mut low: f64, mut high: f64, steps: usize, at: impl Fn(f64) -> Section) -> Section {
    const GOLDEN: f64 = 0.618_033_988_749_894_8;
    let (mut a, mut b) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
    let (mut at_a, mut at_b) = (at(a), at(b));
    for _ in 0..steps {
        if at_a.cost < at_b.cost {
            high = b;
            (b, at_b) = (a, at_a);
            a = high - GOLDEN * (high - low);
            at_a = at(a);
        } else {
            low = a;
            (a, at_a) = (b, at_b);
            b = low + GOLDEN * (high - low);
            at_b = at(b);
        }
    }
    if at_a.cost < at_b.cost { at_a } else { at_b }
}
