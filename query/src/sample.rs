//! Which spans are looked at when all of them would be too many.
//!
//! In steps, so that what is looked through is bounded whatever is stored. A stretch of time is cut into blocks, and
//! blocks are drawn in proportion to the spans in them that fit the question, as the rollup counted them (every so manieth
//! of those spans draws its block): an incident of ten minutes is found in a day. Of a block that holds much, parts are
//! drawn in the same way. Of each drawn block equally many spans are taken, by a hash of their trace's id: whole traces, the same ones each time, whatever they are like. Each span
//! that fits has then the same chance, and shares of the sample are shares of the whole. Every answer says how many
//! spans it rests on.

mod draw;

use chrono::TimeDelta;
use headroom_store::Store;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::{QueryError, Result};
use crate::latency::{Cut, Kinds, Source, fetch};
use crate::range::TimeRange;
use crate::scan::{Aggregate, Filter, Key, ScanQuery};
use draw::{BlockRow, Drawn, LEAST_DRAWN, blocks, draw, draws};

/// Spans that are looked through where all of the time need not be.
const MOST_SCANNED: u64 = 250_000;
/// Up to so many spans all of the time is looked at: leaving out a part of it would save little.
const WHOLE: u64 = 2 * MOST_SCANNED;
/// Spans that the store reads to get at one of them: those of a mark.
const NEIGHBOURS: u64 = 8192;
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
        let counts = async |within: &[TimeRange], seconds: i64, source: Source| {
            let cuts: Vec<Cut> = within.iter().map(|range| Cut::for_steps(*range, source, seconds)).collect();
            let scan = |source: Source| {
                let sums = [Aggregate::sum("n", "stored"), Aggregate::sum("n", "fitting").only(fits.clone())];
                let within = Filter::Or(cuts.iter().map(|cut| cut.filter(source)).collect());
                scan(source).filter(within).key(Key::bucket("m", seconds, "at")).aggregates(sums)
            };
            let rows: Vec<BlockRow> =
                fetch(store, &cuts.iter().collect::<Vec<_>>(), Kinds::All, scan).await?;
            Ok::<_, QueryError>(blocks(&rows, within, seconds))
        };
        let seconds = block_seconds(range, source);
        let blocks = counts(&[range], seconds, source).await?;
        let Some(draws) = draws(&blocks) else { return Ok(Self::whole(range, count.fitting, wanted)) };
        let mut drawn = draw(&blocks, draws);
        // Of a long block that holds much, parts are drawn in the same way.
        let stored = drawn.iter().map(|block| block.count.stored).sum::<u64>() / drawn.len().max(1) as u64;
        let parts = part_seconds(seconds, stored);
        if parts < seconds {
            let windows: Vec<TimeRange> = drawn.iter().map(|block| block.window).collect();
            let counted = counts(&windows, parts, Source::Minutes).await?;
            drawn = drawn.into_iter().flat_map(|block| block.parts(&counted)).collect();
        }
        Ok(Self::of(&drawn, draws, wanted))
    }

    /// All of the time.
    pub fn whole(range: TimeRange, fitting: u64, wanted: u64) -> Self {
        Self { blocks: vec![Block { window: range, taken: share(fitting, wanted as f64) }] }
    }

    /// Equally many spans of each draw.
    fn of(drawn: &[Drawn], draws: u64, wanted: u64) -> Self {
        let block = |drawn: &Drawn| {
            let quota = drawn.times as f64 * wanted as f64 / draws as f64;
            Block { window: drawn.window, taken: share(drawn.count.fitting, quota) }
        };
        Self { blocks: drawn.iter().map(block).collect() }
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

/// How long the parts of a block of so many seconds and spans are: whole minutes that an hour has whole numbers of.
fn part_seconds(seconds: i64, stored: u64) -> i64 {
    let of_hour = stored as f64 * 3600.0 / seconds as f64;
    let minutes = 60.0 * (MOST_SCANNED / LEAST_DRAWN) as f64 / of_hour.max(1.0);
    let fits = |length: &i64| *length as f64 <= minutes;
    60 * [30, 20, 15, 12, 10, 6, 5, 4, 3, 2].into_iter().find(fits).unwrap_or(1)
}

#[cfg(test)]
mod tests;
