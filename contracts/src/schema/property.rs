//! What one attribute of an event must be.

use std::cmp::Ordering::{Equal, Greater, Less};

use regex::Regex;
use rust_decimal::Decimal;

use super::format::Format;
use super::literal::{Bound, Literal, Number, list};
use super::types::Types;
use crate::rule::Rule;
use crate::value::Value;

/// The rules for one attribute.
#[derive(Debug, Default)]
pub(crate) struct Property {
    pub(crate) types: Types,
    pub(crate) format: Option<Format>,
    /// `enum`, or `const` as a list of one.
    pub(crate) allowed: Option<Vec<Literal>>,
    /// In characters.
    pub(crate) min_length: Option<usize>,
    /// In characters.
    pub(crate) max_length: Option<usize>,
    pub(crate) pattern: Option<Regex>,
    pub(crate) minimum: Option<Bound>,
    pub(crate) exclusive_minimum: Option<Bound>,
    pub(crate) maximum: Option<Bound>,
    /// Personal data: never repeated in a fault.
    pub(crate) personal: bool,
    /// The typed column of `events` that the value goes to.
    pub(crate) column: Option<String>,
}

impl Property {
    /// The first rule that `value` breaks.
    pub(super) fn judge(&self, value: Value<'_>) -> Result<(), Rule> {
        if !self.types.accept(value) {
            return Err(Rule::Type);
        }
        let number = match value {
            Value::Text(text) => self.judge_text(text)?.map(Number::Exact),
            Value::Int(whole) => Some(Number::Exact(Decimal::from(whole))),
            Value::Double(double) => Some(Number::Double(double)),
            Value::Bool(_) | Value::Other => None,
        };
        if self.allowed.as_ref().is_some_and(|allowed| !allowed.iter().any(|literal| literal.is(value))) {
            return Err(Rule::Enum);
        }
        number.map_or(Ok(()), |number| self.judge_number(number))
    }

    /// Gives the number that the text is, when its format is decimal.
    fn judge_text(&self, text: &str) -> Result<Option<Decimal>, Rule> {
        let number = match self.format {
            Some(format) => format.read(text)?,
            None => None,
        };
        if self.min_length.is_some() || self.max_length.is_some() {
            let length = text.chars().count();
            if self.min_length.is_some_and(|least| length < least) {
                return Err(Rule::MinLength);
            }
            if self.max_length.is_some_and(|most| length > most) {
                return Err(Rule::MaxLength);
            }
        }
        if self.pattern.as_ref().is_some_and(|pattern| !pattern.is_match(text)) {
            return Err(Rule::Pattern);
        }
        Ok(number)
    }

    fn judge_number(&self, number: Number) -> Result<(), Rule> {
        let order = |bound: &Option<Bound>| bound.and_then(|bound| bound.order(number));
        if order(&self.minimum) == Some(Less) {
            return Err(Rule::Minimum);
        }
        if matches!(order(&self.exclusive_minimum), Some(Less | Equal)) {
            return Err(Rule::ExclusiveMinimum);
        }
        if order(&self.maximum) == Some(Greater) {
            return Err(Rule::Maximum);
        }
        Ok(())
    }

    /// What a rule wants, in words that follow "must be".
    pub(super) fn wanted(&self, rule: Rule) -> String {
        let bound = |bound: &Option<Bound>| bound.map(|bound| bound.to_string()).unwrap_or_default();
        match rule {
            Rule::Format => self.format.map_or("", Format::words).to_owned(),
            Rule::Enum => {
                let allowed = self.allowed.as_deref().unwrap_or_default();
                format!("{}{}", if allowed.len() > 1 { "one of " } else { "" }, list(allowed))
            }
            Rule::MinLength if self.min_length == Some(1) => "a text that is not empty".to_owned(),
            Rule::MinLength => format!("a text of at least {} characters", self.min_length.unwrap_or(0)),
            Rule::MaxLength => {
                format!("a text of at most {} characters", self.max_length.unwrap_or(usize::MAX))
            }
            Rule::Pattern => {
                format!("a text that matches {}", self.pattern.as_ref().map_or("", Regex::as_str))
            }
            Rule::Minimum => format!("at least {}", bound(&self.minimum)),
            Rule::ExclusiveMinimum => format!("above {}", bound(&self.exclusive_minimum)),
            Rule::Maximum => format!("at most {}", bound(&self.maximum)),
            _ if self.format == Some(Format::Decimal) && self.types == Types::DECIMAL => {
                "a decimal number as text, or an integer".to_owned()
            }
            _ => self.types.words(),
        }
    }
}
