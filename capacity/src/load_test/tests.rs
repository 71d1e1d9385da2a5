//! Files of real tools, simulated runs, and properties.

#![allow(clippy::unwrap_used)]

mod files;
mod properties;
mod simulated;
