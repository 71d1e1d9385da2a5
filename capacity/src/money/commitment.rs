//! How much to commit to: reserved instances and savings plans against what was used.
//!
//! Committing to `L` units an hour costs `c·L` in every hour, used or not; what is used beyond costs the on-demand
//! price `p`. Over hours with usage `x` that is `Σ c·L + p·max(0, x - L)`, which is lowest where usage exceeds `L` in
//! a share `c / p` of the hours: at the quantile `1 - c/p` of usage, the discount. (The newsvendor; Arrow, Harris and
//! Marschak, "Optimal Inventory Policy", 1951.) A unit of commitment pays if it is used more than `c / p` of the time.

mod level;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::level::Hours;
use super::amount::{Figure, Money};
use super::error::{MoneyError, Result};
use super::period::instant;
use super::prices::Term;

/// Days of usage below which there is no advice.
pub const DAYS: u32 = 14;

/// Days of usage below which an advice is weak.
pub const FAIR_DAYS: u32 = 60;

/// The share of the hours between the first and the last that must be known.
const COVERAGE: f64 = 0.9;

/// Hours that are taken in: twenty years.
const HOURS: usize = 20 * 8_784;

/// Units an hour that are taken in.
const UNITS: u64 = 1_000_000_000;

/// What was used in one hour, beyond what commitments that are held already cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HourlyUse {
    /// An instant of the hour.
    pub at: DateTime<Utc>,
    /// Units used: replicas on average, or the on-demand price of all that a savings plan would cover. Rounded half
    /// to even to 6 decimals.
    #[schema(value_type = String)]
    pub units: Decimal,
}

/// What a commitment costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CommitmentOffer {
    /// How long it binds.
    pub term: Term,
    /// Price of one unit for one hour on demand; of units that are money themselves, 1.
    pub on_demand: Money,
    /// Discount of a committed unit: 0.37 for 37 % less.
    #[schema(value_type = String)]
    pub discount: Decimal,
    /// Whether only whole units can be committed to, as with reserved instances.
    pub whole_units: bool,
}

/// How far an advice can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = CommitmentStrength)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// From less than 60 days of usage.
    Weak,
    /// From 60 days or more.
    Fair,
}

/// How much to commit to. Amounts are for an hour on average, or for the term, if usage stays as it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CommitmentAdvice {
    /// Start of the first hour of usage.
    pub from: DateTime<Utc>,
    /// End of the last hour of usage.
    pub to: DateTime<Utc>,
    /// Hours of which the usage is known.
    pub hours: usize,
    /// How far the advice can be trusted.
    pub strength: Strength,
    /// How long the commitment binds.
    pub term: Term,
    /// The share of its time that a unit of commitment must be used to pay: 1 less the discount.
    #[schema(value_type = String)]
    pub break_even_utilisation: Decimal,
    /// What an hour costs without a commitment.
    pub on_demand_per_hour: Money,
    /// The best level, which may be none.
    pub best: CommitmentLevel,
    /// The best level and others, at quantiles of usage, rising.
    pub levels: Vec<CommitmentLevel>,
    /// What the best level saves or loses if usage falls by 10, 20 and 30 %.
    pub falls: Vec<UsageFall>,
    /// The best levels of the first and of the second half of the usage alone, in units.
    #[schema(value_type = Vec<String>)]
    pub halves: [Decimal; 2],
    /// The advice in a few sentences.
    pub sentence: String,
}

/// One level of commitment and what it would have saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CommitmentLevel {
    /// Units committed to.
    #[schema(value_type = String)]
    pub units: Decimal,
    /// What the commitment costs an hour: the figure that a savings plan is bought by.
    pub commitment_per_hour: Money,
    /// The share of the commitment that would have been used; none for no commitment. Rounded to 6 decimals.
    #[schema(value_type = Option<String>)]
    pub utilisation: Option<Decimal>,
    /// The share of usage that would have been covered; none without usage. Rounded to 6 decimals.
    #[schema(value_type = Option<String>)]
    pub coverage: Option<Decimal>,
    /// What an hour would have cost, with what is used beyond the commitment.
    pub cost_per_hour: Money,
    /// What an hour would have saved; negative if it had lost.
    pub saving_per_hour: Money,
    /// What the term saves at that rate.
    pub saving_per_term: Money,
}

