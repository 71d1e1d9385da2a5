//! What a plan costs against what the incident costs that it avoids.
//!
//! Demand comes as quantiles. Between them, and beyond the last, it is taken to grow in a straight line with
//! `s = -ln(1 - p)`, in which an exponential tail is straight: the reading that the forecasts of this program use. With
//! it the chance that demand exceeds a capacity, and the demand beyond it, have closed forms. Of `D = q + m·(s - a)`
//! from `s = a` to `b`, with `D` above the capacity `C`, the mean excess is
//! `e^-a·(q - C)·(1 - e^-(b-a)) + e^-a·m·(1 - e^-(b-a)·(1 + b - a))`.
//!
//! Chances and demand are floating point; they enter money as decimals of six places (halves to even, see
//! [`quantise`]), and all that follows is exact to 15 decimals.

mod demand;
#[cfg(test)]
mod tests;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::demand::Demand;
use super::amount::{Figure, Money, quantise};
use super::error::{MoneyError, Result};

/// Demand that is not exceeded with some probability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DemandQuantile {
    /// The probability, between 0 and 1.
    pub probability: f64,
    /// The demand, in transactions per minute.
    pub demand: f64,
}

/// What a lost transaction costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Worth {
    /// Its revenue.
    Revenue,
    /// Its margin, which is what is really lost.
    Margin,
}

/// A plan, the demand it is for, and what being short of capacity costs. All amounts are of one currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IncidentInput {
    /// Replica-hours that the plan adds.
    #[schema(value_type = String)]
    pub extra_replica_hours: Decimal,
    /// Price of one of them.
    pub per_replica_hour: Money,
    /// Transactions per minute that are served without the plan.
    pub capacity_without: f64,
    /// Transactions per minute that are served with it.
    pub capacity_with: f64,
    /// Demand over the time in question: at least two quantiles, in any order.
    pub demand: Vec<DemandQuantile>,
    /// How long demand is at that level, in minutes.
    #[schema(value_type = String)]
    pub duration_minutes: Decimal,
    /// What a lost transaction costs.
    pub per_transaction: Money,
    /// Whether that is revenue or margin.
    pub worth: Worth,
    /// Credits that service level agreements grant customers for one incident.
    pub sla_credits: Money,
    /// What staff costs for one hour of the incident.
    pub staff_per_hour: Money,
}

/// A plan's cost against the loss it avoids.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IncidentComparison {
    /// What the plan costs.
    pub plan_cost: Money,
    /// What being short costs without the plan.
    pub without: Loss,
    /// What being short costs with the plan.
    pub with: Loss,
    /// What the plan is worth: the expected loss without it, less that with it, less its cost.
    pub net: Money,
    /// The chance of an incident without the plan from which on the plan pays, if an incident is as large as here.
    /// Rounded half to even to 6 decimals; above 1 it never pays.
    #[schema(value_type = Figure<String>)]
    pub break_even_probability: Figure<Decimal>,
    /// All of it in a few sentences.
    pub sentence: String,
}

/// What being short of capacity costs, on average over what demand may be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Loss {
    /// The chance that demand exceeds capacity, to 6 decimals.
    #[schema(value_type = String)]
    pub probability: Decimal,
    /// Transactions lost on average, to 6 decimals.
    #[schema(value_type = String)]
    pub transactions_lost: Decimal,
    /// Of those that are wanted, the share that is lost on average, to 6 decimals.
    #[schema(value_type = String)]
    pub unserved_share: Decimal,
    /// What the lost transactions cost.
    pub transactions: Money,
    /// Service credits, times the chance.
    pub credits: Money,
    /// Staff for the duration, times the chance.
    pub staff: Money,
    /// All three.
    pub expected: Money,
}

/// Weighs a plan.
///
/// Transactions beyond capacity are taken to be lost and those within it to be served. Overload often costs more
/// than that, as retries and timeouts spread, so the loss is a lower bound.
///
/// # Errors
/// Fewer than two quantiles, probabilities outside 0 to 1 or too close to each other, demand that falls as its
/// probability rises, demand and capacities outside 0 to 10^12, amounts below 0, different currencies, and amounts that
/// are not held exactly.
pub fn incident(input: &IncidentInput) -> Result<IncidentComparison> {
    let refuse = |setting: &str, problem: &str| {
        Err(MoneyError::Setting { setting: format!("incident.{setting}"), problem: problem.to_owned() })
    };
    let demand = match Demand::of(&input.demand) {
        Ok(demand) => demand,
        Err(problem) => return refuse("demand", problem),
    };
    let capacities = [input.capacity_without, input.capacity_with];
    if !capacities.iter().all(|capacity| (0.0..=demand::MOST).contains(capacity)) {
        return refuse("capacity", "capacities must lie between 0 and 10^12");
    }
    if input.capacity_with < input.capacity_without {
        return refuse("capacity_with", "a plan must not serve less than there is without it");
    }
    let amounts =
        [&input.per_replica_hour, &input.per_transaction, &input.sla_credits, &input.staff_per_hour];
    for amount in amounts {
        amount.same_currency(&input.per_replica_hour)?;
    }
    let counts = [input.extra_replica_hours, input.duration_minutes];
    if amounts.iter().map(|amount| amount.amount).chain(counts).any(|amount| amount < Decimal::ZERO) {
        return refuse("amounts", "hours, minutes and amounts must be 0 or more");
    }
    let plan_cost = input.per_replica_hour.times(input.extra_replica_hours)?;
    let without = input.loss(&demand, input.capacity_without)?;
    let with = input.loss(&demand, input.capacity_with)?;
    let avoided = without.expected.minus(&with.expected)?;
    let net = avoided.minus(&plan_cost)?;
    let break_even_probability = break_even(&plan_cost, &avoided, without.probability);
    let mut comparison =
        IncidentComparison { plan_cost, without, with, net, break_even_probability, sentence: String::new() };
    comparison.sentence = comparison.words(input);
    Ok(comparison)
}

