//! Rollups, counted while the spans go by.
//!
//! A slice's spans are counted here once, so a slice's rollup rows are few and the store
//! need not read the spans again. The rows of several slices are partial sums that the
//! tables' engines merge; `headroom_store::schema::rollups` says in SQL what they add up to.
//!
//! Words (service, operation, ...) are numbers of the span columns' dictionaries; they become
//! text when the rows are written.

mod bookings;
mod keys;
mod quotes;
mod rows;

use indexmap::IndexMap;

use headroom_store::native::{Block, Clear as _};
use headroom_store::schema;

use super::columns::{Hasher, Spans};

pub(super) use bookings::Bookings;
pub(super) use keys::{KeyIndex, Named, first_value};
pub(super) use quotes::Quotes;

/// Nanoseconds of a minute.
pub(super) const MINUTE: i64 = 60_000_000_000;

/// A map that keeps the order in which keys came, so that a slice always gives the same rows.
type Map<K, V> = IndexMap<K, V, Hasher>;

/// The dictionary numbers of what a span is counted under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Series {
    pub(super) tenant: u32,
    pub(super) service: u32,
    pub(super) operation: u32,
    pub(super) kind: u32,
    pub(super) status: u32,
    pub(super) version: u32,
    pub(super) region: u32,
}

/// What is counted of a span.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted {
    pub(super) series: Series,
    pub(super) is_error: bool,
    pub(super) ts: i64,
    pub(super) duration_ns: u64,
    pub(super) trace_id: [u8; 16],
    pub(super) span_id: [u8; 8],
}

/// A series in a minute.
#[derive(Debug, Default)]
struct Minute {
    calls: u64,
    errors: u64,
    /// Wraps as the store's own sum does.
    dur_sum: u64,
    dur_max: u64,
}

/// The spans of a latency bucket, and the slowest of them.
#[derive(Debug)]
struct Bucket {
    n: u64,
    slowest: u64,
    trace_id: [u8; 16],
    span_id: [u8; 8],
}

/// A trace's part in a slice.
#[derive(Debug)]
struct Bounds {
    start: i64,
    end: i64,
    spans: u64,
}

/// The rollup rows of a slice.
#[derive(Debug, Default)]
pub(super) struct Rollups {
    /// By series and start of the minute, seconds.
    minutes: Map<(Series, i64), Minute>,
    /// By the place of the series' minute in `minutes`, and bucket.
    buckets: Map<(u32, i16), Bucket>,
    /// By tenant and trace.
    traces: Map<(u32, [u8; 16]), Bounds>,
    /// For each number of an operation: the place in `minutes` of its last span. The next span
    /// of the operation is mostly counted there too, and nothing need be hashed.
    recent: Vec<u32>,
    /// What a customer can name.
    pub(super) keys: KeyIndex,
    /// Events that are booked.
    pub(super) bookings: Bookings,
    /// Last prices and exchange rates.
    pub(super) quotes: Quotes,
}

impl Rollups {
    /// Counts a span. Returns the place of its trace, for [`KeyIndex::span`].
    pub(super) fn span(&mut self, span: &Counted) -> u32 {
        let seconds = span.ts.div_euclid(MINUTE) * 60;
        let place = self.minute(span.series, seconds);
        let minute = &mut self.minutes[place as usize];
        minute.calls += 1;
        minute.errors += u64::from(span.is_error);
        minute.dur_sum = minute.dur_sum.wrapping_add(span.duration_ns);
        minute.dur_max = minute.dur_max.max(span.duration_ns);

        let fresh = Bucket { n: 0, slowest: 0, trace_id: span.trace_id, span_id: span.span_id };
        let bucket = self.buckets.entry((place, schema::bucket(span.duration_ns))).or_insert(fresh);
        bucket.n += 1;
        if span.duration_ns > bucket.slowest {
            (bucket.slowest, bucket.trace_id, bucket.span_id) =
                (span.duration_ns, span.trace_id, span.span_id);
        }

        let end = i64::try_from(span.duration_ns).map_or(i64::MAX, |d| span.ts.saturating_add(d));
        let place = self.trace((span.series.tenant, span.trace_id));
        let bounds = &mut self.traces[place as usize];
        bounds.start = bounds.start.min(span.ts);
        bounds.end = bounds.end.max(end);
        bounds.spans += 1;
        place
    }

    /// The place of a series' minute, which may be new.
    fn minute(&mut self, series: Series, seconds: i64) -> u32 {
        let operation = series.operation as usize;
        if operation >= self.recent.len() {
            self.recent.resize(operation + 1, 0);
        }
        let recent = &mut self.recent[operation];
        let key = (series, seconds);
        if self.minutes.get_index(*recent as usize).is_none_or(|(last, _)| *last != key) {
            let entry = self.minutes.entry(key);
            *recent = entry.index() as u32;
            entry.or_default();
        }
        *recent
    }

    /// The place of a trace, which may be new. Its spans often come one after the other.
    fn trace(&mut self, key: (u32, [u8; 16])) -> u32 {
        if self.traces.last().is_some_and(|(last, _)| *last == key) {
            return self.traces.len() as u32 - 1;
        }
        let entry = self.traces.entry(key);
        let place = entry.index() as u32;
        entry.or_insert(Bounds { start: i64::MAX, end: i64::MIN, spans: 0 });
        place
    }

    /// The blocks that have rows. `words` are the columns whose dictionaries the numbers are of.
    pub(super) fn blocks<'a>(&'a self, words: &Spans, blocks: &mut Vec<(&'static str, Block<'a>)>) {
        blocks.push((schema::SPAN_MINUTE, rows::minutes(&self.minutes, words)));
        blocks.push((schema::LATENCY_BUCKETS_1M, rows::buckets(&self.minutes, &self.buckets, words)));
        blocks.push((schema::LATENCY_BUCKETS_1H, rows::hours(&self.minutes, &self.buckets, words)));
        blocks.push((schema::EXEMPLARS, rows::exemplars(&self.minutes, &self.buckets, words)));
        blocks.push((schema::TRACE_BOUNDS, rows::traces(&self.traces, words)));
        blocks.push((schema::KEY_INDEX, self.keys.block()));
        blocks.push((schema::BOOKINGS, self.bookings.block()));
        blocks.push((schema::QUOTES_1M, self.quotes.minutes()));
        blocks.push((schema::QUOTES_1D, self.quotes.days()));
    }

    pub(super) fn clear(&mut self) {
        self.minutes.clear();
        self.buckets.clear();
        self.traces.clear();
        self.recent.clear();
        self.keys.clear();
        self.bookings.clear();
        self.quotes.clear();
    }
}
