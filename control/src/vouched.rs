//! Accounts of people whom an OpenID provider vouches for.
//!
//! Such an account is made at the first sign-in, and follows what the provider says at each later one. It is found by
//! what the provider calls the person, which never changes, and not by a name, which may be given to somebody else: a
//! name that is taken, by a local account too, is refused and never handed over. Its password is a random one that
//! nobody knows, so no other door opens to it.

use chrono::{DateTime, Utc};
use rusqlite::params;

use crate::audit::append;
use crate::db::{Db, micros};
use crate::password::{self, Scram};
use crate::users::check_name;
use crate::{Control, ControlError, Principal, Result, Role, secret};

/// Somebody as a provider knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// How the provider calls itself.
    pub issuer: String,
    /// How it calls them, for ever.
    pub subject: String,
    /// The name of a new account.
    pub name: String,
    /// What they may do now.
    pub role: Role,
    /// Whose data they see now.
    pub tenant: String,
}

impl Control {
    /// The account of somebody, made or brought up to date; `None` if it is disabled.
    ///
    /// # Errors
    /// [`ControlError::Exists`]: another account has the name. [`ControlError::Invalid`]: the name cannot be one.
    pub fn vouched_user(&self, who: &Vouched, now: DateTime<Utc>) -> Result<Option<Principal>> {
        check_name("tenant", &who.tenant)?;
        // Made before the transaction: it takes tens of milliseconds by design.
        let made = if self.with(|db| find(db, who))?.is_some() {
            None
        } else {
            check_name("user", &who.name)?;
            let secret = secret::random_text();
            Some((password::hash(&secret)?, Scram::derive(&secret)))
        };
        self.write(|db| match (find(db, who)?, &made) {
            (Some(account), _) => account.follow(db, who, now),
            (None, Some((hash, scram))) => create(db, who, hash, scram, now).map(Some),
            (None, None) => Err(ControlError::Unknown { kind: "user", name: who.name.clone() }),
        })
    }
}

/// An account that is there.
struct Account {
    name: String,
    role: String,
    tenant: String,
    disabled: bool,
}

fn find(db: &Db<'_>, who: &Vouched) -> Result<Option<Account>> {
    db.row(
        "SELECT name, role, tenant, disabled_at IS NOT NULL FROM users WHERE issuer = ?1 AND subject = ?2",
        params![who.issuer, who.subject],
        |row| {
            Ok(Account { name: row.get(0)?, role: row.get(1)?, tenant: row.get(2)?, disabled: row.get(3)? })
        },
    )
}

impl Account {
    /// The account with the role and tenant of today.
    fn follow(self, db: &Db<'_>, who: &Vouched, now: DateTime<Utc>) -> Result<Option<Principal>> {
        if self.disabled {
            return Ok(None);
        }
        if (self.role.as_str(), &self.tenant) != (who.role.as_str(), &who.tenant) {
            db.execute(
                "UPDATE users SET role = ?2, tenant = ?3 WHERE name = ?1",
                params![self.name, who.role.as_str(), who.tenant],
            )?;
            let detail = serde_json::json!({"role": who.role, "tenant": who.tenant, "before": {"role": self.role, "tenant": self.tenant}});
            append(db, "sign-in", "user.change", &self.name, "the provider says so", &detail, now)?;
        }
        Ok(Some(Principal { name: self.name, role: who.role, tenant: who.tenant.clone() }))
    }
}

fn create(db: &Db<'_>, who: &Vouched, hash: &str, scram: &Scram, now: DateTime<Utc>) -> Result<Principal> {
    let Vouched { issuer, subject, name, role, tenant } = who;
    let added = db.execute(
        "INSERT INTO users (name, role, tenant, password_hash, scram_salt, scram_iterations, scram_salted, created_at, issuer, subject)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (name) DO NOTHING",
        params![name, role.as_str(), tenant, hash, scram.salt, scram.iterations, scram.salted_password, micros(now), issuer, subject],
    )?;
    if added == 0 {
        return Err(ControlError::Exists { kind: "user", name: name.clone() });
    }
    let detail = serde_json::json!({"role": role, "tenant": tenant, "issuer": issuer, "subject": subject});
    append(db, "sign-in", "user.create", name, "the provider vouches for them", &detail, now)?;
    Ok(Principal { name: name.clone(), role: *role, tenant: tenant.clone() })
}
