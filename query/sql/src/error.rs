//! What can go wrong with a statement, in words for the person who wrote it.

use datafusion::arrow::error::ArrowError;
use datafusion::common::SchemaError;
use datafusion::error::DataFusionError;

/// The result of asking.
pub type Result<T, E = SqlError> = std::result::Result<T, E>;

/// Why a statement was refused or failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SqlError {
    /// The text is not SQL.
    #[error("{0}")]
    Syntax(String),
    /// More than one statement at once.
    #[error("several statements in one request; send them one by one")]
    Several,
    /// No statement.
    #[error("there is no statement in the request")]
    Empty,
    /// A statement that is not a question.
    #[error("{0} is not allowed: this door only reads")]
    NotAllowed(String),
    /// A statement too large to plan.
    #[error("the statement has more than {0}; split it up")]
    TooComplex(String),
    /// No such view.
    #[error("there is no table {name:?}")]
    UnknownTable {
        /// What was asked for.
        name: String,
        /// What there is.
        available: Vec<String>,
    },
    /// No such column.
    #[error("there is no column {name:?}")]
    UnknownColumn {
        /// What was asked for.
        name: String,
        /// What there is.
        available: Vec<String>,
    },
    /// No such function.
    #[error("the function {name:?} is not offered")]
    UnknownFunction {
        /// What was asked for.
        name: String,
        /// What there is.
        available: Vec<String>,
    },
    /// The statement does not make sense: types, functions, grouping.
    #[error("{0}")]
    Plan(String),
    /// Not built.
    #[error("{0}")]
    Unsupported(String),
    /// A value that cannot be computed: a cast, a division.
    #[error("{0}")]
    Value(String),
    /// A number that does not fit its type.
    #[error("out of range: {0}")]
    Overflow(String),
    /// The deadline has passed.
    #[error("the statement took longer than {0} seconds and was stopped")]
    Deadline(u64),
    /// The client did not take its rows.
    #[error("the rows were left unread for {0} seconds and the statement was stopped")]
    Unread(u64),
    /// The client, or the end of the program, has stopped it.
    #[error("the statement was cancelled")]
    Cancelled,
    /// More rows than the door gives out.
    #[error("the answer has more than {0} rows")]
    TooManyRows(usize),
    /// More bytes than the door gives out.
    #[error("the answer is larger than {0} bytes")]
    TooManyBytes(usize),
    /// More bytes than a value, or the values of one call, may have.
    #[error("{what} is more than the {most} bytes allowed")]
    TooLarge {
        /// What is too large.
        what: String,
        /// The most there may be.
        most: usize,
    },
    /// More to read than may be.
    #[error("the statement would read about {reads}; at most {most} rows may be read")]
    TooMuchToRead {
        /// The rows, by view.
        reads: String,
        /// The most there may be.
        most: u64,
        /// Whether views by the minute would answer.
        grouped: bool,
    },
    /// More rows of the program's own than are read at once.
    #[error("{view} has more than {most} rows of these days")]
    TooManyFacts {
        /// The view.
        view: String,
        /// The most there may be.
        most: usize,
    },
    /// A view whose time the conditions leave open.
    #[error(
        "{view} is worked out for the time that is asked for, and the conditions on {column} leave it open"
    )]
    Unbounded {
        /// The view.
        view: String,
        /// Its time.
        column: String,
    },
    /// What a view cannot be asked for.
    #[error("{view}: {why}")]
    Refused {
        /// The view.
        view: String,
        /// What is wrong.
        why: String,
        /// What to ask instead.
        hint: String,
    },
    /// A view that is not for everybody.
    #[error("the role {role} may not read {view}")]
    Forbidden {
        /// The view.
        view: String,
        /// The role of who asked.
        role: String,
    },
    /// Not enough memory for the plan.
    #[error("the statement needs more memory than there is: {0}")]
    Memory(String),
    /// The audit trail does not take it.
    #[error("the statement was not run: it could not be put on record")]
    Unrecorded,
    /// ClickHouse did not answer, or refused.
    #[error("reading {view} failed: {reason}")]
    Store {
        /// The view that was read.
        view: String,
        /// What the store said.
        reason: String,
    },
    /// Days in the archive cannot be read.
    #[error("{0}")]
    Archive(String),
    /// The door itself is set up wrongly.
    #[error("{0}")]
    Config(String),
    /// A fault of Headroom.
    #[error("internal error: {0}")]
    Internal(String),
}

