//! Errors as Postgres clients read them.

use pgwire::error::{ErrorInfo, PgWireError};

use crate::error::SqlError;

/// An error that ends the statement.
pub(super) fn of_statement(error: &SqlError) -> PgWireError {
    let mut info = ErrorInfo::new("ERROR".to_owned(), error.sqlstate().to_owned(), error.to_string());
    info.hint = error.hint();
    PgWireError::UserError(Box::new(info))
}

/// An error of the statement with a code of its own.
pub(super) fn plain(code: &str, message: String) -> PgWireError {
    PgWireError::UserError(Box::new(ErrorInfo::new("ERROR".to_owned(), code.to_owned(), message)))
}

/// An error that ends the connection.
pub(super) fn fatal(code: &str, message: String, hint: &str) -> PgWireError {
    let mut info = ErrorInfo::new("FATAL".to_owned(), code.to_owned(), message);
    info.hint = Some(hint.to_owned());
    PgWireError::UserError(Box::new(info))
}
