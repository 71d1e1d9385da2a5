//! Users: creation, passwords, logins.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use rusqlite::params;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::{Db, Values, micros, time, time_opt};
use crate::lockout::{
    Counted, LOCK_OUT_ADDRESS_AFTER, LOCK_OUT_AFTER, count_attempt, forgive, locked_until, record_lock,
    record_refusal, refuse_locked,
};
use crate::password::{self, Scram};
use crate::sessions::end_all;
use crate::{Control, ControlError, Principal, Result, Role};

/// A user as shown to an administrator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct User {
    /// Name used to log in.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whose data they see.
    pub tenant: String,
    /// When the user was made.
    pub created_at: DateTime<Utc>,
    /// Since when the user may not log in.
    pub disabled_at: Option<DateTime<Utc>>,
    /// The OpenID provider that vouches for them; none of a local account.
    pub issuer: Option<String>,
    /// When they signed in last, by whatever door.
    pub signed_in_at: Option<DateTime<Utc>>,
}

/// What is kept of a password.
pub(crate) struct Kept {
    hash: String,
    scram: Scram,
}

impl Kept {
    /// Takes tens of milliseconds by design: not inside of a transaction.
    pub(crate) fn of(password: &str) -> Result<Self> {
        password::check_acceptable(password)?;
        Ok(Self { hash: password::hash(password)?, scram: Scram::derive(password) })
    }
}

impl Control {
    /// Makes a user. The password is kept as an argon2id hash and as a SCRAM
    /// verifier with its own salt, never as text.
    pub fn create_user(
        &self,
        name: &str,
        password: &str,
        role: Role,
        tenant: &str,
        now: DateTime<Utc>,
    ) -> Result<Principal> {
        let kept = Kept::of(password)?;
        self.with(|db| insert(db, name, &kept, role, tenant, now))
    }

    /// Replaces the password, ends the user's sessions and forgives failures.
    pub fn set_password(&self, name: &str, password: &str) -> Result<()> {
        let kept = Kept::of(password)?;
        self.write(|db| put_password(db, name, &kept))
    }

    /// Shuts a user out, at once and in every door, without forgetting who they were.
    pub fn disable_user(&self, name: &str, now: DateTime<Utc>) -> Result<()> {
        self.write(|db| disable(db, name, now))
    }

    /// Every user, by name.
    pub fn list_users(&self) -> Result<Vec<User>> {
        self.users_where("1 = 1", params![])
    }

    /// The users of a tenant, by name.
    pub fn users_of(&self, tenant: &str) -> Result<Vec<User>> {
        self.users_where("tenant = ?1", params![tenant])
    }

    fn users_where(&self, which: &str, values: Values<'_>) -> Result<Vec<User>> {
        let sql = format!(
            "SELECT name, role, tenant, created_at, disabled_at, issuer, signed_in_at FROM users WHERE {which} ORDER BY name"
        );
        self.with(|db| {
            db.rows(&sql, values, |row| {
                Ok(User {
                    name: row.get(0)?,
                    role: row.get::<String>(1)?.parse()?,
                    tenant: row.get(2)?,
                    created_at: time("users.created_at", row.get(3)?)?,
                    disabled_at: time_opt("users.disabled_at", row.get(4)?)?,
                    issuer: row.get(5)?,
                    signed_in_at: time_opt("users.signed_in_at", row.get(6)?)?,
                })
            })
        })
    }

    /// The principal of a user who may log in, or `None`.
    pub fn user(&self, name: &str) -> Result<Option<Principal>> {
        self.with(|db| find_user(db, name))
    }

