//! The crate as its users see it.

#![allow(missing_docs)]

mod bodies;
mod inbound;
mod limits;
mod mail;
mod sample;
