//! Whether the trail holds: the chain, the tree, and the signatures of the month's checkpoints.

use chrono::{DateTime, Utc};
use headroom_control::{AuditHead, Control, ControlError, PublicKey, SignedCheckpoint};
use serde::Serialize;
use utoipa::ToSchema;

use crate::month::Period;

/// Whether the trail holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Integrity {
    /// The end of the whole trail, recomputed for this report; null when it does not hold.
    pub head: Option<AuditHead>,
    /// The first row that does not fit, and why; null when all do.
    pub broken: Option<String>,
    /// Checkpoints that were signed in the month.
    pub checkpoints: Vec<CheckpointBody>,
    /// The key that they were verified with.
    pub key: Option<String>,
    /// The month's first row.
    pub first: Option<RowBody>,
    /// The month's last row.
    pub last: Option<RowBody>,
}

/// A signed head of the trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CheckpointBody {
    /// Rows that it covers.
    pub size: i64,
    /// When it was signed.
    pub at: DateTime<Utc>,
    /// Whether the signature is that of the key; null when there is no key to verify it with.
    pub verified: Option<bool>,
    /// Why it is not verified.
    pub why: Option<String>,
}

/// A row of the trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RowBody {
    /// Its number.
    pub seq: i64,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// Its hash, hex.
    pub hash: String,
}

impl Integrity {
    pub(super) fn read(
        control: &Control,
        key: &Result<PublicKey, String>,
        period: &Period,
        (first, last): (Option<RowBody>, Option<RowBody>),
    ) -> headroom_control::Result<Self> {
        let (head, broken) = match control.audit_verify() {
            Ok(head) => (Some(head), None),
            Err(error @ ControlError::AuditBroken { .. }) => (None, Some(error.to_string())),
            Err(other) => return Err(other),
        };
        let signed = control.audit_checkpoints(0)?;
        let within = |signed: &SignedCheckpoint| period.from <= signed.at && signed.at < period.until;
        Ok(Self {
            head,
            broken,
            checkpoints: signed
                .iter()
                .filter(|signed| within(signed))
                .map(|signed| checked(signed, key))
                .collect(),
            key: key.as_ref().ok().map(ToString::to_string),
            first,
            last,
        })
    }

    /// Checkpoints of the month that the key has signed.
    pub fn verified(&self) -> usize {
        self.checkpoints.iter().filter(|checkpoint| checkpoint.verified == Some(true)).count()
    }
}

fn checked(signed: &SignedCheckpoint, key: &Result<PublicKey, String>) -> CheckpointBody {
    let (verified, why) = match key {
        Err(why) => (None, Some(why.clone())),
        Ok(key) => match key.open(&signed.note) {
            Ok(_) => (Some(true), None),
            Err(error) => (Some(false), Some(error.to_string())),
        },
    };
    CheckpointBody { size: signed.size, at: signed.at, verified, why }
}
