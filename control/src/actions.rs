//! What is remembered of actions, and everything that changes with it.
//!
//! The state is JSON that the alert engine reads and writes. One write transaction holds a decision, its audit rows and
//! the messages it asks for: two who decide at once do so one after the other, and the second sees that it was done.

use chrono::{DateTime, Utc};
use rusqlite::params;

use crate::audit::append;
use crate::db::{Db, micros};
use crate::outbox::{NewMessage, insert};
use crate::{Control, Result};

/// A deed to put on record.
#[derive(Debug, Clone, PartialEq)]
pub struct Deed {
    /// Who does it.
    pub actor: String,
    /// What is done, such as `action.done`.
    pub action: String,
    /// To what.
    pub subject: String,
    /// Why.
    pub reason: String,
    /// Anything more, as JSON.
    pub detail: serde_json::Value,
}

/// What a decision about an action changes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Acting {
    /// The new state, if it is another.
    pub state: Option<String>,
    /// What goes on record.
    pub deeds: Vec<Deed>,
    /// What is to be sent. A message whose `dedup_key` is known already is not queued again.
    pub messages: Vec<NewMessage>,
}

impl Control {
    /// Decides about an action by the state that the decision before left, in one write transaction; what `decide`
    /// returns is stored whole, or not at all. Returns how many messages were queued.
    pub fn act(
        &self,
        tenant: &str,
        name: &str,
        now: DateTime<Utc>,
        decide: impl FnOnce(Option<String>) -> Result<Acting>,
    ) -> Result<usize> {
        self.write(|db| {
            let Acting { state, deeds, messages } = decide(state_of(db, tenant, name)?)?;
            if let Some(state) = state {
                db.execute(
                    "INSERT INTO actions (tenant, name, state, updated_at) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (tenant, name) DO UPDATE SET state = ?3, updated_at = ?4",
                    params![tenant, name, state, micros(now)],
                )?;
            }
            for deed in &deeds {
                append(db, &deed.actor, &deed.action, &deed.subject, &deed.reason, &deed.detail, now)?;
            }
            messages.iter().map(|message| insert(db, message, now)).sum()
        })
    }

    /// What is remembered of an action.
    pub fn action(&self, tenant: &str, name: &str) -> Result<Option<String>> {
        self.with(|db| state_of(db, tenant, name))
    }
}

fn state_of(db: &Db<'_>, tenant: &str, name: &str) -> Result<Option<String>> {
    let sql = "SELECT state FROM actions WHERE tenant = ?1 AND name = ?2";
    db.row(sql, params![tenant, name], |row| row.get(0))
}
