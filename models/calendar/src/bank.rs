//! Business days of banks, and what to do when a pay day is none.
//!
//! The rules are general knowledge; no list of bank days was at hand to check them against. Those of the United Kingdom
//! are the London exchange's, which were checked.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use chrono::{Datelike, Duration, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use crate::rules::{easter_monday, good_friday, is_weekend, last, london, nth, on, sunday_to_monday};
use crate::table;

/// Years for which holidays are computed. Rules may change within them, as exchanges and banks announce.
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2099;

/// Whose business days count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bank {
    /// The Federal Reserve Banks: a holiday on a Saturday is not made up for.
    UsFed,
    /// T2, formerly TARGET2, the euro's settlement system: six closing days a year since 2002.
    Target2,
    /// The bank holidays of England and Wales.
    Uk,
    /// Holidays of the Mumbai exchanges, which stand for the banks'; states differ, and later than the exchanges'
    /// table only weekends are known.
    India,
}

/// What happens to a date that is no business day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Roll {
    /// It stays.
    #[default]
    None,
    /// The business day before.
    Previous,
    /// The business day after.
    Following,
    /// The business day after, unless that lies in the next month: then the one before.
    ModifiedFollowing,
}

impl Bank {
    /// The banks whose days the wages of a venue's country keep, if they are known.
    pub fn of_venue(mic: &str) -> Option<Self> {
        match mic {
            "XNYS" | "XNAS" => Some(Self::UsFed),
            "XETR" | "XPAR" | "XAMS" | "XBRU" => Some(Self::Target2),
            "XLON" => Some(Self::Uk),
            "XBOM" | "XNSE" => Some(Self::India),
            _ => None,
        }
    }

    /// Whether banks settle on a date.
    pub fn is_business_day(self, date: NaiveDate) -> bool {
        static US: LazyLock<BTreeSet<NaiveDate>> =
            LazyLock::new(|| YEARS.flat_map(federal_reserve).collect());
        static EURO: LazyLock<BTreeSet<NaiveDate>> = LazyLock::new(|| YEARS.flat_map(target2).collect());
        static UK: LazyLock<BTreeSet<NaiveDate>> = LazyLock::new(|| {
            let special = closed_days(include_str!("../data/sessions/xlon.csv"));
            YEARS.flat_map(london::closed).chain(special).collect()
        });
        static INDIA: LazyLock<BTreeSet<NaiveDate>> =
            LazyLock::new(|| closed_days(include_str!("../data/sessions/xnse.csv")).into_iter().collect());
        let holidays = match self {
            Self::UsFed => &US,
            Self::Target2 => &EURO,
            Self::Uk => &UK,
            Self::India => &INDIA,
        };
        !is_weekend(date) && !holidays.contains(&date)
    }
}

impl Roll {
    /// The day that a date becomes.
    pub fn apply(self, date: NaiveDate, bank: Bank) -> NaiveDate {
        // No bank is closed for more than two weeks on end.
        let seek = |step: i64| {
            (0..14)
                .filter_map(|n| date.checked_add_signed(Duration::days(n * step)))
                .find(|day| bank.is_business_day(*day))
                .unwrap_or(date)
        };
        match self {
            Self::None => date,
            Self::Previous => seek(-1),
            Self::Following => seek(1),
            Self::ModifiedFollowing => {
                let after = seek(1);
                if after.month() == date.month() { after } else { seek(-1) }
            }
        }
    }
}

/// Days that a table of sessions has as closed.
fn closed_days(text: &str) -> Vec<NaiveDate> {
    let days = table::parse("sessions", text).expect("invariant: the tables that ship are well formed");
    days.into_iter().filter(|(_, rule)| *rule == crate::venue::DayRule::Closed).map(|(day, _)| day).collect()
}

fn federal_reserve(year: i32) -> Vec<NaiveDate> {
    let mut days = vec![
        sunday_to_monday(on(year, 1, 1)),
        nth(year, 1, Weekday::Mon, 3),
        nth(year, 2, Weekday::Mon, 3),
        last(year, 5, Weekday::Mon),
        sunday_to_monday(on(year, 7, 4)),
        nth(year, 9, Weekday::Mon, 1),
        nth(year, 10, Weekday::Mon, 2),
        sunday_to_monday(on(year, 11, 11)),
        nth(year, 11, Weekday::Thu, 4),
        sunday_to_monday(on(year, 12, 25)),
    ];
    if year >= 2022 {
        days.push(sunday_to_monday(on(year, 6, 19)));
    }
    days
}

fn target2(year: i32) -> Vec<NaiveDate> {
    let mut days = vec![on(year, 1, 1), good_friday(year), easter_monday(year), on(year, 5, 1)];
    days.extend([on(year, 12, 25), on(year, 12, 26)]);
    days
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn rolled(roll: Roll, date: &str, bank: Bank) -> String {
        roll.apply(date.parse().unwrap(), bank).to_string()
    }

    #[test]
    fn a_date_rolls_by_its_convention() {
        // Sunday 31 May 2026.
        assert_eq!(rolled(Roll::None, "2026-05-31", Bank::UsFed), "2026-05-31");
        assert_eq!(rolled(Roll::Previous, "2026-05-31", Bank::UsFed), "2026-05-29");
        assert_eq!(rolled(Roll::Following, "2026-05-31", Bank::UsFed), "2026-06-01");
        assert_eq!(rolled(Roll::ModifiedFollowing, "2026-05-31", Bank::UsFed), "2026-05-29");
        assert_eq!(rolled(Roll::ModifiedFollowing, "2026-05-16", Bank::UsFed), "2026-05-18");
    }

    #[test]
    fn each_bank_keeps_its_own_holidays() {
        // Good Friday: the Federal Reserve works; Veterans Day: the exchange trades, the banks do not.
        assert_eq!(rolled(Roll::Previous, "2026-04-03", Bank::UsFed), "2026-04-03");
        assert_eq!(rolled(Roll::Previous, "2026-04-03", Bank::Target2), "2026-04-02");
        assert_eq!(rolled(Roll::Following, "2026-11-11", Bank::UsFed), "2026-11-12");
        // Independence Day 2026 is a Saturday, which is not made up for on the Friday.
        assert_eq!(rolled(Roll::Previous, "2026-07-03", Bank::UsFed), "2026-07-03");
        assert_eq!(rolled(Roll::Previous, "2022-09-19", Bank::Uk), "2022-09-16");
        assert_eq!(rolled(Roll::Following, "2026-10-02", Bank::India), "2026-10-05");
    }

    proptest::proptest! {
        #[test]
        fn a_rolled_date_is_a_business_day_and_rolls_no_further(days in 0i64..25_000, bank in proptest::sample::select(vec![Bank::UsFed, Bank::Target2, Bank::Uk, Bank::India])) {
            let date = on(1992, 1, 1) + Duration::days(days);
            for roll in [Roll::Previous, Roll::Following, Roll::ModifiedFollowing] {
                let day = roll.apply(date, bank);
                proptest::prop_assert!(bank.is_business_day(day));
                proptest::prop_assert_eq!(roll.apply(day, bank), day);
                proptest::prop_assert!((day - date).num_days().abs() < 10);
            }
            proptest::prop_assert_eq!(Roll::ModifiedFollowing.apply(date, bank).month(), date.month());
        }
    }
}
