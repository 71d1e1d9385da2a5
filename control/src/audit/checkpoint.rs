//! Signed heads of the trail, and how the trail stands.

use chrono::{DateTime, Utc};
use rusqlite::params;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Checkpoint, NoteKey, Verifier, entries, take_page, tree};
use crate::db::{Db, Row, micros, time};
use crate::merkle::{Frontier, consistency_proof, is_consistent};
use crate::{Control, ControlError, Result};

/// A checkpoint as it was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SignedCheckpoint {
    /// Rows that it covers.
    pub size: i64,
    /// When it was signed.
    pub at: DateTime<Utc>,
    /// The signed note.
    pub note: String,
}

/// How the trail stands, without recomputing all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditStatus {
    /// Rows that were looked at: all up to the last checkpoint and those after it, of which at most 5000.
    pub seen: i64,
    /// What does not fit: found now, or by the last round over the whole trail.
    pub broken: Option<String>,
    /// The newest checkpoint.
    pub checkpoint: Option<SignedCheckpoint>,
    /// When the whole trail was last recomputed.
    pub recomputed_at: Option<DateTime<Utc>>,
}

impl SignedCheckpoint {
    fn read(row: &Row) -> Result<Self> {
        Ok(Self { size: row.get(0)?, at: time("audit_checkpoints.at", row.get(1)?)?, note: row.get(2)? })
    }

    /// What it says. The signature is not looked at: that is for [`PublicKey::open`](super::PublicKey::open).
    pub fn head(&self) -> Result<Checkpoint> {
        Checkpoint::read(self.note.split_once("\n\n").map_or("", |(text, _)| text))
    }
}

impl Control {
    /// Recomputes the rows since the last checkpoint and signs the new head; nothing if there is no new row. Reads no
    /// older rows but those of the last, incomplete 256.
    ///
    /// # Errors
    /// [`ControlError::AuditBroken`], and nothing is signed: the rows do not fit, or the tree of the checkpoint before
    /// is not there any more. [`ControlError::Invalid`]: the checkpoint before is signed by another key.
    pub fn audit_checkpoint(&self, key: &NoteKey, now: DateTime<Utc>) -> Result<Option<SignedCheckpoint>> {
        let last = self.with(newest)?;
        if let Some(last) = &last {
            key.public().open(&last.note).map_err(|error| {
                ControlError::Invalid(format!(
                    "the audit trail cannot be signed here: {error}; give this node the key of the nodes before it: copy their audit.key into its data_dir, or name it by audit.key"
                ))
            })?;
        }
        let mut verifier = self.with(|db| since(db, last.as_ref()))?;
        let before = verifier.tree().clone();
        let mut subtrees = Vec::new();
        while self.with(|db| take_page(db, &mut verifier))? > 0 {
            subtrees.extend(verifier.completed());
        }
        let after = verifier.tree();
        if after.size() == before.size() {
            return Ok(None);
        }
        self.write(|db| {
            if newest(db)? != last {
                // Another node was faster.
                return Ok(None);
            }
            tree::store(db, &subtrees)?;
            let proof = consistency_proof(before.size(), after.size(), |height, number| {
                tree::subtree(db, height, number)
            })?;
            if !is_consistent(before.size(), after.size(), &before.root(), &after.root(), &proof) {
                let what = "the tree does not begin with the one that was signed before".to_owned();
                return Err(ControlError::AuditBroken { seq: before.size() as i64, what });
            }
            let head = Checkpoint {
                origin: key.public().name().to_owned(),
                size: after.size(),
                root: after.root(),
                at: Some(now),
            };
            let signed = SignedCheckpoint { size: head.size as i64, at: now, note: key.sign(&head.text()) };
            db.execute(
                "INSERT INTO audit_checkpoints (size, at, note) VALUES (?1, ?2, ?3)",
                params![signed.size, micros(signed.at), signed.note],
            )?;
            Ok(Some(signed))
        })
    }

    /// The checkpoints over more than `size` rows, the smallest first.
    pub fn audit_checkpoints(&self, size: i64) -> Result<Vec<SignedCheckpoint>> {
        self.with(|db| {
            let sql = "SELECT size, at, note FROM audit_checkpoints WHERE size > ?1 ORDER BY size";
            db.rows(sql, params![size], SignedCheckpoint::read)
        })
    }

