//! Values that stand in a schema: bounds, and what an `enum` lists.

use std::cmp::Ordering;
use std::fmt;

use rust_decimal::Decimal;

use crate::decimal;
use crate::value::Value;

/// A number in a schema. Integers and decimals are compared with the decimal; a float only
/// with the nearest float, because a very large one has no decimal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bound {
    pub(crate) decimal: Decimal,
    double: f64,
}

/// A number of an event.
#[derive(Debug, Clone, Copy)]
pub(super) enum Number {
    Exact(Decimal),
    Double(f64),
}

impl Bound {
    /// A JSON number, if it fits a decimal.
    pub(super) fn read(json: &serde_json::Value) -> Option<Self> {
        let text = json.as_number()?.to_string();
        Some(Self { decimal: decimal::parse(&text)?, double: text.parse().ok()? })
    }

    /// How `number` lies to this bound.
    pub(super) fn order(&self, number: Number) -> Option<Ordering> {
        match number {
            Number::Exact(decimal) => Some(decimal.cmp(&self.decimal)),
            Number::Double(double) => double.partial_cmp(&self.double),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.decimal.normalize().fmt(f)
    }
}

/// A value that an `enum` or `const` allows.
#[derive(Debug, Clone)]
pub(crate) enum Literal {
    Text(String),
    Number(Bound),
    Bool(bool),
}

impl Literal {
    /// A JSON value, if it is text, a number that fits, true or false.
    pub(super) fn read(json: &serde_json::Value) -> Option<Self> {
        match json {
            serde_json::Value::String(text) => Some(Self::Text(text.clone())),
            serde_json::Value::Bool(flag) => Some(Self::Bool(*flag)),
            serde_json::Value::Number(_) => Bound::read(json).map(Self::Number),
            _ => None,
        }
    }

    /// Whether an event's value is this one.
    pub(super) fn is(&self, value: Value<'_>) -> bool {
        match (self, value) {
            (Self::Text(own), Value::Text(text)) => own == text,
            (Self::Bool(own), Value::Bool(flag)) => *own == flag,
            (Self::Number(own), Value::Int(whole)) => own.decimal == Decimal::from(whole),
            (Self::Number(own), Value::Double(double)) => own.double == double,
            _ => false,
        }
    }
}

impl PartialEq for Literal {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => a.decimal == b.decimal,
            _ => false,
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Number(number) => number.fmt(f),
            Self::Bool(flag) => flag.fmt(f),
        }
    }
}

/// `"buy", "sell"`.
pub(crate) fn list<'a>(literals: impl IntoIterator<Item = &'a Literal>) -> String {
    literals.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
