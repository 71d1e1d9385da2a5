//! What a table and a rollup are made of, before they are rendered.

use serde::{Deserialize, Serialize};

/// Which kind of ClickHouse the schema is rendered for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// The embedded engine.
    Embedded,
    /// A single server.
    Server,
    /// A cluster of this name: replicated local tables and distributed ones over them.
    Cluster(String),
}

/// How long rows are kept, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Spans, logs, metric points, quarantine.
    pub raw_days: u32,
    /// Rollups by the minute, exemplars, trace bounds.
    pub minute_days: u32,
    /// Rollups by the hour.
    pub hour_days: u32,
    /// Business events.
    pub event_days: u32,
    /// The index of what a customer can name.
    pub lookup_days: u32,
    /// SLO slices, forecasts, plans.
    pub result_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            raw_days: 30,
            minute_days: 30,
            hour_days: 400,
            event_days: 2557,
            lookup_days: 90,
            result_days: 400,
        }
    }
}

/// Which of the times of [`Retention`] holds for a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of Retention")]
pub enum Keep {
    Raw,
    Minute,
    Hour,
    Event,
    Lookup,
    Result,
}

impl Retention {
    /// Days for a class of tables.
    pub fn days(&self, keep: Keep) -> u32 {
        match keep {
            Keep::Raw => self.raw_days,
            Keep::Minute => self.minute_days,
            Keep::Hour => self.hour_days,
            Keep::Event => self.event_days,
            Keep::Lookup => self.lookup_days,
            Keep::Result => self.result_days,
        }
    }
}

/// The engine of the MergeTree family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Rows as they come.
    Merge,
    /// Sums, minima and maxima that merge.
    Aggregating,
    /// The row of the greatest version per key.
    Replacing(&'static str),
}

/// A table.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Names and types, codec included.
    pub columns: Vec<(&'static str, &'static str)>,
    /// Its engine.
    pub engine: Engine,
    /// The partition expression.
    pub partition: &'static str,
    /// The sorting key.
    pub order: &'static str,
    /// Where a cluster puts a row.
    pub shard: &'static str,
    /// The time column that rows are kept by, and how long.
    pub keep: Option<(&'static str, Keep)>,
    /// Skipping indexes.
    pub indexes: Vec<&'static str>,
    /// The column whose words are found by an index of their own.
    pub words: Option<&'static str>,
    /// Rows per mark.
    pub granularity: u32,
}

impl Table {
    /// A MergeTree of raw rows.
    pub(crate) fn raw(
        name: &'static str,
        columns: Vec<(&'static str, &'static str)>,
        order: &'static str,
        shard: &'static str,
    ) -> Self {
        Self {
            name,
            columns,
            engine: Engine::Merge,
            partition: "toDate(ts)",
            order,
            shard,
            keep: Some(("ts", Keep::Raw)),
            indexes: Vec::new(),
            words: None,
            granularity: 8192,
        }
    }
}

/// What a rollup holds, in SQL.
#[derive(Debug, Clone)]
pub struct Rollup {
    /// The table it is kept in.
    pub table: &'static str,
    /// The raw rows it is a sum of.
    pub source: &'static str,
    /// The SELECT, with `{source}` where the source stands.
    pub select: String,
    /// The schema with which it came. A database that had the source before is filled once.
    pub since: u32,
}
