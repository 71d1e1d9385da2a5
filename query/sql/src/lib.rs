//! The analysts' door: SQL over curated views, for psql, notebooks, BI tools and the pages.
//!
//! An analyst's text never reaches ClickHouse. It is parsed, checked and planned by
//! DataFusion over views with types of our own; what ClickHouse is asked is rendered from
//! typed values only. Every layer holds alone:
//!
//! - `statement` lets in exactly one statement, and only questions (SELECT, WITH, VALUES,
//!   EXPLAIN, SHOW, DESCRIBE); `session` then verifies the plan once more.
//! - `functions` lists what may be called, bounds what a call may give, and puts integer arithmetic that
//!   fails in the place of that which wraps around.
//! - `catalog` lists the views. None of them shows the tenant.
//! - `browse` answers what clients ask `pg_catalog` and `information_schema`, in a context that has no way to data.
//! - `provider` puts the tenant into each read. It comes from the login, never from text.
//! - `scan` decides what may be pushed down. Nothing is, unless it is listed: comparisons
//!   of a column with a literal, IN, LIKE 'prefix%', IS [NOT] NULL, AND and OR of these,
//!   projection and LIMIT. Everything else, joins and windows included, runs in
//!   DataFusion. A differential test over generated data is the contract.
//! - `archive` reads rows that are in files instead, before a boundary that each statement fixes for itself.
//! - `facts` are views of what the program knows itself or works out, such as alerts, the audit trail and positions, for
//!   those who may see it.
//! - `cache` keeps groups of days that do not change any more.
//! - `fetch` streams the rows as Arrow, with protective settings on every read.
//! - `workers` are threads of the door's own: a heavy question holds up nobody else.
//! - `record` puts each statement on record before it runs, and keeps how it went.
//! - `watch`, and the limits of [`SqlConfig`], bound what a statement may cost: working
//!   time, rows, bytes, memory, statements at once. Dropping an answer ends its reads.
//!
//! There are three ways in, with the same limits: [`SqlDoor::query_json`] for the web API;
//! [`SqlDoor::serve_postgres`] for the Postgres wire protocol, where each connection
//! has its own SCRAM-SHA-256 exchange, its own settings and its own read-only session; and
//! [`SqlDoor::serve_flight`] for Arrow Flight SQL, where each call shows a token.
//! What they share beside the door is how they listen (`listen`), count connections
//! (`places`) and give rows out (`rows`).
//!
//! The way of one question: text -> statement -> plan -> scans -> SQL of ours -> Arrow ->
//! DataFusion -> rows.

mod among;
mod archive;
mod auth;
mod browse;
mod cache;
mod catalog;
mod config;
mod cost;
mod door;
mod error;
mod exec;
mod export;
mod facts;
mod fetch;
mod flight;
mod functions;
mod inputs;
mod json;
mod limits;
mod listen;
mod parameters;
mod places;
mod postgres;
mod provider;
mod pushdown;
mod queue;
mod record;
mod rows;
mod scan;
mod session;
mod shown;
mod statement;
mod times;
mod turns;
mod values;
mod watch;
mod workers;

pub use archive::StoreSource;
pub use auth::{Authenticator, Bearers, Principal, Scram};
pub use catalog::{ARCHIVED_VIEWS, ColumnDoc, ViewDoc, catalog};
pub use config::SqlConfig;
pub use door::{Batches, SqlDoor};
pub use error::{Result, SqlError};
pub use export::Export;
pub use facts::{Asked, Days, Facts, Untold};
pub use flight::FlightServer;
pub use json::{SqlAnswer, SqlColumn};
pub use limits::RoleLimits;
pub use postgres::PgServer;
pub use record::Ledger;
