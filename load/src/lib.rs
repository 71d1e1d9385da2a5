//! Load with a ledger: OTLP at a rate or as fast as it goes, and a check afterwards that whatever
//! was acknowledged is stored exactly once.
//!
//! **A body.** Requests are encoded once, before the clock starts: a few templates for each
//! [`Signal`], a thousand records each, in the shape of an investment platform (eight services,
//! forty operations, traces of ten spans, ten attributes a span, about 417 bytes a span). A
//! template knows its holes: the offsets of ids, times, order and customer numbers. A send fills
//! them in a buffer that is used again after the answer, so that the generator costs a small
//! part of what it measures. Compressed bodies cannot be filled: they are compressed send by
//! send, and that cost is counted by itself. Everything but the times follows from the seed.
//!
//! **Ids.** `trace_id` is eight bytes of [`RunId`], four of the body's number, four of the
//! trace's number in the body; `span_id` is the body's number and the record's number in it,
//! from 1. So a query can group what is stored by body without knowing anything else. Log records
//! and events carry both ids, metric points carry body and record in their integer value and
//! the run in their resource.
//!
//! **The way of a body.** [`run`] starts `connections * in_flight` workers. A worker takes the next
//! number from the schedule, waits until it is due, fills, sends, and stays with the body until
//! its fate is known: acknowledged, refused for good, or unknown because no answer came. The
//! schedule is absolute (open loop): a receiver that is slow makes bodies late, and the lateness
//! is reported; it does not make the load lighter. Refusals are treated as OTLP demands of a client:
//! 429, 502, 503, 504 and the codes of gRPC that allow it are tried again, when the receiver says so
//! or with growing pauses; everything else is final. A request without an answer is sent again
//! with the same bytes, so a receiver that had stored it stores it twice: such bodies
//! are marked.
//!
//! **The ledger.** One line of JSON for each body whose fate is known, on the disk within a
//! second. [`Ledger::read`] takes it up again in any other process.
//!
//! **The check.** [`verify`] asks a [`Count`] (ClickHouse itself, or Headroom's SQL door) for the
//! rows and the distinct records of each body, and compares: an acknowledged record that is not
//! there is missing, a row too many is a duplicate, and either fails the check. Bodies that are
//! stored without an acknowledgement are allowed, for the answer may have been lost, and
//! counted apart.
//!
//! Nothing here depends on the rest of Headroom: the generator can be pointed at anything that
//! receives OTLP.

mod body;
mod error;
mod ledger;
mod options;
mod report;
mod run;
mod run_id;
mod schedule;
mod send;
mod signal;
mod tally;
mod target;
mod usage;
mod verify;
mod worker;

pub use body::bodies;
pub use error::LoadError;
pub use ledger::{Entry, Ledger, Outcome};
pub use options::{Compression, Mix, Options};
pub use report::{Percentiles, Progress, Refusal, RunReport};
pub use run::run;
pub use run_id::RunId;
pub use signal::Signal;
pub use target::{Target, Transport};
pub use usage::ProcessUse;
pub use verify::{
    BodyCount, BodyFault, ClickHouse, Count, CountQuery, SqlDoor, Table, TableReport, VerifyOptions,
    VerifyReport, verify,
};
