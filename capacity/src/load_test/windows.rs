//! Samples gathered into windows of time, in memory that does not grow with their number.
//!
//! A window holds counts, sums and a histogram. Requests count in the window where they start, successes
//! (the throughput) in the one where they end. When the windows become more than [`MAX_WINDOWS`], each two
//! neighbours become one of twice the length.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::histogram::Histogram;

/// Most windows kept.
const MAX_WINDOWS: usize = 1_200;
/// The length of a window at first, in nanoseconds.
const SECOND: i64 = 1_000_000_000;
/// Most empty windows put between two with samples; a longer silence parts the test.
const MAX_SILENCE: i64 = 120;

#[derive(Debug, Clone, Default)]
struct Bin {
    started: u64,
    started_errors: u64,
    ended: u64,
    ended_ok: u64,
    /// Seconds from the window's beginning to each start, added up; the same for ends.
    start_offset: f64,
    end_offset: f64,
    latency: Histogram,
    gauge_sum: f64,
    gauge_count: u64,
    dropped: f64,
}

impl Bin {
    /// Adds the window after it, whose beginning lies `later` seconds after its own.
    fn absorb(&mut self, next: &Self, later: f64) {
        self.start_offset += next.start_offset + later * next.started as f64;
        self.end_offset += next.end_offset + later * next.ended as f64;
        self.started = self.started.saturating_add(next.started);
        self.started_errors = self.started_errors.saturating_add(next.started_errors);
        self.ended = self.ended.saturating_add(next.ended);
        self.ended_ok = self.ended_ok.saturating_add(next.ended_ok);
        self.latency.merge(&next.latency);
        self.gauge_sum += next.gauge_sum;
        self.gauge_count += next.gauge_count;
        self.dropped += next.dropped;
    }
}

/// One request, or several of a kind that were logged together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    /// When it started, in nanoseconds since 1970.
    pub(super) start: i64,
    /// How long it took, in nanoseconds.
    pub(super) latency: i64,
    /// How many it stands for.
    pub(super) count: u64,
    /// How many of those failed.
    pub(super) errors: u64,
}

/// The latest time that is read: the year 2100.
const LATEST: i64 = 4_102_444_800 * SECOND;
/// The longest latency that is read: 30 days.
const LONGEST: i64 = 30 * 86_400 * SECOND;

impl Sample {
    /// A request that started `start` and took `latency` nanoseconds; why not, where that cannot be.
    pub(super) fn new(start: i64, latency: i64, ok: bool) -> Result<Self, String> {
        if !(0..=LATEST).contains(&start) {
            return Err(format!("the time {start} ns lies outside 1970 to 2100"));
        }
        if !(0..=LONGEST).contains(&latency) {
            return Err(format!("the latency {latency} ns is below 0 or above 30 days"));
        }
        Ok(Self { start, latency, count: 1, errors: u64::from(!ok) })
    }
}

/// Samples in windows.
#[derive(Debug, Clone)]
pub(super) struct Windows {
    /// Where window 0 begins: at the first thing seen.
    origin: Option<i64>,
    length: i64,
    bins: BTreeMap<i64, Bin>,
    first_start: i64,
    last_start: i64,
    last_end: i64,
}

impl Default for Windows {
    fn default() -> Self {
        let (first_start, last_start, last_end) = (i64::MAX, i64::MIN, i64::MIN);
        Self { origin: None, length: SECOND, bins: BTreeMap::new(), first_start, last_start, last_end }
    }
}

/// A window of the finished test.
#[derive(Debug)]
pub(super) struct Cell<'a> {
    /// When it begins, in nanoseconds since 1970.
    pub(super) begin: i64,
    pub(super) started: u64,
    pub(super) errors: u64,
    pub(super) ended_ok: u64,
    /// Requests under way, averaged over the window.
    pub(super) in_flight: f64,
    /// Users or threads, where the file has them.
    pub(super) gauge: Option<f64>,
    /// Iterations that k6 could not start.
    pub(super) dropped: f64,
    pub(super) latency: Option<&'a Histogram>,
    /// Whether a silence lies before it that is too long to be filled with windows.
    pub(super) after_silence: bool,
}

impl Windows {
    /// The bin in which `time` lies, and the seconds from its beginning.
    fn at(&mut self, time: i64) -> (&mut Bin, f64) {
        let origin = *self.origin.get_or_insert(time);
        let index = (time - origin).div_euclid(self.length);
        let offset = (time - origin).rem_euclid(self.length);
        (self.bins.entry(index).or_default(), offset as f64 / SECOND as f64)
    }

