//! Lock-out after wrong passwords: of a name, of a name at an address, of an address.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::params;

use crate::audit::append;
use crate::db::{Db, micros, time_opt};
use crate::{ControlError, Result};

/// Wrong passwords in a row before a name is locked.
pub const LOCK_OUT_AFTER: u32 = 10;

/// Wrong passwords from one address, whatever the names, before the address is locked.
pub const LOCK_OUT_ADDRESS_AFTER: u32 = 50;

/// How long a name stays locked, and how long a failure is remembered.
pub const LOCK_OUT_FOR: TimeDelta = TimeDelta::minutes(15);

pub(crate) fn locked_until(db: &Db<'_>, name: &str, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    let until = db.row("SELECT locked_until FROM login_failures WHERE name = ?1", params![name], |row| {
        row.get::<Option<i64>>(0)
    })?;
    Ok(time_opt("login_failures.locked_until", until.flatten())?.filter(|until| *until > now))
}

/// What an attempt counts for.
pub(crate) struct Counted {
    /// A name, an address after a space, or both.
    pub(crate) key: String,
    /// Failures before it is locked.
    pub(crate) most: u32,
    /// Whether a login forgives the failures before it; else only its own attempt is taken back.
    pub(crate) forgiven: bool,
}

pub(crate) fn forgive(db: &Db<'_>, counted: &Counted) -> Result<()> {
    let sql = if counted.forgiven {
        "DELETE FROM login_failures WHERE name = ?1"
    } else {
        "UPDATE login_failures SET failures = failures - 1, locked_until = NULL WHERE name = ?1"
    };
    db.execute(sql, params![counted.key])?;
    Ok(())
}

/// Puts a refused sign-in on record. While a name or an address is locked, none is: their number stays bounded.
pub(crate) fn record_refusal(db: &Db<'_>, name: &str, from: Option<&str>, now: DateTime<Utc>) -> Result<()> {
    let detail = serde_json::json!({"from": from});
    append(db, "sign-in", "login.refused", name, "wrong password, or no such account", &detail, now).map(drop)
}

/// Puts a lock on record.
pub(crate) fn record_lock(db: &Db<'_>, name: &str, key: &str, now: DateTime<Utc>) -> Result<()> {
    let from = key.split_once(' ').map(|(_, from)| from);
    let detail = serde_json::json!({"from": from, "until": now + LOCK_OUT_FOR});
    append(db, "sign-in", "login.locked", name, "too many wrong passwords", &detail, now).map(drop)
}

pub(crate) fn refuse_locked(db: &Db<'_>, key: &str, now: DateTime<Utc>) -> Result<()> {
    let Some(until) = locked_until(db, key, now)? else { return Ok(()) };
    Err(ControlError::LockedOut { name: key.trim_start().to_owned(), until })
}

/// Counts an attempt; whether its failure locks.
pub(crate) fn count_attempt(db: &Db<'_>, key: &str, most: u32, now: DateTime<Utc>) -> Result<bool> {
    // Old failures are forgotten, so names that never log in do not pile up.
    db.execute("DELETE FROM login_failures WHERE last_at <= ?1", params![micros(now - LOCK_OUT_FOR)])?;
    db.execute(
        "INSERT INTO login_failures (name, failures, last_at) VALUES (?1, 1, ?2)
         ON CONFLICT (name) DO UPDATE SET failures = login_failures.failures + 1, last_at = excluded.last_at,
             locked_until = CASE WHEN login_failures.failures + 1 >= ?3 THEN ?4 END",
        params![key, micros(now), most, micros(now + LOCK_OUT_FOR)],
    )?;
    Ok(locked_until(db, key, now)?.is_some())
}
