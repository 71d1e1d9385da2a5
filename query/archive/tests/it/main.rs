//! The keeper and the readers over a store and a place that fail when they are told to.
#![allow(clippy::unwrap_used)]

mod keeping;
mod place;
mod reading;
mod s3;
mod source;
