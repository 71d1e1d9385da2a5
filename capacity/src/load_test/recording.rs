//! From windows of samples to a load test.

use std::ops::Range;

use chrono::DateTime;

use super::model::{self, Evidence};
use super::steps::{self, Cut, Level};
use super::windows::{Cell, Windows};
use super::{ConcurrencyFrom, Format, ImportError, LoadTest, Model, Rest, Stretch, Tool, Window, notes};

/// What a reader of raw samples has gathered.
#[derive(Debug)]
pub(super) struct Recording {
    pub(super) tool: Tool,
    pub(super) format: Format,
    pub(super) name: String,
    pub(super) windows: Windows,
    /// What the gauge of the windows counts.
    pub(super) gauge: ConcurrencyFrom,
    pub(super) evidence: Evidence,
    /// Whether the tool reckons the rate of the whole test from the first start to the last start (vegeta)
    /// rather than to the last end.
    pub(super) rate_while_sending: bool,
    /// Requests that a dropped iteration would have made.
    pub(super) requests_per_iteration: f64,
    pub(super) notes: Vec<String>,
}

impl Recording {
    /// Judges the model, cuts the steps and reckons the figures.
    ///
    /// Errors: no requests, or all of them at one and the same instant.
    pub(super) fn finish(mut self, source: &str, looked_for: &'static str) -> Result<LoadTest, ImportError> {
        let windows = std::mem::take(&mut self.windows);
        if windows.requests() == 0 {
            return Err(ImportError::NoRequests { source_name: source.to_owned(), looked_for });
        }
        let (sending, whole) = windows.spans();
        if whole <= 0.0 {
            let message = "all requests lie at one instant, so there is no rate; is the time column right";
            return Err(ImportError::document(source, message));
        }
        let cells = windows.cells();
        let verdict = model::verdict(&self.evidence, &cells, windows.seconds());
        let reckoning =
            Reckoning { recording: &self, model: verdict.model, seconds: windows.seconds(), cells: &cells };
        let total = reckoning.total(&windows, sending, whole);
        let (steps, cut_note) = reckoning.steps(&total);
        let rest = Rest {
            requests: total.requests - steps.iter().map(|step| step.requests).sum::<u64>(),
            errors: total.errors - steps.iter().map(|step| step.errors).sum::<u64>(),
        };
        let mut test = LoadTest {
            tool: self.tool,
            format: Some(self.format),
            name: self.name,
            started: windows.started(),
            duration_seconds: whole,
            model: verdict,
            total,
            steps,
            rest,
            notes: self.notes,
        };
        test.notes.extend(cut_note);
        notes::add(&mut test);
        Ok(test)
    }
}

struct Reckoning<'a> {
    recording: &'a Recording,
    model: Model,
    seconds: f64,
    cells: &'a [Cell<'a>],
}

