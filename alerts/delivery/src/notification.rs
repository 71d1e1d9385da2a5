//! Everything that is known about a group of alerts at one moment.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
pub use headroom_slo::Severity;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use url::Url;

/// Labels or annotations by name.
pub type Labels = BTreeMap<String, String>;

/// What a receiver is told about one group of alerts. It is kept as JSON until it has arrived.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notification {
    /// Names the group, the same from its first message to its last: receivers deduplicate by it.
    pub group_key: String,
    /// Name of the configured receiver.
    pub receiver: String,
    /// Why it is told now.
    pub reason: Reason,
    /// When it was decided to tell.
    pub at: DateTime<Utc>,
    /// The worst of the alerts.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub title: String,
    /// The service that is hit, or where the alert comes from.
    pub service: String,
    /// The labels that all alerts are grouped by.
    pub group_labels: Labels,
    /// The alerts, at least one.
    pub alerts: Vec<Alert>,
    /// Alerts of the group that are not in `alerts`.
    #[serde(default)]
    pub truncated: u64,
    /// Whether the receiver has never been told that the alerts fire: they fired and resolved before this first message.
    #[serde(default)]
    pub untold: bool,
    /// Who took it.
    #[serde(default)]
    pub acknowledged_by: Option<String>,
    /// Who is hit.
    #[serde(default)]
    pub impact: Impact,
    /// Which criteria of a major incident by EU law (DORA) are met, in words; none while none is.
    #[serde(default)]
    pub dora: Option<String>,
    /// What changed shortly before: deploys, configuration, market events, upstream services.
    #[serde(default)]
    pub changes: Vec<Change>,
    /// What sets failing requests apart from the others, strongest first, in words.
    #[serde(default)]
    pub differences: Vec<String>,
    /// Traces of hit requests.
    #[serde(default)]
    pub traces: Vec<Link>,
    /// What to do about it.
    #[serde(default)]
    pub runbook: Option<Url>,
    /// A picture of it.
    #[serde(default)]
    pub chart: Option<Url>,
    /// Its page in Headroom.
    #[serde(default)]
    pub page: Option<Url>,
}

/// One alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Whether it holds.
    pub status: Status,
    /// What it is about; its identity.
    pub labels: Labels,
    /// What is said about it, `summary` before all.
    pub annotations: Labels,
    /// When it began.
    pub starts_at: DateTime<Utc>,
    /// When it ended, if it has.
    pub ends_at: Option<DateTime<Utc>>,
    /// Where it comes from.
    pub generator_url: Option<Url>,
    /// Names it, the same from first message to last.
    pub fingerprint: String,
}

/// Whether an alert holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It holds.
    Firing,
    /// It is over.
    Resolved,
}

impl Status {
    /// `firing` or `resolved`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Resolved => "resolved",
        }
    }
}

/// Why a group is told about now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Nothing of it was told before.
    First,
    /// More alerts joined.
    NewAlerts,
    /// Some alerts ended, others hold.
    SomeResolved,
    /// All alerts ended.
    AllResolved,
    /// It still holds.
    Repeat,
    /// It got worse.
    Raised,
    /// Nobody answered: the next are told.
    Escalated,
    /// Somebody took it.
    Acknowledged,
}

/// Who is hit, as far as it is known; counted from business events.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Impact {
    /// Customers who met a failure.
    pub customers: Option<Count>,
    /// Transactions that failed.
    pub transactions: Option<Count>,
    /// Value of the failed transactions.
    pub money: Option<Money>,
}

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// How many were hit.
    pub hit: u64,
    /// How many there are, if known.
    pub of: Option<u64>,
}

/// An amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// How much.
    pub amount: Decimal,
    /// Of what: an ISO 4217 code.
    pub currency: String,
}

/// Something that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What sort: `deploy`, `config`, `market`, `upstream`.
    pub kind: String,
    /// What changed, in words.
    pub what: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// An address with its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What is there.
    pub text: String,
    /// Where it is.
    pub url: Url,
}

impl Notification {
    /// Firing while any alert fires.
    pub fn status(&self) -> Status {
        if self.alerts.iter().any(|alert| alert.status == Status::Firing) {
            Status::Firing
        } else {
            Status::Resolved
        }
    }

    /// When the first of the alerts began; without alerts, when it was told.
    pub fn starts_at(&self) -> DateTime<Utc> {
        self.alerts.iter().map(|alert| alert.starts_at).min().unwrap_or(self.at)
    }

    /// When the last of the alerts ended, if all have.
    pub fn ends_at(&self) -> Option<DateTime<Utc>> {
        match self.status() {
            Status::Firing => None,
            Status::Resolved => self.alerts.iter().filter_map(|alert| alert.ends_at).max(),
        }
    }
}

/// The name that Prometheus and Alertmanager give to a set of labels: FNV-1a, 64 bit, over the names and values in order of
/// name, each ended by 0xff; 16 hexadecimal digits.
pub fn fingerprint(labels: &Labels) -> String {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let add = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(PRIME);
    let hash = labels
        .iter()
        .flat_map(|(name, value)| [name, value])
        .fold(OFFSET, |hash, text| add(text.bytes().fold(hash, add), 0xff));
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of `TestLabelsToSignature` in prometheus/common, which hashes the same way.
    #[test]
    fn fingerprints_are_those_of_prometheus() {
        assert_eq!(fingerprint(&Labels::new()), format!("{:016x}", 14_695_981_039_346_656_037_u64));
        let labels = [("name", "garland, briggs"), ("fear", "love is not enough")];
        let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(fingerprint(&labels), format!("{:016x}", 5_799_056_148_416_392_346_u64));
    }

    #[test]
    fn severities_are_in_order() {
        assert!(Severity::Warning < Severity::Major && Severity::Major < Severity::Critical);
    }
}
