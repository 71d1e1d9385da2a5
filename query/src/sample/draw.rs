//! Blocks of time, drawn in proportion to what fits in them.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta};
use clickhouse::Row;
use serde::Deserialize;

use super::{Count, MOST_SCANNED};
use crate::range::TimeRange;

/// Blocks that are drawn at least.
pub(super) const LEAST_DRAWN: u64 = 4;
/// And at most: each costs a mark of every series at least.
const MOST_DRAWN: u64 = 12;

/// The counts of a block, by its begin.
#[derive(Debug, Row, Deserialize)]
pub(super) struct BlockRow {
    at: i64,
    stored: u64,
    fitting: u64,
}

/// A block of time, what is in it, and how often it was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Drawn {
    pub(super) window: TimeRange,
    pub(super) count: Count,
    pub(super) times: u64,
}

impl Drawn {
    /// As often as it was drawn, its parts are; itself where none is known.
    pub(super) fn parts(self, counted: &[(TimeRange, Count)]) -> Vec<Self> {
        let is_its =
            |part: &&(TimeRange, Count)| self.window.from <= part.0.from && part.0.to <= self.window.to;
        let parts: Vec<_> = counted.iter().filter(is_its).copied().collect();
        let drawn = draw(&parts, self.times);
        if drawn.is_empty() { vec![self] } else { drawn }
    }
}

/// What each block of so many seconds counted, within the windows that were asked for.
pub(super) fn blocks(rows: &[BlockRow], windows: &[TimeRange], seconds: i64) -> Vec<(TimeRange, Count)> {
    let mut counts: BTreeMap<i64, Count> = BTreeMap::new();
    for row in rows {
        let count = counts.entry(row.at).or_default();
        count.stored += row.stored;
        count.fitting += row.fitting;
    }
    let within = |(at, count): (i64, Count)| {
        let from = DateTime::from_timestamp_nanos(at);
        let to = from + TimeDelta::seconds(seconds);
        let window = windows.iter().find(|window| window.from < to && from < window.to)?;
        Some((TimeRange { from: from.max(window.from), to: to.min(window.to) }, count))
    };
    counts.into_iter().filter_map(within).collect()
}

/// How many blocks to draw, of what they hold; none where all of them may be looked at.
pub(super) fn draws(blocks: &[(TimeRange, Count)]) -> Option<u64> {
    let sum = |part: fn(&Count) -> u64| blocks.iter().map(|(_, count)| part(count)).sum::<u64>();
    let of_block = (sum(|count| count.stored) / blocks.len().max(1) as u64).max(1);
    let draws = (MOST_SCANNED / of_block).clamp(LEAST_DRAWN, MOST_DRAWN);
    (draws < blocks.len() as u64 && sum(|count| count.fitting) > 0).then_some(draws)
}

/// So many draws: every so manieth span that fits draws its block.
pub(super) fn draw(blocks: &[(TimeRange, Count)], draws: u64) -> Vec<Drawn> {
    let fitting = blocks.iter().map(|(_, count)| count.fitting).sum::<u64>();
    let step = fitting as f64 / draws as f64;
    let mut before = 0.0;
    let mut drawn = Vec::new();
    for (window, count) in blocks {
        // Points at half steps that lie in this block.
        let points = |sum: f64| (sum / step + 0.5).floor();
        let after = before + count.fitting as f64;
        let times = points(after) - points(before);
        before = after;
        if times > 0.0 {
            drawn.push(Drawn { window: *window, count: *count, times: times as u64 });
        }
    }
    drawn
}
