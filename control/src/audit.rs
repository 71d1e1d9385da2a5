//! The audit trail: deeds in a hash chain, and a Merkle tree over them with signed heads.
//!
//! Every row carries sha256(previous hash || its own fields), so a change, a removal or an insertion shows at the row
//! where it happened. Who may write into the database could make the whole chain anew behind a change, or cut its end
//! off. So now and then the root of a Merkle tree over the rows is signed with a key that is not in the database
//! ([`Control::audit_checkpoint`]): whoever kept such a checkpoint can tell. A checkpoint reads only the rows since the
//! one before, and never signs a tree that does not begin with the tree before.
//!
//! - `entry`: a row as it is stored, exported and hashed; its bytes are the leaf of the tree.
//! - `verifier`: rows in, one by one, from wherever they come; the first that does not fit comes out.
//! - `tree`: the stored subtrees. `checkpoint`: making them and signed heads. `proof`: what shows that a row is in it.
//! - `files`: the key and a copy of the checkpoints, which are not in the database.
//! - `note`: keys, signatures, the text of a checkpoint. `pages`: filters for who reads.

mod checkpoint;
mod entry;
mod files;
mod note;
mod pages;
mod proof;
mod tree;
mod verifier;

pub use checkpoint::{AuditStatus, SignedCheckpoint};
pub use entry::{AuditEntry, AuditRow};
pub use files::CheckpointFile;
use note::split_notes;
pub use note::{Checkpoint, NoteKey, PublicKey};
pub use pages::{AuditCount, AuditFilter};
pub use proof::AuditProof;
pub use verifier::{AuditHead, Verifier};

use chrono::{DateTime, Utc};
use rusqlite::params;

use crate::db::{Db, micros};
use crate::{Control, Result};

/// Rows that are in memory at once while the trail is recomputed.
const AT_ONCE: usize = 5_000;

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

    /// The rows after number `seen`, oldest first, as many as are in memory at once; none after the last.
    pub fn audit_entries(&self, seen: i64) -> Result<Vec<AuditEntry>> {
        self.with(|db| entries(db, seen, AT_ONCE))
    }

    /// Recomputes the whole trail, and compares it with the checkpoints and subtrees in the database.
    ///
    /// # Errors
    /// [`ControlError::AuditBroken`](crate::ControlError::AuditBroken) with the first row that does not fit.
    pub fn audit_verify(&self) -> Result<AuditHead> {
        self.audit_verify_against(&[], || {})
    }

    /// The same, with checkpoints that were kept elsewhere too. `pause` is called between pages.
    pub fn audit_verify_against(&self, kept: &[Checkpoint], mut pause: impl FnMut()) -> Result<AuditHead> {
        let mut checkpoints = self.with(checkpoint::heads)?;
        checkpoints.extend_from_slice(kept);
        let mut verifier = Verifier::new(checkpoints);
        loop {
            if self.with(|db| next_page(db, &mut verifier))? == 0 {
                return verifier.finish();
            }
            pause();
        }
    }
}

/// Recomputes the whole trail inside of a transaction.
pub(crate) fn verify(db: &Db<'_>) -> Result<AuditHead> {
    let mut verifier = Verifier::new(checkpoint::heads(db)?);
    while next_page(db, &mut verifier)? > 0 {}
    verifier.finish()
}

/// Takes a page of rows in, and compares them with what is stored of the tree; how many there were.
fn next_page(db: &Db<'_>, verifier: &mut Verifier) -> Result<usize> {
    let taken = take_page(db, verifier)?;
    tree::compare(db, &verifier.completed())?;
    Ok(taken)
}

/// Takes a page of rows in; how many there were.
fn take_page(db: &Db<'_>, verifier: &mut Verifier) -> Result<usize> {
    // Before the first row, an inserted one may have any number.
    let seen = if verifier.seen() == 0 { i64::MIN } else { verifier.seen() };
    let page = entries(db, seen, AT_ONCE)?;
    page.iter().try_for_each(|entry| verifier.take(entry))?;
    Ok(page.len())
}

fn entries(db: &Db<'_>, seen: i64, limit: usize) -> Result<Vec<AuditEntry>> {
    let sql = format!("SELECT {} FROM audit WHERE seq > ?1 ORDER BY seq LIMIT {limit}", entry::COLUMNS);
    db.rows(&sql, params![seen], AuditEntry::read)
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
    let [actor, action, subject, reason] = [actor, action, subject, reason].map(str::to_owned);
    let detail = detail.to_string();
    let mut row =
        AuditEntry { seq, at: micros(now), actor, action, subject, reason, detail, prev, hash: [0; 32] };
    row.hash = row.expected_hash();
    db.execute(
        &format!("INSERT INTO audit ({}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)", entry::COLUMNS),
        params![
            row.seq,
            row.at,
            row.actor,
            row.action,
            row.subject,
            row.reason,
            row.detail,
            row.prev,
            row.hash
        ],
    )?;
    row.shown()
}
