//! Formats of text.

use chrono::DateTime;
use rust_decimal::Decimal;

use crate::decimal;
use crate::rule::Rule;

/// What a text must look like beyond being text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// A decimal number, exactly.
    Decimal,
    /// A moment with its offset, RFC 3339.
    DateTime,
    /// A currency in the form of ISO 4217. The form only: lists of currencies age, and an event
    /// in a new one is no mistake.
    Currency,
    /// New to old, both above zero: `2:1`.
    Ratio,
}

/// Formats by keyword.
const ALL: [(&str, Format); 4] = [
    ("decimal", Format::Decimal),
    ("date-time", Format::DateTime),
    ("currency", Format::Currency),
    ("ratio", Format::Ratio),
];

impl Format {
    /// The format of a keyword.
    pub(super) fn named(keyword: &str) -> Option<Self> {
        ALL.iter().find(|(name, _)| *name == keyword).map(|(_, format)| *format)
    }

    /// The keywords, for a list of what is allowed.
    pub(super) fn keywords() -> String {
        ALL.map(|(name, _)| name).join(", ")
    }

    /// The keyword.
    pub(crate) fn name(self) -> &'static str {
        ALL.iter().find(|(_, format)| *format == self).map_or("", |(name, _)| name)
    }

    /// Refuses a text that is not of this format; gives the number if it is one.
    pub(super) fn read(self, text: &str) -> Result<Option<Decimal>, Rule> {
        let right = match self {
            Self::Decimal => return decimal::parse(text).map(Some).ok_or(Rule::Format),
            Self::DateTime => DateTime::parse_from_rfc3339(text).is_ok(),
            Self::Currency => text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
            Self::Ratio => {
                let above_zero = |part| decimal::parse(part).is_some_and(|number| number > Decimal::ZERO);
                text.split_once(':').is_some_and(|(new, old)| above_zero(new) && above_zero(old))
            }
        };
        if right { Ok(None) } else { Err(Rule::Format) }
    }

    /// What is wanted, in words that follow "must be".
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Decimal => "a decimal number such as 187.25, of at most 28 digits, 12 after the point",
            Self::DateTime => "a time such as 2026-11-21T14:30:00Z",
            Self::Currency => "a currency of three capital letters such as USD",
            Self::Ratio => "two numbers above zero such as 2:1",
        }
    }
}
