//! Alerts from spans in a real store to messages at a real receiver.

#![allow(clippy::unwrap_used, missing_docs)]

mod context;
mod delivery;
mod lifecycle;
mod routing;
mod slices;
mod support;
