//! One body: the ledger against the store.

use super::BodyCount;
use crate::ledger::{Entry, Outcome};

/// Records that must be stored of a body.
pub(super) fn promised(entry: &Entry) -> u64 {
    match entry.outcome {
        Outcome::Acknowledged => u64::from(entry.records - entry.rejected.min(entry.records)),
        Outcome::Refused | Outcome::Unknown => 0,
    }
}

/// Records that must be stored and are not.
pub(super) fn missing(entry: &Entry, stored: Option<&BodyCount>) -> u64 {
    promised(entry).saturating_sub(stored.map_or(0, |one| one.distinct))
}

/// Rows beyond the first of each record.
pub(super) fn duplicates(stored: &BodyCount) -> u64 {
    stored.rows.saturating_sub(stored.distinct)
}
