//! What is compared, and how.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::compare::Tolerance;
use crate::error::{ReconcileError, Result};
use crate::field::{EVENT_ID, TIME, canonical};

/// Smallest budget: what 64 partitions need to be filled at a reasonable pace.
const LEAST_MEMORY: usize = 1 << 20;

/// Which stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// What is compared with: the old system.
    Left,
    /// What is compared: the new system.
    Right,
}

impl Side {
    /// Both, left first.
    pub const BOTH: [Self; 2] = [Self::Left, Self::Right];

    /// `left` or `right`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }
}

/// What of two texts does not matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TextRule {
    /// White space at both ends.
    Trim,
    /// Upper and lower case.
    Case,
    /// How accented letters are composed (NFC).
    Unicode,
}

impl FromStr for TextRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "trim" => Ok(Self::Trim),
            "case" => Ok(Self::Case),
            "unicode" => Ok(Self::Unicode),
            _ => Err(format!("`{text}` is no rule for text: write trim, case or unicode")),
        }
    }
}

/// A finding that does not fail the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Allow {
    /// The same key more than once on a side.
    Duplicates,
    /// The same payment under two ids.
    Suspects,
    /// Events without a key, which cannot be compared.
    Unkeyed,
}

impl FromStr for Allow {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "duplicates" => Ok(Self::Duplicates),
            "suspects" => Ok(Self::Suspects),
            "unkeyed" => Ok(Self::Unkeyed),
            _ => Err(format!("`{text}` cannot be allowed: write duplicates, suspects or unkeyed")),
        }
    }
}

/// What is compared, and how. Names of fields may be given in either spelling.
#[derive(Debug, Clone)]
pub struct Options {
    /// What the report calls the left stream.
    pub left: String,
    /// What the report calls the right stream.
    pub right: String,
    /// Fields that tell which events belong together.
    pub key: Vec<String>,
    /// Rules under which keys are equal.
    pub key_text: BTreeSet<TextRule>,
    /// Fields compared; empty: all that occur on both sides, without key, event id and time.
    pub compare: Vec<String>,
    /// Fields that are not compared when `compare` is empty.
    pub ignore: Vec<String>,
    /// Fields compared as decimals, beside those with a tolerance, JSON numbers and those that are
    /// called amount, quantity, price or fee (also `net_amount`).
    pub decimal: Vec<String>,
    /// Differences that do not count; `time` compares the events' times.
    pub tolerance: BTreeMap<String, Tolerance>,
    /// Rules under which compared texts are equal.
    pub text: BTreeSet<TextRule>,
    /// First instant compared; earlier events are left out.
    pub from: Option<DateTime<Utc>>,
    /// First instant no longer compared.
    pub to: Option<DateTime<Utc>>,
    /// How much later the right event may be.
    pub late_after: TimeDelta,
    /// An event this close to an end of the range may have its counterpart outside: without one it
    /// is pending. `None`: 60 s where the range has ends. With a value and no `to`, the latest
    /// event is the end.
    pub grace: Option<TimeDelta>,
    /// Within which time two payments that look alike are suspect; zero: never.
    pub suspect_window: TimeDelta,
    /// What makes payments look alike; `a|b` is the first of them that is there. Events that lack
    /// one of the first two are not looked at.
    pub suspect_by: Vec<String>,
    /// Fields whose values are masked, beside those that always are.
    pub personal: Vec<String>,
    /// Examples of each kind in the report.
    pub examples: usize,
    /// Least match rate that passes, 0 to 1.
    pub min_match: f64,
    /// Findings that do not fail.
    pub allow: BTreeSet<Allow>,
    /// Memory that may be used for events, in bytes.
    pub memory_bytes: usize,
    /// Folder of the temporary files; `None`: the system's.
    pub spill_dir: Option<PathBuf>,
}

