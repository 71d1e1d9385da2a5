//! The loop against the store.

#![allow(clippy::unwrap_used)]

mod found;
mod planned;
mod platform;
