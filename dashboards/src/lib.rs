//! The web: the HTTP API under `/api/v1`, the pages, and what operators look for
//! (`/healthz`, `/readyz`, `/metrics`, `/openapi.json`).
//!
//! # The way a question takes
//!
//! A request passes [`auth`] (who is asking: a bearer token or a session cookie), then the one door in the
//! access matrix that its route opens ([`auth::Door`]), and reaches a handler in [`api`] that parses its
//! arguments, asks the `query`, `models` or `alerts` crate, and returns their typed body as it is. Nothing is
//! computed here: a figure on a page is a figure of the crate that owns its meaning.
//!
//! [`router`] is the list of all routes; the OpenAPI document is made from that same list. [`pages`] serves
//! the embedded web application under a strict content-security policy.

pub mod address;
mod api;
pub mod auth;
mod cached;
pub mod error;
mod facts;
mod link;
mod live;
mod ops;
mod pace;
mod pages;
mod router;
mod state;

pub use api::ingest::Receiving;
pub use api::overview::OverviewKept;
pub use api::replay::{ReplayBody, ReplayRequest};
pub use facts::NodeFacts;
pub use live::Live;
pub use live::board::Board;
pub use pace::Pace;
pub use router::{operations, router};
pub use state::{
    AppState, LookupSettings, NodeSettings, NodeStatus, NotTaken, Part, Probes, ReplayQuarantine, TakeLogs,
};