    /// Who this is, if the password is right. `Ok(None)`: wrong password, no
    /// such user or a disabled one, indistinguishably.
    ///
    /// # Errors
    /// [`ControlError::LockedOut`] after [`LOCK_OUT_AFTER`] failures, for
    /// [`LOCK_OUT_FOR`](crate::LOCK_OUT_FOR), even with the right password.
    pub fn verify_password(
        &self,
        name: &str,
        password: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Principal>> {
        self.judge(
            name,
            password,
            &[Counted { key: name.to_owned(), most: LOCK_OUT_AFTER, forgiven: true }],
            now,
        )
    }

    /// The same for a door that knows where somebody comes from. Failures count for the name at this address, so that
    /// nobody can lock others out, and for the address whatever the name.
    ///
    /// # Errors
    /// [`ControlError::LockedOut`] after [`LOCK_OUT_AFTER`] failures of the name from this address, or
    /// [`LOCK_OUT_ADDRESS_AFTER`] from the address (not from this machine's own, where a proxy may speak for all).
    pub fn verify_password_from(
        &self,
        name: &str,
        password: &str,
        from: IpAddr,
        now: DateTime<Utc>,
    ) -> Result<Option<Principal>> {
        let key = format!("{name} {from}");
        let mut counted = vec![Counted { key, most: LOCK_OUT_AFTER, forgiven: true }];
        if !from.is_loopback() {
            // Who has an account of their own cannot clear the address by signing in with it.
            counted.push(Counted { key: format!(" {from}"), most: LOCK_OUT_ADDRESS_AFTER, forgiven: false });
        }
        self.judge(name, password, &counted, now)
    }

    fn judge(
        &self,
        name: &str,
        password: &str,
        counted: &[Counted],
        now: DateTime<Utc>,
    ) -> Result<Option<Principal>> {
        if !can_exist(name) {
            return password::waste_time(password).map(|()| None);
        }
        // The attempt is counted before it is judged: parallel guesses count too.
        let (locks, hash): (Vec<_>, Option<String>) = self.write(|db| {
            counted.iter().try_for_each(|one| refuse_locked(db, &one.key, now))?;
            let locks = counted.iter().filter_map(|one| match count_attempt(db, &one.key, one.most, now) {
                Ok(locked) => locked.then_some(Ok(one.key.as_str())),
                Err(error) => Some(Err(error)),
            });
            let locks = locks.collect::<Result<Vec<_>>>()?;
            let hash = db.row(
                "SELECT password_hash FROM users WHERE name = ?1 AND disabled_at IS NULL",
                params![name],
                |row| row.get(0),
            )?;
            Ok((locks, hash))
        })?;
        let right = match hash {
            Some(hash) => password::matches(password, &hash)?,
            None => password::waste_time(password).map(|()| false)?,
        };
        if !right {
            let from = counted.iter().find_map(|one| one.key.split_once(' ').map(|(_, from)| from));
            self.write(|db| {
                record_refusal(db, name, from, now)?;
                locks.iter().try_for_each(|key| record_lock(db, name, key, now))
            })?;
            return Ok(None);
        }
        self.write(|db| counted.iter().try_for_each(|one| forgive(db, one)))?;
        self.user(name)
    }

    /// What the Postgres door needs to check a login, or `None` for a name that
    /// is unknown, disabled or locked out.
    pub fn scram_credentials(&self, name: &str, now: DateTime<Utc>) -> Result<Option<Scram>> {
        if !can_exist(name) {
            return Ok(None);
        }
        self.with(|db| {
            if locked_until(db, name, now)?.is_some() {
                return Ok(None);
            }
            db.row(
                "SELECT scram_salt, scram_iterations, scram_salted FROM users WHERE name = ?1 AND disabled_at IS NULL",
                params![name],
                |row| Ok(Scram { salt: row.get(0)?, iterations: row.get(1)?, salted_password: row.get(2)? }),
            )
        })
    }

    /// Counts a failed login that another door judged (SCRAM), towards lock-out.
    pub fn login_failed(&self, name: &str, now: DateTime<Utc>) -> Result<()> {
        if !can_exist(name) {
            return Ok(());
        }
        let failed = self.write(|db| {
            refuse_locked(db, name, now)?;
            record_refusal(db, name, None, now)?;
            if count_attempt(db, name, LOCK_OUT_AFTER, now)? {
                record_lock(db, name, name, now)?;
            }
            Ok(())
        });
        match failed {
            Ok(()) | Err(ControlError::LockedOut { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Forgives the failures of a name that has logged in.
    pub fn login_succeeded(&self, name: &str) -> Result<()> {
        self.with(|db| {
            db.execute("DELETE FROM login_failures WHERE name = ?1", params![name])?;
            Ok(())
        })
    }
}

/// A new user.
pub(crate) fn insert(
    db: &Db<'_>,
    name: &str,
    Kept { hash, scram }: &Kept,
    role: Role,
    tenant: &str,
    now: DateTime<Utc>,
) -> Result<Principal> {
    check_name("user", name)?;
    check_name("tenant", tenant)?;
    let added = db.execute(
        "INSERT INTO users (name, role, tenant, password_hash, scram_salt, scram_iterations, scram_salted, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (name) DO NOTHING",
        params![name, role.as_str(), tenant, hash, scram.salt, scram.iterations, scram.salted_password, micros(now)],
    )?;
    if added == 0 {
        return Err(ControlError::Exists { kind: "user", name: name.to_owned() });
    }
    Ok(Principal { name: name.to_owned(), role, tenant: tenant.to_owned() })
}

/// Another password. Sessions end, and failures are forgiven: those of the name, and those by address.
pub(crate) fn put_password(db: &Db<'_>, name: &str, Kept { hash, scram }: &Kept) -> Result<()> {
    let changed = db.execute(
        "UPDATE users SET password_hash = ?2, scram_salt = ?3, scram_iterations = ?4, scram_salted = ?5 WHERE name = ?1",
        params![name, hash, scram.salt, scram.iterations, scram.salted_password],
    )?;
    known(changed, name)?;
    end_all(db, name)?;
    db.execute(
        "DELETE FROM login_failures WHERE name = ?1 OR substr(name, 1, length(?1) + 1) = ?1 || ' '",
        params![name],
    )?;
    Ok(())
}

/// Nobody comes in by this name any more, and who is in is out.
pub(crate) fn disable(db: &Db<'_>, name: &str, now: DateTime<Utc>) -> Result<()> {
    let changed = db.execute(
        "UPDATE users SET disabled_at = coalesce(disabled_at, ?2) WHERE name = ?1",
        params![name, micros(now)],
    )?;
    known(changed, name)?;
    end_all(db, name).map(drop)
}

fn known(changed: usize, name: &str) -> Result<()> {
    if changed == 0 {
        return Err(ControlError::Unknown { kind: "user", name: name.to_owned() });
    }
    Ok(())
}

pub(crate) fn find_user(db: &Db<'_>, name: &str) -> Result<Option<Principal>> {
    let row = db.row(
        "SELECT role, tenant FROM users WHERE name = ?1 AND disabled_at IS NULL",
        params![name],
        |row| Ok((row.get::<String>(0)?, row.get(1)?)),
    )?;
    row.map(|(role, tenant)| Ok(Principal { name: name.to_owned(), role: role.parse()?, tenant })).transpose()
}

/// Whether a user may have this name. What is tried under another one is not kept: it may be anything, of any length.
fn can_exist(name: &str) -> bool {
    check_name("user", name).is_ok()
}

/// Names appear in SCRAM messages, logs and file names: a small alphabet is enough.
pub(crate) fn check_name(kind: &str, name: &str) -> Result<()> {
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '@');
    if name.is_empty() || name.len() > 63 || !name.chars().all(fine) {
        return Err(ControlError::Invalid(format!(
            "{kind} name {name:?} is not usable; use 1 to 63 of a-z, A-Z, 0-9, '.', '_', '-', '@'"
        )));
    }
    Ok(())
}
