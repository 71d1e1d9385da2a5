//! The loop against the store.

#![allow(clippy::unwrap_used)]

mod notices;
mod planned;