impl Options {
    /// Options with a key, and defaults for everything else.
    pub fn new(left: &str, right: &str, key: &[&str]) -> Self {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            left: left.to_owned(),
            right: right.to_owned(),
            key: owned(key),
            key_text: BTreeSet::new(),
            compare: Vec::new(),
            ignore: Vec::new(),
            decimal: Vec::new(),
            tolerance: BTreeMap::new(),
            text: BTreeSet::new(),
            from: None,
            to: None,
            late_after: TimeDelta::seconds(30),
            grace: None,
            suspect_window: TimeDelta::seconds(60),
            suspect_by: owned(&[
                "customer_id|account_id",
                "amount",
                "currency",
                "side|direction",
                "event_name",
            ]),
            personal: Vec::new(),
            examples: 10,
            min_match: 1.0,
            allow: BTreeSet::new(),
            memory_bytes: 256 << 20,
            spill_dir: None,
        }
    }

    /// Folds the names of fields and checks that the options go together.
    pub(crate) fn checked(mut self) -> Result<Self> {
        let wrong = |words: String| Err(ReconcileError::Options(words));
        for names in
            [&mut self.key, &mut self.compare, &mut self.ignore, &mut self.decimal, &mut self.personal]
        {
            for name in names.iter_mut() {
                *name = canonical(name);
            }
        }
        self.suspect_by = self.suspect_by.iter().map(|name| canonical(name)).collect();
        self.tolerance = self.tolerance.into_iter().map(|(name, value)| (canonical(&name), value)).collect();
        if self.key.is_empty() || self.key.iter().any(String::is_empty) {
            return wrong(
                "the key names no field: give the field that both sides identify a transaction by".to_owned(),
            );
        }
        if let Some(name) = self.key.iter().find(|name| *name == TIME) {
            return wrong(format!(
                "`{name}` cannot be part of the key: two systems rarely agree on it to the nanosecond"
            ));
        }
        if let Some(name) = self.compare.iter().find(|name| self.key.contains(name)) {
            return wrong(format!(
                "`{name}` is part of the key and cannot be compared: it is equal by definition"
            ));
        }
        if let Some(name) = self.compare.iter().find(|name| self.ignore.contains(name)) {
            return wrong(format!("`{name}` is to be compared and to be ignored: choose one"));
        }
        for (name, tolerance) in &self.tolerance {
            match tolerance {
                Tolerance::Time(_) if name != TIME => {
                    return wrong(format!(
                        "the tolerance of `{name}` is a length of time: give a decimal number"
                    ));
                }
                Tolerance::Number(_) if name == TIME => {
                    return wrong("the tolerance of `time` is a number: give a length such as 5s".to_owned());
                }
                Tolerance::Number(limit) if limit.is_negative() => {
                    return wrong(format!("the tolerance of `{name}` is below zero: {limit}"));
                }
                _ => {}
            }
            let compared = self.compare.is_empty() || self.compare.contains(name) || name == TIME;
            if !compared || self.ignore.contains(name) || self.key.contains(name) {
                return wrong(format!(
                    "`{name}` has a tolerance and is not compared: name it in the fields compared"
                ));
            }
        }
        if let Some(name) =
            self.compare.iter().find(|name| *name == TIME && !self.tolerance.contains_key(TIME))
        {
            return wrong(format!("`{name}` needs a tolerance to be compared, such as 5s"));
        }
        if self.suspect_window > TimeDelta::zero() && self.suspect_by.len() < 2 {
            return wrong(
                "the search for suspects needs at least two fields, such as customer_id and amount"
                    .to_owned(),
            );
        }
        if let (Some(from), Some(to)) = (self.from, self.to)
            && from >= to
        {
            return wrong(format!(
                "the range ends ({}) before it begins ({})",
                to.to_rfc3339(),
                from.to_rfc3339()
            ));
        }
        let lengths = [Some(self.late_after), self.grace, Some(self.suspect_window)];
        if lengths.into_iter().flatten().any(|length| length < TimeDelta::zero()) {
            return wrong("a length of time is below zero".to_owned());
        }
        if !(0.0..=1.0).contains(&self.min_match) {
            return wrong(format!("the least match rate is {}: give a number from 0 to 1", self.min_match));
        }
        if self.memory_bytes < LEAST_MEMORY {
            return wrong(format!(
                "a budget of {} bytes is too small: give at least 1 MiB",
                self.memory_bytes
            ));
        }
        self.ignore.push(EVENT_ID.to_owned());
        self.ignore.push(TIME.to_owned());
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Number;

    #[test]
    fn options_that_do_not_go_together_are_refused() {
        let options = || Options::new("l", "r", &["id"]);
        let number = |text: &str| Tolerance::Number(Number::parse(text).unwrap());
        let refused = |options: Options| options.checked().unwrap_err().to_string();
        let names = |name: &str| vec![name.to_owned()];
        let tolerance = |name: &str, value| BTreeMap::from([(name.to_owned(), value)]);
        let all = [
            refused(Options { key: vec![], ..options() }),
            refused(Options { key: names("time"), ..options() }),
            refused(Options { compare: names("id"), ..options() }),
            refused(Options { compare: names("a.b"), ignore: names("a_b"), ..options() }),
            refused(Options { tolerance: tolerance("amount", Tolerance::Time(5)), ..options() }),
            refused(Options { tolerance: tolerance("time", number("1")), ..options() }),
            refused(Options { tolerance: tolerance("amount", number("-1")), ..options() }),
            refused(Options {
                tolerance: tolerance("fee", number("1")),
                compare: names("amount"),
                ..options()
            }),
            refused(Options { compare: names("time"), ..options() }),
            refused(Options { suspect_by: names("amount"), ..options() }),
            refused(Options { min_match: f64::NAN, ..options() }),
            refused(Options { memory_bytes: 5, ..options() }),
        ];
        insta::assert_snapshot!(all.join("\n"), @"
    the key names no field: give the field that both sides identify a transaction by
    `time` cannot be part of the key: two systems rarely agree on it to the nanosecond
    `id` is part of the key and cannot be compared: it is equal by definition
    `a_b` is to be compared and to be ignored: choose one
    the tolerance of `amount` is a length of time: give a decimal number
    the tolerance of `time` is a number: give a length such as 5s
    the tolerance of `amount` is below zero: -1
    `fee` has a tolerance and is not compared: name it in the fields compared
    `time` needs a tolerance to be compared, such as 5s
    the search for suspects needs at least two fields, such as customer_id and amount
    the least match rate is NaN: give a number from 0 to 1
    a budget of 5 bytes is too small: give at least 1 MiB
    ");
        options().checked().unwrap();
    }
}
