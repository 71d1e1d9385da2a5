//! What an administrator does with the accounts, tokens and sessions of their own tenant.
//!
//! Each deed and its row in the audit trail are one transaction: neither is there without the other. What belongs to
//! another tenant is, to an administrator, not there.

use chrono::{DateTime, Utc};
use rusqlite::params;
use serde_json::json;

use crate::audit::append;
use crate::db::{Db, micros};
use crate::sessions::end_all;
use crate::tokens::{issue, revoke};
use crate::users::{Kept, disable, insert, put_password};
use crate::{Control, ControlError, Principal, Result, Role};

/// An account that is about to be changed.
struct Account {
    role: Role,
    issuer: Option<String>,
    disabled: bool,
}

impl Control {
    /// Makes an account in the tenant of `by`.
    ///
    /// # Errors
    /// [`ControlError::Exists`]: the name is taken, be it in another tenant. [`ControlError::Invalid`]: a name, password
    /// or role that cannot be.
    pub fn admit(
        &self,
        by: &Principal,
        name: &str,
        password: &str,
        role: Role,
        now: DateTime<Utc>,
    ) -> Result<()> {
        signs_in(role)?;
        let kept = Kept::of(password)?;
        self.write(|db| {
            insert(db, name, &kept, role, &by.tenant, now)?;
            record(db, by, "user.create", name, &json!({"role": role, "tenant": by.tenant}), now)
        })
    }

    /// Gives an account another role, which its sessions have at once.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]: a provider says the role, or nobody would be left to administrate the tenant.
    pub fn change_role(&self, by: &Principal, name: &str, role: Role, now: DateTime<Utc>) -> Result<()> {
        signs_in(role)?;
        self.write(|db| {
            let before = account(db, by, name)?;
            before.is_ours(name, "their role")?;
            if before.role == role {
                return Ok(());
            }
            db.execute("UPDATE users SET role = ?2 WHERE name = ?1", params![name, role.as_str()])?;
            before.leaves_an_administrator(db, by, name)?;
            let detail = json!({"role": role, "tenant": by.tenant, "before": {"role": before.role}});
            record(db, by, "user.change", name, &detail, now)
        })
    }

    /// Gives an account another password and ends its sessions.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]: it cannot be one, or a provider signs them in.
    pub fn give_password(
        &self,
        by: &Principal,
        name: &str,
        password: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let kept = Kept::of(password)?;
        self.write(|db| {
            account(db, by, name)?.is_ours(name, "their password")?;
            put_password(db, name, &kept)?;
            record(db, by, "user.password", name, &json!({}), now)
        })
    }

    /// Shuts somebody out at every door and ends their sessions.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]: nobody would be left to administrate the tenant.
    pub fn shut_out(&self, by: &Principal, name: &str, now: DateTime<Utc>) -> Result<()> {
        self.write(|db| {
            let before = account(db, by, name)?;
            if before.disabled {
                return Ok(());
            }
            disable(db, name, now)?;
            before.leaves_an_administrator(db, by, name)?;
            record(db, by, "user.disable", name, &json!({}), now)
        })
    }

    /// Lets somebody in again.
    pub fn let_in(&self, by: &Principal, name: &str, now: DateTime<Utc>) -> Result<()> {
        self.write(|db| {
            if !account(db, by, name)?.disabled {
                return Ok(());
            }
            db.execute("UPDATE users SET disabled_at = NULL WHERE name = ?1", params![name])?;
            record(db, by, "user.enable", name, &json!({}), now)
        })
    }

    /// Ends every session of somebody; how many there were.
    pub fn end_sessions_of(&self, by: &Principal, name: &str, now: DateTime<Utc>) -> Result<usize> {
        self.write(|db| {
            account(db, by, name)?;
            let ended = end_all(db, name)?;
            record(db, by, "session.end", name, &json!({"sessions": ended}), now)?;
            Ok(ended)
        })
    }

