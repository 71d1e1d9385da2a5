//! What the columns of views are to Postgres clients.

use super::{DECIMAL, Kind};

/// A type of Postgres, as its catalog tells of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PostgresType {
    /// Its number in `pg_type`.
    pub(crate) oid: u32,
    /// Its name in the standard's words.
    pub(crate) name: &'static str,
    /// Its name in `pg_type`.
    pub(crate) short: &'static str,
    /// Digits, in its radix, and those behind the point where that is fixed.
    pub(crate) digits: Option<(i32, Option<i32>)>,
    /// The type modifier; -1 where there is none.
    pub(crate) modifier: i32,
}

impl PostgresType {
    /// What its digits are digits of.
    pub(crate) fn radix(&self) -> i32 {
        if self.short == "numeric" { 10 } else { 2 }
    }
}

const fn plain(
    oid: u32,
    name: &'static str,
    short: &'static str,
    digits: Option<(i32, Option<i32>)>,
) -> PostgresType {
    PostgresType { oid, name, short, digits, modifier: -1 }
}

const fn numeric(digits: i32, scale: i32) -> PostgresType {
    let modifier = ((digits << 16) | scale) + 4;
    PostgresType {
        oid: 1700,
        name: "numeric",
        short: "numeric",
        digits: Some((digits, Some(scale))),
        modifier,
    }
}

impl Kind {
    /// The type on the wire.
    pub(crate) fn postgres_type(self) -> PostgresType {
        match self {
            Self::Text
            | Self::TextOrNull
            | Self::Words
            | Self::WordsOrNull
            | Self::Hex(_)
            | Self::HexOrNull(_) => plain(25, "text", "text", None),
            Self::Map | Self::Json => plain(3802, "jsonb", "jsonb", None),
            Self::Time | Self::CoarseTime | Self::TimeOrNull | Self::Earliest | Self::Latest => {
                plain(1184, "timestamp with time zone", "timestamptz", None)
            }
            Self::Int | Self::IntOrNull => plain(20, "bigint", "int8", Some((64, Some(0)))),
            Self::Unsigned | Self::Sum | Self::Max | Self::Errors => numeric(20, 0),
            Self::Float | Self::FloatOrNull | Self::Quantile(_) => {
                plain(701, "double precision", "float8", Some((53, None)))
            }
            Self::Bool => plain(16, "boolean", "bool", None),
            Self::Decimal => numeric(i32::from(DECIMAL.0), i32::from(DECIMAL.1)),
        }
    }

    /// Whether values are JSON text that clients know as `jsonb`.
    pub(crate) fn is_json(self) -> bool {
        matches!(self, Self::Map | Self::Json)
    }
}
