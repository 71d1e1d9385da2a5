//! A row of the trail: as it is stored, as an auditor gets it, and as people read it.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use crate::db::{Row, micros, time};
use crate::merkle::{self, Hash};
use crate::{ControlError, Result};

/// The columns of an [`AuditEntry`], in its order.
pub(super) const COLUMNS: &str = "seq, at, actor, action, subject, reason, detail, prev, hash";

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

/// A row with all that its hash is made of; as JSON, a line of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditEntry {
    /// Place in the chain, from 1 without gaps.
    pub seq: i64,
    /// When it was done, microseconds since the epoch; written as RFC 3339.
    #[serde(serialize_with = "write_time", deserialize_with = "read_time")]
    pub at: i64,
    /// Who did it.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To whom or what.
    pub subject: String,
    /// Why.
    pub reason: String,
    /// Anything more: the JSON text to the byte.
    pub detail: String,
    /// Hash of the row before; zeros for the first.
    #[serde(serialize_with = "write_hash", deserialize_with = "read_hash")]
    pub prev: Hash,
    /// Hash of this row.
    #[serde(serialize_with = "write_hash", deserialize_with = "read_hash")]
    pub hash: Hash,
}

impl AuditEntry {
    pub(super) fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            at: row.get(1)?,
            actor: row.get(2)?,
            action: row.get(3)?,
            subject: row.get(4)?,
            reason: row.get(5)?,
            detail: row.get(6)?,
            prev: row.get(7)?,
            hash: row.get(8)?,
        })
    }

    /// prev || seq || at || each text with its length before it; numbers have eight bytes, the first the most
    /// significant. The lengths keep ("ab", "c") and ("a", "bc") apart.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.prev.to_vec();
        bytes.extend(self.seq.to_be_bytes());
        bytes.extend(self.at.to_be_bytes());
        for text in [&self.actor, &self.action, &self.subject, &self.reason, &self.detail] {
            bytes.extend((text.len() as u64).to_be_bytes());
            bytes.extend(text.as_bytes());
        }
        bytes
    }

    /// What `hash` must be: sha256 of the bytes.
    pub fn expected_hash(&self) -> Hash {
        Sha256::digest(self.bytes()).into()
    }

    /// The row's leaf in the Merkle tree.
    pub fn leaf(&self) -> Hash {
        merkle::leaf_hash(&self.bytes())
    }

    /// As people read it.
    pub(super) fn shown(self) -> Result<AuditRow> {
        Ok(AuditRow {
            seq: self.seq,
            at: time("audit.at", self.at)?,
            actor: self.actor,
            action: self.action,
            subject: self.subject,
            reason: self.reason,
            detail: serde_json::from_str(&self.detail)
                .map_err(|_| ControlError::Corrupt { column: "audit.detail", value: self.detail })?,
            prev: hex::encode(self.prev),
            hash: hex::encode(self.hash),
        })
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn write_time<S: Serializer>(at: &i64, to: S) -> Result<S::Ok, S::Error> {
    let at = time("audit.at", *at).map_err(serde::ser::Error::custom)?;
    to.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Micros, true))
}

fn read_time<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    Ok(micros(DateTime::<Utc>::deserialize(from)?))
}

pub(super) fn write_hash<S: Serializer>(hash: &Hash, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&hex::encode(hash))
}

pub(super) fn read_hash<'de, D: Deserializer<'de>>(from: D) -> Result<Hash, D::Error> {
    hash_of(&String::deserialize(from)?).map_err(D::Error::custom)
}

/// The hash that a text says.
pub(super) fn hash_of(text: &str) -> Result<Hash, String> {
    let bytes = hex::decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| format!("{text:?} is not a hash of 64 hexadecimal digits"))
}
