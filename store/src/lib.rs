//! ClickHouse for Headroom: the schema, the migrations, the client, and the embedded engine.
//!
//! All telemetry lives in ClickHouse, and all of Headroom reaches it through [`Store`]: one
//! URL, one database, the official client with settings that keep SQL's promises. Whether
//! the URL is the embedded engine, a server or a node of a cluster makes no difference
//! above this crate.
//!
//! The way of data in: a writer fills column builders ([`native`]), hands them over as a
//! block with a token ([`Store::insert_block`]), and may repeat that until it succeeds:
//! the same token is stored once, in the table and in every rollup that views fill from
//! it ([`schema`]). The way out: statements are put together from constant text and
//! literals that [`literal`] renders from typed values, and come back as typed rows
//! ([`Store::rows`]).
//!
//! Around that:
//!
//! - [`engine`] is ClickHouse as a child process, for those who run no server;
//! - [`migrate`] brings a database to the schema, and changes the retention;
//! - [`doctor`] compares a database with what it should be;
//! - [`erase`] takes out what tells who a customer is;
//! - [`clock`] is "now", passed in;
//! - [`testing`] gives a test a database of its own.
//!
//! Errors say whether another try can help ([`StoreError::is_transient`]).

mod client;
pub mod clock;
mod codes;
mod config;
pub mod doctor;
pub mod engine;
pub mod erase;
mod error;
pub mod literal;
pub mod migrate;
pub mod native;
pub mod rebuild;
pub mod schema;
pub mod testing;

pub use client::Store;
pub use clock::{Clock, ManualClock, SystemClock};
pub use config::StoreConfig;
pub use error::{Result, StoreError};
