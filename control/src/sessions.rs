//! Sessions of people: a random value, stored as sha256, good for 12 hours. A browser has it in a cookie, a client of
//! Flight SQL shows it as a token.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::params;
use serde::Serialize;
use utoipa::ToSchema;

use crate::audit::append;
use crate::db::{Db, micros, time};
use crate::users::find_user;
use crate::{Control, ControlError, Principal, Result, secret};

/// How long a session lasts after the login.
pub const SESSION_FOR: TimeDelta = TimeDelta::hours(12);

/// Most sessions of one user; beyond them, the oldest end. A program that signs in again and again stays bounded.
const MOST_SESSIONS: i64 = 1_000;

/// A session as shown to an administrator; what opens it is nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Session {
    /// What it is ended by: the sha256 of its secret.
    pub id: String,
    /// Whose it is.
    pub user: String,
    /// The door it was begun at: `web`, `oidc` or `flight`; empty where that was not kept yet.
    pub door: String,
    /// From where, if the door knows.
    pub address: Option<String>,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
}

impl Control {
    /// Starts a session of a user who signed in at `door`, puts that on record, and returns the cookie's value.
    pub fn create_session(
        &self,
        principal: &Principal,
        door: &str,
        from: Option<IpAddr>,
        now: DateTime<Utc>,
    ) -> Result<String> {
        let cookie = secret::random_text();
        let address = from.map(|from| from.to_string());
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
                "INSERT INTO sessions (hash, \"user\", created_at, expires_at, door, address) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    secret::sha256(&cookie),
                    principal.name,
                    micros(now),
                    micros(now + SESSION_FOR),
                    door,
                    address
                ],
            )?;
            signed_in(db, principal, door, from, now)
        })?;
        Ok(cookie)
    }

    /// Puts a sign-in at a door that keeps no sessions on record.
    pub fn record_login(
        &self,
        principal: &Principal,
        door: &str,
        from: Option<IpAddr>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.write(|db| signed_in(db, principal, door, from, now))
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

    /// What [`Session::id`] of a cookie's session is.
    pub fn session_id(cookie: &str) -> String {
        hex::encode(secret::sha256(cookie))
    }

    /// The sessions of a tenant's people that go on, newest first, and at most `most` of them.
    pub fn sessions_of(&self, tenant: &str, most: usize, now: DateTime<Utc>) -> Result<Vec<Session>> {
        let sql = format!(
            "SELECT s.hash, s.\"user\", s.door, s.address, s.created_at, s.expires_at
             FROM sessions AS s JOIN users AS u ON u.name = s.\"user\"
             WHERE u.tenant = ?1 AND s.expires_at > ?2 ORDER BY s.created_at DESC, s.hash LIMIT {most}"
        );
        self.with(|db| {
            db.rows(&sql, params![tenant, micros(now)], |row| {
                Ok(Session {
                    id: hex::encode(row.get::<[u8; 32]>(0)?),
                    user: row.get(1)?,
                    door: row.get(2)?,
                    address: row.get(3)?,
                    created_at: time("sessions.created_at", row.get(4)?)?,
                    expires_at: time("sessions.expires_at", row.get(5)?)?,
                })
            })
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

/// Ends every session of a user; how many there were.
pub(crate) fn end_all(db: &Db<'_>, user: &str) -> Result<usize> {
    db.execute("DELETE FROM sessions WHERE \"user\" = ?1", params![user])
}

fn signed_in(
    db: &Db<'_>,
    Principal { name, role, tenant }: &Principal,
    door: &str,
    from: Option<IpAddr>,
    now: DateTime<Utc>,
) -> Result<()> {
    db.execute("UPDATE users SET signed_in_at = ?2 WHERE name = ?1", params![name, micros(now)])?;
    let detail = serde_json::json!({"door": door, "from": from, "role": role, "tenant": tenant});
    append(db, name, "login", name, "", &detail, now).map(drop)
}
