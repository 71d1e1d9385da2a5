//! The rate of a file of payments, as it is told.

use super::day_count::DayCount;
use super::money::Payment;
use super::reason::NoReturn;
use super::xirr::xirr;
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// The annual rate at which payments balance, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct XirrAnswer {
    /// How the years between payments are counted.
    pub day_count: DayCount,
    /// How many payments there are.
    pub payments: usize,
    /// The rate: 0.1 is 10 % a year.
    pub rate: Option<f64>,
    /// Others at which the payments balance as well, ascending.
    pub others: Vec<f64>,
    /// Why there is no rate.
    pub unavailable: Option<NoReturn>,
    /// The same in words.
    pub why: Option<String>,
}

impl XirrAnswer {
    /// The answer for these payments.
    pub fn of(payments: &[Payment], day_count: DayCount) -> Self {
        let (rate, others, unavailable) = match xirr(payments, day_count) {
            Ok(found) => (Some(found.rate), found.others, None),
            Err(reason) => (None, Vec::new(), Some(reason)),
        };
        let why = unavailable.as_ref().map(ToString::to_string);
        Self { day_count, payments: payments.len(), rate, others, unavailable, why }
    }
}

impl fmt::Display for XirrAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(rate) = self.rate {
            writeln!(f, "{} a year ({} payments, {})", Percent(rate), self.payments, self.day_count)?;
        }
        if let Some(why) = &self.why {
            writeln!(f, "no rate: {why}")?;
        }
        if !self.others.is_empty() {
            let others: Vec<String> = self.others.iter().map(|rate| Percent(*rate).to_string()).collect();
            writeln!(f, "They balance at {} too: a time-weighted return says more.", others.join(" and "))?;
        }
        Ok(())
    }
}

/// A ratio as percent, with the digits that tell it from others.
struct Percent(f64);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = self.0 * 100.0;
        if percent.abs() < 1e9 { write!(f, "{percent:.6} %") } else { write!(f, "{percent:.6e} %") }
    }
}

#[cfg(test)]
mod tests {
    use super::super::read_payments;
    use super::*;

    fn told(lines: &str) -> XirrAnswer {
        XirrAnswer::of(&read_payments("-", lines.as_bytes()).unwrap(), DayCount::Act365Fixed)
    }

    #[test]
    fn a_rate_is_told_with_its_convention() {
        let answer = told("2020-01-01,-1000\n2021-01-01,750\n2022-01-01,500\n");
        insta::assert_snapshot!(answer, @"17.500926 % a year (3 payments, act/365)");
        let body = serde_json::to_value(&answer).unwrap();
        assert_eq!((&body["day_count"], &body["why"]), (&"act/365".into(), &serde_json::Value::Null));
        insta::assert_snapshot!(told("2020-01-01,-1\n2020-01-02,2\n"), @"7.515336e111 % a year (2 payments, act/365)");
    }

    #[test]
    fn other_rates_are_told() {
        let answer = told("2021-01-01,-100\n2022-01-01,230\n2023-01-01,-132\n");
        insta::assert_snapshot!(answer, @"
        10.000000 % a year (3 payments, act/365)
        They balance at 20.000000 % too: a time-weighted return says more.
        ");
    }

    #[test]
    fn a_reason_stands_in_for_a_rate() {
        let answer = told("2020-01-01,-1000\n");
        insta::assert_snapshot!(answer, @"no rate: but for payments that cancel out, all are on one day, and a rate needs time to pass");
        let body = serde_json::to_value(&answer).unwrap();
        assert_eq!(
            (&body["rate"], &body["unavailable"]["reason"]),
            (&serde_json::Value::Null, &"one_day".into())
        );
    }
}
