//! How long a year is between two days: day count conventions.

use chrono::{Datelike as _, NaiveDate};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use utoipa::ToSchema;

#[cfg(test)]
mod tests;

/// A day count convention.
///
/// Under those that count 30 days a month a pair of days decides on its own which of them is moved; years therefore
/// do not always add up over a day in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub enum DayCount {
    /// Days over 365, as spreadsheets' XIRR counts.
    #[default]
    #[serde(rename = "act/365")]
    Act365Fixed,
    /// Days over 360.
    #[serde(rename = "act/360")]
    Act360,
    /// Days in leap years over 366, other days over 365 (ISDA).
    #[serde(rename = "act/act")]
    ActActIsda,
    /// Days over 364.
    #[serde(rename = "act/364")]
    Act364,
    /// Days over 365.25.
    #[serde(rename = "act/365.25")]
    Act36525,
    /// 30 days a month; a 31st is a 30th, the second only after a 30th (ISDA bond basis).
    #[serde(rename = "30/360")]
    Thirty360,
    /// As the bond basis, and the last day of February is a 30th, the second only after such a day (US, SIA).
    #[serde(rename = "30/360 us")]
    Thirty360Us,
    /// 30 days a month; each 31st is a 30th (Eurobond basis).
    #[serde(rename = "30e/360")]
    ThirtyE360,
    /// As 30E/360, and each last day of February is a 30th. No day is taken as an instrument's last, for which ISDA
    /// leaves February as it is.
    #[serde(rename = "30e/360 isda")]
    ThirtyE360Isda,
    /// As 30E/360, and the second day's 31st is the next month's 1st.
    #[serde(rename = "30e+/360")]
    ThirtyEPlus360,
    /// Days without 29 February, over 365.
    #[serde(rename = "nl/365")]
    Nl365,
    /// Days without 29 February, over 360.
    #[serde(rename = "nl/360")]
    Nl360,
}

impl DayCount {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Act365Fixed,
        Self::Act360,
        Self::ActActIsda,
        Self::Act364,
        Self::Act36525,
        Self::Thirty360,
        Self::Thirty360Us,
        Self::ThirtyE360,
        Self::ThirtyE360Isda,
        Self::ThirtyEPlus360,
        Self::Nl365,
        Self::Nl360,
    ];

    /// Its name, as it is written and read.
    pub fn name(self) -> &'static str {
        match self {
            Self::Act365Fixed => "act/365",
            Self::Act360 => "act/360",
            Self::ActActIsda => "act/act",
            Self::Act364 => "act/364",
            Self::Act36525 => "act/365.25",
            Self::Thirty360 => "30/360",
            Self::Thirty360Us => "30/360 us",
            Self::ThirtyE360 => "30e/360",
            Self::ThirtyE360Isda => "30e/360 isda",
            Self::ThirtyEPlus360 => "30e+/360",
            Self::Nl365 => "nl/365",
            Self::Nl360 => "nl/360",
        }
    }

    /// Years from one day to a later one.
    pub fn years(self, from: NaiveDate, to: NaiveDate) -> f64 {
        let days = self.days(from, to) as f64;
        match self {
            Self::ActActIsda => calendar_years(from, to),
            Self::Act365Fixed | Self::Nl365 => days / 365.0,
            Self::Act364 => days / 364.0,
            Self::Act36525 => days / 365.25,
            Self::Act360
            | Self::Thirty360
            | Self::Thirty360Us
            | Self::ThirtyE360
            | Self::ThirtyE360Isda
            | Self::ThirtyEPlus360
            | Self::Nl360 => days / 360.0,
        }
    }

    /// Days from one day to a later one, as the convention counts them.
    pub fn days(self, from: NaiveDate, to: NaiveDate) -> i64 {
        let (first, second) = (i64::from(from.day()), i64::from(to.day()));
        let actual = (to - from).num_days();
        match self {
            Self::Act365Fixed | Self::Act360 | Self::ActActIsda | Self::Act364 | Self::Act36525 => actual,
            Self::Nl365 | Self::Nl360 => actual - (leap_days_until(to) - leap_days_until(from)),
            Self::Thirty360 => {
                thirty(from, to, first.min(30), if first >= 30 { second.min(30) } else { second })
            }
            Self::Thirty360Us => {
                let early = if ends_february(from) { 30 } else { first.min(30) };
                let late = match (ends_february(from) && ends_february(to), early) {
                    (true, _) => 30,
                    (false, 30) => second.min(30),
                    (false, _) => second,
                };
                thirty(from, to, early, late)
            }
            Self::ThirtyE360 => thirty(from, to, first.min(30), second.min(30)),
            Self::ThirtyE360Isda => {
                let day = |date: NaiveDate, day: i64| if ends_february(date) { 30 } else { day.min(30) };
                thirty(from, to, day(from, first), day(to, second))
            }
            // The 1st of the next month is the 31st of this one where months have 30 days.
            Self::ThirtyEPlus360 => thirty(from, to, first.min(30), second),
        }
    }
}

fn thirty(from: NaiveDate, to: NaiveDate, first: i64, second: i64) -> i64 {
    let months = 12 * i64::from(to.year() - from.year()) + i64::from(to.month()) - i64::from(from.month());
    30 * months + second - first
}

fn ends_february(date: NaiveDate) -> bool {
    date.month() == 2 && date.succ_opt().is_none_or(|next| next.month() == 3)
}

/// Leap days from the year 0 to this day, itself included.
fn leap_days_until(date: NaiveDate) -> i64 {
    let last = i64::from(if date.ordinal() >= 60 { date.year() } else { date.year() - 1 });
    last.div_euclid(4) - last.div_euclid(100) + last.div_euclid(400)
}

fn calendar_years(from: NaiveDate, to: NaiveDate) -> f64 {
    let passed = |date: NaiveDate| {
        let length = if date.leap_year() { 366.0 } else { 365.0 };
        f64::from(date.ordinal0()) / length
    };
    f64::from(to.year() - from.year()) + passed(to) - passed(from)
}

impl fmt::Display for DayCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// There is no such day count convention.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no day count '{0}': it is one of {known}", known = names())]
pub struct UnknownDayCount(pub String);

fn names() -> String {
    DayCount::ALL.map(DayCount::name).join(", ")
}

impl FromStr for DayCount {
    type Err = UnknownDayCount;

    /// Reads a convention's name in any case, and the other names that it goes by.
    fn from_str(text: &str) -> Result<Self, UnknownDayCount> {
        let name = text.trim().to_lowercase().replace("actual", "act");
        let found = match name.as_str() {
            "act/365f" | "act/365 fixed" | "english" => Some(Self::Act365Fixed),
            "french" => Some(Self::Act360),
            "act/act isda" => Some(Self::ActActIsda),
            "30/360 isda" | "bond basis" => Some(Self::Thirty360),
            "30u/360" | "30us/360" | "30/360 sia" => Some(Self::Thirty360Us),
            "30/360 isma" | "eurobond basis" => Some(Self::ThirtyE360),
            "30e/360 german" | "german" => Some(Self::ThirtyE360Isda),
            name => Self::ALL.into_iter().find(|convention| convention.name() == name),
        };
        found.ok_or_else(|| UnknownDayCount(text.to_owned()))
    }
}
