//! One way to talk SQL with both databases.
//!
//! Statements are written once, in what SQLite and PostgreSQL have in common, with `?1` for the first parameter and the
//! values that SQLite has: integers (times are integers), texts, bytes. What must differ is here and in
//! [`schema`](super::schema).

use rusqlite::Connection;
use rusqlite::types::{FromSql, FromSqlError, ToSql, ToSqlOutput, Value};

use super::postgres::Session;
use crate::{ControlError, Result};

/// A database in the hands of one caller: alone, or in a transaction.
pub(crate) enum Db<'a> {
    Sqlite(&'a Connection),
    Postgres(&'a Session),
}

/// Values for `?1`, `?2` and so on; made by `rusqlite::params!`.
pub(crate) type Values<'a> = &'a [&'a dyn ToSql];

impl Db<'_> {
    /// Runs a statement that gives no rows; returns how many it changed.
    pub(crate) fn execute(&self, sql: &str, values: Values<'_>) -> Result<usize> {
        match self {
            Self::Sqlite(db) => Ok(db.prepare_cached(sql)?.execute(values)?),
            Self::Postgres(session) => session.execute(sql, owned(values)?),
        }
    }

    /// Every row, as `read` makes of it.
    pub(crate) fn rows<T>(
        &self,
        sql: &str,
        values: Values<'_>,
        mut read: impl FnMut(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        match self {
            Self::Sqlite(db) => {
                let mut statement = db.prepare_cached(sql)?;
                let columns = statement.column_count();
                let mut rows = statement.query(values)?;
                let mut found = Vec::new();
                while let Some(row) = rows.next()? {
                    let row: rusqlite::Result<_> = (0..columns).map(|n| row.get(n)).collect();
                    found.push(read(&Row(row?))?);
                }
                Ok(found)
            }
            Self::Postgres(session) => session.rows(sql, owned(values)?)?.iter().map(read).collect(),
        }
    }

    /// The first row, if there is one.
    pub(crate) fn row<T>(
        &self,
        sql: &str,
        values: Values<'_>,
        read: impl FnMut(&Row) -> Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.rows(sql, values, read)?.into_iter().next())
    }

    /// What a statement that takes rows for its caller alone says after their choice: pass over those that another takes
    /// at this moment. In SQLite nobody else writes meanwhile.
    pub(crate) fn skip_locked(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "",
            Self::Postgres(_) => "FOR UPDATE OF o SKIP LOCKED",
        }
    }
}

fn owned(values: Values<'_>) -> Result<Vec<Value>> {
    let owned = |value: &&dyn ToSql| match value.to_sql()? {
        ToSqlOutput::Owned(value) => Ok(value),
        ToSqlOutput::Borrowed(value) => Ok(Value::try_from(value).map_err(rusqlite::Error::from)?),
        _ => Err(ControlError::Invalid("a value of a kind that is not stored".to_owned())),
    };
    values.iter().map(owned).collect()
}

/// A row of an answer.
#[derive(Debug)]
pub(crate) struct Row(pub(super) Vec<Value>);

impl Row {
    /// The value of a column, counted from 0.
    pub(crate) fn get<T: FromSql>(&self, column: usize) -> Result<T> {
        let value = &self.0[column];
        Ok(T::column_result(value.into()).map_err(|error| match error {
            FromSqlError::InvalidType => {
                rusqlite::Error::InvalidColumnType(column, String::new(), value.data_type())
            }
            other => rusqlite::Error::FromSqlConversionFailure(column, value.data_type(), Box::new(other)),
        })?)
    }
}
