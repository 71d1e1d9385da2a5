//! Which kinds of value a property takes.

use crate::value::Value;

/// A set of JSON types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Types(u8);

/// The types of the subset: keyword, bit, words.
const ALL: [(&str, Types, &str); 4] = [
    ("string", Types::STRING, "a text"),
    ("integer", Types::INTEGER, "an integer"),
    ("number", Types::NUMBER, "a number"),
    ("boolean", Types::BOOLEAN, "true or false"),
];

impl Types {
    pub(crate) const STRING: Self = Self(1);
    pub(crate) const INTEGER: Self = Self(2);
    /// Integers are numbers too.
    pub(crate) const NUMBER: Self = Self(2 | 4);
    pub(crate) const BOOLEAN: Self = Self(8);
    /// What `format: decimal` allows besides plain text.
    pub(crate) const DECIMAL: Self = Self(1 | 2);

    /// The type of a keyword.
    pub(super) fn named(keyword: &str) -> Option<Self> {
        ALL.iter().find(|(name, ..)| *name == keyword).map(|(_, types, _)| *types)
    }

    /// The keywords, for a list of what is allowed.
    pub(super) fn keywords() -> String {
        ALL.map(|(name, ..)| name).join(", ")
    }

    /// Both sets together.
    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every type of `other` is in this set.
    pub(crate) fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether the sets have a type in common.
    pub(super) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether a value is of one of these types. OTLP says what is an integer and what is a
    /// float, so `1.0` is no integer here; JSON has no infinity, so that is no number.
    pub(super) fn accept(self, value: Value<'_>) -> bool {
        match value {
            Value::Text(_) => self.covers(Self::STRING),
            Value::Int(_) => self.covers(Self::INTEGER),
            Value::Double(number) => number.is_finite() && self.covers(Self::NUMBER),
            Value::Bool(_) => self.covers(Self::BOOLEAN),
            Value::Other => false,
        }
    }

    /// The set in words: `a text or an integer`.
    pub(crate) fn words(self) -> String {
        let wider = self.covers(Self::NUMBER);
        let named = ALL
            .iter()
            .filter(|(_, types, _)| self.covers(*types) && !(wider && *types == Self::INTEGER))
            .map(|(.., words)| *words);
        named.collect::<Vec<_>>().join(" or ")
    }
}