    /// Counts requests.
    pub(super) fn sample(&mut self, sample: Sample) {
        let end = sample.start + sample.latency;
        self.first_start = self.first_start.min(sample.start);
        self.last_start = self.last_start.max(sample.start);
        self.last_end = self.last_end.max(end);
        let (bin, offset) = self.at(sample.start);
        bin.started = bin.started.saturating_add(sample.count);
        bin.started_errors = bin.started_errors.saturating_add(sample.errors);
        bin.start_offset += offset * sample.count as f64;
        bin.latency.add(sample.latency as f64 / 1e6, sample.count);
        let (bin, offset) = self.at(end);
        bin.ended = bin.ended.saturating_add(sample.count);
        bin.ended_ok = bin.ended_ok.saturating_add(sample.count.saturating_sub(sample.errors));
        bin.end_offset += offset * sample.count as f64;
        self.shorten();
    }

    /// Notes the number of users or threads at `time`.
    pub(super) fn gauge(&mut self, time: i64, value: f64) {
        let (bin, _) = self.at(time);
        bin.gauge_sum += value;
        bin.gauge_count += 1;
        self.shorten();
    }

    /// Notes iterations that could not be started at `time`.
    pub(super) fn dropped(&mut self, time: i64, iterations: f64) {
        self.at(time).0.dropped += iterations;
        self.shorten();
    }

    fn shorten(&mut self) {
        while self.bins.len() > MAX_WINDOWS {
            let later = self.seconds();
            let mut halved: BTreeMap<i64, Bin> = BTreeMap::new();
            for (index, bin) in std::mem::take(&mut self.bins) {
                let shift = if index.rem_euclid(2) == 1 { later } else { 0.0 };
                halved.entry(index.div_euclid(2)).or_default().absorb(&bin, shift);
            }
            self.bins = halved;
            self.length *= 2;
        }
    }

    /// The length of a window in seconds.
    pub(super) fn seconds(&self) -> f64 {
        self.length as f64 / SECOND as f64
    }

    /// Requests counted.
    pub(super) fn requests(&self) -> u64 {
        self.bins.values().fold(0, |sum, bin| sum.saturating_add(bin.started))
    }

    /// Requests that failed.
    pub(super) fn errors(&self) -> u64 {
        self.bins.values().fold(0, |sum, bin| sum.saturating_add(bin.started_errors))
    }

    /// All latencies.
    pub(super) fn latency(&self) -> Histogram {
        let mut all = Histogram::default();
        self.bins.values().for_each(|bin| all.merge(&bin.latency));
        all
    }

    /// When the first request started.
    pub(super) fn started(&self) -> Option<DateTime<Utc>> {
        (self.first_start <= self.last_start).then(|| DateTime::from_timestamp_nanos(self.first_start))
    }

    /// From the first start to the last start, and to the last end, in seconds.
    pub(super) fn spans(&self) -> (f64, f64) {
        if self.first_start > self.last_start {
            return (0.0, 0.0);
        }
        let span = |until: i64| (until - self.first_start) as f64 / SECOND as f64;
        (span(self.last_start), span(self.last_end))
    }

