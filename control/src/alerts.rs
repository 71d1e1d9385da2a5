//! The state of every alert; [`Control::route`] writes it, with what must be sent.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use rusqlite::params;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::{Db, Row, micros, time, time_opt};
use crate::{Control, ControlError, Result};

/// Whether an alert is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AlertState {
    /// The condition holds.
    Firing,
    /// It held once and does no more.
    Resolved,
}

impl AlertState {
    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Resolved => "resolved",
        }
    }
}

impl fmt::Display for AlertState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for AlertState {
    type Err = ControlError;

    fn from_str(text: &str) -> Result<Self, ControlError> {
        match text {
            "firing" => Ok(Self::Firing),
            "resolved" => Ok(Self::Resolved),
            _ => Err(ControlError::Invalid(format!("unknown alert state {text:?}; use firing or resolved"))),
        }
    }
}

/// One alert, from its start to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Alert {
    /// Chosen by the alert engine, the same through the alert's life.
    pub id: String,
    /// Whose alert it is.
    pub tenant: String,
    /// The objective that burns.
    pub slo: String,
    /// The service it is about; empty when it is about none.
    pub service: String,
    /// Such as `page` or `ticket`.
    pub severity: String,
    /// On or over.
    pub state: AlertState,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub resolved_at: Option<DateTime<Utc>>,
    /// One sentence for a person.
    pub summary: String,
    /// Figures behind the sentence, as JSON.
    pub detail: serde_json::Value,
    /// Who has taken it. Written by an acknowledgement only.
    pub acknowledged_by: Option<String>,
    /// When they took it.
    pub acknowledged_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "id, tenant, slo, service, severity, state, started_at, resolved_at, summary, detail, \
                       acknowledged_by, acknowledged_at";

impl Control {
    /// Alerts that fire now, oldest first.
    pub fn open_alerts(&self, tenant: &str) -> Result<Vec<Alert>> {
        self.with(|db| {
            db.rows(
                &format!("SELECT {COLUMNS} FROM alerts WHERE tenant = ?1 AND state = 'firing' ORDER BY started_at, id"),
                params![tenant],
                read,
            )
        })
    }

    /// How many fire now, and when any alert last changed: two of them are equal while nothing happens.
    pub fn alerts_mark(&self, tenant: &str) -> Result<(u64, Option<DateTime<Utc>>)> {
        self.with(|db| {
            let mark = db.row(
                // Each of the two is read from the end of an index: pages ask once in a second, and alerts are kept.
                "SELECT (SELECT COUNT(*) FROM alerts WHERE tenant = ?1 AND state = 'firing'),
                        (SELECT MAX(updated_at) FROM alerts WHERE tenant = ?1)",
                params![tenant],
                |row| {
                    let (firing, changed): (i64, Option<i64>) = (row.get(0)?, row.get(1)?);
                    let changed = changed.map(|at| time("alerts.updated_at", at)).transpose()?;
                    Ok((firing.unsigned_abs(), changed))
                },
            )?;
            Ok(mark.unwrap_or_default())
        })
    }

    /// The newest alerts first, of one state or of both.
    pub fn list_alerts(&self, tenant: &str, state: Option<AlertState>, limit: usize) -> Result<Vec<Alert>> {
        self.with(|db| {
            db.rows(
                &format!(
                    "SELECT {COLUMNS} FROM alerts WHERE tenant = ?1 AND (CAST(?2 AS TEXT) IS NULL OR state = ?2)
                     ORDER BY started_at DESC, id LIMIT ?3"
                ),
                params![tenant, state.map(AlertState::as_str), i64::try_from(limit).unwrap_or(i64::MAX)],
                read,
            )
        })
    }

    /// The newest alerts first, of those that began in a time; open where nothing is said.
    pub fn alerts_between(
        &self,
        tenant: &str,
        from: Option<DateTime<Utc>>,
        until: Option<DateTime<Utc>>,
        limit: usize,
    ) -> Result<Vec<Alert>> {
        let (from, until) = (from.map_or(i64::MIN, micros), until.map_or(i64::MAX, micros));
        self.with(|db| {
            db.rows(
                &format!(
                    "SELECT {COLUMNS} FROM alerts WHERE tenant = ?1 AND started_at >= ?2 AND started_at < ?3
                     ORDER BY started_at DESC, id LIMIT ?4"
                ),
                params![tenant, from, until, i64::try_from(limit).unwrap_or(i64::MAX)],
                read,
            )
        })
    }

    /// One alert of a tenant.
    pub fn alert(&self, tenant: &str, id: &str) -> Result<Option<Alert>> {
        self.with(|db| {
            db.row(
                &format!("SELECT {COLUMNS} FROM alerts WHERE tenant = ?1 AND id = ?2"),
                params![tenant, id],
                read,
            )
        })
    }
}

/// Notes who has taken an alert; the first to take it stays.
pub(crate) fn acknowledge(db: &Db<'_>, tenant: &str, id: &str, by: &str, now: DateTime<Utc>) -> Result<()> {
    db.execute(
        "UPDATE alerts SET acknowledged_by = ?3, acknowledged_at = ?4
         WHERE tenant = ?1 AND id = ?2 AND acknowledged_by IS NULL",
        params![tenant, id, by, micros(now)],
    )?;
    Ok(())
}

pub(crate) fn upsert(db: &Db<'_>, alert: &Alert, now: DateTime<Utc>) -> Result<()> {
    let owner: Option<String> =
        db.row("SELECT tenant FROM alerts WHERE id = ?1", params![alert.id], |row| row.get(0))?;
    if owner.is_some_and(|owner| owner != alert.tenant) {
        return Err(ControlError::Exists { kind: "alert", name: alert.id.clone() });
    }
    // Acknowledgement is not the engine's to write: a later transition keeps it.
    db.execute(
        "INSERT INTO alerts (id, tenant, slo, service, severity, state, started_at, resolved_at, summary, detail, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT (id) DO UPDATE SET slo = ?3, service = ?4, severity = ?5, state = ?6, started_at = ?7,
             resolved_at = ?8, summary = ?9, detail = ?10, updated_at = ?11",
        params![
            alert.id,
            alert.tenant,
            alert.slo,
            alert.service,
            alert.severity,
            alert.state.as_str(),
            micros(alert.started_at),
            alert.resolved_at.map(micros),
            alert.summary,
            alert.detail.to_string(),
            micros(now),
        ],
    )?;
    Ok(())
}

fn read(row: &Row) -> Result<Alert> {
    let detail: String = row.get(9)?;
    Ok(Alert {
        id: row.get(0)?,
        tenant: row.get(1)?,
        slo: row.get(2)?,
        service: row.get(3)?,
        severity: row.get(4)?,
        state: row.get::<String>(5)?.parse()?,
        started_at: time("alerts.started_at", row.get(6)?)?,
        resolved_at: time_opt("alerts.resolved_at", row.get(7)?)?,
        summary: row.get(8)?,
        detail: serde_json::from_str(&detail)
            .map_err(|_| ControlError::Corrupt { column: "alerts.detail", value: detail })?,
        acknowledged_by: row.get(10)?,
        acknowledged_at: time_opt("alerts.acknowledged_at", row.get(11)?)?,
    })
}
