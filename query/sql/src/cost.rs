//! What a statement will cost: the rows that ClickHouse would read for it, told before it runs.
//!
//! Only views of single records are asked for, for they alone grow with the traffic; groups by the minute are small.
//! The figure is of whole granules of the indexes, and so an upper bound. Where there is none (a `Distributed` table
//! gives none), there is no limit but time and memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use clickhouse::Row;
use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::physical_plan::ExecutionPlan;
use serde::Deserialize;

use crate::catalog::View;
use crate::error::{Result, SqlError};
use crate::exec::ScanExec;
use crate::facts::FactsExec;
use crate::fetch::Reader;
use crate::scan::Question;

/// Columns of `spans` by which `span_minute` and `latency_buckets` are grouped, and what they count.
const BY_MINUTE: [&str; 8] =
    ["ts", "service", "operation", "kind", "status", "version", "region", "duration_ns"];

/// Rows that are to be read, by view.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Cost {
    views: BTreeMap<&'static str, u64>,
    /// Views that groups by the minute would answer for.
    grouped: bool,
    /// What the program works out itself, in words.
    work: Vec<String>,
}

/// A line of `EXPLAIN ESTIMATE`.
#[derive(Debug, Row, Deserialize)]
struct Estimate {
    #[serde(rename = "database")]
    _database: String,
    #[serde(rename = "table")]
    _table: String,
    #[serde(rename = "parts")]
    _parts: u64,
    rows: u64,
    #[serde(rename = "marks")]
    _marks: u64,
}

/// What a plan will read.
pub(crate) async fn of(plan: &Arc<dyn ExecutionPlan>) -> Result<Cost> {
    let mut reads: Vec<(Question, Arc<Reader>, Arc<str>)> = Vec::new();
    let mut work = Vec::new();
    plan.apply(|node| {
        let any: &dyn std::any::Any = node.as_ref();
        work.extend(any.downcast_ref::<FactsExec>().and_then(FactsExec::work));
        if let Some(scan) = any.downcast_ref::<ScanExec>() {
            reads.push(scan.read());
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    let mut cost = Cost { grouped: true, work, ..Cost::default() };
    let large = |question: &Question| is_of_records(question.view()) && !question.stops_early();
    for (question, reader, tenant) in reads.iter().filter(|(question, ..)| large(question)) {
        let mut rows = 0;
        for sql in reader.probes(question, tenant) {
            match reader.rows::<Estimate>(&format!("EXPLAIN ESTIMATE {sql}")).await {
                Ok(lines) => rows += lines.iter().map(|line| line.rows).sum::<u64>(),
                Err(error) => tracing::debug!(%error, sql, "no estimate of a read"),
            }
        }
        *cost.views.entry(question.view().name).or_default() += rows;
        cost.grouped &= question.view().name == "spans"
            && question.columns().iter().all(|column| BY_MINUTE.contains(&column.name));
    }
    Ok(cost)
}

/// Whether a view has a row for each record that was sent.
fn is_of_records(view: &View) -> bool {
    matches!(view.name, "spans" | "logs" | "metrics" | "events")
}

impl Cost {
    /// Refuses what reads more than `most` rows.
    pub(crate) fn check(&self, most: u64) -> Result<()> {
        if self.views.values().sum::<u64>() <= most {
            return Ok(());
        }
        Err(SqlError::TooMuchToRead { reads: self.to_string(), most, grouped: self.grouped })
    }
}

impl std::fmt::Display for Cost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let views: Vec<String> =
            self.views.iter().map(|(view, rows)| format!("{} rows of {view}", counted(*rows))).collect();
        match views.as_slice() {
            [] => f.write_str("no rows of spans, logs, metrics or events")?,
            views => f.write_str(&views.join(" and "))?,
        }
        match self.work.as_slice() {
            [] => Ok(()),
            work => write!(f, ", and works out {}", work.join(" and ")),
        }
    }
}

/// A number of rows in short.
fn counted(rows: u64) -> String {
    match rows {
        0..10_000 => rows.to_string(),
        10_000..10_000_000 => format!("{} thousand", rows / 1_000),
        10_000_000..10_000_000_000 => format!("{} million", rows / 1_000_000),
        _ => format!("{} billion", rows / 1_000_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_told_with_what_would_answer() {
        let cost =
            Cost { views: [("logs", 9_999), ("spans", 12_345_678)].into(), grouped: false, work: Vec::new() };
        assert_eq!(cost.to_string(), "9999 rows of logs and 12 million rows of spans");
        assert_eq!(cost.check(12_355_677), Ok(()));
        let refused = cost.check(12_355_676).expect_err("one row too many");
        assert_eq!(refused.sqlstate(), "54000");
        let spans = Cost { views: [("spans", 2)].into(), grouped: true, work: Vec::new() };
        let hint = spans.check(1).expect_err("too many").hint().expect("a hint");
        assert!(hint.contains("span_minute") && hint.contains("latency_buckets"), "{hint}");
        assert_eq!(Cost::default().to_string(), "no rows of spans, logs, metrics or events");
    }
}
