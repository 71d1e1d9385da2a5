//! The router as its users see it.

mod promises;
mod sample;
mod stories;
