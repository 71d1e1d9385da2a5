//! How the state is: for people who look after it.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::params;

use crate::db::{Db, micros};
use crate::{AuditHead, Control, Leader, Result};

/// How the state is.
#[derive(Debug)]
pub struct Health {
    /// SQLite, or which PostgreSQL.
    pub place: String,
    /// How far the clock that was passed in is ahead of the server's. None for SQLite, which has no clock of its own.
    pub ahead: Option<TimeDelta>,
    /// Settings of the server with which what is stored may be lost when its machine dies.
    pub careless: Vec<String>,
    /// Who leads what.
    pub leaders: Vec<Leader>,
    /// The audit chain, recomputed.
    pub audit: Result<AuditHead>,
}

impl Control {
    /// Looks at the state. What is wrong with it is in the answer.
    ///
    /// # Errors
    /// It cannot be reached.
    pub fn health(&self, now: DateTime<Utc>) -> Result<Health> {
        let (place, ahead, careless) = self.with(|db| match db {
            Db::Sqlite(_) => Ok(("SQLite".to_owned(), None, Vec::new())),
            Db::Postgres(_) => examine(db, now),
        })?;
        Ok(Health { place, ahead, careless, leaders: self.leaders()?, audit: self.audit_verify() })
    }
}

fn examine(db: &Db<'_>, now: DateTime<Utc>) -> Result<(String, Option<TimeDelta>, Vec<String>)> {
    let said = db.row(
        "SELECT current_setting('server_version'), CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)",
        &[],
        |row| Ok((row.get::<String>(0)?, row.get::<i64>(1)?)),
    )?;
    let (version, clock) = said.unwrap_or_default();
    let careless = db.rows(
        "SELECT name || ' = ' || setting FROM pg_settings
         WHERE setting = ?1 AND name IN ('fsync', 'full_page_writes')",
        params!["off"],
        |row| row.get(0),
    )?;
    Ok((format!("PostgreSQL {version}"), Some(TimeDelta::microseconds(micros(now) - clock)), careless))
}
