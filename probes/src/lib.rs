//! Synthetic monitoring: requests that nobody asked for, made to learn what a customer would find.
//!
//! A [`ProbeConfig`] is a script of HTTP steps, such as a test trade: place the order, ask until it is filled, look at
//! the position, and clean up whatever happened. Each run is a trace: a root span `probe NAME`, a client span for each
//! step, and the spans of the probed service below them, for `traceparent` goes along. So a run is looked at like any
//! other request, and an objective over the root spans is an objective like any other.
//!
//! **The way of a run.** [`Schedule`] says when a probe is due: its runs are spread by its name, and one that takes
//! longer than its interval leaves runs out instead of piling them up. [`held_back`] keeps it from trading while the
//! market is closed or maintenance is announced. [`run`] takes the steps one by one: `variables` fills the
//! [`Template`]s, `send` makes the request (only where `headroom_outbound` lets it), and `decide`, a pure function, says
//! what the [`Answer`] means by the step's [`Assertion`]s: done, ask again, or failed and why. The finished [`Run`] becomes
//! spans in [`mod@spans`], all at once and only then, so that a node that dies leaves no half of one; and a [`Sink`] hands
//! them to the ingester. [`Prober`] does this for all probes, again and again.
//!
//! **What a probe is not.** It is no customer: every span and every request says `headroom.probe`, and a business event
//! that says so too is no business event. It is never tried again in silence: what failed once failed. It shows no
//! secret: they are taken out of whatever leaves ([`Variables`](variables)).
//!
//! [`list`] is the body of the API: the state of each probe as the store has it, the same rows that objectives count.

mod answer;
mod config;
mod decide;
mod error;
mod held;
mod otlp;
mod path;
mod prober;
mod read;
mod run;
mod schedule;
mod send;
mod sink;
pub mod spans;
mod template;
mod variables;

pub use answer::Answer;
pub use config::{
    Assertion, Extract, JsonTemplate, Length, Maintenance, Part, ProbeConfig, Repeat, SecretSource,
    StepConfig, Test, check, check_venues, venue,
};
pub use error::{Place, ProbesError, Result};
pub use held::{Held, held_back};
pub use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest as Request;
pub use otlp::Otlp;
pub use path::Path;
pub use prober::{Leads, Prober, Venues};
pub use read::{LastRun, ProbeList, ProbeState, Share, Standing, list};
pub use run::{Failure, Run, StepRun, run};
pub use schedule::Schedule;
pub use sink::{Sink, Unsent};
pub use template::Template;
