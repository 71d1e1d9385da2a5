//! Which spans are looked at when all of them would be too many.
//!
//! In two steps, so that what is looked through is bounded whatever is stored. A stretch of time is cut into blocks, and
//! blocks are drawn in proportion to the spans in them that fit the question, as the rollup counted them (every so manieth
//! of those spans draws its block): an incident of ten minutes is found in a day. Of each drawn block equally many spans
//! are taken, by a hash of their trace's id: whole traces, the same ones each time, whatever they are like. Each span
//! that fits has then the same chance, and shares of the sample are shares of the whole. Every answer says how many
//! spans it rests on.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta};
use clickhouse::Row;
use headroom_store::Store;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Result;
use crate::latency::{Cut, Kinds, Source, fetch};
use crate::range::TimeRange;
use crate::scan::{Aggregate, Filter, Key, ScanQuery};

/// Spans that are looked through where all of the time need not be.
const MOST_SCANNED: u64 = 250_000;
/// Up to so many spans all of the time is looked at: leaving out a part of it would save little.
const WHOLE: u64 = 2 * MOST_SCANNED;
/// Spans that the store reads to get at one of them: those of a mark.
const NEIGHBOURS: u64 = 8192;
/// Blocks that are drawn at least.
const LEAST_DRAWN: u64 = 4;
/// And at most: each costs a mark of every series at least.
const MOST_DRAWN: u64 = 12;
/// Blocks of time that a stretch is cut into, about.
const BLOCKS: i64 = 48;
/// Parts in which the share of a block is told to the store.
const PARTS: u64 = 1 << 16;

/// What of a stretch of time is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    blocks: Vec<Block>,
}

/// A block of time, and how many of [`PARTS`] of its traces are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Block {
    window: TimeRange,
    taken: u64,
}

/// Spans as a rollup counted them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// All that lie where is looked.
    pub stored: u64,
    /// Those that fit the question.
    pub fitting: u64,
}

/// What a sample is, as answers tell it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Sampled {
    /// Spans that were read.
    pub spans: u64,
    /// Spans that they stand for, as the rollup counted them; one that was sent twice is counted twice.
    pub of: u64,
    /// Share of the time that was looked at; 1 is all of it.
    pub time: f64,
}

#[derive(Debug, Row, Deserialize)]
struct BlockRow {
    at: i64,
    stored: u64,
    fitting: u64,
}

impl Plan {
    /// A plan to take about `wanted` of the spans that fit. `scan` is a query to a rollup of the spans where is looked,
    /// `fits` those of them that fit. Asks for the counts of blocks where there is much to look through.
    pub(crate) async fn read(
        store: &Store,
        range: TimeRange,
        source: Source,
        count: Count,
        wanted: u64,
        scan: impl Fn(Source) -> ScanQuery,
        fits: &Filter,
    ) -> Result<Self> {
        // A span that fits brings its neighbours with it.
        if count.stored.min(count.fitting.saturating_mul(NEIGHBOURS)) <= WHOLE {
            return Ok(Self::whole(range, count.fitting, wanted));
        }
        let seconds = block_seconds(range, source);
        let cut = Cut::for_steps(range, source, seconds);
        let blocks = |source: Source| {
            let sums = [Aggregate::sum("n", "stored"), Aggregate::sum("n", "fitting").only(fits.clone())];
            scan(source).filter(cut.filter(source)).key(Key::bucket("m", seconds, "at")).aggregates(sums)
        };
        let rows: Vec<BlockRow> = fetch(store, &[&cut], Kinds::All, blocks).await?;
        let mut blocks: BTreeMap<i64, Count> = BTreeMap::new();
        for row in rows {
            let block = blocks.entry(row.at).or_default();
            block.stored += row.stored;
            block.fitting += row.fitting;
        }
        let length = TimeDelta::seconds(seconds);
        let within = |at: i64| {
            let from = DateTime::from_timestamp_nanos(at);
            TimeRange { from: from.max(range.from), to: (from + length).min(range.to) }
        };
        let blocks: Vec<_> = blocks.into_iter().map(|(at, count)| (within(at), count)).collect();
        Ok(Self::drawn(range, &blocks, wanted))
    }

    /// All of the time.
    pub fn whole(range: TimeRange, fitting: u64, wanted: u64) -> Self {
        Self { blocks: vec![Block { window: range, taken: share(fitting, wanted as f64) }] }
    }

    /// Blocks drawn in proportion to what fits in them, and equally many spans of each.
    pub fn drawn(range: TimeRange, blocks: &[(TimeRange, Count)], wanted: u64) -> Self {
        let sum = |part: fn(&Count) -> u64| blocks.iter().map(|(_, count)| part(count)).sum::<u64>();
        let (stored, fitting) = (sum(|count| count.stored), sum(|count| count.fitting));
        let of_block = (stored / blocks.len().max(1) as u64).max(1);
        let draws = (MOST_SCANNED / of_block).clamp(LEAST_DRAWN, MOST_DRAWN);
        if draws >= blocks.len() as u64 || fitting == 0 {
            return Self::whole(range, fitting, wanted);
        }
        let step = fitting as f64 / draws as f64;
        let (mut before, mut drawn) = (0.0, Vec::new());
        for (window, count) in blocks {
            // Points at half steps that lie in this block.
            let points = |sum: f64| (sum / step + 0.5).floor();
            let after = before + count.fitting as f64;
            let times = points(after) - points(before);
            before = after;
            if times > 0.0 {
                let quota = times * wanted as f64 / draws as f64;
                drawn.push(Block { window: *window, taken: share(count.fitting, quota) });
            }
        }
        Self { blocks: drawn }
    }

