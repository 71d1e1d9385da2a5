//! Capacity curves: the Universal Scalability Law, queues with servers, and the knee.
//!
//! Three questions, three ways to the answer:
//!
//! - A load test gives throughput at several loads. [`points`] reads them, [`fit`] fits the Universal Scalability
//!   Law ([`usl`]) and says where throughput peaks, or why that cannot be said.
//! - Telemetry gives arrival rate and mean response time, far below saturation. [`latency`] finds the serialised
//!   section behind it, and with it the rate at which the service saturates.
//! - A pool of known size has a known service time. [`queue`] says how long its callers wait, and [`knee`] how far
//!   it may be filled.
//!
//! Everything is deterministic: what is drawn at random is drawn from a seed.

mod figures;
pub mod fit;
pub mod knee;
pub mod latency;
pub mod points;
pub mod queue;
mod resample;
mod student;
pub mod usl;