    /// How the trail stands: the tree of the last checkpoint, the rows after it, and what the last whole round found.
    pub fn audit_status(&self) -> Result<AuditStatus> {
        self.with(|db| {
            let round = db.row("SELECT at, broken FROM audit_rounds", &[], |row| {
                Ok((time("audit_rounds.at", row.get(0)?)?, row.get::<Option<String>>(1)?))
            })?;
            let (recomputed_at, broken) = round.unzip();
            let checkpoint = newest(db)?;
            let (seen, found) = match recent(db, checkpoint.as_ref()) {
                Ok(seen) => (seen, None),
                Err(error @ ControlError::AuditBroken { .. }) => {
                    (checkpoint.as_ref().map_or(0, |newest| newest.size), Some(error.to_string()))
                }
                Err(other) => return Err(other),
            };
            Ok(AuditStatus { seen, broken: broken.flatten().or(found), checkpoint, recomputed_at })
        })
    }

    /// Recomputes the whole trail, as [`Self::audit_verify_against`], and keeps for [`Self::audit_status`] how it went.
    pub fn audit_round(
        &self,
        kept: &[Checkpoint],
        pause: impl FnMut(),
        now: DateTime<Utc>,
    ) -> Result<AuditStatus> {
        let (rows, broken) = match self.audit_verify_against(kept, pause) {
            Ok(head) => (head.rows, None),
            Err(error @ ControlError::AuditBroken { seq, .. }) => (seq, Some(error.to_string())),
            Err(other) => return Err(other),
        };
        self.write(|db| {
            db.execute(
                "INSERT INTO audit_rounds (id, at, rows, broken) VALUES (1, ?1, ?2, ?3)
                 ON CONFLICT (id) DO UPDATE SET at = ?1, rows = ?2, broken = ?3",
                params![micros(now), rows, broken],
            )
        })?;
        self.audit_status()
    }
}

/// Every checkpoint, without its signature.
pub(super) fn heads(db: &Db<'_>) -> Result<Vec<Checkpoint>> {
    let sql = "SELECT size, at, note FROM audit_checkpoints ORDER BY size";
    db.rows(sql, &[], |row| SignedCheckpoint::read(row)?.head())
}

pub(super) fn newest(db: &Db<'_>) -> Result<Option<SignedCheckpoint>> {
    let sql = "SELECT size, at, note FROM audit_checkpoints ORDER BY size DESC LIMIT 1";
    db.row(sql, &[], SignedCheckpoint::read)
}

pub(super) fn of_size(db: &Db<'_>, size: i64) -> Result<Option<SignedCheckpoint>> {
    let sql = "SELECT size, at, note FROM audit_checkpoints WHERE size = ?1";
    db.row(sql, params![size], SignedCheckpoint::read)
}

/// What takes the rows after a checkpoint.
fn since(db: &Db<'_>, last: Option<&SignedCheckpoint>) -> Result<Verifier> {
    let Some(last) = last else { return Ok(Verifier::new(Vec::new())) };
    let head = last.head()?;
    let broken = |what: String| ControlError::AuditBroken { seq: last.size, what };
    let tree = Frontier::load(head.size, |height, number| tree::subtree(db, height, number))?;
    if tree.root() != head.root {
        return Err(broken(format!(
            "the tree up to it is not the one that was signed: {head} has another root; `headroom audit verify` says where"
        )));
    }
    let row = entries(db, last.size - 1, 1)?.into_iter().next().filter(|row| row.seq == last.size);
    let row = row.ok_or_else(|| broken(format!("it was removed: {head} covers it")))?;
    if row.hash != row.expected_hash() {
        return Err(broken("it was changed: its content does not give its hash".to_owned()));
    }
    Ok(Verifier::from(tree, row.hash, Vec::new()))
}

/// Takes in the rows after the last checkpoint, a page at most; up to which number.
fn recent(db: &Db<'_>, last: Option<&SignedCheckpoint>) -> Result<i64> {
    let mut verifier = since(db, last)?;
    take_page(db, &mut verifier)?;
    Ok(verifier.seen())
}
