//! What changed in the rules for one attribute.

use std::cmp::Reverse;
use std::fmt::Display;

use regex::Regex;
use rust_decimal::Decimal;

use super::Breaks;
use crate::rule::Rule;
use crate::schema::{Format, Literal, Property, list};

/// Hands every change that matters to `tell`: the rule, who it breaks, and the change in words.
pub(super) fn compare(old: &Property, new: &Property, mut tell: impl FnMut(Rule, Breaks, String)) {
    if let Some(breaks) = Breaks::of(!new.types.covers(old.types), !old.types.covers(new.types)) {
        tell(Rule::Type, breaks, format!("was {}, is {}", old.types.words(), new.types.words()));
    }
    if let Some(breaks) = Breaks::changed(old.format, new.format) {
        let name = |property: &Property| property.format.map(Format::name);
        tell(Rule::Format, breaks, was_is(name(old), name(new)));
    }
    allowed(old.allowed.as_deref(), new.allowed.as_deref(), &mut tell);
    if let Some(breaks) = Breaks::tighter(old.min_length, new.min_length) {
        tell(Rule::MinLength, breaks, was_is(old.min_length, new.min_length));
    }
    // An upper bound is tighter when it is lower.
    if let Some(breaks) = Breaks::tighter(old.max_length.map(Reverse), new.max_length.map(Reverse)) {
        tell(Rule::MaxLength, breaks, was_is(old.max_length, new.max_length));
    }
    let pattern = |property: &Property| property.pattern.as_ref().map(|p| Regex::as_str(p).to_owned());
    if let Some(breaks) = Breaks::changed(pattern(old), pattern(new)) {
        tell(Rule::Pattern, breaks, was_is(pattern(old), pattern(new)));
    }
    numbers(old, new, &mut tell);
    if old.personal && !new.personal {
        tell(Rule::Personal, Breaks::Always, "was personal data, is not marked so now".to_owned());
    }
    if old.column != new.column {
        tell(Rule::Column, Breaks::Always, was_is(old.column.as_ref(), new.column.as_ref()));
    }
}

fn allowed(old: Option<&[Literal]>, new: Option<&[Literal]>, tell: &mut impl FnMut(Rule, Breaks, String)) {
    let (old, new) = match (old, new) {
        (Some(old), Some(new)) => (old, new),
        (None, Some(new)) => {
            return tell(Rule::Enum, Breaks::Backward, format!("takes only {} now", list(new)));
        }
        (Some(old), None) => {
            return tell(Rule::Enum, Breaks::Forward, format!("takes more than {} now", list(old)));
        }
        (None, None) => return,
    };
    let gone: Vec<_> = old.iter().filter(|value| !new.contains(value)).collect();
    let added: Vec<_> = new.iter().filter(|value| !old.contains(value)).collect();
    if !gone.is_empty() {
        tell(Rule::Enum, Breaks::Backward, format!("no longer takes {}", list(gone)));
    }
    if !added.is_empty() {
        tell(Rule::Enum, Breaks::Forward, format!("takes {} as well now", list(added)));
    }
}

fn numbers(old: &Property, new: &Property, tell: &mut impl FnMut(Rule, Breaks, String)) {
    let (lower_old, lower_new) = (lower(old), lower(new));
    if let Some(breaks) = Breaks::tighter(lower_old, lower_new) {
        let words = |bound: Option<(Decimal, bool)>| {
            bound.map(|(bound, above)| {
                format!("{} {}", if above { "above" } else { "at least" }, bound.normalize())
            })
        };
        let exclusive = lower_new.or(lower_old).is_some_and(|(_, above)| above);
        let rule = if exclusive { Rule::ExclusiveMinimum } else { Rule::Minimum };
        tell(rule, breaks, was_is(words(lower_old), words(lower_new)));
    }
    let upper = |property: &Property| property.maximum.map(|bound| bound.decimal);
    if let Some(breaks) = Breaks::tighter(upper(old).map(Reverse), upper(new).map(Reverse)) {
        let words = |property| upper(property).map(|bound| bound.normalize());
        tell(Rule::Maximum, breaks, was_is(words(old), words(new)));
    }
}

/// The lower bound in force, and whether the bound itself is out: the higher of the two that
/// can be set, and of equal ones the exclusive.
fn lower(property: &Property) -> Option<(Decimal, bool)> {
    let minimum = property.minimum.map(|bound| (bound.decimal, false));
    minimum.max(property.exclusive_minimum.map(|bound| (bound.decimal, true)))
}

fn was_is<T: Display>(old: Option<T>, new: Option<T>) -> String {
    match (old, new) {
        (Some(old), Some(new)) => format!("was {old}, is {new}"),
        (Some(old), None) => format!("was {old}, is not set now"),
        (None, Some(new)) => format!("was not set, is {new}"),
        (None, None) => String::new(),
    }
}
