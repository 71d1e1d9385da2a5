//! Placeholder.
pub mod decode;
pub mod json;
pub mod signal;
pub mod wire;
