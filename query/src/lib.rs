//! What stored data means: the questions that pages, alerts and forecasts put to the
//! store, and their answers as typed values.
//!
//! Every function takes a [`Store`](headroom_store::Store), the tenant and typed
//! arguments, and gives back a struct that *is* the HTTP body. The way a question takes:
//! **arguments -> [`scan::ScanQuery`] -> SQL over one table -> rows -> a pure function ->
//! the body**. SQL is rendered in one private module, the tenant is part of the query's
//! constructor, and what computes (percentiles, trees, lots, verdicts) never touches the
//! store, so that it is tested on generated data without one.
//!
//! Parts, from the ground up:
//!
//! - [`range`] reads the times people write, [`error`] says whose turn it is when there
//!   is no answer.
//! - [`scan`] is the one typed query to one table, and its SQL.
//! - [`events`] are business events with exact decimals, each once.
//! - [`latency`] makes percentiles, series, heat-maps and exemplars from bucket rows.
//! - [`bubbleup`] tells what sets slow or failed requests apart, from a [`sample`] where all would be too many, and with
//!   the tests of [`proportion`].
//! - [`red`] gives rate, errors and duration by any dimension; [`compare`] puts two ranges or versions side by side.
//! - [`service_map`] draws who calls whom, with rates, errors and durations.
//! - [`rates`] counts requests per minute, [`measures`] any other number; [`services`] lists services, operations,
//!   errors and deploys; [`overview`] says in a sentence how things stand.
//! - [`metrics`] explores what programs report of themselves: names, labels, and figures of any of them over time.
//! - [`release`] finds the newest version of a service and the one before it, [`canary`] compares two.
//! - [`traces`] reads one trace as a tree, or searches many.
//! - [`logs`] finds log records by their words, counts them over time, and follows them as they come.
//! - [`lookup`] is the support agent's box: from any id to the customer's journey in
//!   plain words, a verdict and a next step.
//! - [`capacity`] reads what capacity planning needs: load per service, use of resources, and who calls whom.
//! - [`portfolio`] books trades and cash into lots and values them, in exact decimals.
//! - [`quarantine`] tells what was rejected at the door, and why.
//! - [`synthetic`] tells what probes found.
//! - [`slo`] counts good and total events and keeps error budgets.
//!
//! Two rules hold everywhere: a figure that cannot be computed is absent with a reason,
//! never zero; and each question reads rollups or a key range, never all of the spans.

pub mod bubbleup;
pub mod canary;
pub mod capacity;
pub mod compare;
mod counters;
pub mod error;
pub mod events;
pub mod incident;
pub mod kept;
pub mod latency;
pub mod logs;
pub mod lookup;
pub mod measures;
pub mod metrics;
pub mod overview;
pub mod portfolio;
pub mod proportion;
pub mod quarantine;
pub mod range;
pub mod rates;
pub mod red;
pub mod release;
pub mod sample;
pub mod scan;
pub mod service_map;
pub mod services;
pub mod slo;
pub mod synthetic;
pub mod traces;

pub use error::{QueryError, Result};
pub use range::TimeRange;
