//! The trail for those who read it: filtered, in pages, counted.

use chrono::{DateTime, Utc};
use rusqlite::params;
use serde::Serialize;
use utoipa::ToSchema;

use super::entry::COLUMNS;
use super::{AuditEntry, AuditRow};
use crate::db::micros;
use crate::{Control, Result};

/// Which rows. What is absent filters nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Of whom.
    pub actor: Option<String>,
    /// Of which deed; what ends with a full stop stands for all deeds that begin so, as `silence.`.
    pub action: Option<String>,
    /// To whom or what.
    pub subject: Option<String>,
    /// From this time on.
    pub from: Option<DateTime<Utc>>,
    /// Before this time.
    pub until: Option<DateTime<Utc>>,
    /// Before this row: the last one of the page before.
    pub before: Option<i64>,
}

/// How often somebody did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditCount {
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// How often.
    pub rows: i64,
}

impl Control {
    /// The newest rows that fit, the newest first.
    pub fn audit_rows(&self, filter: &AuditFilter, limit: usize) -> Result<Vec<AuditRow>> {
        let AuditFilter { actor, action, subject, from, until, before } = filter;
        // A group's names are those from its full stop on and before the character after it, which is a slash.
        let group = action.as_deref().and_then(|action| action.strip_suffix('.'));
        let group_end = group.map(|group| format!("{group}/")).unwrap_or_default();
        let sql = format!(
            "SELECT {COLUMNS} FROM audit
             WHERE seq < ?1 AND at >= ?2 AND at < ?3{}{}{} ORDER BY seq DESC LIMIT ?8",
            if actor.is_some() { " AND actor = ?4" } else { "" },
            match (action, group) {
                (None, _) => "",
                (_, None) => " AND action = ?5",
                (_, Some(_)) => " AND action >= ?5 AND action < ?6",
            },
            if subject.is_some() { " AND subject = ?7" } else { "" },
        );
        let (actor, action) = (actor.as_deref().unwrap_or_default(), action.as_deref().unwrap_or_default());
        let (from, until) = (from.map_or(i64::MIN, micros), until.map_or(i64::MAX, micros));
        let (before, limit) = (before.unwrap_or(i64::MAX), i64::try_from(limit).unwrap_or(i64::MAX));
        let subject = subject.as_deref().unwrap_or_default();
        self.with(|db| {
            db.rows(&sql, params![before, from, until, actor, action, group_end, subject, limit], |row| {
                AuditEntry::read(row)?.shown()
            })
        })
    }

    /// The number of the newest row; 0 while there is none.
    pub fn audit_newest(&self) -> Result<i64> {
        let newest =
            self.with(|db| db.row("SELECT MAX(seq) FROM audit", &[], |row| row.get::<Option<i64>>(0)))?;
        Ok(newest.flatten().unwrap_or_default())
    }

    /// What was done after row `seen`, oldest first and at most `most` of it: the row's number, and the deed.
    pub fn deeds_after(&self, seen: i64, most: usize) -> Result<Vec<(i64, String)>> {
        let sql = format!("SELECT seq, action FROM audit WHERE seq > ?1 ORDER BY seq LIMIT {most}");
        self.with(|db| db.rows(&sql, params![seen], |row| Ok((row.get(0)?, row.get(1)?))))
    }

    /// Who did what how often from `from` on and before `until`.
    pub fn audit_counts(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Vec<AuditCount>> {
        self.with(|db| {
            db.rows(
                "SELECT actor, action, count(*) FROM audit WHERE at >= ?1 AND at < ?2
                 GROUP BY actor, action ORDER BY actor, action",
                params![micros(from), micros(until)],
                |row| Ok(AuditCount { actor: row.get(0)?, action: row.get(1)?, rows: row.get(2)? }),
            )
        })
    }
}
