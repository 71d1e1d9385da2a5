//! Load against a receiver that misbehaves on purpose, and the check of what it stored.
#![allow(clippy::unwrap_used, missing_docs)]

mod check;
mod platform;
mod sending;
