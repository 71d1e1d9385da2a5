//! The stored subtrees: of all heights that are multiples of eight, so one hash for 256 rows, and one for 256 of those.
//! What lies between is computed from at most 128 of them; what lies below, from the rows themselves.

use rusqlite::params;

use super::entries;
use super::verifier::Subtree;
use crate::db::Db;
use crate::merkle::{Hash, node_hash};
use crate::{ControlError, Result};

const STEP: u32 = 8;

/// Whether subtrees of a height are stored.
pub(super) fn is_stored(height: u32) -> bool {
    height > 0 && height.is_multiple_of(STEP)
}

/// The hash of a subtree that checkpoints cover.
pub(super) fn subtree(db: &Db<'_>, height: u32, number: u64) -> Result<Hash> {
    let base = height / STEP * STEP;
    let (from, count) = (number << (height - base), 1_usize << (height - base));
    let mut hashes: Vec<Hash> = if base == 0 {
        let rows = entries(db, from as i64, count)?;
        rows.iter().map(super::AuditEntry::leaf).collect()
    } else {
        db.rows(
            "SELECT hash FROM audit_tree WHERE height = ?1 AND number >= ?2 AND number < ?3 ORDER BY number",
            params![base, from as i64, from as i64 + count as i64],
            |row| row.get(0),
        )?
    };
    if hashes.len() < count {
        let seq = ((from + hashes.len() as u64) << base) as i64 + 1;
        let what = "rows that were signed are missing from here on, or their stored hashes are".to_owned();
        return Err(ControlError::AuditBroken { seq, what });
    }
    while hashes.len() > 1 {
        hashes = hashes.chunks(2).map(|pair| node_hash(&pair[0], &pair[1])).collect();
    }
    Ok(hashes[0])
}

/// Stores subtrees.
pub(super) fn store(db: &Db<'_>, subtrees: &[Subtree]) -> Result<()> {
    for (height, number, hash) in subtrees {
        db.execute(
            "INSERT INTO audit_tree (height, number, hash) VALUES (?1, ?2, ?3)",
            params![height, *number as i64, hash],
        )?;
    }
    Ok(())
}

/// Compares subtrees made of the rows with those stored, where they are stored yet.
///
/// # Errors
/// [`ControlError::AuditBroken`] with the first row of one that differs.
pub(super) fn compare(db: &Db<'_>, computed: &[Subtree]) -> Result<()> {
    for (height, number, hash) in computed {
        let sql = "SELECT hash FROM audit_tree WHERE height = ?1 AND number = ?2";
        let stored = db.row(sql, params![height, *number as i64], |row| row.get::<Hash>(0))?;
        if stored.is_some_and(|stored| stored != *hash) {
            let (first, last) = ((number << height) + 1, (number + 1) << height);
            let what = format!(
                "one of the rows {first} to {last} was replaced, or the stored hash over them: they do not fit"
            );
            return Err(ControlError::AuditBroken { seq: first as i64, what });
        }
    }
    Ok(())
}
