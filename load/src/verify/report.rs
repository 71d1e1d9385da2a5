//! What a check found.

use std::collections::HashSet;
use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::compare::{duplicates, missing, promised};
use super::{Count, Piece, Table};
use crate::ledger::Outcome;
use crate::run_id::RunId;

/// Faulty bodies that are listed one by one, for each table.
const LISTED: usize = 20;

/// Whether what was acknowledged is stored exactly once.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VerifyReport {
    /// The run.
    pub run: RunId,
    /// Nothing is missing and nothing is stored twice.
    pub passed: bool,
    /// From the first question to the last, in seconds.
    pub seconds: f64,
    /// Each table that the run wrote to.
    pub tables: Vec<TableReport>,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableReport {
    /// Which.
    pub table: Table,
    /// Records that must be stored: those acknowledged.
    pub acknowledged: u64,
    /// Distinct records stored, in bodies that were acknowledged.
    pub stored: u64,
    /// Records that must be stored and are not.
    pub missing: u64,
    /// Rows beyond the first of each record, in all bodies; `None` where they cannot be seen.
    pub duplicates: Option<u64>,
    /// Those of them that are in bodies which were sent again because a request was not answered: the
    /// receiver was given them twice.
    pub duplicates_resent: u64,
    /// Bodies stored though never acknowledged: the answer was lost, or never came.
    pub unacknowledged_bodies: u64,
    /// Distinct records in these.
    pub unacknowledged_records: u64,
    /// Records stored though a partial success had left them out.
    pub surplus: u64,
    /// The first bodies with something missing or twice.
    pub faults: Vec<BodyFault>,
}

/// A body with something missing or twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BodyFault {
    /// Its number.
    pub body: u32,
    /// What the ledger knows; `None`: it has no entry.
    pub outcome: Option<Outcome>,
    /// Records that must be stored.
    pub promised: u64,
    /// Rows stored.
    pub rows: u64,
    /// Distinct records stored.
    pub distinct: u64,
}

pub(super) fn of(run: RunId, pieces: &[Piece<'_>], source: &impl Count, took: Duration) -> VerifyReport {
    let mut tables: Vec<TableReport> = Vec::new();
    for piece in pieces {
        let table = piece.query.table;
        // Pieces of one table follow each other.
        if tables.last().is_none_or(|one| one.table != table) {
            tables.push(TableReport::new(table, source.sees_duplicates(table)));
        }
        if let Some(one) = tables.last_mut() {
            one.add(piece);
        }
    }
    let passed = tables.iter().all(|one| one.missing == 0 && one.duplicates.unwrap_or(0) == 0);
    VerifyReport { run, passed, seconds: took.as_secs_f64(), tables }
}

impl TableReport {
    fn new(table: Table, sees_duplicates: bool) -> Self {
        Self {
            table,
            acknowledged: 0,
            stored: 0,
            missing: 0,
            duplicates: sees_duplicates.then_some(0),
            duplicates_resent: 0,
            unacknowledged_bodies: 0,
            unacknowledged_records: 0,
            surplus: 0,
            faults: Vec::new(),
        }
    }

    fn add(&mut self, piece: &Piece<'_>) {
        let mut known = HashSet::new();
        for entry in &piece.entries {
            known.insert(entry.body);
            let stored = piece.stored.get(&entry.body);
            let (rows, distinct) = stored.map_or((0, 0), |one| (one.rows, one.distinct));
            let (promised, missing, twice) =
                (promised(entry), missing(entry, stored), stored.map_or(0, duplicates));
            self.acknowledged += promised;
            self.missing += missing;
            if entry.outcome == Outcome::Acknowledged {
                self.stored += distinct;
                self.surplus += distinct.saturating_sub(promised);
            } else if distinct > 0 {
                self.unacknowledged_bodies += 1;
                self.unacknowledged_records += distinct;
            }
            self.twice(twice, entry.unanswered > 0);
            if missing > 0 || twice > 0 {
                let outcome = Some(entry.outcome);
                self.fault(BodyFault { body: entry.body, outcome, promised, rows, distinct });
            }
        }
        // Bodies of this table that were under way when the run ended have no entry.
        let mut others: Vec<_> = piece.stored.values().filter(|one| !known.contains(&one.body)).collect();
        others.sort_unstable_by_key(|one| one.body);
        for one in others {
            self.unacknowledged_bodies += 1;
            self.unacknowledged_records += one.distinct;
            let twice = duplicates(one);
            // Whether it was sent again, nobody knows.
            self.twice(twice, false);
            if twice > 0 {
                let (rows, distinct) = (one.rows, one.distinct);
                self.fault(BodyFault { body: one.body, outcome: None, promised: 0, rows, distinct });
            }
        }
    }

    fn twice(&mut self, rows: u64, resent: bool) {
        if let Some(all) = &mut self.duplicates {
            *all += rows;
            self.duplicates_resent += if resent { rows } else { 0 };
        }
    }

    fn fault(&mut self, fault: BodyFault) {
        if self.faults.len() < LISTED {
            self.faults.push(fault);
        }
    }
}

impl fmt::Display for VerifyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.passed { "stored exactly once" } else { "NOT stored exactly once" };
        write!(
            f,
            "run {}: what was acknowledged is {verdict} (checked for {:.1} s)",
            self.run, self.seconds
        )?;
        self.tables.iter().try_for_each(|table| write!(f, "\n{table}"))
    }
}

impl fmt::Display for TableReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:13} acknowledged {}, stored {}, missing {}, ",
            self.table.name(),
            self.acknowledged,
            self.stored,
            self.missing
        )?;
        match self.duplicates {
            Some(rows) => write!(f, "duplicates {rows}")?,
            None => write!(f, "duplicates cannot be seen here")?,
        }
        if self.duplicates_resent > 0 {
            write!(f, " ({} of bodies that were sent again without an answer)", self.duplicates_resent)?;
        }
        if self.unacknowledged_bodies > 0 {
            let (bodies, records) = (self.unacknowledged_bodies, self.unacknowledged_records);
            write!(f, "; stored without acknowledgement: {records} records in {bodies} bodies")?;
        }
        if self.surplus > 0 {
            write!(f, "; stored though rejected: {}", self.surplus)?;
        }
        for BodyFault { body, outcome, promised, rows, distinct } in &self.faults {
            let outcome = match outcome {
                Some(Outcome::Acknowledged) => "acknowledged",
                Some(Outcome::Refused) => "refused",
                Some(Outcome::Unknown) => "unknown",
                None => "not in the ledger",
            };
            write!(f, "\n  body {body} ({outcome}): promised {promised}, {rows} rows, {distinct} distinct")?;
        }
        Ok(())
    }
}
