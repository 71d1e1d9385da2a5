//! What is said beside an alert, as the HTTP API tells it.

use chrono::{DateTime, Utc};
use headroom_delivery::{Change, Count, Link, Money};
use headroom_routing::dora;
use rust_decimal::Decimal;
use serde::Serialize;
use url::Url;
use utoipa::ToSchema;

use crate::context::Context;

/// What is known of an open alert beside its figures: who is hit, what changed, where to look.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ContextBody {
    /// Customers who met a failure; null where none is known.
    pub customers: Option<CountBody>,
    /// Transactions that failed.
    pub transactions: Option<CountBody>,
    /// Value of the failed transactions.
    pub money: Option<MoneyBody>,
    /// What changed shortly before; called services that got worse first, then the newest.
    pub changes: Vec<ChangeBody>,
    /// What sets failing requests apart, in words.
    pub differences: Vec<String>,
    /// Traces of failed requests; none where `external_url` is not configured.
    pub traces: Vec<LinkBody>,
    /// What it amounts to under the EU's Digital Operational Resilience Act; null before that was counted.
    pub dora: Option<DoraBody>,
}

/// So many of so many.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CountBody {
    /// How many were hit.
    pub hit: u64,
    /// How many there usually are in a day, if known.
    pub of: Option<u64>,
}

/// An amount.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MoneyBody {
    /// How much.
    #[schema(value_type = String)]
    pub amount: Decimal,
    /// Of what: an ISO 4217 code.
    pub currency: String,
}

/// Something that changed.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ChangeBody {
    /// `deploy`, `config`, `market` or `upstream`.
    pub kind: String,
    /// What changed, in words.
    pub what: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// An address with its name.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LinkBody {
    /// What is there.
    pub text: String,
    /// Where it is.
    #[schema(value_type = String)]
    pub url: Url,
}

/// An incident under the EU's Digital Operational Resilience Act. This counts; a person decides and reports.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DoraBody {
    /// Whether it is a candidate for a major incident.
    pub major: bool,
    /// The criteria that are met, in words.
    pub met: Vec<String>,
    /// The whole in words.
    pub words: String,
}

impl From<Context> for ContextBody {
    fn from(known: Context) -> Self {
        let count = |count: Count| CountBody { hit: count.hit, of: count.of };
        Self {
            customers: known.impact.customers.map(count),
            transactions: known.impact.transactions.map(count),
            money: known.impact.money.map(|Money { amount, currency }| MoneyBody { amount, currency }),
            changes: known
                .changes
                .into_iter()
                .map(|Change { kind, what, at }| ChangeBody { kind, what, at })
                .collect(),
            differences: known.differences,
            traces: known.traces.into_iter().map(|Link { text, url }| LinkBody { text, url }).collect(),
            dora: known.dora.map(|dora::Assessment { major, met, words }| DoraBody {
                major,
                met: met.into_iter().map(|criterion| criterion.as_str().to_owned()).collect(),
                words,
            }),
        }
    }
}
