//! Integration tests of the scaler.
mod generated;
