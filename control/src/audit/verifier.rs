//! The trail recomputed, row by row, wherever the rows come from.

use std::collections::VecDeque;

use serde::Serialize;
use utoipa::ToSchema;

use super::{AuditEntry, Checkpoint};
use crate::merkle::{Frontier, Hash};
use crate::{ControlError, Result};

/// The end of a trail that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditHead {
    /// Rows in the chain.
    pub rows: i64,
    /// Hash of the last one, hex; zeros when there is none.
    pub hash: String,
    /// Root of the Merkle tree over the rows, hex.
    pub root: String,
    /// Checkpoints that the tree agrees with.
    pub checkpoints: usize,
    /// Rows that the newest of them covers.
    pub signed: i64,
}

/// A subtree: its height, its number among those of that height, its hash.
pub(super) type Subtree = (u32, u64, Hash);

/// Takes rows in order and finds the first that does not fit. Its memory does not grow with the rows.
#[derive(Debug)]
pub struct Verifier {
    head: Hash,
    tree: Frontier,
    completed: Vec<Subtree>,
    /// Checkpoints that the rows have not come to, the smallest first.
    due: VecDeque<Checkpoint>,
    agreed: usize,
    /// Rows up to the last checkpoint that agreed.
    signed: u64,
}

impl Verifier {
    /// A trail from its first row on, which must agree with `checkpoints`.
    pub fn new(checkpoints: Vec<Checkpoint>) -> Self {
        Self::from(Frontier::default(), [0; 32], checkpoints)
    }

    /// A trail after the rows of `tree`, the last of which has the hash `head`.
    pub(super) fn from(tree: Frontier, head: Hash, mut checkpoints: Vec<Checkpoint>) -> Self {
        checkpoints.sort_by_key(|checkpoint| (checkpoint.size, checkpoint.root, checkpoint.at));
        checkpoints.dedup();
        let signed = tree.size();
        Self { head, tree, completed: Vec::new(), due: checkpoints.into(), agreed: 0, signed }
    }

    /// The number of the last row taken.
    pub fn seen(&self) -> i64 {
        self.tree.size() as i64
    }

    /// The tree over the rows so far.
    pub(super) fn tree(&self) -> &Frontier {
        &self.tree
    }

    /// The subtrees that were completed since this was last asked, those that are stored.
    pub(super) fn completed(&mut self) -> Vec<Subtree> {
        std::mem::take(&mut self.completed)
    }

    /// Takes the next row.
    ///
    /// # Errors
    /// [`ControlError::AuditBroken`]: it, or one before it, is not what it was.
    pub fn take(&mut self, row: &AuditEntry) -> Result<()> {
        self.compare()?;
        let next = self.seen() + 1;
        if row.seq > next {
            let last = row.seq - 1;
            return Err(self.broken(next, &format!("{} removed", rows(next, last))));
        }
        if row.seq < next {
            return Err(broken(row.seq, "it was inserted: there is a row of this number, or none before it"));
        }
        let whole = row.hash == row.expected_hash();
        if row.prev != self.head && whole && row.seq > 1 {
            let what = format!("it was replaced: row {next} does not follow it");
            return Err(self.broken(next - 1, &what));
        }
        if row.prev != self.head {
            return Err(self.broken(next, "it does not follow the row before it"));
        }
        if !whole {
            return Err(self.broken(next, "it was changed: its content does not give its hash"));
        }
        self.head = row.hash;
        let completed = &mut self.completed;
        self.tree.push(row.leaf(), |height, number, hash| {
            if super::tree::is_stored(height) {
                completed.push((height, number, hash));
            }
        });
        Ok(())
    }

    /// The end, after the last row.
    ///
    /// # Errors
    /// [`ControlError::AuditBroken`]: the end was cut off, or is not what was signed.
    pub fn finish(mut self) -> Result<AuditHead> {
        self.compare()?;
        if let Some(beyond) = self.due.back() {
            let (first, last) = (self.seen() + 1, beyond.size as i64);
            return Err(broken(first, format!("{} cut off: {beyond} covers them", rows(first, last))));
        }
        Ok(AuditHead {
            rows: self.seen(),
            hash: hex::encode(self.head),
            root: hex::encode(self.tree.root()),
            checkpoints: self.agreed,
            signed: self.signed as i64,
        })
    }

    /// Compares with the checkpoints of just as many rows.
    fn compare(&mut self) -> Result<()> {
        while let Some(checkpoint) = self.due.pop_front_if(|due| due.size <= self.tree.size()) {
            if checkpoint.root != self.tree.root() {
                let (first, last) = (self.signed as i64 + 1, self.seen());
                let what = format!(
                    "{} replaced, and the chain made anew behind: {checkpoint} has another root",
                    if first == last {
                        "it was".to_owned()
                    } else {
                        format!("one of the rows {first} to {last} was")
                    }
                );
                return Err(broken(first, what));
            }
            self.signed = checkpoint.size;
            self.agreed += 1;
        }
        Ok(())
    }

    /// What is wrong with a row, and when it was still right: a checkpoint is signed only over rows that hold.
    fn broken(&self, seq: i64, what: &str) -> ControlError {
        let covered = self.due.iter().find(|due| due.size as i64 >= seq);
        broken(seq, covered.map_or_else(|| what.to_owned(), |due| format!("{what}; it still held at {due}")))
    }
}

fn broken(seq: i64, what: impl Into<String>) -> ControlError {
    ControlError::AuditBroken { seq, what: what.into() }
}

fn rows(first: i64, last: i64) -> String {
    if first == last { "it was".to_owned() } else { format!("the rows {first} to {last} were") }
}
