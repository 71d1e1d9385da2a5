//! Why figures are not there.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::attribution::NoAttribution;
use crate::returns::{NoReturn, plus};
use crate::risk::NoRisk;

/// Why a figure is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Unavailable {
    /// In words.
    pub reason: String,
    /// Something that should be known is not (a price, an exchange rate, a value), or what is known allows no such
    /// figure. False where nothing is wrong and there just is none, as a ratio to the drawdown where nothing fell.
    pub missing: bool,
}

impl Unavailable {
    /// Something that should be known is not.
    pub(super) fn missing(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), missing: true }
    }

    /// There is no such figure, and nothing is wrong.
    pub(super) fn none(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), missing: false }
    }
}

impl From<&Self> for Unavailable {
    fn from(why: &Self) -> Self {
        why.clone()
    }
}

impl From<NoReturn> for Unavailable {
    fn from(why: NoReturn) -> Self {
        Self { reason: why.to_string(), missing: !matches!(why, NoReturn::UnderAYear { .. }) }
    }
}

impl From<NoRisk> for Unavailable {
    fn from(why: NoRisk) -> Self {
        let none = matches!(
            why,
            NoRisk::TooFew { .. }
                | NoRisk::UnderAYear { .. }
                | NoRisk::NoSpread
                | NoRisk::NoShortfall
                | NoRisk::NoDrawdown
                | NoRisk::NoTail
                | NoRisk::FlatBenchmark
                | NoRisk::NeverWent { .. }
        );
        Self { reason: why.to_string(), missing: !none }
    }
}

impl From<NoAttribution> for Unavailable {
    fn from(why: NoAttribution) -> Self {
        Self::missing(why.to_string())
    }
}

/// A figure, or why there is none.
pub(super) type Figure<T> = Result<T, Unavailable>;

/// Adds to a sum, of which a part may not be known.
pub(super) fn add_to(sum: &mut Figure<Decimal>, part: Figure<Decimal>) {
    if let Ok(known) = sum {
        *sum = part.and_then(|part| Ok(plus(*known, part)?));
    }
}

/// The reasons of all figures that are not there, by the figure's name.
#[derive(Debug, Default)]
pub(super) struct Reasons(pub(super) BTreeMap<String, Unavailable>);

impl Reasons {
    /// The figure; else its reason is noted under its name.
    pub(super) fn told<T>(&mut self, name: &str, figure: Result<T, impl Into<Unavailable>>) -> Option<T> {
        figure.map_err(|why| self.0.insert(name.to_owned(), why.into())).ok()
    }

    /// An amount of money, without zeros at its end.
    pub(super) fn money(&mut self, name: &str, figure: Figure<Decimal>) -> Option<Decimal> {
        self.told(name, figure).map(|amount| amount.normalize())
    }
}
