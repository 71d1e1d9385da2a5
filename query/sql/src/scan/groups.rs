//! Groups of a view's rows, which ClickHouse makes: the typed question and its SQL.
//!
//! The rows are those of the plain read ([`Scan`]), in the view's own types, so that a group is what DataFusion would have
//! made of them. Sums are made in types that do not wrap, and the answer is refused where the promised type cannot
//! hold it.

use std::fmt;

use super::{Output, Scan};
use crate::catalog::{DECIMAL, Kind};

/// What rows have in common; the number is the place of the value among the columns of the read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    /// Their value.
    Value(usize),
    /// Their step of so many nanoseconds since an origin.
    Step { of: usize, nanos: i64, origin: i64 },
}

/// What is told of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Figure {
    /// How many rows.
    Rows,
    /// How many values that are not NULL.
    Count(usize),
    /// How many different ones.
    Distinct(usize),
    /// Of integers.
    SumInt(usize),
    /// Of decimals.
    SumDecimal(usize),
    Min(usize),
    Max(usize),
    /// Of integers, as a float.
    MeanInt(usize),
}

/// A figure, of those rows alone for which a condition holds that the read tells as a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Aggregate {
    pub(crate) figure: Figure,
    pub(crate) only: Option<usize>,
}

/// A read of groups.
#[derive(Debug, Clone)]
pub(crate) struct Groups {
    pub(crate) rows: Scan,
    pub(crate) keys: Vec<Key>,
    pub(crate) aggregates: Vec<Aggregate>,
    /// Which of the keys and aggregates, counted through, are told.
    pub(crate) told: Vec<usize>,
    pub(crate) limit: Option<usize>,
}

impl Groups {
    /// Whether the same comes out when the groups of the view are not made before these: sums of sums are sums, and the
    /// largest of the largest is the largest. What counts the view's rows needs them.
    pub(crate) fn passes_over_groups(&self) -> bool {
        let kind = |of: usize| match self.rows.outputs[of] {
            Output::Column(column) => Some(column.kind),
            _ => None,
        };
        let plain = |of: usize| kind(of).is_none_or(|kind| !kind.is_aggregate());
        let passes = |one: &Aggregate| match one.figure {
            Figure::SumInt(of) => matches!(kind(of), Some(Kind::Sum | Kind::Errors)),
            Figure::Max(of) => plain(of) || matches!(kind(of), Some(Kind::Max | Kind::Latest)),
            Figure::Min(of) => plain(of) || kind(of) == Some(Kind::Earliest),
            Figure::Distinct(of) => plain(of),
            Figure::Rows | Figure::Count(_) | Figure::SumDecimal(_) | Figure::MeanInt(_) => false,
        };
        self.rows.view.is_grouped()
            && self.keys.iter().all(|key| plain(key.of()))
            && self.aggregates.iter().all(passes)
    }

    pub(super) fn sql(&self, rows: &str) -> String {
        let keys = self.keys.iter().map(Key::sql);
        let figures = self.aggregates.iter().map(Aggregate::sql);
        let all: Vec<String> = keys.chain(figures).collect();
        let told: Vec<String> =
            self.told.iter().enumerate().map(|(n, place)| format!("{} AS g{n}", all[*place])).collect();
        // An aggregate, so that rows without keys are one group.
        let told = if told.is_empty() { "count() AS g0".to_owned() } else { told.join(", ") };
        let mut sql = format!("SELECT {told} FROM ({rows}) AS r");
        if !self.keys.is_empty() {
            sql += &format!(" GROUP BY {}", all[..self.keys.len()].join(", "));
        }
        if let Some(limit) = self.limit {
            sql += &format!(" LIMIT {limit}");
        }
        if self.told.is_empty() { format!("SELECT count() AS c0 FROM ({sql}) AS n") } else { sql }
    }
}

impl Key {
    /// The place of the value that it looks at.
    fn of(&self) -> usize {
        match self {
            Self::Value(of) | Self::Step { of, .. } => *of,
        }
    }

    fn sql(&self) -> String {
        match self {
            Self::Value(of) => format!("r.c{of}"),
            Self::Step { of, nanos, origin } => {
                let at = format!("toUnixTimestamp64Nano(r.c{of})");
                let (origin, nanos) = (format!("toInt64({origin})"), format!("toInt64({nanos})"));
                // What is before the origin has a remainder below zero.
                let into = format!("(({at} - {origin}) % {nanos} + {nanos}) % {nanos}");
                format!("fromUnixTimestamp64Nano({at} - {into}, 'UTC')")
            }
        }
    }
}

impl Aggregate {
    fn sql(&self) -> String {
        let (when, and) = match self.only {
            Some(only) => ("If", format!(", r.c{only}")),
            None => ("", String::new()),
        };
        let sum_int = |of: &usize| format!("sum{when}(toInt128(r.c{of}){and})");
        match &self.figure {
            Figure::Rows if self.only.is_some() => format!("toInt64(countIf(r.c{}))", self.only.unwrap_or(0)),
            Figure::Rows => "toInt64(count())".to_owned(),
            Figure::Count(of) => format!("toInt64(count{when}(r.c{of}{and}))"),
            Figure::Distinct(of) => format!("toInt64(uniqExact{when}(r.c{of}{and}))"),
            Figure::SumInt(of) => format!("toDecimal128({}, 0)", sum_int(of)),
            Figure::SumDecimal(of) => {
                format!("toDecimal128(sum{when}(toDecimal256(r.c{of}, {0}){and}), {0})", DECIMAL.1)
            }
            Figure::Min(of) => format!("min{when}(r.c{of}{and})"),
            Figure::Max(of) => format!("max{when}(r.c{of}{and})"),
            Figure::MeanInt(of) => format!("toFloat64({}) / count{when}(r.c{of}{and})", sum_int(of)),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(of) => write!(f, "c{of}"),
            Self::Step { of, nanos, .. } => write!(f, "c{of} by {nanos} ns"),
        }
    }
}

impl fmt::Display for Groups {
    /// What the plan shows; `c0`, `c1` .. are the columns of the rows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<String> = self.keys.iter().map(ToString::to_string).collect();
        let figures: Vec<String> = self.aggregates.iter().map(|one| format!("{:?}", one.figure)).collect();
        write!(f, "{}, groups=[{}], figures=[{}]", self.rows, keys.join(", "), figures.join(", "))
    }
}
