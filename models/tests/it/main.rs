//! The loop against the store.

#![allow(clippy::unwrap_used)]

mod found;
mod notices;
mod planned;
mod platform;
mod series;
mod signals;
