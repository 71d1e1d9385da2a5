//! Two records of one key: which fields differ, and by how much.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use unicode_normalization::UnicodeNormalization as _;

use crate::field::{EVENT_ID, TIME, canonical, is_decimal};
use crate::length::{self, parse_length};
use crate::mask::Mask;
use crate::number::Number;
use crate::options::{Options, TextRule};
use crate::record::{Record, Value};

/// A difference that does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tolerance {
    /// Of decimals, this much and no more.
    Number(Number),
    /// Of times, so many nanoseconds and no more.
    Time(i64),
}

impl Tolerance {
    /// Reads `amount=0.01` and `time=5s`, the field and its tolerance.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn parse(text: &str) -> Result<(String, Self), String> {
        let (name, limit) = text
            .split_once('=')
            .ok_or_else(|| format!("`{text}` is no tolerance: write amount=0.01 or time=5s"))?;
        let name = canonical(name);
        let tolerance = if name == TIME {
            parse_length(limit).map(|length| Self::Time(length::nanos(length)))
        } else {
            Number::parse(limit).map(Self::Number)
        };
        tolerance.map(|tolerance| (name, tolerance)).ok_or_else(|| {
            format!(
                "`{limit}` is no tolerance of `{text}`: write a decimal, and for time a length such as 5s"
            )
        })
    }
}

/// A field whose values differ.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct FieldDifference {
    /// Its folded name.
    pub field: String,
    /// The left value, masked; absent when the event does not have the field.
    pub left: Option<String>,
    /// The right value, masked; absent when the event does not have the field.
    pub right: Option<String>,
    /// Right minus left, of decimals and times; or what else is to be said.
    pub difference: Option<String>,
}

/// Tells records apart.
#[derive(Debug)]
pub(crate) struct Comparer {
    fields: Vec<String>,
    decimal: BTreeSet<String>,
    limits: BTreeMap<String, Number>,
    time_limit: Option<i64>,
    text: BTreeSet<TextRule>,
    mask: Mask,
}

impl Comparer {
    /// Compares these fields the way the options say.
    pub(crate) fn new(options: &Options, fields: Vec<String>, mask: Mask) -> Self {
        let mut limits = BTreeMap::new();
        let mut time_limit = None;
        for (name, tolerance) in &options.tolerance {
            match tolerance {
                Tolerance::Number(limit) => {
                    limits.insert(name.clone(), *limit);
                }
                Tolerance::Time(limit) => time_limit = Some(*limit),
            }
        }
        let decimal = options.decimal.iter().chain(limits.keys()).cloned().collect();
        Self { fields, decimal, limits, time_limit, text: options.text.clone(), mask }
    }

    /// What is compared.
    pub(crate) fn compared(&self) -> Vec<String> {
        let time = self.time_limit.map(|_| TIME.to_owned());
        self.fields.iter().cloned().chain(time).collect()
    }

    /// Whether two records are equal, tolerances granted.
    pub(crate) fn equal(&self, left: &Record, right: &Record) -> bool {
        self.time_equal(left, right)
            && self.fields.iter().all(|name| self.field_equal(name, left, right, true))
    }

    /// Whether two records of one side say the same, to the last digit. Their times may differ:
    /// what is sent again may carry the time of its sending.
    pub(crate) fn same(&self, one: &Record, other: &Record) -> bool {
        self.fields.iter().all(|name| self.field_equal(name, one, other, false))
    }

    /// What differs, tolerances granted.
    pub(crate) fn differences(&self, left: &Record, right: &Record) -> Vec<FieldDifference> {
        let time = (!self.time_equal(left, right)).then(|| FieldDifference {
            field: TIME.to_owned(),
            left: left.time.map(crate::report::instant),
            right: right.time.map(crate::report::instant),
            difference: left
                .time
                .zip(right.time)
                .map(|(left, right)| length::shown(right.saturating_sub(left))),
        });
        let unequal = self.fields.iter().filter(|name| !self.field_equal(name, left, right, true));
        time.into_iter().chain(unequal.map(|name| self.difference(name, left, right))).collect()
    }

