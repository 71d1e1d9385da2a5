//! Two streams of business events, compared event by event: what a migration has to show.
//!
//! A platform moves from an old system to a new one and runs both for a while. Every event of
//! the old one (*left*) must be in the new one (*right*), once, with the same content, soon.
//! This crate finds what is **missing**, **extra**, **different** (which fields, by how much),
//! **late**, **duplicated** (a key twice on a side) or **suspect** (the same payment twice
//! under two ids within a minute), and says how much matched.
//!
//! **The way of an event.** A [`Source`] (a file, or a selection of stored events) makes a [`Record`] of it: an
//! event id, a time, and flat fields whose names are folded (`customer.id` is `customer_id`),
//! so that a file and the store speak of the same thing. [`Reconciler::add`] takes the key out,
//! drops fields that nobody asked for, and puts the record into one of 64 partitions by the
//! hash of its key. [`Reconciler::finish`] takes the partitions one after the other, judges the
//! records of each key, lets one record of each key and side pass on to the search for suspects
//! (partitioned again, by customer, amount, currency and direction), and makes the [`Report`].
//!
//! **Memory is bounded by the budget, whatever the size of the streams.** Partitions are
//! buffered up to a fraction of [`Options::memory_bytes`] and go to unnamed temporary files
//! beyond it; a partition that does not fit is split again. What a small comparison needs never
//! touches the disk. Beside the budget there are only the examples of the report and the names
//! of the fields, both of which are limited. The one thing that cannot be split is the records
//! of one key: more than [`MAX_SAME_KEY`] of them are an error that names the key, since a
//! field with so many equal values tells no events apart.
//!
//! **The result depends on the records and not on their order.** Records of a key are sorted
//! before they are judged, and examples are the earliest and not the first to arrive.
//!
//! **Numbers are exact.** Decimals are compared as whole numbers with a place for the point, up
//! to 38 digits; there is no float but the match rate.
//!
//! **Parts.** [`Job`] is the whole of it for the command line: `files` and `stored` read, `run`
//! compares. `number`, `field`, `record` are the values; `compare` tells two records apart,
//! `judge` the records of one key, `suspects` payments from each other; these three are pure.
//! `spill` keeps bytes in partitions, `run` drives it all, `tally` counts, `report` is what
//! comes out, with its text and its metrics.

mod compare;
mod error;
mod field;
mod files;
mod instant;
mod job;
mod judge;
mod length;
mod mask;
mod number;
mod options;
mod record;
mod report;
mod run;
mod spill;
mod stored;
mod suspects;
mod tally;
mod wire;

pub use compare::{FieldDifference, Tolerance};
pub use error::{ReconcileError, Result};
pub use field::canonical;
pub use job::{Job, Source};
pub use length::parse_length;
pub use number::Number;
pub use options::{Allow, Options, Side, TextRule};
pub use record::{Record, Value};
pub use report::{
    Counts, Duplicate, Event, Examples, Fact, Late, Report, Resent, SideCounts, Suspect, Unequal,
};
pub use run::{MAX_SAME_KEY, Reconciler, reconcile};