impl Reckoning<'_> {
    fn total(&self, windows: &Windows, sending: f64, whole: f64) -> Stretch {
        let (requests, errors) = (windows.requests(), windows.errors());
        let rate_over = if self.recording.rate_while_sending && sending > 0.0 { sending } else { whole };
        let histogram = windows.latency();
        let in_flight = histogram.mean().unwrap_or_default() / 1e3 * requests as f64 / whole;
        let dropped: f64 = self.cells.iter().map(|cell| cell.dropped).sum();
        let rate = requests as f64 / rate_over;
        let (concurrency, from) = self.concurrency(self.cells, in_flight);
        Stretch {
            start: windows.started(),
            seconds: whole,
            requests,
            errors,
            offered_rate: self.offered(rate, dropped, rate_over),
            rate,
            throughput: requests.saturating_sub(errors) as f64 / whole,
            concurrency: Some(concurrency),
            concurrency_from: Some(from),
            latency: histogram.latency(),
            windows: Vec::new(),
        }
    }

    fn offered(&self, rate: f64, dropped: f64, seconds: f64) -> Option<f64> {
        (dropped > 0.0).then(|| rate + dropped * self.recording.requests_per_iteration / seconds)
    }

    /// Users or threads decide the load of a closed model; otherwise the requests under way are it.
    fn concurrency(&self, cells: &[Cell<'_>], in_flight: f64) -> (f64, ConcurrencyFrom) {
        let gauges: Vec<f64> = cells.iter().filter_map(|cell| cell.gauge).collect();
        if self.model == Model::Closed && !gauges.is_empty() {
            (gauges.iter().sum::<f64>() / gauges.len() as f64, self.recording.gauge)
        } else {
            (in_flight, ConcurrencyFrom::InFlight)
        }
    }

    fn steps(&self, total: &Stretch) -> (Vec<Stretch>, Option<String>) {
        let level = self.level();
        let levels: Vec<f64> = self
            .cells
            .iter()
            .map(|cell| match level {
                Level::Users => cell.gauge.unwrap_or_default(),
                Level::Rate => cell.started as f64 / self.seconds,
            })
            .collect();
        let parted: Vec<bool> = self.cells.iter().map(|cell| cell.after_silence).collect();
        match steps::cut(&levels, &parted, level, self.seconds) {
            Cut::Steps(ranges) => (self.stretches(ranges), None),
            Cut::Ramp(ranges) => {
                let note = format!(
                    "The load never stood still for five seconds: the ramp is cut into {} pieces, each an average \
                     over the load in it.",
                    ranges.len()
                );
                (self.stretches(ranges), Some(note))
            }
            Cut::Short => {
                let windows = self.cells.iter().map(|cell| self.window(cell)).collect();
                let note = "The test is too short to be cut into steps: the whole of it is one.".to_owned();
                (vec![Stretch { windows, ..total.clone() }], Some(note))
            }
        }
    }

    /// What the load was set by: the users where they decide it, the rate otherwise.
    fn level(&self) -> Level {
        let all_gauged = !self.cells.is_empty() && self.cells.iter().all(|cell| cell.gauge.is_some());
        let varies = self.cells.windows(2).any(|pair| pair[0].gauge != pair[1].gauge);
        match self.model {
            Model::Closed if all_gauged => Level::Users,
            Model::Unknown if all_gauged && varies => Level::Users,
            _ => Level::Rate,
        }
    }

    fn stretches(&self, ranges: Vec<Range<usize>>) -> Vec<Stretch> {
        ranges.into_iter().map(|range| self.stretch(&self.cells[range])).collect()
    }

    fn stretch(&self, cells: &[Cell<'_>]) -> Stretch {
        let seconds = self.seconds * cells.len() as f64;
        let sum = |count: fn(&Cell<'_>) -> u64| {
            cells.iter().fold(0_u64, |sum, cell| sum.saturating_add(count(cell)))
        };
        let requests = sum(|cell| cell.started);
        let mut histogram = super::histogram::Histogram::default();
        cells.iter().filter_map(|cell| cell.latency).for_each(|latency| histogram.merge(latency));
        let in_flight = cells.iter().map(|cell| cell.in_flight).sum::<f64>() / cells.len().max(1) as f64;
        let (concurrency, from) = self.concurrency(cells, in_flight);
        let rate = requests as f64 / seconds;
        Stretch {
            start: cells.first().map(|cell| DateTime::from_timestamp_nanos(cell.begin)),
            seconds,
            requests,
            errors: sum(|cell| cell.errors),
            offered_rate: self.offered(rate, cells.iter().map(|cell| cell.dropped).sum(), seconds),
            rate,
            throughput: sum(|cell| cell.ended_ok) as f64 / seconds,
            concurrency: Some(concurrency),
            concurrency_from: Some(from),
            latency: histogram.latency(),
            windows: cells.iter().map(|cell| self.window(cell)).collect(),
        }
    }

    fn window(&self, cell: &Cell<'_>) -> Window {
        let quantile = |q| cell.latency.and_then(|latency| latency.quantile(q));
        Window {
            throughput: cell.ended_ok as f64 / self.seconds,
            p50_ms: quantile(0.5),
            p95_ms: quantile(0.95),
            p99_ms: quantile(0.99),
            error_share: (cell.started > 0).then(|| cell.errors as f64 / cell.started as f64),
        }
    }
}