    /// The names of the fields in which two records do not say the same.
    pub(crate) fn unequal(&self, one: &Record, other: &Record) -> Vec<String> {
        self.fields.iter().filter(|name| !self.field_equal(name, one, other, false)).cloned().collect()
    }

    fn time_equal(&self, left: &Record, right: &Record) -> bool {
        match (self.time_limit, left.time, right.time) {
            (None, ..) | (_, None, None) => true,
            (Some(limit), Some(left), Some(right)) => left.abs_diff(right) <= limit.unsigned_abs(),
            _ => false,
        }
    }

    fn field_equal(&self, name: &str, left: &Record, right: &Record, tolerant: bool) -> bool {
        if name == EVENT_ID {
            return left.id == right.id;
        }
        let (left, right) = match (left.get(name), right.get(name)) {
            (Some(left), Some(right)) => (left, right),
            (left, right) => return left.is_none() && right.is_none(),
        };
        if left.text() == right.text() {
            return true;
        }
        match self.numbers(name, left, right) {
            Some((left, right)) => {
                let limit = self.limits.get(name).filter(|_| tolerant);
                left == right
                    || limit.is_some_and(|limit| right.minus(left).is_some_and(|gap| gap.within(*limit)))
            }
            None => normal(left.text(), &self.text) == normal(right.text(), &self.text),
        }
    }

    /// Both values as decimals, where they are to be compared as such and can be.
    fn numbers(&self, name: &str, left: &Value, right: &Value) -> Option<(Number, Number)> {
        let typed = matches!(left, Value::Number(_)) || matches!(right, Value::Number(_));
        if typed || is_decimal(name) || self.decimal.contains(name) {
            Some((Number::parse(left.text())?, Number::parse(right.text())?))
        } else {
            None
        }
    }

    fn difference(&self, name: &str, left: &Record, right: &Record) -> FieldDifference {
        let shown = |record: &Record| record.text(name).map(|text| self.mask.shown(name, text));
        let said = match (left.get(name), right.get(name)) {
            (Some(_), Some(_)) if self.mask.hides(name) => None,
            (Some(left), Some(right)) => match self.numbers(name, left, right) {
                Some((left, right)) => right.minus(left).map(signed),
                None => as_decimal(name, left, right),
            },
            _ => None,
        };
        FieldDifference { field: name.to_owned(), left: shown(left), right: shown(right), difference: said }
    }
}

fn signed(number: Number) -> String {
    if number.is_negative() { number.to_string() } else { format!("+{number}") }
}

/// Texts that are the same number: `1.10` and `1.1` may be amounts, or versions. Who reads the
/// report knows.
fn as_decimal(name: &str, left: &Value, right: &Value) -> Option<String> {
    let same = Number::parse(left.text())? == Number::parse(right.text())?;
    same.then(|| format!("the same number: name `{name}` a decimal if it is one"))
}

