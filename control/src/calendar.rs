//! The calendar's part: what people posted, and what feeds said last.
//!
//! An entry is JSON as the calendar reads it; here it is only kept, with who posted it and when. The same entry is
//! kept once, so that a request that is sent again does not count twice.

use chrono::{DateTime, Utc};
use rusqlite::params;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::{Row, micros, time};
use crate::secret::random;
use crate::{Control, ControlError, Result};

/// Most entries of a tenant.
pub const MOST_ENTRIES: usize = 10_000;

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum EntryKind {
    /// Something that lifts demand.
    Event,
    /// A day's session, over the built-in one.
    Override,
}

impl EntryKind {
    /// The lower-case name, which is also the key of a list of such entries.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Override => "override",
        }
    }
}

/// An entry that somebody posted.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CalendarEntry {
    /// Names it for ever.
    pub id: String,
    /// Event or override.
    pub kind: EntryKind,
    /// The entry as it was posted.
    #[schema(value_type = Object)]
    pub entry: serde_json::Value,
    /// Who posted it.
    pub created_by: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// What a feed said last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedText {
    /// The address it is from: of another one, it does not count.
    pub address: String,
    /// Its `Content-Type`.
    pub media_type: Option<String>,
    /// Its `ETag`.
    pub etag: Option<String>,
    /// Its `Last-Modified`, as it was sent.
    pub last_modified: Option<String>,
    /// The text.
    pub text: String,
    /// When the feed last said so, or that nothing had changed.
    pub confirmed_at: DateTime<Utc>,
}

const COLUMNS: &str = "id, kind, entry, created_by, created_at";

impl Control {
    /// Keeps entries, all of them or none, and returns them as they are kept; one that is there already stays as it is.
    ///
    /// # Errors
    /// More than [`MOST_ENTRIES`] are refused.
    pub fn add_calendar_entries(
        &self,
        tenant: &str,
        entries: &[(EntryKind, serde_json::Value)],
        by: &str,
        now: DateTime<Utc>,
    ) -> Result<Vec<CalendarEntry>> {
        self.write(|db| {
            let mut kept = Vec::new();
            for (kind, entry) in entries {
                let (kind, entry) = (kind.as_str(), entry.to_string());
                let same = format!(
                    "SELECT {COLUMNS} FROM calendar_entries WHERE tenant = ?1 AND kind = ?2 AND entry = ?3"
                );
                let known = db.row(&same, params![tenant, kind, entry], read)?;
                if known.is_none() {
                    db.execute(
                        "INSERT INTO calendar_entries (id, tenant, kind, entry, created_by, created_at)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                        params![hex::encode(random::<8>()), tenant, kind, entry, by, micros(now)],
                    )?;
                }
                kept.extend(known.map_or_else(|| db.row(&same, params![tenant, kind, entry], read), |it| Ok(Some(it)))?);
            }
            let count = db.row("SELECT count(*) FROM calendar_entries WHERE tenant = ?1", params![tenant], |row| {
                row.get::<i64>(0)
            })?;
            let count = count.unwrap_or_default();
            if count > MOST_ENTRIES as i64 {
                return Err(ControlError::Invalid(format!(
                    "a calendar takes {MOST_ENTRIES} posted entries, and these would be {count}: delete past ones, or \
                     put them into a file or a feed"
                )));
            }
            Ok(kept)
        })
    }

    /// What was posted, oldest first.
    pub fn calendar_entries(&self, tenant: &str) -> Result<Vec<CalendarEntry>> {
        self.with(|db| {
            db.rows(
                &format!(
                    "SELECT {COLUMNS} FROM calendar_entries WHERE tenant = ?1 ORDER BY created_at, rowid"
                ),
                params![tenant],
                read,
            )
        })
    }

    /// Removes an entry and returns what it was; none if there is no such entry.
    pub fn remove_calendar_entry(&self, tenant: &str, id: &str) -> Result<Option<CalendarEntry>> {
        self.write(|db| {
            db.row(
                &format!("DELETE FROM calendar_entries WHERE tenant = ?1 AND id = ?2 RETURNING {COLUMNS}"),
                params![tenant, id],
                read,
            )
        })
    }

    /// Keeps what a feed said, in place of what it said before.
    pub fn keep_feed(&self, tenant: &str, name: &str, said: &FeedText) -> Result<()> {
        self.with(|db| {
            db.execute(
                "INSERT INTO calendar_feeds
                 (tenant, name, address, media_type, etag, last_modified, text, confirmed_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (tenant, name) DO UPDATE SET address = ?3, media_type = ?4, etag = ?5,
                     last_modified = ?6, text = ?7, confirmed_at = ?8",
                params![
                    tenant,
                    name,
                    said.address,
                    said.media_type,
                    said.etag,
                    said.last_modified,
                    said.text,
                    micros(said.confirmed_at)
                ],
            )?;
            Ok(())
        })
    }

    /// Notes that a feed said once more what is kept of it.
    pub fn confirm_feed(&self, tenant: &str, name: &str, now: DateTime<Utc>) -> Result<()> {
        self.with(|db| {
            db.execute(
                "UPDATE calendar_feeds SET confirmed_at = ?3 WHERE tenant = ?1 AND name = ?2",
                params![tenant, name, micros(now)],
            )?;
            Ok(())
        })
    }

    /// What a feed said last.
    pub fn feed(&self, tenant: &str, name: &str) -> Result<Option<FeedText>> {
        self.with(|db| {
            db.row(
                "SELECT address, media_type, etag, last_modified, text, confirmed_at
                 FROM calendar_feeds WHERE tenant = ?1 AND name = ?2",
                params![tenant, name],
                |row| {
                    Ok(FeedText {
                        address: row.get(0)?,
                        media_type: row.get(1)?,
                        etag: row.get(2)?,
                        last_modified: row.get(3)?,
                        text: row.get(4)?,
                        confirmed_at: time("calendar_feeds.confirmed_at", row.get(5)?)?,
                    })
                },
            )
        })
    }
}

fn read(row: &Row) -> Result<CalendarEntry> {
    let (kind, entry): (String, String) = (row.get(1)?, row.get(2)?);
    Ok(CalendarEntry {
        id: row.get(0)?,
        kind: match kind.as_str() {
            "event" => EntryKind::Event,
            "override" => EntryKind::Override,
            _ => return Err(ControlError::Corrupt { column: "calendar_entries.kind", value: kind }),
        },
        entry: serde_json::from_str(&entry)
            .map_err(|_| ControlError::Corrupt { column: "calendar_entries.entry", value: entry })?,
        created_by: row.get(3)?,
        created_at: time("calendar_entries.created_at", row.get(4)?)?,
    })
}
