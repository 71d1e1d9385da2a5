//! Archives: days of rows as Parquet files, on a disk or in a bucket, that outlive the retention of the store.
//!
//! This crate knows nothing of SQL and of ClickHouse. It keeps, for each view and tenant, a folder
//!
//! ```text
//! v1/spans/tenant=acme/day=2026-11-01/20261109T013000-5d3c0a12b4ff.parquet        rows, sorted by time
//! v1/spans/tenant=acme/day=2026-11-01/20261109T013000-5d3c0a12b4ff.parquet.sums   a checksum of each block
//! v1/spans/tenant=acme/days/00000000000000000007.json                             the list of days: the last one counts
//! ```
//!
//! and gives each row once to those who read:
//!
//! - `list` says which file holds which day, what the store held when it was written, and how far the archive reaches:
//!   the **boundary**. Rows before it are read here, rows from it on are read from the store.
//! - `shelf` keeps the lists. Each is written once, under the next number, where only one of two writers can.
//! - `keeper` archives days that are old enough, writes those anew to which rows came late, forgets those that are not
//!   to be kept, and removes files a day after the last list that named them.
//! - `source` is what the keeper needs of a store.
//! - `file`, `blocks` and `reader` write and read Parquet. Every block that is read is compared with its checksum.
//! - `archive` is what statements ask: the last list, remembered for seconds.
//! - `survey` looks at everything, for `headroom archive status` and `verify`.
//! - `names` turns names of tenants into names of folders, `place` addresses into stores, and `needs` says what
//!   they lack before anything is asked of them.

mod archive;
mod blocks;
mod config;
mod error;
mod file;
mod keeper;
mod list;
mod names;
mod needs;
mod place;
mod reader;
mod shelf;
mod source;
mod survey;

pub use archive::Archive;
pub use config::ArchiveConfig;
pub use error::{ArchiveError, Result};
pub use keeper::{Keeper, Round};
pub use list::{Day, Days, Held, midnight};
pub use needs::check as check_place;
pub use place::Place;
pub use reader::{DayFile, DayReader};
pub use source::{OfDay, Source};
pub use survey::{Standing, Verdict, status, verify};
