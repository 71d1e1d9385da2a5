//! Levels of commitment and their cost.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{CommitmentLevel, CommitmentOffer, UsageFall};
use crate::money::amount::Money;
use crate::money::error::{MoneyError, Result};
use crate::money::exact::{divide, held, product};

/// Quantiles of usage that are shown as levels, in percent.
const SHOWN: [usize; 8] = [0, 10, 25, 50, 75, 90, 95, 100];

/// Usage by hour, from the lowest, with what a commitment to it costs.
pub(super) struct Hours<'a> {
    rising: Vec<Decimal>,
    /// At each place the sum of the usage from there on.
    above: Vec<Decimal>,
    offer: &'a CommitmentOffer,
}

impl<'a> Hours<'a> {
    /// Of at least one hour, each with at most 10^9 units of 6 decimals: so that all sums are exact.
    pub(super) fn of(hours: &[Decimal], offer: &'a CommitmentOffer) -> Self {
        let mut rising = hours.to_vec();
        rising.sort_unstable();
        let mut above = vec![Decimal::ZERO; rising.len() + 1];
        for (at, hour) in rising.iter().enumerate().rev() {
            above[at] = above[at + 1] + hour;
        }
        Self { rising, above, offer }
    }

    fn count(&self) -> Decimal {
        Decimal::from(self.rising.len())
    }

    /// The price of a committed unit for one hour.
    fn committed(&self) -> Result<Decimal> {
        let factor = Decimal::ONE - self.offer.discount;
        self.offer.on_demand.amount.checked_mul(factor).ok_or_else(too_large)
    }

    /// Units used beyond a level, over all hours.
    fn beyond(&self, units: Decimal) -> Decimal {
        let from = self.rising.partition_point(|hour| *hour <= units);
        self.above[from] - units * Decimal::from(self.rising.len() - from)
    }

    /// What all hours cost at a level, in units of 10^-15.
    fn cost(&self, units: Decimal) -> Result<i128> {
        let committed = product(units * self.count(), self.committed()?).ok_or_else(too_large)?;
        let beyond = product(self.beyond(units), self.offer.on_demand.amount).ok_or_else(too_large)?;
        held(committed + beyond).ok_or_else(too_large)
    }

    /// The quantile of usage at a share (nearest rank): the lowest usage that at least that share of the hours does
    /// not exceed; 0 at the share 0.
    fn quantile(&self, share: Decimal) -> Decimal {
        let rank = (self.count() * share).ceil();
        let rank = usize::try_from(rank.mantissa()).unwrap_or(0);
        rank.checked_sub(1).map_or(Decimal::ZERO, |at| self.rising[at.min(self.rising.len() - 1)])
    }

    /// The best level: the quantile at the discount; of whole units the better of its neighbours, the lower one if
    /// they are as good. The cost is convex in the level, so that no other is better.
    pub(super) fn best_units(&self) -> Result<Decimal> {
        let best = self.quantile(self.offer.discount);
        if !self.offer.whole_units {
            return Ok(best);
        }
        let (below, above) = (best.floor(), best.ceil());
        Ok(if self.cost(above)? < self.cost(below)? { above } else { below })
    }

    /// A level and what it saves.
    pub(super) fn level(&self, units: Decimal) -> Result<CommitmentLevel> {
        let (cost, without) = (self.cost(units)?, self.cost(Decimal::ZERO)?);
        let (all, beyond) = (self.above[0], self.beyond(units));
        let share = |part: Decimal, whole: Decimal| {
            (!whole.is_zero()).then(|| {
                (part / whole).round_dp_with_strategy(6, RoundingStrategy::MidpointNearestEven).normalize()
            })
        };
        Ok(CommitmentLevel {
            units,
            commitment_per_hour: self.money(product(units, self.committed()?).ok_or_else(too_large)?),
            utilisation: share(all - beyond, units * self.count()),
            coverage: share(all - beyond, all),
            cost_per_hour: self.per_hour(cost),
            saving_per_hour: self.per_hour(without - cost),
            saving_per_term: self.per_term(without - cost)?,
        })
    }

    /// The levels at quantiles of usage, with the best one among them, rising.
    pub(super) fn levels(&self, best: &CommitmentLevel) -> Result<Vec<CommitmentLevel>> {
        let mut units: Vec<Decimal> = SHOWN
            .iter()
            .map(|percent| {
                let level = self.quantile(Decimal::from(*percent) / Decimal::ONE_HUNDRED);
                if self.offer.whole_units { level.floor() } else { level }
            })
            .chain([best.units])
            .collect();
        units.sort_unstable();
        units.dedup();
        units.into_iter().map(|units| self.level(units)).collect()
    }

    /// What a level saves if usage is lower in every hour by some percent.
    pub(super) fn fall(&self, units: Decimal, percent: u32) -> Result<UsageFall> {
        let left = Decimal::from(100 - percent) / Decimal::ONE_HUNDRED;
        let lower: Vec<Decimal> = self.rising.iter().map(|hour| hour * left).collect();
        let lower = Self::of(&lower, self.offer);
        let unused = units * self.count() - (lower.above[0] - lower.beyond(units));
        let unused = product(unused, self.committed()?).ok_or_else(too_large)?;
        Ok(UsageFall {
            percent,
            saving_per_term: self.per_term(lower.cost(Decimal::ZERO)? - lower.cost(units)?)?,
            unused_per_term: self.per_term(unused)?,
        })
    }

    fn money(&self, units: i128) -> Money {
        Money::of_units(units, &self.offer.on_demand.currency)
    }

    fn per_hour(&self, all: i128) -> Money {
        self.money(divide(all, self.rising.len() as i128))
    }

    fn per_term(&self, all: i128) -> Result<Money> {
        let term = i128::from(self.offer.term.days()) * 24;
        let term = all.checked_mul(term).map(|all| divide(all, self.rising.len() as i128));
        term.and_then(held).map(|units| self.money(units)).ok_or_else(too_large)
    }
}

fn too_large() -> MoneyError {
    MoneyError::TooLarge {
        what: "commitment".into(),
        hint: "check the price and the usage for a misplaced point",
    }
}
