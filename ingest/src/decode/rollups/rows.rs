//! From counts to the columns of the rollup tables.

use headroom_store::native::{Block, Fixed, Numbers, Words};

use super::{Bounds, Bucket, Map, Minute, Series};
use crate::decode::columns::Spans;

/// Columns that name a series, filled row by row from the dictionaries of the spans.
struct Names<'a> {
    words: &'a Spans,
    tenant: Words,
    service: Words,
    operation: Words,
    kind: Words,
    status: Words,
    version: Words,
    region: Words,
}

impl<'a> Names<'a> {
    fn new(words: &'a Spans) -> Self {
        let [tenant, service, operation, kind, status, version, region] = [(); 7].map(|()| Words::new());
        Self { words, tenant, service, operation, kind, status, version, region }
    }

    fn push(&mut self, series: &Series) {
        let w = self.words;
        self.tenant.push_bytes(w.tenant.word(series.tenant));
        self.service.push_bytes(w.service.word(series.service));
        self.operation.push_bytes(w.operation.word(series.operation));
        self.kind.push_bytes(w.kind.word(series.kind));
        self.status.push_bytes(w.status.word(series.status));
        self.version.push_bytes(w.version.word(series.version));
        self.region.push_bytes(w.region.word(series.region));
    }

    /// The columns that every rollup of series has, taken out.
    fn place(&mut self) -> Block<'static> {
        Block::new()
            .with("tenant", std::mem::take(&mut self.tenant))
            .with("service", std::mem::take(&mut self.service))
            .with("operation", std::mem::take(&mut self.operation))
    }
}

/// Table `span_minute`.
pub(super) fn minutes(minutes: &Map<(Series, i64), Minute>, words: &Spans) -> Block<'static> {
    let mut names = Names::new(words);
    let mut m = Numbers::seconds();
    let [mut calls, mut errors, mut dur_sum, mut dur_max] = [(); 4].map(|()| Numbers::<u64>::new());
    for ((series, start), minute) in minutes {
        names.push(series);
        m.push(*start);
        calls.push(minute.calls);
        errors.push(minute.errors);
        dur_sum.push(minute.dur_sum);
        dur_max.push(minute.dur_max);
    }
    names
        .place()
        .with("kind", names.kind)
        .with("status", names.status)
        .with("version", names.version)
        .with("region", names.region)
        .with("m", m)
        .with("calls", calls)
        .with("errors", errors)
        .with("dur_sum", dur_sum)
        .with("dur_max", dur_max)
}

/// Rows of a latency table.
struct Latency<'a> {
    names: Names<'a>,
    m: Numbers<i64>,
    b: Numbers<i16>,
    n: Numbers<u64>,
}

impl<'a> Latency<'a> {
    fn new(words: &'a Spans) -> Self {
        Self { names: Names::new(words), m: Numbers::seconds(), b: Numbers::new(), n: Numbers::new() }
    }

    fn push(&mut self, series: &Series, start: i64, bucket: i16, n: u64) {
        self.names.push(series);
        self.m.push(start);
        self.b.push(bucket);
        self.n.push(n);
    }

    fn block(self) -> Block<'static> {
        let mut names = self.names;
        names
            .place()
            .with("kind", names.kind)
            .with("status", names.status)
            .with("m", self.m)
            .with("b", self.b)
            .with("n", self.n)
            .with("version", names.version)
            .with("region", names.region)
    }
}

/// A series and the start of its minute, by the place of the two in `minutes`.
fn at(minutes: &Map<(Series, i64), Minute>, place: u32) -> (Series, i64) {
    let (key, _) = minutes.get_index(place as usize).expect("a bucket's minute is never removed");
    *key
}

/// Table `latency_buckets_1m`.
pub(super) fn buckets(
    minutes: &Map<(Series, i64), Minute>,
    buckets: &Map<(u32, i16), Bucket>,
    words: &Spans,
) -> Block<'static> {
    let mut rows = Latency::new(words);
    for ((place, b), bucket) in buckets {
        let (series, start) = at(minutes, *place);
        rows.push(&series, start, *b, bucket.n);
    }
    rows.block()
}

/// Table `latency_buckets_1h`.
pub(super) fn hours(
    minutes: &Map<(Series, i64), Minute>,
    buckets: &Map<(u32, i16), Bucket>,
    words: &Spans,
) -> Block<'static> {
    let mut hours = Map::<(Series, i64, i16), u64>::default();
    for ((place, b), bucket) in buckets {
        let (series, start) = at(minutes, *place);
        *hours.entry((series, start - start.rem_euclid(3_600), *b)).or_default() += bucket.n;
    }
    let mut rows = Latency::new(words);
    for ((series, start, b), n) in &hours {
        rows.push(series, *start, *b, *n);
    }
    rows.block()
}

/// Table `exemplars`: the slowest span of each octave.
pub(super) fn exemplars(
    minutes: &Map<(Series, i64), Minute>,
    buckets: &Map<(u32, i16), Bucket>,
    words: &Spans,
) -> Block<'static> {
    let mut octaves = Map::<(Series, i64, i8), (u32, &Bucket)>::default();
    for ((place, b), bucket) in buckets {
        let (series, start) = at(minutes, *place);
        let status = series.status;
        let series = Series { kind: 0, status: 0, version: 0, region: 0, ..series };
        let slowest = octaves.entry((series, start, (*b >> 4) as i8)).or_insert((status, bucket));
        if bucket.slowest > slowest.1.slowest {
            *slowest = (status, bucket);
        }
    }
    let (mut names, mut m, mut octave) = (Names::new(words), Numbers::seconds(), Numbers::<i8>::new());
    let (mut trace_id, mut span_id) = (Fixed::<16>::new(), Fixed::<8>::new());
    let mut duration_ns = Numbers::<u64>::new();
    for ((series, start, number), (status, bucket)) in &octaves {
        names.push(&Series { status: *status, ..*series });
        m.push(*start);
        octave.push(*number);
        trace_id.push(&bucket.trace_id);
        span_id.push(&bucket.span_id);
        duration_ns.push(bucket.slowest);
    }
    names
        .place()
        .with("m", m)
        .with("octave", octave)
        .with("trace_id", trace_id)
        .with("span_id", span_id)
        .with("duration_ns", duration_ns)
        .with("status", names.status)
}

/// Table `trace_bounds`.
pub(super) fn traces(traces: &Map<(u32, [u8; 16]), Bounds>, words: &Spans) -> Block<'static> {
    let (mut tenant, mut trace_id) = (Words::new(), Fixed::<16>::new());
    let [mut start, mut end] = [(); 2].map(|()| Numbers::nanoseconds());
    let mut spans = Numbers::<u64>::new();
    for ((owner, trace), bounds) in traces {
        tenant.push_bytes(words.tenant.word(*owner));
        trace_id.push(trace);
        start.push(bounds.start);
        end.push(bounds.end);
        spans.push(bounds.spans);
    }
    Block::new()
        .with("tenant", tenant)
        .with("trace_id", trace_id)
        .with("start", start)
        .with("end", end)
        .with("spans", spans)
}