impl SqlError {
    /// The five characters that Postgres clients decide by.
    pub fn sqlstate(&self) -> &'static str {
        match self {
            Self::Syntax(_) | Self::Several | Self::Empty => "42601",
            Self::NotAllowed(_) => "25006",
            Self::TooComplex(_) => "54001",
            Self::UnknownTable { .. } => "42P01",
            Self::UnknownColumn { .. } => "42703",
            Self::UnknownFunction { .. } => "42883",
            Self::Plan(_) => "42000",
            Self::Unsupported(_) => "0A000",
            Self::Value(_) => "22000",
            Self::Overflow(_) => "22003",
            Self::Forbidden { .. } => "42501",
            Self::Deadline(_) | Self::Unread(_) | Self::Cancelled => "57014",
            Self::TooManyRows(_)
            | Self::TooManyBytes(_)
            | Self::TooLarge { .. }
            | Self::TooManyFacts { .. }
            | Self::TooMuchToRead { .. }
            | Self::Refused { .. }
            | Self::Unbounded { .. } => "54000",
            Self::Memory(_) => "53200",
            Self::Store { .. } | Self::Unrecorded => "58000",
            Self::Archive(_) => "58030",
            Self::Config(_) => "F0000",
            Self::Internal(_) => "XX000",
        }
    }

    /// What to do about it, where that can be said.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::UnknownTable { available, .. } => format!("available tables: {}", available.join(", ")),
            Self::UnknownColumn { available, .. } => format!("available columns: {}", available.join(", ")),
            Self::UnknownFunction { available, .. } => {
                format!("available functions: {}", available.join(", "))
            }
            Self::TooLarge { .. } => {
                "cut the text with left() or substr() first, or take fewer rows".to_owned()
            }
            Self::NotAllowed(_) => "use SELECT, WITH, VALUES, EXPLAIN, SHOW TABLES or DESCRIBE".to_owned(),
            Self::Deadline(_) => {
                "narrow the time range, or ask span_minute or latency_buckets instead of spans".to_owned()
            }
            Self::TooMuchToRead { grouped: true, .. } => {
                "ask span_minute, which has calls, errors and durations by the minute, or latency_buckets for \
                 percentiles; or narrow the time range"
                    .to_owned()
            }
            Self::TooMuchToRead { .. } => {
                "narrow the time range, or name a service: EXPLAIN tells what would be read".to_owned()
            }
            Self::TooManyFacts { .. } => "narrow it with a condition on its time, or on portfolio_id where it has one".to_owned(),
            Self::Unbounded { column, .. } => format!(
                "compare {column} with constants, and say where it begins: \
                 {column} >= '2026-11-02' AND {column} < '2026-11-03'"
            ),
            Self::Refused { hint, .. } => hint.clone(),
            Self::Forbidden { .. } => "ask an administrator for an account with another role".to_owned(),
            Self::TooManyRows(_) | Self::TooManyBytes(_) => {
                "add LIMIT, select fewer columns, or group the rows".to_owned()
            }
            Self::Unread(_) => "fetch rows as they come, or ask for fewer with LIMIT".to_owned(),
            Self::Overflow(_) => {
                "cast to a wider type before computing, such as numeric(38,0) or double precision".to_owned()
            }
            Self::Memory(_) => "group by fewer values, or narrow the time range".to_owned(),
            Self::Store { .. } | Self::Unrecorded => {
                "try again; if it stays, ask whoever runs Headroom".to_owned()
            }
            Self::Archive(_) => {
                "ask for younger rows only, with a condition on ts; whoever runs Headroom can try `headroom archive verify`"
                    .to_owned()
            }
            _ => return None,
        };
        Some(hint)
    }

    /// Whether the person who wrote the statement can put it right.
    pub fn is_callers_fault(&self) -> bool {
        !matches!(
            self,
            Self::Store { .. } | Self::Unrecorded | Self::Archive(_) | Self::Config(_) | Self::Internal(_)
        )
    }
}

