//! Whole comparisons: of generated streams, of files, of a real ClickHouse.
#![allow(clippy::unwrap_used)]

mod bound;
mod files;
mod planted;
mod stored;
