//! What error-budget policies began and ended; [`Control::route`] writes it, with what is told of it.

use chrono::{DateTime, Utc};
use rusqlite::params;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::{Db, Row, Values, micros, time, time_opt};
use crate::{Control, Result};

/// A step of a policy, from its beginning to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BudgetStep {
    /// Names this time of it.
    pub id: String,
    /// Whose it is.
    pub tenant: String,
    /// The objective whose budget it is about.
    pub slo: String,
    /// The objective's service.
    pub service: String,
    /// The policy's name.
    pub policy: String,
    /// The step's name in it.
    pub step: String,
    /// Whether releases of the service are frozen while it holds.
    pub freezes: bool,
    /// What was said when it began.
    pub began: String,
    /// When it began.
    pub begun_at: DateTime<Utc>,
    /// What was said when it ended.
    pub ended: Option<String>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "id, tenant, slo, service, policy, step, freezes, began, begun_at, ended, ended_at";

impl Control {
    /// The steps of an objective's budget, the newest first.
    pub fn budget_steps(&self, tenant: &str, slo: &str, limit: usize) -> Result<Vec<BudgetStep>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.with(|db| {
            select(
                db,
                "tenant = ?1 AND slo = ?2 ORDER BY begun_at DESC, id LIMIT ?3",
                params![tenant, slo, limit],
            )
        })
    }

    /// The steps that freeze releases of a service now, the oldest first.
    pub fn freezes(&self, tenant: &str, service: &str) -> Result<Vec<BudgetStep>> {
        self.with(|db| {
            select(
                db,
                "tenant = ?1 AND service = ?2 AND ended_at IS NULL AND freezes = 1 ORDER BY begun_at, id",
                params![tenant, service],
            )
        })
    }
}

pub(crate) fn upsert(db: &Db<'_>, step: &BudgetStep) -> Result<()> {
    db.execute(
        "INSERT INTO budget_steps (id, tenant, slo, service, policy, step, freezes, began, begun_at, ended, ended_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT (id) DO UPDATE SET ended = ?10, ended_at = ?11",
        params![
            step.id,
            step.tenant,
            step.slo,
            step.service,
            step.policy,
            step.step,
            step.freezes,
            step.began,
            micros(step.begun_at),
            step.ended,
            step.ended_at.map(micros),
        ],
    )?;
    Ok(())
}

fn select(db: &Db<'_>, which: &str, values: Values<'_>) -> Result<Vec<BudgetStep>> {
    db.rows(&format!("SELECT {COLUMNS} FROM budget_steps WHERE {which}"), values, read)
}

fn read(row: &Row) -> Result<BudgetStep> {
    Ok(BudgetStep {
        id: row.get(0)?,
        tenant: row.get(1)?,
        slo: row.get(2)?,
        service: row.get(3)?,
        policy: row.get(4)?,
        step: row.get(5)?,
        freezes: row.get(6)?,
        began: row.get(7)?,
        begun_at: time("budget_steps.begun_at", row.get(8)?)?,
        ended: row.get(9)?,
        ended_at: time_opt("budget_steps.ended_at", row.get(10)?)?,
    })
}
