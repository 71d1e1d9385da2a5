//! From a period's return to a year's.

use super::money::Period;
use super::reason::{NoReturn, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What to do with periods under a year, whose annual return tells of days that never were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShortPeriods {
    /// Refuse, as GIPS asks.
    #[default]
    Refuse,
    /// Annualise all the same.
    Annualise,
}

/// The yearly return of which a period's return is made: `(1 + total)^(365 / days) - 1`.
pub fn annualised(total: f64, period: Period, short: ShortPeriods) -> Result<f64> {
    let days = period.days();
    // Each 12 months is a year, be it 365 days or 366.
    if days < 365 && short == ShortPeriods::Refuse {
        return Err(NoReturn::UnderAYear { days });
    }
    if total.is_nan() || total < -1.0 {
        return Err(NoReturn::LessThanNothing { date: period.to });
    }
    let annual = (total.ln_1p() * 365.0 / days as f64).exp_m1();
    if annual.is_finite() { Ok(annual) } else { Err(NoReturn::Extreme) }
}
