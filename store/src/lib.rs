//! ClickHouse for Headroom: the schema, the migrations, the client, and the embedded engine.

pub mod clock;
mod client;
mod codes;
mod config;
pub mod doctor;
pub mod engine;
mod error;
pub mod literal;
pub mod migrate;
pub mod native;
pub mod schema;
pub mod testing;

pub use client::Store;
pub use clock::{Clock, ManualClock, SystemClock};
pub use config::StoreConfig;
pub use error::{Result, StoreError};
