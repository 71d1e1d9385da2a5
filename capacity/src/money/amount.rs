//! Amounts of money with their currency, and figures that may be missing.

use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{MoneyError, Result};
use super::exact::{decimal, held, product, units};

/// An amount of money. Amounts are held to 15 decimals and rounded for display only, half to even.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Money {
    /// The amount in units of the currency; negative for what comes back.
    #[schema(value_type = String, example = "12.34")]
    pub amount: Decimal,
    /// ISO 4217 code of the currency, such as `USD`.
    #[schema(example = "USD")]
    pub currency: String,
}

impl Money {
    /// An amount in a currency.
    pub fn new(amount: Decimal, currency: &str) -> Self {
        Self { amount, currency: currency.to_owned() }
    }

    /// Of whole units of 10^-15, which the caller has found to be held.
    pub(super) fn of_units(units: i128, currency: &str) -> Self {
        Self::new(decimal(units), currency)
    }

    /// The sum. Refuses another currency, and a sum that is not held exactly.
    pub fn plus(&self, other: &Self) -> Result<Self> {
        self.combine(other, |left, right| left + right)
    }

    /// The difference. Refuses another currency, and a difference that is not held exactly.
    pub fn minus(&self, other: &Self) -> Result<Self> {
        self.combine(other, |left, right| left - right)
    }

    /// The amount times a number, rounded half to even to 15 decimals.
    pub fn times(&self, factor: Decimal) -> Result<Self> {
        let product =
            product(self.amount, factor).ok_or_else(|| too_large(&format!("{self} times {factor}")))?;
        Ok(Self::of_units(product, &self.currency))
    }

    fn combine(&self, other: &Self, with: fn(i128, i128) -> i128) -> Result<Self> {
        self.same_currency(other)?;
        let sum = units(self.amount)
            .zip(units(other.amount))
            .and_then(|(left, right)| held(with(left, right)))
            .ok_or_else(|| too_large(&format!("{self} and {other}")))?;
        Ok(Self::of_units(sum, &self.currency))
    }

    /// Refuses an amount of another currency.
    pub(super) fn same_currency(&self, other: &Self) -> Result<()> {
        if self.currency == other.currency {
            return Ok(());
        }
        Err(MoneyError::DifferentCurrencies { left: self.currency.clone(), right: other.currency.clone() })
    }
}

fn too_large(what: &str) -> MoneyError {
    MoneyError::TooLarge { what: what.to_owned(), hint: "check the figures for a misplaced point" }
}

/// Rounded half to even for display: from 1 on to the currency's minor unit (ISO 4217), below 1 to four digits
/// that count, with commas between thousands.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = minor_digits(&self.currency);
        let even = RoundingStrategy::MidpointNearestEven;
        let text = if self.amount.is_zero() || self.amount.abs() >= Decimal::ONE {
            format!("{:.1$}", self.amount.round_dp_with_strategy(places, even), places as usize)
        } else {
            let short = self.amount.round_sf_with_strategy(4, even).unwrap_or(self.amount).normalize();
            if short.scale() < places { format!("{short:.0$}", places as usize) } else { short.to_string() }
        };
        write!(f, "{} {}", grouped(&text), self.currency)
    }
}

/// Digits behind the point of a currency, by ISO 4217.
fn minor_digits(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI"
        | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// A number with commas between its thousands.
pub(super) fn grouped(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let (whole, rest) = digits.find('.').map_or((digits, ""), |at| digits.split_at(at));
    let mut text = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text + rest
}

/// A figure, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Figure<T> {
    /// The figure.
    Known(T),
    /// There is none.
    Unavailable {
        /// Why, in words.
        why: String,
    },
}

impl<T> Figure<T> {
    /// No figure, for a reason.
    pub fn unavailable(why: impl Into<String>) -> Self {
        Self::Unavailable { why: why.into() }
    }

    /// The figure, if there is one.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(figure) => Some(figure),
            Self::Unavailable { .. } => None,
        }
    }

    /// Why there is none, if so.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Known(_) => None,
            Self::Unavailable { why } => Some(why),
        }
    }
}

impl<T> From<std::result::Result<T, String>> for Figure<T> {
    fn from(found: std::result::Result<T, String>) -> Self {
        found.map_or_else(Self::unavailable, Self::Known)
    }
}

/// A number from floating point as a decimal of six places, rounded to the nearest (the exact binary value decides,
/// and halves go to even); `None` unless it is finite and below 10^12.
pub fn quantise(value: f64) -> Option<Decimal> {
    (value.is_finite() && value.abs() < 1e12).then(|| format!("{value:.6}").parse().ok()).flatten().map(
        // Minus nought is nought.
        |decimal: Decimal| if decimal.is_zero() { Decimal::ZERO } else { decimal.normalize() },
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn money(amount: &str, currency: &str) -> Money {
        Money::new(amount.parse().unwrap(), currency)
    }

    #[test]
    fn currencies_do_not_mix() {
        let error = money("1", "USD").plus(&money("1", "EUR")).unwrap_err().to_string();
        insta::assert_snapshot!(error, @"USD and EUR are different currencies; convert one of them before they are added");
        assert_eq!(money("1.10", "USD").plus(&money("2.205", "USD")).unwrap().amount.to_string(), "3.305");
        assert_eq!(money("1", "USD").minus(&money("3", "USD")).unwrap().amount.to_string(), "-2");
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let most = money("79228162514264", "USD");
        insta::assert_snapshot!(most.plus(&most).unwrap_err(), @"79,228,162,514,264.00 USD and 79,228,162,514,264.00 USD: the amount is larger than 79,228,162,514,264, which is the most that is held exactly; check the figures for a misplaced point");
        assert!(most.times(Decimal::TWO).is_err());
    }

    #[test]
    fn display_rounds_and_groups() {
        let shown = |amount: &str, currency: &str| money(amount, currency).to_string();
        assert_eq!(shown("1234567.125", "USD"), "1,234,567.12 USD");
        assert_eq!(shown("-1234567.135", "USD"), "-1,234,567.14 USD");
        assert_eq!(shown("1234.5", "JPY"), "1,234 JPY");
        assert_eq!(shown("2.5005", "KWD"), "2.500 KWD");
        assert_eq!(shown("0", "EUR"), "0.00 EUR");
        assert_eq!(shown("0.5", "EUR"), "0.50 EUR");
        assert_eq!(shown("0.0000123456", "EUR"), "0.00001235 EUR");
        assert_eq!(shown("-0.999999", "EUR"), "-1.00 EUR");
    }

    #[test]
    fn floats_become_decimals_of_six_places() {
        assert_eq!(quantise(0.1 + 0.2).unwrap().to_string(), "0.3");
        assert_eq!(quantise(-1e-9).unwrap().to_string(), "0");
        assert_eq!([f64::NAN, f64::INFINITY, 1e12].map(quantise), [None; 3]);
    }

    #[test]
    fn money_is_a_string_in_json() {
        let body = serde_json::to_string(&Figure::Known(money("0.10", "USD"))).unwrap();
        assert_eq!(body, r#"{"known":{"amount":"0.10","currency":"USD"}}"#);
        let body = serde_json::to_string(&Figure::<Money>::unavailable("no transactions")).unwrap();
        assert_eq!(body, r#"{"unavailable":{"why":"no transactions"}}"#);
    }
}
