//! A history whose every step has a meaning, and what it says at a glance.

use std::collections::BTreeMap;

use rust_decimal::prelude::ToPrimitive;

use super::{HistoryBody, Quantiles, UtilisationPoint, UtilisationSeries};
use crate::money::period::instant;
use crate::money::prices::Class;

/// Replicas, cores and GiB above which a point is taken for a mistake.
const MOST: f64 = 100_000.0;

/// Steps longer than this hide peaks, so that a busier replica stands for them.
const SHORT_STEP: u32 = 300;

/// The steps of a history, in the order of time.
#[derive(Debug)]
pub(super) struct History {
    pub(super) step: u32,
    pub(super) points: Vec<UtilisationPoint>,
}

impl History {
    /// Leaves out points without meaning and all but the last of those of the same step, and says so.
    pub(super) fn of(series: &UtilisationSeries) -> (Option<Self>, Vec<String>) {
        let step = series.step_seconds;
        if !(1..=3_600).contains(&step) {
            return (None, vec!["Steps must be between a second and an hour long.".into()]);
        }
        let sound = |quantiles: &Quantiles| {
            let of = [quantiles.p50, quantiles.p95, quantiles.p99, quantiles.max];
            of.iter().all(|one| one.is_finite() && (0.0..=MOST).contains(one)) && of.is_sorted()
        };
        let meant = |point: &&UtilisationPoint| {
            (1..=MOST as u32).contains(&point.replicas)
                && sound(&point.cpu)
                && sound(&point.memory)
                && point.demand.is_none_or(|demand| demand.is_finite() && demand >= 0.0)
        };
        let kept: Vec<&UtilisationPoint> = series.points.iter().filter(meant).collect();
        let steps: BTreeMap<i64, UtilisationPoint> =
            kept.iter().map(|point| (point.at.timestamp().div_euclid(i64::from(step)), **point)).collect();
        let mut notes = Vec::new();
        let mut note = |count: usize, what: &str| {
            if count > 0 {
                notes.push(format!("Points left out: {count}, {what}."));
            }
        };
        note(
            series.points.len() - kept.len(),
            "whose figures are not finite, below 0, beyond all size or out of order, or without replicas",
        );
        note(kept.len() - steps.len(), "of the same step as another");
        let points: Vec<UtilisationPoint> = steps.into_values().collect();
        ((!points.is_empty()).then_some(Self { step, points }), notes)
    }

    /// Days of which the use is known.
    pub(super) fn days(&self) -> f64 {
        self.points.len() as f64 * f64::from(self.step) / 86_400.0
    }

    /// Minutes of a number of steps, rounded.
    pub(super) fn minutes(&self, steps: usize) -> u64 {
        (steps as f64 * f64::from(self.step) / 60.0).round() as u64
    }

    /// The cores that all replicas would use if each used as much as a busy one: the 95 % quantile in short steps,
    /// the 99 % quantile in long ones. So that load which is spread unevenly is not averaged away.
    pub(super) fn load(&self, point: &UtilisationPoint) -> f64 {
        self.busy(point) * f64::from(point.replicas)
    }

    fn busy(&self, point: &UtilisationPoint) -> f64 {
        if self.step <= SHORT_STEP { point.cpu.p95 } else { point.cpu.p99 }
    }

    /// The busiest step by demand, with its demand.
    pub(super) fn busiest(&self) -> Option<(&UtilisationPoint, f64)> {
        let demand = self.points.iter().filter_map(|point| Some((point, point.demand?)));
        demand.max_by(|a, b| a.1.total_cmp(&b.1))
    }

    pub(super) fn replicas_mean(&self) -> f64 {
        mean(self.points.iter().map(|point| f64::from(point.replicas)))
    }

    pub(super) fn replicas_max(&self) -> u32 {
        self.points.iter().map(|point| point.replicas).max().unwrap_or_default()
    }

    pub(super) fn body(&self, class: &Class) -> HistoryBody {
        let vcpu = class.vcpu.to_f64().unwrap_or(1.0);
        let ends = self.points.first().zip(self.points.last());
        let (from, last) = ends.map_or((0, 0), |(first, last)| (first.at.timestamp(), last.at.timestamp()));
        let shares = |of: &dyn Fn(&UtilisationPoint) -> f64| -> Vec<f64> {
            self.points.iter().map(|point| of(point) / vcpu).collect()
        };
        HistoryBody {
            from: instant(from),
            to: instant(last + i64::from(self.step)),
            days: self.days(),
            replicas_mean: self.replicas_mean(),
            replicas_max: self.replicas_max(),
            cpu_median: quantile(shares(&|point| point.cpu.p50), 0.5),
            cpu_p99: quantile(shares(&|point| self.busy(point)), 0.99),
            cpu_max: quantile(shares(&|point| point.cpu.max), 1.0),
            memory_max_gib: self.points.iter().map(|point| point.memory.max).fold(0.0, f64::max),
            demand_max: self.busiest().map(|(_, demand)| demand),
        }
    }
}

/// The mean of figures; 0 of none.
pub(super) fn mean(figures: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = figures.fold((0.0, 0_u64), |(sum, count), figure| (sum + figure, count + 1));
    if count == 0 { 0.0 } else { sum / count as f64 }
}

/// The smallest of the figures that at least a share of them does not exceed (nearest rank); 0 of none.
pub(super) fn quantile(mut figures: Vec<f64>, share: f64) -> f64 {
    if figures.is_empty() {
        return 0.0;
    }
    let rank = ((figures.len() as f64 * share).ceil() as usize).clamp(1, figures.len()) - 1;
    *figures.select_nth_unstable_by(rank, f64::total_cmp).1
}
