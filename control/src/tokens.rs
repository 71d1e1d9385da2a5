//! Bearer tokens of programs: shown once, stored as sha256.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::params;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::{Db, Values, micros, time, time_opt};
use crate::users::check_name;
use crate::{Control, ControlError, Principal, Result, Role, same_secret, secret};

/// The recorded time of last use may be this old: a write per request would cost an fsync.
const USE_RECORDED_EVERY: TimeDelta = TimeDelta::hours(1);

/// A token as shown to an administrator; the secret itself is nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Token {
    /// Name it was made under.
    pub name: String,
    /// What its bearer may do.
    pub role: Role,
    /// Whose data its bearer sends or sees.
    pub tenant: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the hour.
    pub used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Control {
    /// Makes a token `hr_<role>_<43 characters>` and returns it, this once.
    pub fn create_token(&self, name: &str, role: Role, tenant: &str, now: DateTime<Utc>) -> Result<String> {
        self.with(|db| issue(db, name, role, tenant, now))
    }

    /// Who bears this token, or `None` if it is unknown or revoked.
    pub fn verify_token(&self, token: &str, now: DateTime<Utc>) -> Result<Option<Principal>> {
        if !token.starts_with("hr_") {
            return Ok(None);
        }
        let hash = secret::sha256(token);
        self.with(|db| {
            let row = db.row(
                "SELECT name, role, tenant, hash, used_at FROM tokens WHERE hash = ?1 AND revoked_at IS NULL",
                params![hash],
                |row| {
                    let stored: [u8; 32] = row.get(3)?;
                    Ok((
                        row.get::<String>(0)?,
                        row.get::<String>(1)?,
                        row.get(2)?,
                        stored,
                        row.get::<Option<i64>>(4)?,
                    ))
                },
            )?;
            let Some((name, role, tenant, stored, used)) = row else { return Ok(None) };
            if !same_secret(&stored, &hash) {
                return Ok(None);
            }
            if used.is_none_or(|used| used <= micros(now - USE_RECORDED_EVERY)) {
                // A disk that is full must not lock out those who come to see why.
                if let Err(error) =
                    db.execute("UPDATE tokens SET used_at = ?2 WHERE hash = ?1", params![hash, micros(now)])
                {
                    tracing::warn!(%error, token = name, "the use of a token could not be recorded");
                }
            }
            Ok(Some(Principal { name, role: role.parse()?, tenant }))
        })
    }

    /// Ends a token. Its name stays taken, so that the record of it stays clear.
    pub fn revoke_token(&self, name: &str, now: DateTime<Utc>) -> Result<()> {
        self.with(|db| revoke(db, name, now))
    }

    /// Every token, oldest first, revoked ones included.
    pub fn list_tokens(&self) -> Result<Vec<Token>> {
        self.tokens_where("1 = 1", params![])
    }

    /// The tokens of a tenant, likewise.
    pub fn tokens_of(&self, tenant: &str) -> Result<Vec<Token>> {
        self.tokens_where("tenant = ?1", params![tenant])
    }

    fn tokens_where(&self, which: &str, values: Values<'_>) -> Result<Vec<Token>> {
        let sql = format!(
            "SELECT name, role, tenant, created_at, used_at, revoked_at FROM tokens WHERE {which} ORDER BY id"
        );
        self.with(|db| {
            db.rows(&sql, values, |row| {
                Ok(Token {
                    name: row.get(0)?,
                    role: row.get::<String>(1)?.parse()?,
                    tenant: row.get(2)?,
                    created_at: time("tokens.created_at", row.get(3)?)?,
                    used_at: time_opt("tokens.used_at", row.get(4)?)?,
                    revoked_at: time_opt("tokens.revoked_at", row.get(5)?)?,
                })
            })
        })
    }
}

/// A new token; the text is nowhere else.
pub(crate) fn issue(db: &Db<'_>, name: &str, role: Role, tenant: &str, now: DateTime<Utc>) -> Result<String> {
    check_name("token", name)?;
    check_name("tenant", tenant)?;
    let token = format!("hr_{role}_{}", secret::random_text());
    let added = db.execute(
        "INSERT INTO tokens (name, role, tenant, hash, created_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (name) DO NOTHING",
        params![name, role.as_str(), tenant, secret::sha256(&token), micros(now)],
    )?;
    if added == 0 {
        return Err(ControlError::Exists { kind: "token", name: name.to_owned() });
    }
    Ok(token)
}

/// Ends a token.
pub(crate) fn revoke(db: &Db<'_>, name: &str, now: DateTime<Utc>) -> Result<()> {
    let changed = db.execute(
        "UPDATE tokens SET revoked_at = coalesce(revoked_at, ?2) WHERE name = ?1",
        params![name, micros(now)],
    )?;
    if changed == 0 {
        return Err(ControlError::Unknown { kind: "token", name: name.to_owned() });
    }
    Ok(())
}
