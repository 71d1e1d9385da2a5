//! The answer: what the page shows and the HTTP API gives.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// Body of `GET /api/v1/lookup`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Lookup {
    /// What was typed.
    pub query: String,
    /// `customer`, `email`, `order`, `trade`, `payment`, `account`, `invoice`, `session`,
    /// `trace`, `phrase` or `unknown`.
    pub kind: String,
    /// Whose it is, when that is known.
    pub customer: Option<CustomerCard>,
    /// What it comes down to.
    pub verdict: Verdict,
    /// Whose it is that it did not go through, and what says so.
    pub attribution: Attribution,
    /// How others of the same kind fared in the same minutes.
    pub cohort: Cohort,
    /// Alerts that fit by service and time.
    pub incidents: Vec<KnownIncident>,
    /// What happened, oldest first: events, and what else bears on them.
    pub journey: Vec<JourneyStep>,
    /// Requests that took part, latest first.
    pub traces: Vec<LookupTrace>,
    /// Whether older steps were left out.
    pub truncated: bool,
    /// Everything the text is known as; of a phrase, what its records are about.
    pub matches: Vec<Match>,
    /// A text to send to the customer.
    pub reply: String,
    /// What an engineer needs to go on.
    pub escalation: Escalation,
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
    /// What kind of thing it is.
    pub kind: StepKind,
    /// Name of the event; of what is no event, its kind.
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

/// Kinds of things that a journey is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// A business event.
    Event,
    /// A message that another system sent, or was sent.
    Webhook,
    /// A call that was made again.
    Retry,
    /// The first failed call of a service in a request.
    Error,
    /// A version of a service that took part began to serve.
    Deploy,
    /// An alert of a service that took part.
    Incident,
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

/// Whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The platform.
    Us,
    /// A partner that the platform relies on.
    Upstream,
    /// The customer's side: what was asked for, the account, the bank, the papers.
    Customer,
    /// The market: hours, prices, halts.
    Market,
    /// It is known and must not be told.
    NotSaid,
    /// Nothing failed, or nothing stored says whose it is.
    None,
}

/// Whose it is, and what says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Attribution {
    /// Whose.
    pub party: Party,
    /// The same in words.
    pub sentence: String,
    /// The event, the failed call and so on that it follows from, in words.
    pub evidence: Vec<String>,
}

/// How others fared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Cohort {
    /// The comparison in words, or why there is none.
    pub sentence: String,
    /// The figures of it; null where there is nothing to compare with.
    pub figures: Option<CohortFigures>,
}

/// Things of the same kind that ended in the same minutes, without the one in question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CohortFigures {
    /// Of what: `orders`, `deposits`, `withdrawals`, `identity checks` or `requests`.
    pub of: String,
    /// From here.
    pub from: DateTime<Utc>,
    /// To here, exclusive.
    pub to: DateTime<Utc>,
    /// How many went through.
    pub succeeded: u64,
    /// How many did not.
    pub failed: u64,
    /// Of those, with the same reason; null where the reason is not known or must not be told.
    pub same_reason: Option<u64>,
    /// What that says.
    pub reading: Reading,
}

/// What a comparison says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// It is this one alone.
    Alone,
    /// A few others share it.
    Few,
    /// So many share it that something general is wrong.
    Pattern,
    /// Nobody else was there.
    Nobody,
}

/// An alert that fits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KnownIncident {
    /// Of the alert.
    pub alert_id: String,
    /// The service it is about.
    pub service: String,
    /// When it began.
    pub since: DateTime<Utc>,
    /// When it ended; null while it goes on.
    pub until: Option<DateTime<Utc>>,
    /// What it says, in plain words.
    pub sentence: String,
    /// What fits: `service`, `time`, `error`.
    pub matched_by: Vec<String>,
}

/// What an engineer needs to go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Escalation {
    /// One line.
    pub title: String,
    /// Everything that is known, without personal data.
    pub text: String,
    /// Where a ticket with both filled in can be opened, if that was configured.
    pub url: Option<String>,
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

impl Default for Lookup {
    /// A look-up that found nothing.
    fn default() -> Self {
        let none = String::new;
        Self {
            query: none(),
            kind: "unknown".to_owned(),
            customer: None,
            verdict: Verdict { state: VerdictState::Unknown, sentence: none(), next_step: none() },
            attribution: Attribution {
                party: Party::None,
                sentence: "There is nothing to say whose it is.".to_owned(),
                evidence: Vec::new(),
            },
            cohort: Cohort { sentence: "There is nothing to compare.".to_owned(), figures: None },
            incidents: Vec::new(),
            journey: Vec::new(),
            traces: Vec::new(),
            truncated: false,
            matches: Vec::new(),
            reply: none(),
            escalation: Escalation { title: none(), text: none(), url: None },
        }
    }
}
