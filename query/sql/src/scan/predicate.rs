//! Conditions that mean the same in DataFusion and in ClickHouse.

use std::fmt;

use rust_decimal::Decimal;

use crate::catalog::{Column, View};

/// A value to compare with, never NULL.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    Text(String),
    Int(i64),
    UInt(u64),
    Float(f64),
    /// Nanoseconds since the epoch.
    Time(i64),
    Decimal(Decimal),
    Bool(bool),
}

/// Comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compare {
    Eq,
    NotEq,
    Less,
    LessEq,
    Greater,
    GreaterEq,
}

impl Compare {
    pub(crate) fn sql(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::NotEq => "<>",
            Self::Less => "<",
            Self::LessEq => "<=",
            Self::Greater => ">",
            Self::GreaterEq => ">=",
        }
    }

    /// The operator with its sides swapped.
    pub(crate) fn flipped(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessEq => Self::GreaterEq,
            Self::Greater => Self::Less,
            Self::GreaterEq => Self::LessEq,
            same => same,
        }
    }
}

/// What is looked at.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Operand {
    /// A column of the view.
    Column(&'static Column),
    /// `attr(column, 'key')`.
    Attribute(&'static Column, String),
}

/// What must hold of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    Compare(Compare, Literal),
    In(Vec<Literal>),
    Prefix(String),
    IsNull,
    IsNotNull,
}

/// A condition on one row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Predicate {
    Test(Operand, Test),
    And(Vec<Predicate>),
    Or(Vec<Predicate>),
}

impl Predicate {
    /// The columns that are looked at.
    pub(crate) fn columns(&self) -> Vec<&'static Column> {
        match self {
            Self::Test(Operand::Column(column) | Operand::Attribute(column, _), _) => vec![*column],
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::columns).collect(),
        }
    }

    /// Whether it may be judged before one of the view's rows that are the same is taken.
    pub(crate) fn is_judged_at_once(&self, view: &View) -> bool {
        let keys = view.once_by;
        keys.is_empty()
            || self.columns().iter().all(|column| column.from == "ts" || keys.contains(&column.from))
    }

    /// Whether a value of a map is looked at.
    pub(crate) fn reads_attributes(&self) -> bool {
        match self {
            Self::Test(operand, _) => matches!(operand, Operand::Attribute(..)),
            Self::And(parts) | Self::Or(parts) => parts.iter().any(Self::reads_attributes),
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::UInt(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Time(nanos) => write!(f, "{}", chrono::DateTime::from_timestamp_nanos(*nanos).to_rfc3339()),
            Self::Decimal(value) => write!(f, "{value}"),
            Self::Bool(value) => write!(f, "{value}"),
        }
    }
}

impl fmt::Display for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |parts: &[Self], with: &str| {
            let texts: Vec<_> = parts.iter().map(ToString::to_string).collect();
            format!("({})", texts.join(with))
        };
        match self {
            Self::And(parts) => f.write_str(&joined(parts, " AND ")),
            Self::Or(parts) => f.write_str(&joined(parts, " OR ")),
            Self::Test(operand, test) => {
                match operand {
                    Operand::Column(column) => f.write_str(column.name)?,
                    Operand::Attribute(column, key) => write!(f, "attr({}, {key:?})", column.name)?,
                }
                match test {
                    Test::Compare(op, literal) => write!(f, " {} {literal}", op.sql()),
                    Test::In(literals) => {
                        let texts: Vec<_> = literals.iter().map(ToString::to_string).collect();
                        write!(f, " IN ({})", texts.join(", "))
                    }
                    Test::Prefix(text) => write!(f, " LIKE {:?}", format!("{text}%")),
                    Test::IsNull => f.write_str(" IS NULL"),
                    Test::IsNotNull => f.write_str(" IS NOT NULL"),
                }
            }
        }
    }
}