    /// Ends the session with an id.
    ///
    /// # Errors
    /// [`ControlError::Unknown`]: no session of the tenant that goes on has it.
    pub fn end_session_by_id(&self, by: &Principal, id: &str, now: DateTime<Utc>) -> Result<()> {
        let unknown = || ControlError::Unknown { kind: "session", name: id.to_owned() };
        let hash = hex::decode(id).map_err(|_| unknown())?;
        self.write(|db| {
            let user = db.row(
                "SELECT s.\"user\" FROM sessions AS s JOIN users AS u ON u.name = s.\"user\"
                 WHERE s.hash = ?1 AND u.tenant = ?2 AND s.expires_at > ?3",
                params![hash, by.tenant, micros(now)],
                |row| row.get::<String>(0),
            )?;
            let user = user.ok_or_else(unknown)?;
            db.execute("DELETE FROM sessions WHERE hash = ?1", params![hash])?;
            record(db, by, "session.end", &user, &json!({"session": id}), now)
        })
    }

    /// Makes a token in the tenant of `by` and returns it, this once.
    pub fn issue_token(&self, by: &Principal, name: &str, role: Role, now: DateTime<Utc>) -> Result<String> {
        self.write(|db| {
            let token = issue(db, name, role, &by.tenant, now)?;
            record(db, by, "token.create", name, &json!({"role": role, "tenant": by.tenant}), now)?;
            Ok(token)
        })
    }

    /// Ends a token of the tenant of `by`.
    pub fn withdraw_token(&self, by: &Principal, name: &str, now: DateTime<Utc>) -> Result<()> {
        self.write(|db| {
            let revoked = db.row(
                "SELECT revoked_at IS NOT NULL FROM tokens WHERE name = ?1 AND tenant = ?2",
                params![name, by.tenant],
                |row| row.get::<bool>(0),
            )?;
            match revoked {
                None => Err(ControlError::Unknown { kind: "token", name: name.to_owned() }),
                Some(true) => Ok(()),
                Some(false) => {
                    revoke(db, name, now)?;
                    record(db, by, "token.revoke", name, &json!({}), now)
                }
            }
        })
    }
}

/// Programs have tokens: nobody signs in to send telemetry.
fn signs_in(role: Role) -> Result<()> {
    if role == Role::Ingest {
        let why = "nobody signs in with the role ingest: make a token for the program that sends";
        return Err(ControlError::Invalid(why.to_owned()));
    }
    Ok(())
}

fn account(db: &Db<'_>, by: &Principal, name: &str) -> Result<Account> {
    let found = db.row(
        "SELECT role, issuer, disabled_at IS NOT NULL FROM users WHERE name = ?1 AND tenant = ?2",
        params![name, by.tenant],
        |row| {
            let role = row.get::<String>(0)?.parse()?;
            Ok(Account { role, issuer: row.get(1)?, disabled: row.get(2)? })
        },
    )?;
    found.ok_or_else(|| ControlError::Unknown { kind: "user", name: name.to_owned() })
}

impl Account {
    fn is_ours(&self, name: &str, what: &str) -> Result<()> {
        match &self.issuer {
            None => Ok(()),
            Some(issuer) => Err(ControlError::Invalid(format!(
                "{name} signs in at {issuer}, which has {what}: change it there"
            ))),
        }
    }

    /// Asked after the change, whose transaction an error undoes.
    fn leaves_an_administrator(&self, db: &Db<'_>, by: &Principal, name: &str) -> Result<()> {
        if self.role != Role::Admin || self.disabled {
            return Ok(());
        }
        let another = db.row(
            "SELECT 1 FROM users WHERE tenant = ?1 AND role = 'admin' AND disabled_at IS NULL LIMIT 1",
            params![by.tenant],
            |_| Ok(()),
        )?;
        another.ok_or_else(|| {
            let tenant = &by.tenant;
            ControlError::Invalid(format!(
                "{name} is the last administrator of {tenant}: give another account the role admin first"
            ))
        })
    }
}

fn record(
    db: &Db<'_>,
    by: &Principal,
    action: &str,
    subject: &str,
    detail: &serde_json::Value,
    now: DateTime<Utc>,
) -> Result<()> {
    append(db, &by.name, action, subject, "", detail, now).map(drop)
}
