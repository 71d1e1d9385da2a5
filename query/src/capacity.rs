//! What capacity planning reads: how busy each service was, what its resources held, and who calls whom.
//!
//! Three questions, each to one table: [`traffic`] asks the minute rollup, [`resources`] the metric points, and
//! [`graph`] a sample of whole traces. None of them needs the spans of a trace to have arrived together.

pub mod graph;
pub mod resources;
pub mod traffic;
pub mod usage;

pub use graph::{CallGraph, Edge, Entry, Target};
pub use resources::{Resource, ResourceKind, ResourceSeries};
pub use traffic::{Scope, ServiceTraffic, Step};