impl From<ArrowError> for SqlError {
    fn from(error: ArrowError) -> Self {
        Self::of_arrow(&error)
    }
}

impl From<DataFusionError> for SqlError {
    fn from(error: DataFusionError) -> Self {
        Self::of(error.find_root())
    }
}

impl SqlError {
    fn of(root: &DataFusionError) -> Self {
        match root {
            DataFusionError::External(inner) => match inner.downcast_ref::<Self>() {
                Some(own) => own.clone(),
                None => Self::Internal(inner.to_string()),
            },
            DataFusionError::Diagnostic(_, inner) | DataFusionError::Context(_, inner) => {
                Self::of(inner.find_root())
            }
            DataFusionError::Collection(errors) => match errors.first() {
                Some(first) => Self::of(first.find_root()),
                None => Self::Internal("an empty list of errors".to_owned()),
            },
            DataFusionError::SQL(parser, _) => Self::Syntax(parser.to_string()),
            DataFusionError::NotImplemented(text) => Self::Unsupported(text.clone()),
            DataFusionError::Plan(text) | DataFusionError::Configuration(text) => Self::Plan(text.clone()),
            DataFusionError::SchemaError(schema, _) => Self::of_schema(schema),
            DataFusionError::ArrowError(arrow, _) => Self::of_arrow(arrow),
            DataFusionError::Execution(text) => Self::of_value(text),
            DataFusionError::ResourcesExhausted(text) => Self::Memory(text.clone()),
            other => Self::of_words(other.to_string()),
        }
    }

    /// A number that does not fit is told from other values by the words that Arrow and DataFusion have for it.
    fn of_value(words: &str) -> Self {
        const TOO_LARGE: [&str; 7] = [
            "exceeds the representable",
            "too large to store",
            "too small to store",
            "Can't cast value",
            "Failed to convert",
            "verflow",
            "out of range",
        ];
        if TOO_LARGE.iter().any(|sign| words.contains(sign)) {
            Self::Overflow(words.to_owned())
        } else {
            Self::Value(words.to_owned())
        }
    }

    /// What has no variant of its own: running out of room to spill is one of these.
    fn of_words(words: String) -> Self {
        if words.contains("max_temp_directory_size") {
            Self::Memory("there is no room left to spill to disk".to_owned())
        } else {
            Self::Internal(words)
        }
    }

    fn of_schema(error: &SchemaError) -> Self {
        match error {
            SchemaError::FieldNotFound { field, valid_fields } => Self::UnknownColumn {
                name: field.name().to_owned(),
                available: valid_fields.iter().map(|field| field.name().to_owned()).collect(),
            },
            other => Self::Plan(other.to_string()),
        }
    }

    fn of_arrow(error: &ArrowError) -> Self {
        match error {
            ArrowError::ExternalError(inner) => match inner.downcast_ref::<DataFusionError>() {
                Some(error) => Self::of(error.find_root()),
                None => Self::Internal(inner.to_string()),
            },
            ArrowError::DivideByZero => Self::Value("division by zero".to_owned()),
            ArrowError::ArithmeticOverflow(text) => {
                Self::Overflow(text.trim_start_matches("Overflow happened on: ").to_owned())
            }
            ArrowError::CastError(text)
            | ArrowError::ParseError(text)
            | ArrowError::ComputeError(text)
            | ArrowError::InvalidArgumentError(text) => Self::of_value(text),
            other => Self::of_words(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_found_under_their_wrappings() {
        let own = SqlError::Deadline(30);
        let wrapped = DataFusionError::External(Box::new(own.clone())).context("while running");
        assert_eq!(SqlError::from(wrapped), own);
        let memory = DataFusionError::ResourcesExhausted("sort".to_owned()).context("a").context("b");
        assert_eq!(SqlError::from(memory).sqlstate(), "53200");
        let zero = DataFusionError::ArrowError(Box::new(ArrowError::DivideByZero), None);
        assert_eq!(SqlError::from(zero), SqlError::Value("division by zero".to_owned()));
    }
}