    /// Rows within the plan's blocks of time.
    pub fn time(&self, column: &str) -> Filter {
        Filter::Or(self.blocks.iter().map(|block| Filter::within(column, &block.window)).collect())
    }

    /// Rows that the plan takes: its blocks of time, its traces.
    pub fn filter(&self, column: &str) -> Filter {
        let block = |block: &Block| {
            let time = Filter::within(column, &block.window);
            if block.taken >= PARTS {
                return time;
            }
            Filter::And(vec![time, Filter::Part("trace_id".to_owned(), block.taken, PARTS)])
        };
        Filter::Or(self.blocks.iter().map(block).collect())
    }

    /// The same traces, looked for until later.
    #[must_use]
    pub fn until(&self, later: TimeDelta) -> Self {
        let longer = |block: &Block| Block {
            window: TimeRange { to: block.window.to + later, ..block.window },
            ..*block
        };
        Self { blocks: self.blocks.iter().map(longer).collect() }
    }

    /// Whether everything is taken.
    pub fn is_everything(&self, range: &TimeRange) -> bool {
        matches!(&self.blocks[..], [block] if block.window == *range && block.taken >= PARTS)
    }

    /// How a sample of so many spans is told.
    pub fn told(&self, range: &TimeRange, spans: u64, of: u64) -> Sampled {
        let time = self.blocks.iter().map(|block| block.window.seconds()).sum::<f64>() / range.seconds();
        Sampled { spans, of, time }
    }
}

/// How many of [`PARTS`] give about `wanted` of so many.
fn share(of: u64, wanted: f64) -> u64 {
    if of as f64 <= wanted { PARTS } else { (wanted / of as f64 * PARTS as f64).ceil() as u64 }
}

/// About [`BLOCKS`] blocks of whole minutes; whole hours where that leaves half as many.
fn block_seconds(range: TimeRange, source: Source) -> i64 {
    let hours = range.length().num_hours() / BLOCKS;
    if source == Source::Hours || range.length() >= TimeDelta::hours(BLOCKS / 2) {
        return (hours * 3600).max(3600);
    }
    (range.length().num_minutes() / BLOCKS).max(1) * 60
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone as _, Utc};
    use proptest::prelude::*;

    fn hours(n: i64) -> TimeRange {
        let from = Utc.with_ymd_and_hms(2026, 11, 20, 0, 0, 0).unwrap();
        TimeRange::new(from, from + TimeDelta::hours(n)).unwrap()
    }

    /// An hour each.
    fn blocks(counts: &[(u64, u64)]) -> (TimeRange, Vec<(TimeRange, Count)>) {
        let range = hours(counts.len() as i64);
        let block = |(i, (stored, fitting)): (usize, &(u64, u64))| {
            let from = range.from + TimeDelta::hours(i as i64);
            let count = Count { stored: *stored, fitting: *fitting };
            (TimeRange { from, to: from + TimeDelta::hours(1) }, count)
        };
        (range, counts.iter().enumerate().map(block).collect())
    }

    #[test]
    fn what_is_little_is_read_whole() {
        assert!(Plan::whole(hours(1), 900, 10_000).is_everything(&hours(1)));
        let half = Plan::whole(hours(1), 20_000, 10_000);
        assert_eq!((half.blocks[0].taken, half.is_everything(&hours(1))), (PARTS / 2, false));
    }

    #[test]
    fn an_incident_is_found_in_a_day() {
        let mut counts = vec![(1_000_000, 3); 24];
        counts[17] = (1_000_000, 40_000);
        let (range, blocks) = blocks(&counts);
        let plan = Plan::drawn(range, &blocks, 10_000);
        assert_eq!(plan.blocks.len(), 1, "{plan:?}");
        assert_eq!((plan.blocks[0].window, plan.blocks[0].taken), (blocks[17].0, PARTS / 4));
        assert!((plan.told(&range, 9_987, 40_069).time - 1.0 / 24.0).abs() < 1e-9);
    }

    #[test]
    fn blocks_are_hours_from_a_day_on() {
        assert_eq!(block_seconds(hours(24), Source::Minutes), 3600);
        assert_eq!(block_seconds(hours(1), Source::Minutes), 60);
        assert_eq!(block_seconds(hours(14 * 24), Source::Hours), 7 * 3600);
    }

    proptest! {
        /// Every span that fits has about the same chance, but for blocks of fewer than their quota.
        #[test]
        fn chances_are_equal(
            counts in prop::collection::vec((1_000_u64..4_000_000, 1_000_u64..90_000), 10..48),
            wanted in 100_u64..2_000,
        ) {
            let (range, blocks) = blocks(&counts);
            let plan = Plan::drawn(range, &blocks, wanted);
            prop_assert!(!plan.blocks.is_empty());
            let mut taken = 0.0;
            for block in &plan.blocks {
                let fitting = blocks.iter().find(|(window, _)| *window == block.window).map(|(_, count)| count.fitting);
                let fitting = fitting.unwrap_or_else(|| counts.iter().map(|count| count.1).sum());
                taken += fitting as f64 * block.taken as f64 / PARTS as f64;
            }
            prop_assert!((taken - wanted as f64).abs() < wanted as f64 * 0.02 + 30.0, "{taken} of {wanted}");
            prop_assert!(plan.blocks.windows(2).all(|two| two[0].window.to <= two[1].window.from));
        }
    }
}