/// What becomes of the best level if usage falls right after it is bought.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UsageFall {
    /// By how much usage falls, in percent.
    pub percent: u32,
    /// What the term then saves against paying on demand; negative if it loses.
    pub saving_per_term: Money,
    /// What of the commitment is paid and not used over the term.
    pub unused_per_term: Money,
}

/// Finds the best level of commitment for a usage, which is taken to stay as it was.
///
/// Usage of the same hour is added up; hours that are missing are not known, not idle. There is no advice from less
/// than 14 days, or if more than a tenth of the hours between the first and the last are missing.
///
/// # Errors
/// A discount outside 0 to 1, a price of 0 or less, usage below 0 or above 10^9 units, more than 20 years of it, and
/// amounts that are not held exactly.
pub fn commitment(usage: &[HourlyUse], offer: &CommitmentOffer) -> Result<Figure<CommitmentAdvice>> {
    let refuse = |setting: &str, problem: String| {
        Err(MoneyError::Setting { setting: format!("commitment.{setting}"), problem })
    };
    if !(Decimal::ZERO..Decimal::ONE).contains(&offer.discount) {
        return refuse("discount", "it must be 0 or more and less than 1, such as 0.37 for 37 %".into());
    }
    if offer.on_demand.amount <= Decimal::ZERO {
        return refuse("on_demand", "the price must be above 0".into());
    }
    let mut hours: BTreeMap<i64, Decimal> = BTreeMap::new();
    for hour in usage {
        let sum = hours.entry(hour.at.timestamp().div_euclid(3_600)).or_default();
        let most = Decimal::from(UNITS);
        let more = (Decimal::ZERO..=most).contains(&hour.units).then(|| hour.units.round_dp(6));
        match more.map(|more| *sum + more).filter(|sum| *sum <= most) {
            Some(more) => *sum = more,
            None => {
                return refuse("usage", format!("{} at {} is not between 0 and 10^9", hour.units, hour.at));
            }
        }
    }
    let Some(((first, _), (last, _))) = hours.first_key_value().zip(hours.last_key_value()) else {
        return Ok(Figure::unavailable("no usage is known"));
    };
    let (from, to) = (instant(first * 3_600), instant((last + 1) * 3_600));
    let (known, span) = (hours.len(), (last - first + 1) as f64);
    if known > HOURS {
        return refuse("usage", "more than 20 years of hours are given".into());
    }
    if known < DAYS as usize * 24 {
        return Ok(Figure::unavailable(format!(
            "{:.1} days of usage are known, and advice needs {DAYS}",
            known as f64 / 24.0
        )));
    }
    if (known as f64) < span * COVERAGE {
        return Ok(Figure::unavailable(format!(
            "{known} of {span} hours of usage are known, and advice needs 90 % of them"
        )));
    }
    let strength = if known < FAIR_DAYS as usize * 24 { Strength::Weak } else { Strength::Fair };
    let hours: Vec<Decimal> = hours.into_values().collect();
    let (early, late) = hours.split_at(known / 2);
    let halves = [Hours::of(early, offer).best_units()?, Hours::of(late, offer).best_units()?];
    let all = Hours::of(&hours, offer);
    let best = all.level(all.best_units()?)?;
    let mut advice = CommitmentAdvice {
        from,
        to,
        hours: known,
        strength,
        term: offer.term,
        break_even_utilisation: Decimal::ONE - offer.discount,
        on_demand_per_hour: all.level(Decimal::ZERO)?.cost_per_hour,
        levels: all.levels(&best)?,
        falls: [10, 20, 30]
            .map(|percent| all.fall(best.units, percent))
            .into_iter()
            .collect::<Result<_>>()?,
        best,
        halves,
        sentence: String::new(),
    };
    advice.sentence = words::sentence(&advice);
    Ok(Figure::Known(advice))
}
