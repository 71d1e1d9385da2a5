//! The support agent's one box: whatever a customer can name -> what happened, in plain
//! words, whose turn it is, and what to do next.
//!
//! A customer id, e-mail, order, trade, payment, account, invoice, session or trace id is
//! found in `key_index` by key; the events it points to are read by their names and
//! times, which is the key of `events`. Nothing is scanned. What is no key is looked for as
//! a phrase in the newest logs, for as long as there is time.
//!
//! The way of an answer: [`find`] reads the events and requests; `subject` says what they
//! are about, `verdict` what it comes down to. What bears on the one in question is then
//! read at once: its calls (`calls`), the deployments around it (`around`) and how others
//! fared (`cohort`). `attribution` says whose it is, `reply` what the customer is told and
//! `escalation` what an engineer gets. All but `find` and those reads are pure.
//!
//! What is shown is safe to be read out: names and e-mails are masked, reasons come from
//! a [`Catalog`] and suspicions of fraud are never spelled out (`safe`). The clear
//! personal data is given by [`reveal`] alone; its caller checks the role and writes the
//! audit row.

mod around;
mod attribution;
mod body;
mod calls;
mod catalog;
mod cohort;
mod escalation;
mod find;
mod identity;
mod journey;
mod keys;
mod phrase;
mod reply;
mod safe;
mod subject;
#[cfg(test)]
mod tests;
mod verdict;

pub use around::Alert;
pub use body::{
    Attribution, Cohort, CohortFigures, CustomerCard, Escalation, JourneyStep, KnownIncident, Lookup,
    LookupTrace, Match, Outcome, Party, Reading, Revealed, StepKind, Verdict, VerdictState,
};
pub use catalog::{Catalog, CatalogError};
pub use find::{Question, find};
pub use identity::{mask_addresses, mask_email, mask_name, reveal, shown};
pub use journey::tell;
pub use verdict::judge;
