//! What a query may give out: columns, time buckets and listed functions of them.

use super::filter::Filter;

/// A value computed from one row.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// The column itself.
    Column(String),
    /// One value of a `Map(String, String)` column, '' where the key is missing.
    MapValue {
        /// The map column.
        column: String,
        /// The key looked up.
        key: String,
    },
    /// The number that a value of a `Map(String, String)` column is, NULL where it is none.
    MapNumber {
        /// The map column.
        column: String,
        /// The key looked up.
        key: String,
    },
    /// A number of any type as Float64.
    Float(String),
    /// A hash of columns, of any types, as UInt64.
    Hash(Vec<String>),
    /// Start of the bucket of `step_ns` nanoseconds since the epoch, as DateTime64(9,'UTC').
    Bucket {
        /// A DateTime64 column.
        column: String,
        /// Width in nanoseconds, at least 1.
        step_ns: i64,
    },
    /// A DateTime64 column of any precision as DateTime64(9,'UTC').
    Nanos(String),
    /// A FixedString column (trace or span id) as lower-case hex.
    Hex(String),
    /// An array of FixedStrings as lower-case hex.
    HexArray(String),
    /// Decimal or other column as text, exactly.
    Text(String),
    /// Whether a condition holds, as UInt8.
    Is(Box<Filter>),
    /// The latency bucket of a column of nanoseconds, as Int16 ([`headroom_store::schema::bucket`]).
    LatencyBucket(String),
    /// A row for each pair of a `Map(_, String)` column, as (String, String), those of some keys left out.
    Pairs {
        /// The map column.
        column: String,
        /// Keys that are never read.
        without: Vec<String>,
    },
    /// The first of these texts that is not ''; '' if all are.
    First(Vec<Expr>),
    /// An attribute of the first span event of a name, '' where there is none.
    EventValue {
        /// Name of the span event, such as `exception`.
        event: String,
        /// The attribute's key.
        key: String,
    },
    /// A text with every word that has a digit in it replaced by `#`: numbers, ids and hex of messages become one.
    WithoutNumbers(Box<Expr>),
    /// An expression where a condition holds, and the zero of its type elsewhere.
    Where {
        /// The condition.
        condition: Box<Filter>,
        /// What is given where it holds.
        value: Box<Expr>,
    },
    /// How many elements an array column has, as UInt64.
    Length(String),
}

/// An output column that rows are grouped by.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// What is computed.
    pub expr: Expr,
    /// The output name.
    pub alias: String,
}

impl Key {
    /// Any expression under an alias.
    pub fn new(expr: Expr, alias: &str) -> Self {
        Self { expr, alias: alias.to_owned() }
    }

    /// A column under its own name.
    pub fn column(name: &str) -> Self {
        Self::new(Expr::Column(name.to_owned()), name)
    }

    /// Buckets of `step_seconds` of a time column.
    pub fn bucket(column: &str, step_seconds: i64, alias: &str) -> Self {
        let step_ns = step_seconds.max(1).saturating_mul(1_000_000_000);
        Self::new(Expr::Bucket { column: column.to_owned(), step_ns }, alias)
    }

    /// An id column as hex.
    pub fn hex(column: &str, alias: &str) -> Self {
        Self::new(Expr::Hex(column.to_owned()), alias)
    }

    /// A decimal column as exact text.
    pub fn text(column: &str, alias: &str) -> Self {
        Self::new(Expr::Text(column.to_owned()), alias)
    }

    /// Whether a condition holds, as 1 or 0.
    pub fn is(condition: Filter, alias: &str) -> Self {
        Self::new(Expr::Is(Box::new(condition)), alias)
    }

    /// One value of a map column.
    pub fn map_value(column: &str, key: &str, alias: &str) -> Self {
        Self::new(Expr::MapValue { column: column.to_owned(), key: key.to_owned() }, alias)
    }
}

/// The aggregate functions that mean the same here and in ClickHouse.
#[derive(Debug, Clone, PartialEq)]
pub enum Function {
    /// Rows.
    Count,
    /// Exact number of different values that are not NULL.
    CountDistinct(Expr),
    /// Sum.
    Sum(Expr),
    /// Smallest value.
    Min(Expr),
    /// Largest value.
    Max(Expr),
    /// Mean, as Float64.
    Avg(Expr),
    /// The first expression where the second is largest.
    ArgMax(Expr, Expr),
    /// The first expression where the second is smallest.
    ArgMin(Expr, Expr),
    /// Different values as an array, at most so many, in no order.
    Distinct(Expr, u32),
    /// The value of some row.
    Any(Expr),
    /// Sums of the elements of arrays at each place, those of shorter arrays being 0.
    SumEach(Expr),
}

/// A function over the rows of a group, under an alias.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// What is computed.
    pub function: Function,
    /// Only rows for which this holds are counted.
    pub only: Option<Filter>,
    /// The output name.
    pub alias: String,
}

impl Aggregate {
    /// Any function under an alias.
    pub fn new(function: Function, alias: &str) -> Self {
        Self { function, only: None, alias: alias.to_owned() }
    }

    /// Number of rows.
    pub fn count(alias: &str) -> Self {
        Self::new(Function::Count, alias)
    }

    /// Sum of a column.
    pub fn sum(column: &str, alias: &str) -> Self {
        Self::new(Function::Sum(Expr::Column(column.to_owned())), alias)
    }

    /// Smallest value of a column.
    pub fn min(column: &str, alias: &str) -> Self {
        Self::new(Function::Min(Expr::Column(column.to_owned())), alias)
    }

    /// Largest value of a column.
    pub fn max(column: &str, alias: &str) -> Self {
        Self::new(Function::Max(Expr::Column(column.to_owned())), alias)
    }

    /// Over the rows that pass the filter alone.
    #[must_use]
    pub fn only(mut self, filter: Filter) -> Self {
        self.only = Some(filter);
        self
    }
}
