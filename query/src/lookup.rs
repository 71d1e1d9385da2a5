//! The support agent's one box: whatever a customer can name -> what happened, in plain
//! words, whose turn it is, and what to do next.
//!
//! A customer id, e-mail, order, trade, payment, account, invoice, session or trace id is
//! found in `key_index` by key; the events it points to are read by their names and
//! times, which is the key of `events`. Nothing is scanned. A look-up is about six small
//! queries, most of them at once.
//!
//! What is shown is safe to be read out: names and e-mails are masked, reasons come from
//! a catalog (`data/reasons.json`) and suspicions of fraud are never spelled out. The
//! clear personal data is given by [`reveal`] alone; its caller checks the role and
//! writes the audit row.

mod catalog;
mod find;
mod identity;
mod journey;
mod keys;
mod subject;
#[cfg(test)]
mod tests;
mod verdict;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

pub use find::find;
pub use identity::{mask_email, mask_name, reveal, shown};
pub use journey::tell;
pub use verdict::judge;

/// Body of `GET /api/v1/lookup`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Lookup {
    /// What was typed.
    pub query: String,
    /// `customer`, `email`, `order`, `trade`, `payment`, `account`, `invoice`, `session`,
    /// `trace` or `unknown`.
    pub kind: String,
    /// Whose it is, when that is known.
    pub customer: Option<CustomerCard>,
    /// What it comes down to.
    pub verdict: Verdict,
    /// What happened, oldest first.
    pub journey: Vec<JourneyStep>,
    /// Requests that took part, latest first.
    pub traces: Vec<LookupTrace>,
    /// Whether older steps were left out.
    pub truncated: bool,
    /// Everything the text is known as.
    pub matches: Vec<Match>,
}

/// Who the customer is, masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CustomerCard {
    /// The platform's id.
    pub customer_id: String,
    /// `j***@d***.com`
    pub email_masked: Option<String>,
    /// `J. D.`
    pub name_masked: Option<String>,
    /// ISO code.
    pub country: Option<String>,
}

/// What a journey comes down to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Verdict {
    /// How it stands.
    pub state: VerdictState,
    /// What happened, why, and whose fault it was.
    pub sentence: String,
    /// What the agent does now.
    pub next_step: String,
}

/// How things stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerdictState {
    /// It went through.
    Ok,
    /// It did not go through.
    Failed,
    /// It is under way, or stuck.
    InProgress,
    /// Nothing stored says.
    Unknown,
}

/// One step, in plain words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct JourneyStep {
    /// When.
    pub ts: DateTime<Utc>,
    /// Name of the event.
    pub event: String,
    /// What happened.
    pub title: String,
    /// The service that said so.
    pub service: String,
    /// How it went.
    pub outcome: Outcome,
    /// The reason, or more about it; '' if there is nothing to add.
    pub detail: String,
    /// The request it happened in.
    pub trace_id: Option<String>,
    /// Money, exact.
    pub amount: Option<String>,
    /// ISO code.
    pub currency: Option<String>,
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Well.
    Ok,
    /// Not.
    Failed,
    /// Something has to follow.
    Pending,
    /// Neither.
    Info,
}

/// A request of the journey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LookupTrace {
    /// 32 hex digits.
    pub trace_id: String,
    /// When it began.
    pub ts: DateTime<Utc>,
    /// What was asked.
    pub operation: String,
    /// How long it took.
    pub duration_ns: u64,
    /// `ok` or `error`.
    pub status: String,
}

/// One thing a text is known as.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct Match {
    /// As [`Lookup::kind`].
    pub kind: String,
    /// As it is stored.
    pub value: String,
}

/// Clear personal data. Give it only to whom may see it, and write down that you did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Revealed {
    /// The platform's id.
    pub customer_id: String,
    /// As registered.
    pub email: Option<String>,
    /// As registered.
    pub name: Option<String>,
    /// ISO code.
    pub country: Option<String>,
}
