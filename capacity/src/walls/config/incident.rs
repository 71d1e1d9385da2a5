//! `[capacity.incident]`: what being short of capacity costs.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::money::incident::Worth;
use crate::money::prices::number::{number, numbers};

/// Minutes in a week: demand that stays so high for longer is no incident.
const LONGEST: u32 = 7 * 24 * 60;

/// What being short of capacity costs. Amounts are decimals in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IncidentTerms {
    /// ISO 4217 code of all amounts.
    pub currency: String,
    /// What a lost request costs.
    #[serde(deserialize_with = "number")]
    pub per_transaction: Decimal,
    /// The same for services whose requests are worth something else.
    #[serde(default, deserialize_with = "numbers")]
    pub services: BTreeMap<String, Decimal>,
    /// Whether that is revenue or margin.
    pub worth: Worth,
    /// Credits that service level agreements grant customers for one incident.
    #[serde(default, deserialize_with = "number")]
    pub sla_credits: Decimal,
    /// What staff costs for one hour of it.
    #[serde(default, deserialize_with = "number")]
    pub staff_per_hour: Decimal,
    /// How long demand stays at its peak, in minutes.
    #[serde(default = "half_an_hour", deserialize_with = "number")]
    pub duration_minutes: Decimal,
}

fn half_an_hour() -> Decimal {
    Decimal::from(30)
}

impl IncidentTerms {
    /// What a lost request to a service costs.
    pub(crate) fn per_transaction(&self, service: &str) -> Decimal {
        self.services.get(service).copied().unwrap_or(self.per_transaction)
    }

    /// Refuses what has no meaning: the setting's name, and what is wrong with it.
    pub(super) fn validate(&self) -> Result<(), (String, &'static str)> {
        let refuse = |setting: &str, message| Err((setting.to_owned(), message));
        if self.currency.len() != 3 || !self.currency.bytes().all(|letter| letter.is_ascii_uppercase()) {
            return refuse("currency", "write the ISO 4217 code, such as USD");
        }
        let amounts = [
            ("per_transaction", self.per_transaction),
            ("sla_credits", self.sla_credits),
            ("staff_per_hour", self.staff_per_hour),
        ];
        if let Some((setting, _)) = amounts.into_iter().find(|(_, amount)| *amount < Decimal::ZERO) {
            return refuse(setting, "must not be below 0");
        }
        if let Some((service, _)) = self.services.iter().find(|(_, amount)| **amount < Decimal::ZERO) {
            return refuse(&format!("services.{service}"), "must not be below 0");
        }
        if self.duration_minutes <= Decimal::ZERO || self.duration_minutes > Decimal::from(LONGEST) {
            return refuse("duration_minutes", "must be above 0 and at most 10080, which is a week");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::CapacityConfig;

    const LEAST: &str = "currency = 'USD'\nper_transaction = '1.20'\nworth = 'margin'\n";

    fn config(terms: &str) -> Result<CapacityConfig, toml::de::Error> {
        toml::from_str(&format!("[incident]\n{terms}"))
    }

    #[test]
    fn decimals_are_read_as_written_and_the_rest_has_defaults() {
        let terms =
            config(&format!("{LEAST}[incident.services]\npayments = 4.1\n")).unwrap().incident.unwrap();
        let worth = [terms.per_transaction("order"), terms.per_transaction("payments")];
        assert_eq!(worth.map(|amount| amount.to_string()), ["1.20", "4.1"]);
        assert_eq!((terms.duration_minutes, terms.sla_credits), (30.into(), 0.into()));
    }

    #[test]
    fn a_setting_without_meaning_is_named() {
        let refused = |terms: &str| {
            let (setting, message) = config(terms).unwrap().validate().unwrap_err();
            format!("{setting}: {message}")
        };
        assert!(config(LEAST).unwrap().validate().is_ok());
        insta::assert_snapshot!(refused(&LEAST.replace("USD", "usd")), @"incident.currency: write the ISO 4217 code, such as USD");
        insta::assert_snapshot!(refused(&LEAST.replace("1.20", "-1")), @"incident.per_transaction: must not be below 0");
        insta::assert_snapshot!(refused(&format!("{LEAST}staff_per_hour = -1")), @"incident.staff_per_hour: must not be below 0");
        insta::assert_snapshot!(refused(&format!("{LEAST}[incident.services]\nrisk = -1")), @"incident.services.risk: must not be below 0");
        insta::assert_snapshot!(refused(&format!("{LEAST}duration_minutes = 0")), @"incident.duration_minutes: must be above 0 and at most 10080, which is a week");
        insta::assert_snapshot!(refused(&format!("{LEAST}duration_minutes = 10081")), @"incident.duration_minutes: must be above 0 and at most 10080, which is a week");
        let message = |terms: &str| config(terms).unwrap_err().message().to_owned();
        insta::assert_snapshot!(message("currency = 'USD'\nworth = 'margin'"), @"missing field `per_transaction`");
        insta::assert_snapshot!(message(&LEAST.replace("margin", "fame")), @"unknown variant `fame`, expected `revenue` or `margin`");
        insta::assert_snapshot!(message(&LEAST.replace("1.20", "much")), @"`much` is not a decimal");
    }
}
