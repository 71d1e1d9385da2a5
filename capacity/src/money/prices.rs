//! Price tables in TOML: what a replica, a gigabyte and a request cost, where there is no bill.

mod cost;
pub(crate) mod number;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::number::{number, numbers, some_number};
use super::amount::Money;
use super::error::{MoneyError, Result};
use super::period::Period;

/// Hours of an average month, as providers count them: 8,760 / 12.
pub const HOURS_PER_MONTH: u32 = 730;

/// What capacity costs.
///
/// ```
/// # use headroom_capacity::money::PriceTable;
/// let prices = PriceTable::from_toml(r#"
///     currency = "USD"
///
///     [classes."m6i.large"]
///     vcpu = 2
///     memory_gib = 8
///     per_hour = "0.096"
///     per_gigabyte = "0.09"
///     commitments = { 1y = "0.37", 3y = "0.60" }
///
///     [services.gateway]
///     class = "m6i.large"
///     committed = { term = "1y", replicas = 4 }
/// "#)?;
/// assert_eq!(prices.services["gateway"].replicas_min, 0);
/// # Ok::<(), headroom_capacity::money::MoneyError>(())
/// ```
///
/// Decimals are best written as texts; numbers are read as the shortest decimal that they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceTable {
    /// ISO 4217 code of all prices.
    pub currency: String,
    /// The length of the periods that costs are told for.
    #[serde(default)]
    pub period: Period,
    /// Classes of replicas by name.
    pub classes: BTreeMap<String, Class>,
    /// Our services by name.
    #[serde(default)]
    pub services: BTreeMap<String, PricedService>,
}

/// A class of instances or replicas.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// Cores of one replica.
    #[serde(deserialize_with = "number")]
    #[schema(value_type = String)]
    pub vcpu: Decimal,
    /// Memory of one replica.
    #[serde(deserialize_with = "number")]
    #[schema(value_type = String)]
    pub memory_gib: Decimal,
    /// Price of one replica for one hour, on demand.
    #[serde(deserialize_with = "number")]
    #[schema(value_type = String)]
    pub per_hour: Decimal,
    /// Discount of a commitment by its term: 0.37 for 37 % less than on demand.
    #[serde(default, deserialize_with = "numbers")]
    #[schema(value_type = BTreeMap<String, String>)]
    pub commitments: BTreeMap<Term, Decimal>,
    /// Price of one gigabyte sent out.
    #[serde(default, deserialize_with = "some_number")]
    #[schema(value_type = Option<String>)]
    pub per_gigabyte: Option<Decimal>,
    /// Price of one request.
    #[serde(default, deserialize_with = "some_number")]
    #[schema(value_type = Option<String>)]
    pub per_request: Option<Decimal>,
}

/// What one service runs on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PricedService {
    /// Name of the class of its replicas.
    pub class: String,
    /// Replicas that always run: the least that is paid where replica-hours are not known.
    #[serde(default)]
    pub replicas_min: u32,
    /// Replicas that are committed to, and paid whether they run or not.
    #[serde(default)]
    pub committed: Option<Committed>,
}

/// A commitment that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Committed {
    /// Its term, which sets the discount.
    pub term: Term,
    /// Replicas.
    pub replicas: u32,
}

/// How long a commitment binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub enum Term {
    /// One year.
    #[serde(rename = "1y")]
    OneYear,
    /// Three years.
    #[serde(rename = "3y")]
    ThreeYears,
}

impl Term {
    /// Its days.
    pub fn days(self) -> u32 {
        match self {
            Self::OneYear => 365,
            Self::ThreeYears => 3 * 365,
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OneYear => "1 year",
            Self::ThreeYears => "3 years",
        })
    }
}

impl PriceTable {
    /// Reads a table.
    ///
    /// # Errors
    /// What is not TOML or not of the table's form, with its place; a price, size or discount out of its range;
    /// a service of a class, or a commitment of a term, that the table does not have.
    pub fn from_toml(text: &str) -> Result<Self> {
        let table: Self = toml::from_str(text).map_err(|error| MoneyError::Prices(error.to_string()))?;
        table.validate()?;
        Ok(table)
    }

    /// Refuses what has no meaning, naming its place in the table.
    ///
    /// # Errors
    /// As [`Self::from_toml`].
    pub fn validate(&self) -> Result<()> {
        let refuse = |place: String, problem: &str| Err(MoneyError::Prices(format!("{place}: {problem}")));
        if self.currency.len() != 3 || !self.currency.bytes().all(|letter| letter.is_ascii_uppercase()) {
            return refuse("currency".into(), "write the ISO 4217 code, such as USD");
        }
        for (name, class) in &self.classes {
            let place = |field: &str| format!("classes.{name}.{field}");
            if class.vcpu <= Decimal::ZERO || class.memory_gib <= Decimal::ZERO {
                return refuse(place("vcpu"), "vcpu and memory_gib must be above 0");
            }
            let prices = [Some(class.per_hour), class.per_gigabyte, class.per_request];
            if prices.into_iter().flatten().any(|price| price.is_sign_negative() && !price.is_zero()) {
                return refuse(place("per_hour"), "a price must not be below 0");
            }
            let share = |discount: &Decimal| (Decimal::ZERO..Decimal::ONE).contains(discount);
            if !class.commitments.values().all(share) {
                return refuse(
                    place("commitments"),
                    "a discount lies between 0 and 1, such as 0.37 for 37 %",
                );
            }
        }
        for (name, service) in &self.services {
            let Some(class) = self.classes.get(&service.class) else {
                return refuse(
                    format!("services.{name}.class"),
                    &format!("there is no class `{}`", service.class),
                );
            };
            if service.committed.is_some_and(|committed| !class.commitments.contains_key(&committed.term)) {
                return refuse(
                    format!("services.{name}.committed"),
                    &format!("the class `{}` has no discount for that term", service.class),
                );
            }
        }
        Ok(())
    }

    /// The price of a class's replica for one hour, on demand.
    pub fn per_hour(&self, class: &str) -> Option<Money> {
        self.classes.get(class).map(|class| Money::new(class.per_hour, &self.currency))
    }
}
