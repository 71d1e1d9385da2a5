//! Silences that people made. What one says is JSON that the alert engine reads; here it is kept, with who made it, who
//! ended it, and until when it may hold.

use chrono::{DateTime, Utc};
use rusqlite::params;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::{Db, Row, micros, time};
use crate::secret::random;
use crate::{Control, ControlError, Result};

/// Most silences of a tenant that stand at once.
pub const MOST_SILENCES: usize = 1_000;

/// A silence.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct StoredSilence {
    /// Names it for ever.
    pub id: String,
    /// Which alerts, and when.
    #[schema(value_type = Object)]
    pub silence: serde_json::Value,
    /// Why.
    pub comment: String,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

const COLUMNS: &str = "id, silence, comment, created_by, created_at";

impl Control {
    /// Keeps a silence that ends at `until`, or at no time of its own.
    ///
    /// # Errors
    /// There are too many.
    pub fn add_silence(
        &self,
        tenant: &str,
        silence: &serde_json::Value,
        comment: &str,
        until: Option<DateTime<Utc>>,
        by: &str,
        now: DateTime<Utc>,
    ) -> Result<StoredSilence> {
        self.write(|db| {
            if standing(db, tenant, now)?.len() >= MOST_SILENCES {
                return Err(ControlError::Invalid(format!(
                    "there are {MOST_SILENCES} silences already; end some of them"
                )));
            }
            let id = hex::encode(random::<8>());
            db.execute(
                "INSERT INTO silences (id, tenant, silence, comment, until, created_by, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![id, tenant, silence.to_string(), comment, until.map(micros), by, micros(now)],
            )?;
            let (silence, comment, created_by) = (silence.clone(), comment.to_owned(), by.to_owned());
            Ok(StoredSilence { id, silence, comment, created_by, created_at: now })
        })
    }

    /// Silences that were not ended and may still hold, oldest first.
    pub fn silences(&self, tenant: &str, now: DateTime<Utc>) -> Result<Vec<StoredSilence>> {
        self.with(|db| standing(db, tenant, now))
    }

    /// Ends a silence; it is kept for people to see. False if none of this id stands.
    pub fn end_silence(&self, tenant: &str, id: &str, by: &str, now: DateTime<Utc>) -> Result<bool> {
        self.with(|db| {
            let ended = db.execute(
                "UPDATE silences SET ended_by = ?3, ended_at = ?4 WHERE tenant = ?1 AND id = ?2 AND ended_at IS NULL",
                params![tenant, id, by, micros(now)],
            )?;
            Ok(ended == 1)
        })
    }
}

pub(crate) fn standing(db: &Db<'_>, tenant: &str, now: DateTime<Utc>) -> Result<Vec<StoredSilence>> {
    db.rows(
        &format!(
            "SELECT {COLUMNS} FROM silences
             WHERE tenant = ?1 AND ended_at IS NULL AND (until IS NULL OR until > ?2) ORDER BY created_at, id"
        ),
        params![tenant, micros(now)],
        read,
    )
}

fn read(row: &Row) -> Result<StoredSilence> {
    let silence: String = row.get(1)?;
    Ok(StoredSilence {
        id: row.get(0)?,
        silence: serde_json::from_str(&silence)
            .map_err(|_| ControlError::Corrupt { column: "silences.silence", value: silence })?,
        comment: row.get(2)?,
        created_by: row.get(3)?,
        created_at: time("silences.created_at", row.get(4)?)?,
    })
}
