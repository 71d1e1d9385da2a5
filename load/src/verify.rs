//! Whether what was acknowledged is stored exactly once.
//!
//! For each table that a run wrote to, the stored rows and distinct records of each body are
//! counted, some bodies at a time, and compared with the ledger. Stores take in what they have
//! acknowledged a little later, so what is not complete is counted again until `patience` is over.

mod clickhouse;
mod compare;
mod door;
mod report;
mod table;

use std::collections::HashMap;
use std::future::Future;
use std::ops::RangeInclusive;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::body::MAX_AGE_NS;
use crate::error::LoadError;
use crate::ledger::{Entry, Ledger};
use crate::run_id::RunId;
pub use clickhouse::ClickHouse;
pub use door::SqlDoor;
pub use report::{BodyFault, TableReport, VerifyReport};
pub use table::Table;

/// The records of some bodies, in one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountQuery {
    /// Where.
    pub table: Table,
    /// Of which run.
    pub run: RunId,
    /// Numbers of bodies.
    pub bodies: RangeInclusive<u32>,
    /// The times of their records, in nanoseconds since the epoch: a bound for what is read.
    pub times: RangeInclusive<u64>,
}

/// What is stored of one body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyCount {
    /// Its number.
    pub body: u32,
    /// Rows.
    pub rows: u64,
    /// Distinct records among them.
    pub distinct: u64,
}

/// Somebody who can count what is stored.
pub trait Count {
    /// Records that one query may be about, at most.
    fn records_at_once(&self) -> u64;

    /// Whether rows too many can be seen in this table; where not, rows are as many as distinct
    /// records.
    fn sees_duplicates(&self, table: Table) -> bool;

    /// Counts. Bodies of which nothing is stored are left out.
    fn counts(&self, query: &CountQuery) -> impl Future<Output = Result<Vec<BodyCount>, LoadError>> + Send;
}

/// How to check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifyOptions {
    /// How long to wait until everything is stored, and for a store that does not answer.
    pub patience: Duration,
    /// How long to wait then before everything is counted once more: duplicates may come late.
    pub settle: Duration,
}

impl Default for VerifyOptions {
    fn default() -> Self {
        Self { patience: Duration::from_mins(1), settle: Duration::from_secs(3) }
    }
}

/// How long to wait between two looks.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Compares a ledger with what `source` counts. That something is missing or stored twice is part of the
/// report; an error is a source that cannot be asked.
pub async fn verify(
    ledger: &Ledger,
    source: &impl Count,
    options: &VerifyOptions,
) -> Result<VerifyReport, LoadError> {
    let begun = Instant::now();
    let mut pieces = pieces(ledger, source.records_at_once());
    for piece in &mut pieces {
        loop {
            match piece.count(source).await {
                Ok(()) if piece.is_complete() => break,
                Err(error) if begun.elapsed() >= options.patience => return Err(error),
                _ if begun.elapsed() >= options.patience => break,
                _ => sleep(LOOK_AGAIN).await,
            }
        }
    }
    sleep(options.settle).await;
    for piece in &mut pieces {
        while let Err(error) = piece.count(source).await {
            if begun.elapsed() >= options.patience + options.settle {
                return Err(error);
            }
            sleep(LOOK_AGAIN).await;
        }
    }
    Ok(report::of(ledger.run, &pieces, source, begun.elapsed()))
}

/// Bodies that are counted with one query.
struct Piece<'a> {
    query: CountQuery,
    entries: Vec<&'a Entry>,
    stored: HashMap<u32, BodyCount>,
}

impl Piece<'_> {
    async fn count(&mut self, source: &impl Count) -> Result<(), LoadError> {
        let counts = source.counts(&self.query).await?;
        self.stored = counts.into_iter().map(|one| (one.body, one)).collect();
        Ok(())
    }

    fn is_complete(&self) -> bool {
        self.entries.iter().all(|entry| compare::missing(entry, self.stored.get(&entry.body)) == 0)
    }
}

/// Bodies that one query may be about: the SQL door's answers have at most 10,000 rows.
const BODIES_AT_ONCE: u64 = 5_000;

/// Bodies without an entry were filled at most so long before or after their neighbours.
const NEIGHBOURS_NS: u64 = 600_000_000_000;

/// The queries that together are about every body of the run, known to the ledger or not.
fn pieces(ledger: &Ledger, records_at_once: u64) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    for table in Table::ALL {
        let mut entries: Vec<&Entry> = ledger.entries.iter().filter(|one| table.holds(one.signal)).collect();
        entries.sort_unstable_by_key(|one| one.body);
        let Some(largest) = entries.iter().map(|one| one.records).max() else { continue };
        let bodies = (records_at_once / u64::from(largest.max(1))).clamp(1, BODIES_AT_ONCE) as usize;
        let mut first = 0;
        let chunks = entries.chunks(bodies);
        let last_chunk = chunks.len() - 1;
        for (index, chunk) in chunks.enumerate() {
            let last = if index == last_chunk { u32::MAX } else { chunk[chunk.len() - 1].body };
            let times = || chunk.iter().map(|one| one.base_ns);
            let (min, max) = (times().min().unwrap_or(0), times().max().unwrap_or(0));
            let from = min.saturating_sub(MAX_AGE_NS + NEIGHBOURS_NS);
            let query = CountQuery {
                table,
                run: ledger.run,
                bodies: first..=last,
                times: from..=max.saturating_add(NEIGHBOURS_NS),
            };
            first = last.saturating_add(1);
            pieces.push(Piece { query, entries: chunk.to_vec(), stored: HashMap::new() });
        }
    }
    pieces
}

#[cfg(test)]
mod tests;
