//! The audit chain: every row carries sha256(previous hash || its own fields),
//! so a change, a removal or an insertion shows at the row where it happened.
//! Cutting the *end* off cannot show from inside: note [`AuditHead`] elsewhere
//! now and then and compare.

use chrono::{DateTime, Utc};
use rusqlite::params;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use crate::db::{Db, Row, micros, time};
use crate::{Control, ControlError, Result};

/// One deed on record.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AuditRow {
    /// Place in the chain, from 1 without gaps.
    pub seq: i64,
    /// When it was done.
    pub at: DateTime<Utc>,
    /// Who did it.
    pub actor: String,
    /// What was done, such as `lookup.reveal`.
    pub action: String,
    /// To whom or what.
    pub subject: String,
    /// Why, in the actor's words.
    pub reason: String,
    /// Anything more, as JSON.
    pub detail: serde_json::Value,
    /// Hash of the row before, hex; zeros for the first.
    pub prev: String,
    /// Hash of this row, hex.
    pub hash: String,
}

/// The end of a chain that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditHead {
    /// Rows in the chain.
    pub rows: i64,
    /// Hash of the last one, hex; zeros when there is none.
    pub hash: String,
}

/// A row as it lies in the file.
struct Stored {
    seq: i64,
    at: i64,
    texts: [String; 5],
    prev: [u8; 32],
    hash: [u8; 32],
}

/// Rows that are in memory at once while the chain is recomputed.
const VERIFIED_AT_ONCE: usize = 10_000;

const COLUMNS: &str = "seq, at, actor, action, subject, reason, detail, prev, hash";

impl Control {
    /// Puts a deed on record; when this returns, it is durable.
    pub fn audit(
        &self,
        actor: &str,
        action: &str,
        subject: &str,
        reason: &str,
        detail: &serde_json::Value,
        now: DateTime<Utc>,
    ) -> Result<AuditRow> {
        self.write(|db| append(db, actor, action, subject, reason, detail, now))
    }

    /// The newest rows first.
    pub fn audit_rows(&self, limit: usize) -> Result<Vec<AuditRow>> {
        self.with(|db| {
            db.rows(
                &format!("SELECT {COLUMNS} FROM audit ORDER BY seq DESC LIMIT ?1"),
                params![i64::try_from(limit).unwrap_or(i64::MAX)],
                |row| Stored::read(row)?.shown(),
            )
        })
    }

    /// Recomputes the whole chain.
    ///
    /// # Errors
    /// [`ControlError::AuditBroken`] with the first row that does not fit.
    pub fn audit_verify(&self) -> Result<AuditHead> {
        chain(|seen| self.with(|db| page(db, seen)))
    }
}

/// Recomputes the whole chain inside of a transaction.
pub(crate) fn verify(db: &Db<'_>) -> Result<AuditHead> {
    chain(|seen| page(db, seen))
}

/// The rows after number `seen`, as many as are in memory at once.
fn page(db: &Db<'_>, seen: i64) -> Result<Vec<Stored>> {
    let sql = format!("SELECT {COLUMNS} FROM audit WHERE seq > ?1 ORDER BY seq LIMIT {VERIFIED_AT_ONCE}");
    db.rows(&sql, params![seen], Stored::read)
}

fn chain(mut page: impl FnMut(i64) -> Result<Vec<Stored>>) -> Result<AuditHead> {
    let (mut rows, mut head, mut seen) = (0, [0; 32], i64::MIN);
    loop {
        let page = page(seen)?;
        let Some(last) = page.last() else { return Ok(AuditHead { rows, hash: hex::encode(head) }) };
        seen = last.seq;
        for row in page {
            let broken = |what| Err(ControlError::AuditBroken { seq: row.seq, what });
            if row.seq != rows + 1 {
                return broken("rows before it are missing");
            }
            if row.prev != head {
                return broken("it does not follow the row before it");
            }
            if row.hash != row.expected_hash() {
                return broken("its content was changed");
            }
            (rows, head) = (row.seq, row.hash);
        }
    }
}

/// Puts a deed on record inside the caller's transaction.
pub(crate) fn append(
    db: &Db<'_>,
    actor: &str,
    action: &str,
    subject: &str,
    reason: &str,
    detail: &serde_json::Value,
    now: DateTime<Utc>,
) -> Result<AuditRow> {
    let last = db.row("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", &[], |row| {
        Ok((row.get::<i64>(0)?, row.get(1)?))
    })?;
    let (seq, prev) = last.map_or((1, [0; 32]), |(seq, hash)| (seq + 1, hash));
    let texts = [actor, action, subject, reason, &detail.to_string()].map(str::to_owned);
    let mut row = Stored { seq, at: micros(now), texts, prev, hash: [0; 32] };
    row.hash = row.expected_hash();
    let [actor, action, subject, reason, detail] = &row.texts;
    db.execute(
        &format!("INSERT INTO audit ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"),
        params![row.seq, row.at, actor, action, subject, reason, detail, row.prev, row.hash],
    )?;
    row.shown()
}

impl Stored {
    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            at: row.get(1)?,
            texts: [row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?],
            prev: row.get(7)?,
            hash: row.get(8)?,
        })
    }

    /// sha256(prev || seq || at || each text with its length before it).
    /// The lengths keep ("ab", "c") and ("a", "bc") apart.
    fn expected_hash(&self) -> [u8; 32] {
        let mut sha = Sha256::new();
        sha.update(self.prev);
        sha.update(self.seq.to_be_bytes());
        sha.update(self.at.to_be_bytes());
        for text in &self.texts {
            sha.update((text.len() as u64).to_be_bytes());
            sha.update(text);
        }
        sha.finalize().into()
    }

    fn shown(self) -> Result<AuditRow> {
        let [actor, action, subject, reason, detail] = self.texts;
        Ok(AuditRow {
            seq: self.seq,
            at: time("audit.at", self.at)?,
            actor,
            action,
            subject,
            reason,
            detail: serde_json::from_str(&detail)
                .map_err(|_| ControlError::Corrupt { column: "audit.detail", value: detail })?,
            prev: hex::encode(self.prev),
            hash: hex::encode(self.hash),
        })
    }
}
