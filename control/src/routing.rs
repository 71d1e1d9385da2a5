//! What the routing of alerts remembers, and everything that changes with it.
//!
//! The state is JSON that the alert engine reads and writes. One write transaction holds the decision and all that
//! follows from it (alerts, acknowledgement, messages), so that a crash leaves all of it or nothing, and an engine and
//! a person who act at once do so one after the other.

use chrono::{DateTime, Utc};
use rusqlite::params;

use crate::alerts::{Alert, acknowledge, upsert};
use crate::budgets::{self, BudgetStep};
use crate::db::{Db, micros};
use crate::outbox::{NewMessage, insert};
use crate::silences::{StoredSilence, standing};
use crate::{Control, Result};

/// What a decision is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Remembered {
    /// What the decision before left, if there was one.
    pub state: Option<String>,
    /// Silences that stand.
    pub silences: Vec<StoredSilence>,
}

/// What a decision changes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decision {
    /// Alerts in their new state.
    pub alerts: Vec<Alert>,
    /// Steps of error-budget policies that begin or end.
    pub steps: Vec<BudgetStep>,
    /// An alert that somebody takes, and who.
    pub acknowledged: Option<(String, String)>,
    /// The new state, if it is another.
    pub state: Option<String>,
    /// What is to be told. A message whose `dedup_key` is known already is not queued again.
    pub messages: Vec<NewMessage>,
}

impl Control {
    /// Decides in one write transaction; what `decide` returns is stored whole, or not at all. Returns how many messages
    /// were queued.
    pub fn route(
        &self,
        tenant: &str,
        now: DateTime<Utc>,
        decide: impl FnOnce(Remembered) -> Result<Decision>,
    ) -> Result<usize> {
        self.write(|db| {
            let decision =
                decide(Remembered { state: state(db, tenant)?, silences: standing(db, tenant, now)? })?;
            for alert in &decision.alerts {
                upsert(db, alert, now)?;
            }
            for step in &decision.steps {
                budgets::upsert(db, step)?;
            }
            if let Some((id, by)) = &decision.acknowledged {
                acknowledge(db, tenant, id, by, now)?;
            }
            if let Some(state) = &decision.state {
                db.execute(
                    "INSERT INTO routing (tenant, state, updated_at) VALUES (?1, ?2, ?3)
                     ON CONFLICT (tenant) DO UPDATE SET state = ?2, updated_at = ?3",
                    params![tenant, state, micros(now)],
                )?;
            }
            decision.messages.iter().map(|message| insert(db, message, now)).sum()
        })
    }

    /// What the routing of a tenant remembers.
    pub fn routing(&self, tenant: &str) -> Result<Option<String>> {
        self.with(|db| state(db, tenant))
    }
}

fn state(db: &Db<'_>, tenant: &str) -> Result<Option<String>> {
    db.row("SELECT state FROM routing WHERE tenant = ?1", params![tenant], |row| row.get(0))
}