/// The chance at which the plan's cost equals what it avoids, which is in proportion to the chance.
fn break_even(plan_cost: &Money, avoided: &Money, probability: Decimal) -> Figure<Decimal> {
    if probability.is_zero() {
        return Figure::unavailable("demand is not expected to exceed capacity");
    }
    if avoided.amount <= Decimal::ZERO {
        return Figure::unavailable("the plan avoids no loss");
    }
    let quotient = plan_cost.amount.checked_div(avoided.amount);
    match quotient.and_then(|quotient| quotient.checked_mul(probability)) {
        Some(chance) => Figure::Known(even(chance)),
        None => Figure::unavailable("the figures are too large"),
    }
}

fn even(value: Decimal) -> Decimal {
    value.round_dp_with_strategy(6, RoundingStrategy::MidpointNearestEven).normalize()
}

impl IncidentInput {
    fn loss(&self, demand: &Demand, capacity: f64) -> Result<Loss> {
        let too_large = || MoneyError::TooLarge {
            what: "incident".into(),
            hint: "check demand, capacity and duration for a misplaced point",
        };
        let (chance, excess) = demand.beyond(capacity);
        let probability = quantise(chance).ok_or_else(too_large)?;
        let per_minute = quantise(excess).ok_or_else(too_large)?;
        let lost = per_minute.checked_mul(self.duration_minutes).ok_or_else(too_large)?;
        let share =
            quantise(if excess > 0.0 { excess / demand.mean() } else { 0.0 }).ok_or_else(too_large)?;
        let hours = self.duration_minutes.checked_div(Decimal::from(60)).ok_or_else(too_large)?;
        let transactions = self.per_transaction.times(lost)?;
        let credits = self.sla_credits.times(probability)?;
        let staff = self.staff_per_hour.times(hours)?.times(probability)?;
        let expected = transactions.plus(&credits)?.plus(&staff)?;
        Ok(Loss {
            probability,
            transactions_lost: even(lost),
            unserved_share: share,
            transactions,
            credits,
            staff,
            expected,
        })
    }
}

impl IncidentComparison {
    fn words(&self, input: &IncidentInput) -> String {
        let worth = match input.worth {
            Worth::Revenue => "revenue",
            Worth::Margin => "margin",
        };
        let without = &self.without;
        let mut text = format!(
            "The plan costs {}. Without it demand exceeds capacity with a chance of {}, and is expected to cost {}: {} of \
             {worth} in lost transactions, {} in service credits, {} in staff. With it that is {}.",
            self.plan_cost,
            percent(without.probability),
            without.expected,
            without.transactions,
            without.credits,
            without.staff,
            self.with.expected
        );
        text.push_str(&match self.net.amount {
            net if net > Decimal::ZERO => format!(" The plan is worth {} more than it costs.", self.net),
            net if net < Decimal::ZERO => {
                format!(" The plan costs {} more than it is worth.", Money::new(-net, &self.net.currency))
            }
            _ => " The plan is worth what it costs.".to_owned(),
        });
        text.push_str(&match &self.break_even_probability {
            Figure::Known(chance) if *chance <= Decimal::ONE => {
                format!(" It pays from a chance of {} on.", percent(*chance))
            }
            Figure::Known(_) => " It would not pay even if the incident were certain.".to_owned(),
            Figure::Unavailable { why } => format!(" There is no chance from which on it pays: {why}."),
        });
        text
    }

    /// The comparison in plain words, for a terminal.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n\n", self.sentence);
        text.push_str(&format!("  {:<22}{:>22}{:>22}\n", "", "without the plan", "with the plan"));
        let row = |name: &str, of: &dyn Fn(&Loss) -> String| {
            format!("  {name:<22}{:>22}{:>22}\n", of(&self.without), of(&self.with))
        };
        text.push_str(&row("chance", &|loss| percent(loss.probability)));
        text.push_str(&row("transactions lost", &|loss| loss.transactions_lost.round_dp(0).to_string()));
        text.push_str(&row("share not served", &|loss| percent(loss.unserved_share)));
        text.push_str(&row("expected loss", &|loss| loss.expected.to_string()));
        text
    }
}

fn percent(share: Decimal) -> String {
    format!("{} %", (share * Decimal::ONE_HUNDRED).round_dp(2).normalize())
}
