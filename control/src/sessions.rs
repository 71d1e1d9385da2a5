//! Sessions of people: a random value, stored as sha256, good for 12 hours. A browser has it in a cookie, a client of
//! Flight SQL shows it as a token.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::params;

use crate::db::micros;
use crate::users::find_user;
use crate::{Control, ControlError, Principal, Result, secret};

/// How long a session lasts after the login.
pub const SESSION_FOR: TimeDelta = TimeDelta::hours(12);

/// Most sessions of one user; beyond them, the oldest end. A program that signs in again and again stays bounded.
const MOST_SESSIONS: i64 = 1_000;

impl Control {
    /// Starts a session of a user and returns the cookie's value.
    pub fn create_session(&self, principal: &Principal, now: DateTime<Utc>) -> Result<String> {
        let cookie = secret::random_text();
        self.write(|db| {
            if find_user(db, &principal.name)?.is_none() {
                return Err(ControlError::Unknown { kind: "user", name: principal.name.clone() });
            }
            db.execute("DELETE FROM sessions WHERE expires_at <= ?1", params![micros(now)])?;
            db.execute(
                "DELETE FROM sessions WHERE \"user\" = ?1 AND hash NOT IN
                 (SELECT hash FROM sessions WHERE \"user\" = ?1 ORDER BY created_at DESC, hash LIMIT ?2)",
                params![principal.name, MOST_SESSIONS - 1],
            )?;
            db.execute(
                "INSERT INTO sessions (hash, \"user\", created_at, expires_at) VALUES (?1, ?2, ?3, ?4)",
                params![secret::sha256(&cookie), principal.name, micros(now), micros(now + SESSION_FOR)],
            )?;
            Ok(())
        })?;
        Ok(cookie)
    }

    /// Puts a sign-in on record: through which door, and from where if that is known.
    pub fn record_login(
        &self,
        principal: &Principal,
        door: &str,
        from: Option<IpAddr>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let Principal { name, role, tenant } = principal;
        let detail = serde_json::json!({"door": door, "from": from, "role": role, "tenant": tenant});
        self.audit(name, "login", name, "", &detail, now).map(drop)
    }

    /// Whose session this is, with the role and tenant they have today; `None`
    /// when it is unknown, ended or expired.
    pub fn session(&self, cookie: &str, now: DateTime<Utc>) -> Result<Option<Principal>> {
        self.with(|db| {
            let user = db.row(
                "SELECT \"user\" FROM sessions WHERE hash = ?1 AND expires_at > ?2",
                params![secret::sha256(cookie), micros(now)],
                |row| row.get::<String>(0),
            )?;
            user.map_or(Ok(None), |name| find_user(db, &name))
        })
    }

    /// Ends a session; an unknown cookie is no error.
    pub fn end_session(&self, cookie: &str) -> Result<()> {
        self.with(|db| {
            db.execute("DELETE FROM sessions WHERE hash = ?1", params![secret::sha256(cookie)])?;
            Ok(())
        })
    }
}
