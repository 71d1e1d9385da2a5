//! Errors as gRPC clients read them.

use tonic::{Code, Status};

use crate::error::SqlError;

/// An error of a statement: what was wrong, what to do, and the SQLSTATE that Postgres clients get.
pub(super) fn of_statement(error: &SqlError) -> Status {
    let hint = error.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
    Status::new(code(error), format!("{error}{hint} (SQLSTATE {})", error.sqlstate()))
}

fn code(error: &SqlError) -> Code {
    match error {
        SqlError::NotAllowed(_) | SqlError::Forbidden { .. } => Code::PermissionDenied,
        SqlError::UnknownTable { .. } | SqlError::UnknownColumn { .. } | SqlError::UnknownFunction { .. } => {
            Code::NotFound
        }
        SqlError::Unsupported(_) => Code::Unimplemented,
        SqlError::Overflow(_) => Code::OutOfRange,
        SqlError::Deadline(_) | SqlError::Unread(_) => Code::DeadlineExceeded,
        SqlError::Cancelled => Code::Cancelled,
        SqlError::TooManyRows(_)
        | SqlError::TooManyBytes(_)
        | SqlError::TooLarge { .. }
        | SqlError::TooManyFacts { .. }
        | SqlError::Refused { .. }
        | SqlError::TooMuchToRead { .. }
        | SqlError::Memory(_) => Code::ResourceExhausted,
        SqlError::Store { .. } | SqlError::Unrecorded | SqlError::Archive(_) => Code::Unavailable,
        SqlError::Config(_) | SqlError::Internal(_) => Code::Internal,
        SqlError::Syntax(_)
        | SqlError::Several
        | SqlError::Empty
        | SqlError::TooComplex(_)
        | SqlError::Plan(_)
        | SqlError::Unbounded { .. }
        | SqlError::Value(_) => Code::InvalidArgument,
    }
}

/// A message that cannot be read.
pub(super) fn unreadable(what: &str, error: &dyn std::fmt::Display) -> Status {
    Status::invalid_argument(format!("{what} cannot be read: {error}"))
}

/// Something that this front does not do.
pub(super) fn not_offered(what: &str) -> Status {
    Status::unimplemented(format!("{what} is not offered here: this door reads by SQL and by nothing else"))
}

/// A statement or command that would write.
pub(super) fn writes(what: &str) -> Status {
    of_statement(&SqlError::NotAllowed(what.to_owned()))
}
