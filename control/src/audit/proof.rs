//! What shows, without the trail, that a row is in it, or that a tree begins with an older one.

use serde::{Deserialize, Serialize};

use super::entry::{read_hash, write_hash};
use super::{AuditEntry, Checkpoint, PublicKey, checkpoint, entries, tree};
use crate::merkle::{self, Hash};
use crate::{Control, ControlError, Result};

/// A proof as JSON, with the signed checkpoints that it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum AuditProof {
    /// A row is one of those that a checkpoint covers.
    Inclusion {
        /// The row.
        row: AuditEntry,
        /// The signed checkpoint.
        checkpoint: String,
        /// The hashes beside the way from the row's leaf to the root, from below.
        proof: Vec<Hex>,
    },
    /// The rows that a checkpoint covers begin with those of an older one.
    Consistency {
        /// The older signed checkpoint.
        old: String,
        /// The signed checkpoint.
        checkpoint: String,
        /// The hashes of RFC 6962, 2.1.2.
        proof: Vec<Hex>,
    },
}

/// A hash, as hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hex(#[serde(serialize_with = "write_hash", deserialize_with = "read_hash")] Hash);

impl Control {
    /// Shows that row `seq` is covered by the newest checkpoint.
    ///
    /// # Errors
    /// There is no such row, or no checkpoint that covers it.
    pub fn audit_inclusion(&self, seq: i64) -> Result<AuditProof> {
        self.with(|db| {
            let row = entries(db, seq.saturating_sub(1), 1)?.into_iter().next().filter(|row| row.seq == seq);
            let row = row.ok_or_else(|| ControlError::Unknown { kind: "audit row", name: seq.to_string() })?;
            let newest = checkpoint::newest(db)?.filter(|newest| newest.size >= seq);
            let newest = newest.ok_or_else(|| {
                ControlError::Invalid(format!(
                    "no checkpoint covers row {seq} yet: a node makes one each hour, `headroom audit checkpoint` makes one now"
                ))
            })?;
            let subtree = |height, number| tree::subtree(db, height, number);
            let proof = merkle::inclusion_proof(seq as u64 - 1, newest.size as u64, subtree)?;
            Ok(AuditProof::Inclusion { row, checkpoint: newest.note, proof: proof.into_iter().map(Hex).collect() })
        })
    }

    /// Shows that the newest checkpoint begins with the one over `size` rows.
    ///
    /// # Errors
    /// There is no such checkpoint.
    pub fn audit_consistency(&self, size: i64) -> Result<AuditProof> {
        self.with(|db| {
            let unknown = || ControlError::Unknown { kind: "checkpoint over rows", name: size.to_string() };
            let old = checkpoint::of_size(db, size)?.ok_or_else(unknown)?;
            let newest = checkpoint::newest(db)?.ok_or_else(unknown)?;
            let subtree = |height, number| tree::subtree(db, height, number);
            let proof = merkle::consistency_proof(size as u64, newest.size as u64, subtree)?;
            let proof = proof.into_iter().map(Hex).collect();
            Ok(AuditProof::Consistency { old: old.note, checkpoint: newest.note, proof })
        })
    }
}

impl AuditProof {
    /// Whether it shows what it says to whoever trusts `key`; in words.
    ///
    /// # Errors
    /// What does not fit.
    pub fn verify(&self, key: &PublicKey) -> Result<String> {
        let read = |note: &str| Checkpoint::read(key.open(note)?);
        let bare = |proof: &[Hex]| proof.iter().map(|hash| hash.0).collect::<Vec<_>>();
        match self {
            Self::Inclusion { row, checkpoint, proof } => {
                let head = read(checkpoint)?;
                let broken = |what: &str| ControlError::AuditBroken { seq: row.seq, what: what.to_owned() };
                if row.hash != row.expected_hash() {
                    return Err(broken("its content does not give its hash"));
                }
                let index =
                    u64::try_from(row.seq - 1).map_err(|_| broken("there is no row of this number"))?;
                if merkle::root_of_inclusion(index, head.size, row.leaf(), &bare(proof)) != Some(head.root) {
                    return Err(broken("the proof does not lead from it to the root that was signed"));
                }
                Ok(format!("row {} is in {head}, signed by {}", row.seq, key.name()))
            }
            Self::Consistency { old, checkpoint, proof } => {
                let (old, new) = (read(old)?, read(checkpoint)?);
                if !merkle::is_consistent(old.size, new.size, &old.root, &new.root, &bare(proof)) {
                    let what = format!("the proof does not show that {new} begins with {old}");
                    return Err(ControlError::AuditBroken { seq: 1, what });
                }
                Ok(format!("{new} begins with {old}; both are signed by {}", key.name()))
            }
        }
    }
}
