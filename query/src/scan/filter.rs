//! Which rows count: comparisons of a column with a literal, joined by AND and OR.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::expr::Expr;
use crate::range::TimeRange;

/// A value as it will stand in the SQL.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Literal {
    Text(String),
    Int(i64),
    UInt(u64),
    Float(f64),
    Bool(bool),
    Time(DateTime<Utc>),
    Decimal(Decimal),
    /// Bytes of a FixedString column: a trace or span id.
    Bytes(Vec<u8>),
}

/// Comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Compare {
    Eq,
    NotEq,
    Less,
    LessEq,
    Greater,
    GreaterEq,
}

/// A condition on one row.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// `column op value`
    Compare(String, Compare, Literal),
    /// `expression op value`
    Value(Expr, Compare, Literal),
    /// `map[key] op value`; a missing key reads as ''.
    MapCompare(String, String, Compare, Literal),
    /// `column IN (values)`; no values means no rows.
    In(String, Vec<Literal>),
    /// `(columns) IN ((values), ..)`; no tuples means no rows. Times are for columns of type `DateTime64(9,'UTC')`.
    TupleIn(Vec<String>, Vec<Vec<Literal>>),
    /// Text that starts with this.
    Prefix(String, String),
    /// Text that holds this, in upper or lower case.
    Contains(String, String),
    /// Text that has this word, given in lower case, in it. Words end at every ASCII letter that is neither a letter nor
    /// a digit, and so must this one. Read from an index of words where the table has one.
    Word(String, String),
    /// One row in so many, chosen by a hash of the column: rows that are equal in it are taken or left together.
    OneIn(String, u64),
    /// An array column that holds the value.
    Has(String, Literal),
    /// Of so many parts of the rows, chosen by a hash of the column, the first ones: as in [`Filter::OneIn`].
    Part(String, u64, u64),
    /// NULL.
    IsNull(String),
    /// Not NULL.
    IsNotNull(String),
    /// All of them; none means every row.
    And(Vec<Filter>),
    /// Any of them; none means no rows.
    Or(Vec<Filter>),
    /// All rows but those; for conditions on columns that are never NULL.
    Not(Box<Filter>),
}

impl Filter {
    /// `column = 'text'`
    pub fn eq(column: &str, text: &str) -> Self {
        Self::Compare(column.to_owned(), Compare::Eq, Literal::Text(text.to_owned()))
    }

    /// `map['key'] = 'text'`
    pub fn map_eq(column: &str, key: &str, text: &str) -> Self {
        Self::MapCompare(column.to_owned(), key.to_owned(), Compare::Eq, Literal::Text(text.to_owned()))
    }

    /// `column op value`
    pub fn compare(column: &str, op: Compare, value: Literal) -> Self {
        Self::Compare(column.to_owned(), op, value)
    }

    /// `column IN ('a', 'b')`
    pub fn one_of<'a>(column: &str, texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self::In(column.to_owned(), texts.into_iter().map(|text| Literal::Text(text.to_owned())).collect())
    }

    /// `from <= column < to`
    pub fn within(column: &str, range: &TimeRange) -> Self {
        Self::And(vec![
            Self::compare(column, Compare::GreaterEq, Literal::Time(range.from)),
            Self::compare(column, Compare::Less, Literal::Time(range.to)),
        ])
    }

    /// An id column equal to hex text; text that is not hex matches nothing.
    pub fn id(column: &str, hex_text: &str) -> Self {
        match hex::decode(hex_text) {
            Ok(bytes) => Self::Compare(column.to_owned(), Compare::Eq, Literal::Bytes(bytes)),
            Err(_) => Self::Or(Vec::new()),
        }
    }

    /// An id column equal to one of these hex texts.
    pub fn ids<'a>(column: &str, hex_texts: impl IntoIterator<Item = &'a str>) -> Self {
        let ids = hex_texts.into_iter().filter_map(|text| hex::decode(text).ok()).map(Literal::Bytes);
        Self::In(column.to_owned(), ids.collect())
    }
}
