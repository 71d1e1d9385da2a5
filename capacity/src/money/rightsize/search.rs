//! The cheapest capacity that would have carried the history.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::history::{History, mean, quantile};
use super::{ABOVE_TARGET, Advice, Change, OverProvisioned, RightsizeSettings, Risk, words};
use crate::money::amount::{Figure, Money, quantise};
use crate::money::prices::{Class, HOURS_PER_MONTH, PriceTable};

/// A history nearly as busy as the peak: at least this share of its demand.
const NEARLY: f64 = 0.95;

const TOO_LARGE: &str = "the amounts are too large";

/// A search over classes and numbers of replicas.
pub(super) struct Search<'a> {
    pub(super) history: &'a History,
    pub(super) settings: &'a RightsizeSettings,
    pub(super) prices: &'a PriceTable,
    pub(super) target: &'a dyn Fn(u32) -> f64,
}

/// A class, and the most replicas of it.
#[derive(Clone, Copy)]
struct Candidate<'a> {
    name: &'a str,
    class: &'a Class,
    replicas: u32,
}

impl Candidate<'_> {
    fn vcpu(&self) -> f64 {
        self.class.vcpu.to_f64().unwrap_or(1.0)
    }

    fn memory(&self) -> f64 {
        self.class.memory_gib.to_f64().unwrap_or_default()
    }
}

impl<'a> Search<'a> {
    /// The capacity of each step beyond what it needed at the target, on average.
    pub(super) fn over_provisioned(&self, class: &Class) -> Result<OverProvisioned, String> {
        let now = Candidate { name: &self.settings.class, class, replicas: self.history.replicas_max() };
        // The most load that each number of replicas carries at its target, or that fewer carry.
        let mut carried = Vec::with_capacity(now.replicas as usize);
        for replicas in 1..=now.replicas {
            let load = f64::from(replicas) * now.vcpu() * (self.target)(replicas);
            carried.push(carried.last().map_or(load, |fewer: &f64| fewer.max(load)));
        }
        let idle = self.history.points.iter().map(|point| {
            let by_cpu = carried.partition_point(|most| *most < self.history.load(point)) as f64 + 1.0;
            let memory = point.memory.max * f64::from(point.replicas) * (1.0 + self.settings.memory_margin);
            let needed =
                by_cpu.max((memory / now.memory()).ceil()).max(f64::from(self.settings.replicas_min));
            (f64::from(point.replicas) - needed).max(0.0)
        });
        let replicas = mean(idle);
        Ok(OverProvisioned {
            replicas,
            cores: replicas * now.vcpu(),
            memory_gib: replicas * now.memory(),
            per_month: self.per_month(replicas, class.per_hour)?,
        })
    }

    /// The advice: of the same class and all smaller ones the cheapest that would have carried the history.
    pub(super) fn advice(&self) -> Result<Advice, String> {
        let most = self.history.replicas_max();
        let Some((name, class)) = self.prices.classes.get_key_value(&self.settings.class) else {
            return Err(format!("the price table has no class `{}`", self.settings.class));
        };
        let now = Candidate { name, class, replicas: most };
        let paid_now = self.cost(now)?;
        let mut best = (paid_now.clone(), now);
        for (name, class) in &self.prices.classes {
            let smaller = class.vcpu <= now.class.vcpu && class.memory_gib <= now.class.memory_gib;
            if !smaller {
                continue;
            }
            let Some(found) = self.fewest(Candidate { name, class, replicas: most }) else { continue };
            let cost = self.cost(found)?;
            if cost.amount < best.0.amount {
                best = (cost, found);
            }
        }
        let (cost, found) = best;
        let change = match (found.name == now.name, found.replicas < most) {
            (true, false) => Change::Keep,
            (true, true) => Change::FewerReplicas,
            (false, false) => Change::SmallerClass,
            (false, true) => Change::FewerOfSmallerClass,
        };
        let mut advice = Advice {
            change,
            class: found.name.to_owned(),
            replicas: found.replicas,
            saving_per_month: paid_now.minus(&cost).map_err(|error| error.to_string())?,
            risk: self.risk(found),
            sentence: String::new(),
        };
        advice.sentence = words::sentence(&advice, self.settings, self.history);
        Ok(advice)
    }