/// The text without what does not matter.
pub(crate) fn normal<'a>(text: &'a str, rules: &BTreeSet<TextRule>) -> Cow<'a, str> {
    let mut text = Cow::Borrowed(text);
    if rules.contains(&TextRule::Unicode) {
        text = Cow::Owned(text.nfc().collect());
    }
    if rules.contains(&TextRule::Case) {
        text = Cow::Owned(text.to_lowercase());
    }
    if rules.contains(&TextRule::Trim) {
        text = Cow::Owned(text.trim().to_owned());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparer(options: &Options, fields: &[&str]) -> Comparer {
        Comparer::new(options, fields.iter().map(|name| (*name).to_owned()).collect(), Mask::default())
    }

    fn options() -> Options {
        Options::new("l", "r", &["id"])
    }

    fn equal(options: &Options, name: &str, left: &str, right: &str) -> bool {
        let record = |text: &str| Record::at(None).with(name, text);
        comparer(options, &[name]).equal(&record(left), &record(right))
    }

    #[test]
    fn decimals_of_different_scale_are_equal() {
        assert!(equal(&options(), "amount", "10.5", "10.500"));
        assert!(!equal(&options(), "amount", "10.5", "10.501"));
        assert!(!equal(&options(), "reference", "10.5", "10.50"));
        assert!(equal(&Options { decimal: vec!["total".to_owned()], ..options() }, "total", "7", "7.00"));
        let mut left = Record::at(None);
        left.set("count", Value::Number("7".to_owned()));
        assert!(comparer(&options(), &["count"]).equal(&left, &Record::at(None).with("count", "7.0")));
    }

    #[test]
    fn a_missing_field_is_a_difference() {
        let comparer = comparer(&options(), &["fee"]);
        let found = comparer.differences(&Record::at(None).with("fee", "0"), &Record::at(None));
        assert_eq!((found[0].left.as_deref(), found[0].right.as_deref()), (Some("0"), None));
    }

    #[test]
    fn tolerances_reach_to_their_edge_and_not_into_the_same_side() {
        let mut options = options();
        let limit = |text: &str| Tolerance::Number(Number::parse(text).unwrap());
        options.tolerance.insert("total".to_owned(), limit("0.01"));
        assert!(equal(&options, "total", "10.00", "10.01"));
        assert!(equal(&options, "total", "10.01", "10.0"));
        assert!(!equal(&options, "total", "10.00", "10.010001"));
        let comparer = comparer(&options, &["total"]);
        let record = |text: &str| Record::at(None).with("total", text);
        assert!(!comparer.same(&record("10.00"), &record("10.01")));
    }

    #[test]
    fn times_are_compared_when_they_have_a_tolerance() {
        let mut options = options();
        let at = |time| Record::at(Some(time));
        assert!(comparer(&options, &[]).equal(&at(0), &at(i64::MAX)));
        options.tolerance.insert("time".to_owned(), Tolerance::Time(5));
        let comparer = comparer(&options, &[]);
        assert!(comparer.equal(&at(0), &at(-5)) && !comparer.equal(&at(0), &at(6)));
        assert!(!comparer.equal(&at(0), &Record::at(None)));
        assert_eq!(comparer.differences(&at(0), &at(6))[0].difference.as_deref(), Some("0.000000006 s"));
    }

    #[test]
    fn text_is_exact_unless_rules_say_otherwise() {
        assert!(!equal(&options(), "name", "Zoe\u{308}", "Zo\u{eb}"));
        let text = BTreeSet::from([TextRule::Trim, TextRule::Case, TextRule::Unicode]);
        let relaxed = Options { text, ..options() };
        assert!(equal(&relaxed, "name", " ZOE\u{308}", "zo\u{eb}\t"));
        assert!(!equal(&relaxed, "name", "zoe", "zoë"));
    }

    #[test]
    fn what_looks_like_a_number_is_said_and_personal_values_are_not() {
        let comparer = comparer(&options(), &["total", "customer_email"]);
        let record =
            |total: &str, email: &str| Record::at(None).with("total", total).with("customer.email", email);
        let found = comparer.differences(&record("1.10", "jane@doe.com"), &record("1.1", "joe@doe.com"));
        insta::assert_debug_snapshot!(found, @r#"
    [
        FieldDifference {
            field: "total",
            left: Some(
                "1.10",
            ),
            right: Some(
                "1.1",
            ),
            difference: Some(
                "the same number: name `total` a decimal if it is one",
            ),
        },
        FieldDifference {
            field: "customer_email",
            left: Some(
                "j***@d***.com",
            ),
            right: Some(
                "j***@d***.com",
            ),
            difference: None,
        },
    ]
    "#);
    }
}
