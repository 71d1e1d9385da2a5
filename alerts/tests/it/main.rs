//! Alerts from spans in a real store to messages at a real receiver.

#![allow(clippy::unwrap_used, missing_docs)]

mod bench;
mod context;
mod delivery;
mod incident;
mod lifecycle;
mod promises;
mod receivers;
mod routing;
mod severity;
mod slices;
mod support;
mod world;