    /// The fewest replicas of a class that would have carried the history, at most as many as given.
    fn fewest(&self, of: Candidate<'a>) -> Option<Candidate<'a>> {
        let with = |replicas| Candidate { replicas, ..of };
        if !self.carries(with(of.replicas)) {
            return None;
        }
        let (mut low, mut high) = (self.settings.replicas_min.clamp(1, of.replicas), of.replicas);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.carries(with(middle)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Some(with(high))
    }

    fn carries(&self, candidate: Candidate<'_>) -> bool {
        let mut above = 0_usize;
        for point in &self.history.points {
            let replicas = point.replicas.min(candidate.replicas);
            let used = self.history.load(point) / (f64::from(replicas) * candidate.vcpu());
            let target = (self.target)(replicas);
            if used > f64::midpoint(target, 1.0) {
                return false;
            }
            above += usize::from(used > target);
        }
        let peak = self.at_peak(candidate).known().copied().unwrap_or_default();
        above as f64 <= self.history.points.len() as f64 * ABOVE_TARGET
            && self.memory_needed(candidate) <= candidate.memory()
            && peak <= (self.target)(candidate.replicas)
    }

    /// Memory that one replica would have needed at most, with the margin.
    fn memory_needed(&self, candidate: Candidate<'_>) -> f64 {
        let needed = self.history.points.iter().map(|point| {
            let fewer = f64::from(point.replicas) / f64::from(point.replicas.min(candidate.replicas));
            point.memory.max * fewer
        });
        needed.fold(0.0, f64::max) * (1.0 + self.settings.memory_margin)
    }

    /// Utilisation at the peak to expect, in proportion to the load of the busiest step.
    fn at_peak(&self, candidate: Candidate<'_>) -> Figure<f64> {
        let Some(peak) = self.peak() else {
            return Figure::unavailable("no peak to expect is given");
        };
        match self.history.busiest() {
            Some((point, demand)) if demand > 0.0 => {
                let cores = f64::from(candidate.replicas) * candidate.vcpu();
                let used = self.history.load(point) * (peak / demand) / cores;
                if used.is_finite() {
                    Figure::Known(used)
                } else {
                    Figure::unavailable("the peak to expect is beyond all size")
                }
            }
            _ => Figure::unavailable("the demand of the history is not known"),
        }
    }

    fn peak(&self) -> Option<f64> {
        self.settings.peak_demand.filter(|peak| peak.is_finite() && *peak > 0.0)
    }

    fn risk(&self, candidate: Candidate<'_>) -> Risk {
        let used: Vec<(f64, u32)> = self
            .history
            .points
            .iter()
            .map(|point| {
                let replicas = point.replicas.min(candidate.replicas);
                (self.history.load(point) / (f64::from(replicas) * candidate.vcpu()), replicas)
            })
            .collect();
        let above = used.iter().filter(|(used, replicas)| *used > (self.target)(*replicas)).count();
        let shares = || used.iter().map(|(used, _)| *used).collect();
        let covers_busy_day = match (self.peak(), self.history.busiest()) {
            (None, _) => Figure::unavailable("no peak to expect is given"),
            (Some(_), None) => Figure::unavailable("the demand of the history is not known"),
            (Some(peak), Some((_, demand))) => Figure::Known(demand >= NEARLY * peak),
        };
        Risk {
            target: (self.target)(candidate.replicas),
            cpu_p99: quantile(shares(), 0.99),
            cpu_max: quantile(shares(), 1.0),
            minutes_above_target: self.history.minutes(above),
            minutes: self.history.minutes(used.len()),
            memory_needed_gib: self.memory_needed(candidate),
            memory_gib: candidate.memory(),
            covers_busy_day,
            cpu_at_peak: self.at_peak(candidate),
        }
    }

    /// What a candidate would have cost, by the month.
    fn cost(&self, candidate: Candidate<'_>) -> Result<Money, String> {
        let replicas =
            self.history.points.iter().map(|point| f64::from(point.replicas.min(candidate.replicas)));
        self.per_month(mean(replicas), candidate.class.per_hour)
    }

    fn per_month(&self, replicas: f64, per_hour: Decimal) -> Result<Money, String> {
        let hours = quantise(replicas).and_then(|replicas| replicas.checked_mul(HOURS_PER_MONTH.into()));
        let per_hour = Money::new(per_hour, &self.prices.currency);
        hours.and_then(|hours| per_hour.times(hours).ok()).ok_or_else(|| TOO_LARGE.to_owned())
    }
}
