//! A believable investment platform that emits OpenTelemetry.
//!
//! `headroom sample` needs something to look at, and tests need traffic whose
//! truth is known. This crate plays a broker with customers in New York and in
//! India: they sign in, look at prices, pay in, place orders that fill, fill in
//! part, are refused or expire. Twelve services handle that, each with its own
//! resource, and what they report (traces, logs with the business events, and
//! metrics) goes out over OTLP/gRPC through the official exporters, so that it
//! travels the same road as a customer's own data.
//!
//! # The way of a record
//!
//! [`SampleConfig`] fixes everything: the same seed, `now` and rates give the
//! same records. From it follow the [`schedule::Schedule`] (market events,
//! releases, a bad one among them, a slow bank, a split) and the [`Platform`],
//! whose [`Platform::minute`] turns state and simulated time into a [`Batch`]
//! and knows nothing of networks. [`run`] asks for minute after minute and
//! hands each batch to the shipper, which groups records by instance, keeps a
//! few requests in flight, and repeats what the receiver could not take; what
//! was acknowledged stands in the [`Ledger`]. History comes first, as fast as
//! the receiver takes it; then, in live mode, each record leaves when its
//! moment has come.
//!
//! # The parts
//!
//! - [`calendar`], [`shape`], [`schedule`]: when people trade, how many, and
//!   what is known beforehand. Session shape and holidays come from recorded
//!   data (`data/`, with its sources); traded volume stands in for demand.
//! - `market`, `customers`, `journeys`: prices, people, and what they do. Money
//!   and quantities are decimals throughout; nobody sells what they do not hold.
//!   A few times a day a booking is wrong and is corrected or cancelled later.
//! - `topology`, `trace`, `metrics`: the services and how a journey becomes
//!   spans, logs and points.
//! - [`limits`]: connections, locks and cores that requests queue for, in a
//!   simulation of its own right: traces are futures that stand still until it
//!   is their turn. With them the platform has walls that are known
//!   ([`Limits::walls`]), show at low traffic and hold. [`Ramp`] sets the demand,
//!   [`Push`] finds where the platform breaks, [`Minutes`] sums up what services
//!   did. Without limits none of it exists.
//! - `run`, `ship`: pace and delivery.

pub mod calendar;
mod clock;
mod config;
mod customers;
mod error;
mod journeys;
pub mod limits;
mod market;
mod metrics;
mod minutes;
mod platform;
mod push;
mod ramp;
pub mod record;
mod run;
pub mod schedule;
pub mod shape;
mod ship;
pub mod topology;
mod trace;

pub use config::{Ledger, Phase, Progress, SampleConfig};
pub use error::{Result, SampleError};
pub use limits::Limits;
pub use minutes::{Minute, Minutes};
pub use platform::Platform;
pub use push::{Break, Push, Served, Stage, Why, breaks};
pub use ramp::Ramp;
pub use record::Batch;
pub use run::run;
pub use schedule::calendar_toml;
pub use topology::Topology;