    /// The windows from the first start to the last, in order and without holes. The first and the last are
    /// left out if the requests of the test cover less than nine tenths of them.
    pub(super) fn cells(&self) -> Vec<Cell<'_>> {
        let Some(origin) = self.origin else { return Vec::new() };
        if self.first_start > self.last_start {
            return Vec::new();
        }
        let tenth = self.length / 10;
        let from = (self.first_start - origin + self.length - tenth).div_euclid(self.length);
        let until = (self.last_start - origin + tenth).div_euclid(self.length);
        let mut active = 0_i128;
        let mut gauge = None;
        let mut cells: Vec<Cell<'_>> = Vec::new();
        let mut expected: Option<i64> = None;
        for (&index, bin) in &self.bins {
            let silence = expected.map_or(0, |expected| index - expected);
            for missing in index - silence.min(MAX_SILENCE)..index {
                if (from..until).contains(&missing) && silence <= MAX_SILENCE {
                    cells.push(self.cell(origin, missing, None, active, gauge));
                }
            }
            gauge = (bin.gauge_count > 0).then(|| bin.gauge_sum / bin.gauge_count as f64).or(gauge);
            if (from..until).contains(&index) {
                let mut cell = self.cell(origin, index, Some(bin), active, gauge);
                cell.after_silence = silence > MAX_SILENCE;
                cells.push(cell);
            }
            active += i128::from(bin.started) - i128::from(bin.ended);
            expected = Some(index + 1);
        }
        // k6 counts its users for the first time a second after the start.
        let first = cells.iter().find_map(|cell| cell.gauge);
        cells.iter_mut().take_while(|cell| cell.gauge.is_none()).for_each(|cell| cell.gauge = first);
        cells
    }

    fn cell<'a>(
        &self,
        origin: i64,
        index: i64,
        bin: Option<&'a Bin>,
        active: i128,
        gauge: Option<f64>,
    ) -> Cell<'a> {
        let seconds = self.seconds();
        // Those under way when the window begins count for all of it; a start adds what is left of the
        // window after it, an end takes the same away.
        let change = bin.map_or(0.0, |bin| {
            (bin.started as f64 * seconds - bin.start_offset) - (bin.ended as f64 * seconds - bin.end_offset)
        });
        Cell {
            begin: origin.saturating_add(index.saturating_mul(self.length)),
            started: bin.map_or(0, |bin| bin.started),
            errors: bin.map_or(0, |bin| bin.started_errors),
            ended_ok: bin.map_or(0, |bin| bin.ended_ok),
            in_flight: (active as f64 + change / seconds).max(0.0),
            gauge,
            dropped: bin.map_or(0.0, |bin| bin.dropped),
            latency: bin.map(|bin| &bin.latency),
            after_silence: false,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn sample(start_ms: i64, latency_ms: i64) -> Sample {
        Sample::new(start_ms * 1_000_000, latency_ms * 1_000_000, true).unwrap()
    }

    #[test]
    fn requests_under_way_are_counted_over_time() {
        let mut windows = Windows::default();
        // One of 2.5 s, and one of half a second in the middle of the second window.
        windows.sample(sample(1_000_000, 2_500));
        windows.sample(sample(1_001_250, 500));
        windows.sample(sample(1_003_950, 10));
        let cells = windows.cells();
        let under_way: Vec<f64> = cells.iter().map(|cell| (cell.in_flight * 1e9).round() / 1e9).collect();
        assert_eq!(under_way, [1.0, 1.5, 0.5, 0.01]);
        assert_eq!(cells.iter().map(|cell| cell.started).collect::<Vec<_>>(), [1, 1, 0, 1]);
    }

    #[test]
    fn impossible_times_are_refused() {
        insta::assert_snapshot!(Sample::new(-1, 0, true).unwrap_err(), @"the time -1 ns lies outside 1970 to 2100");
        insta::assert_snapshot!(Sample::new(0, -1, true).unwrap_err(), @"the latency -1 ns is below 0 or above 30 days");
    }

    proptest! {
        #[test]
        fn nothing_is_lost_however_long_the_test(
            samples in prop::collection::vec((0_i64..200_000_000, 0_i64..60_000), 1..2_000),
        ) {
            let mut windows = Windows::default();
            samples.iter().for_each(|(start, latency)| windows.sample(sample(*start, *latency)));
            prop_assert!(windows.bins.len() <= MAX_WINDOWS);
            prop_assert_eq!(windows.requests(), samples.len() as u64);
            prop_assert_eq!(windows.latency().total(), samples.len() as u64);
            let ended: u64 = windows.bins.values().map(|bin| bin.ended_ok).sum();
            prop_assert_eq!(ended, samples.len() as u64);
        }

        #[test]
        fn the_time_under_way_is_the_sum_of_the_latencies(
            samples in prop::collection::vec((0_i64..2_000_000, 0_i64..5_000), 1..500),
        ) {
            let mut windows = Windows::default();
            samples.iter().for_each(|(start, latency)| windows.sample(sample(*start, *latency)));
            // A last request long after closes all windows before it.
            windows.sample(sample(2_100_000, 0));
            let last = windows.bins.keys().max().unwrap() + 1;
            let (seconds, mut active, mut total) = (windows.seconds(), 0.0, 0.0);
            for index in *windows.bins.keys().min().unwrap()..last {
                let empty = Bin::default();
                let bin = windows.bins.get(&index).unwrap_or(&empty);
                total += active * seconds + (bin.started as f64 * seconds - bin.start_offset)
                    - (bin.ended as f64 * seconds - bin.end_offset);
                active += bin.started as f64 - bin.ended as f64;
            }
            let truth: f64 = samples.iter().map(|(_, latency)| *latency as f64 / 1e3).sum();
            prop_assert!((total - truth).abs() < 1e-6 * (1.0 + truth), "{} for {}", total, truth);
        }
    }
}
