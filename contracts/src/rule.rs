//! The rules of a contract, by the keywords that set them.

use std::fmt;

use serde::Serialize;

/// A rule, named like the keyword that sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Rule {
    /// The attribute `event.version` names a version of the contract.
    #[serde(rename = "event.version")]
    Version,
    /// The attribute is there.
    #[serde(rename = "required")]
    Required,
    /// The value has one of the types.
    #[serde(rename = "type")]
    Type,
    /// The text has the format.
    #[serde(rename = "format")]
    Format,
    /// The value is one of those listed; `const` lists one.
    #[serde(rename = "enum")]
    Enum,
    /// The text is long enough.
    #[serde(rename = "minLength")]
    MinLength,
    /// The text is short enough.
    #[serde(rename = "maxLength")]
    MaxLength,
    /// The text matches the pattern.
    #[serde(rename = "pattern")]
    Pattern,
    /// The number is large enough.
    #[serde(rename = "minimum")]
    Minimum,
    /// The number is larger than the bound.
    #[serde(rename = "exclusiveMinimum")]
    ExclusiveMinimum,
    /// The number is small enough.
    #[serde(rename = "maximum")]
    Maximum,
    /// Whether attributes that the contract does not name are allowed.
    #[serde(rename = "additionalProperties")]
    AdditionalProperties,
    /// Whether the value is personal data.
    #[serde(rename = "x-personal")]
    Personal,
    /// The typed column the value goes to.
    #[serde(rename = "x-column")]
    Column,
}

impl Rule {
    /// The keyword, for metrics and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Version => "event.version",
            Self::Required => "required",
            Self::Type => "type",
            Self::Format => "format",
            Self::Enum => "enum",
            Self::MinLength => "minLength",
            Self::MaxLength => "maxLength",
            Self::Pattern => "pattern",
            Self::Minimum => "minimum",
            Self::ExclusiveMinimum => "exclusiveMinimum",
            Self::Maximum => "maximum",
            Self::AdditionalProperties => "additionalProperties",
            Self::Personal => "x-personal",
            Self::Column => "x-column",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
