//! Moving from a SQLite file to a PostgreSQL database.
//!
//! Every table of the file is copied, whatever there is, in one transaction of the database and while nobody else
//! writes into the file. What was copied counts only when the audit chain holds there and ends as it does in the file.

use std::path::Path;

use rusqlite::params;
use rusqlite::types::{ToSql, Value};
use serde::Serialize;

use crate::audit::verify;
use crate::db::{Db, Values};
use crate::{AuditHead, Control, ControlError, Result, Server};

/// Rows that are sent at once.
const AT_ONCE: usize = 500;

/// What was copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Copied {
    /// The rows of each table.
    pub tables: Vec<(String, usize)>,
    /// The end of the audit chain.
    pub audit: AuditHead,
}

impl Control {
    /// Copies everything in a SQLite file, whose schema is brought up to date first, into an empty database.
    ///
    /// # Errors
    /// There is no such file, a table of the database has rows already, or the audit chain does not hold. The database is
    /// then as it was.
    pub fn copy(file: &Path, to: &Server) -> Result<Copied> {
        if !file.is_file() {
            return Err(ControlError::Invalid(format!("{} is no file", file.display())));
        }
        let (from, to) = (Self::open(file)?, Self::connect(to)?);
        from.write(|from| {
            let audit = verify(from)?;
            to.write(|to| {
                let names = texts(from, TABLES, &[])?;
                for table in &names {
                    let filled = to.row(&format!("SELECT 1 FROM {table} LIMIT 1"), &[], |_| Ok(()))?;
                    if filled.is_some() {
                        return Err(ControlError::Invalid(format!(
                            "the table {table} there has rows already: copy into an empty database"
                        )));
                    }
                }
                let tables =
                    names.into_iter().map(|table| Ok((table.clone(), copy_table(from, to, &table)?)));
                let tables = tables.collect::<Result<_>>()?;
                if verify(to)? != audit {
                    return Err(ControlError::Invalid(
                        "the audit chain did not arrive as it was sent".to_owned(),
                    ));
                }
                Ok(Copied { tables, audit })
            })
        })
    }
}

/// Every table of a SQLite file, those that others refer to first: they were made first.
const TABLES: &str =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid";

/// The columns of a SQLite table.
const COLUMNS: &str = "SELECT '\"' || name || '\"' FROM pragma_table_info(?1) ORDER BY cid";

/// The columns of a PostgreSQL table that count up by themselves.
const COUNTED: &str = "SELECT CAST(column_name AS TEXT) FROM information_schema.columns
                       WHERE table_schema = current_schema() AND table_name = ?1 AND is_identity = 'YES'";

fn texts(db: &Db<'_>, sql: &str, values: Values<'_>) -> Result<Vec<String>> {
    db.rows(sql, values, |row| row.get(0))
}

fn copy_table(from: &Db<'_>, to: &Db<'_>, table: &str) -> Result<usize> {
    let columns = texts(from, COLUMNS, params![table])?;
    let width = columns.len();
    let names = columns.join(", ");
    let page = format!("SELECT rowid, {names} FROM {table} WHERE rowid > ?1 ORDER BY rowid LIMIT {AT_ONCE}");
    let (mut copied, mut last) = (0, i64::MIN);
    loop {
        let rows = from.rows(&page, params![last], |row| {
            let values = (1..=width).map(|n| row.get::<Value>(n)).collect::<Result<Vec<_>>>()?;
            Ok((row.get::<i64>(0)?, values))
        })?;
        let Some((seen, _)) = rows.last() else { break };
        last = *seen;
        let places =
            |n: usize| (1..=width).map(|c| format!("?{}", n * width + c)).collect::<Vec<_>>().join(", ");
        let places = (0..rows.len()).map(|n| format!("({})", places(n))).collect::<Vec<_>>().join(", ");
        let values: Vec<&dyn ToSql> = rows.iter().flat_map(|(_, row)| row.iter().map(|v| v as _)).collect();
        copied += to.execute(&format!("INSERT INTO {table} ({names}) VALUES {places}"), &values)?;
    }
    for column in texts(to, COUNTED, params![table])? {
        to.row(
            &format!(
                "SELECT setval(pg_get_serial_sequence(?1, ?2), max({column})) FROM {table} HAVING count(*) > 0"
            ),
            params![table, column],
            |_| Ok(()),
        )?;
    }
    Ok(copied)
}
