//! What wrk and wrk2 print (wg/wrk and giltene/wrk2@0052ff8:src/wrk.c; wrk2's README shows all of it). Several
//! runs in one file are several steps.
//!
//! wrk2 is told by its HdrHistogram or its thread calibration. It does not print the rate it was asked for; that
//! is read from a command line `wrk -R2000 …` before the run where the shell wrote one.

use std::collections::BTreeMap;
use std::io::Read;

use super::merge::merge;
use super::summary::{Summary, stretch};
use super::units::{wrk_number, wrk_time};
use super::{ConcurrencyFrom, Format, ImportError, Latency, LoadTest, Model, ModelVerdict, Tool, lines};

/// One run as it was printed.
#[derive(Debug, Default)]
struct Run {
    url: String,
    connections: Option<f64>,
    asked: Option<f64>,
    wrk2: bool,
    /// Whether the percentiles that follow leave out the wait before sending (wrk2 -U).
    uncorrected: bool,
    mean_ms: Option<f64>,
    max_ms: Option<f64>,
    /// Percentile, in thousandths of a percent, to milliseconds.
    percentiles: BTreeMap<u32, f64>,
    recorded: Option<u64>,
    requests: Option<(u64, f64)>,
    socket_errors: [u64; 4],
    not_ok: u64,
    throughput: Option<f64>,
}

pub(super) fn read(reader: impl Read, source: &str) -> Result<LoadTest, ImportError> {
    let text = lines::document(reader, source)?;
    let mut runs: Vec<Run> = Vec::new();
    let mut asked = None;
    for line in text.lines().map(str::trim) {
        if let Some((_, url)) = line.strip_prefix("Running ").and_then(|rest| rest.split_once(" test @ ")) {
            runs.push(Run { url: url.to_owned(), asked: asked.take(), ..Run::default() });
        } else if let Some(run) = runs.last_mut().filter(|run| run.throughput.is_none()) {
            run.line(line);
        } else if line.contains("wrk") {
            asked = rate_option(line);
        }
    }
    let cut = runs.last().is_some_and(|run| run.requests.is_none());
    let several = runs.len() > 1;
    if cut && several {
        runs.pop();
    }
    let tests: Vec<LoadTest> = runs.into_iter().map(|run| run.test(source)).collect::<Result<_, _>>()?;
    let mut test =
        merge(tests).ok_or_else(|| ImportError::document(source, "no line `Running … test @ …`"))?;
    if cut && several {
        test.notes.push("The last run is cut short and left out.".to_owned());
    }
    Ok(test)
}

/// The rate of `-R2000`, `-R 2000`, `--rate=2k` or `--rate 2k` in a command line.
fn rate_option(line: &str) -> Option<f64> {
    let mut words = line.split_whitespace();
    while let Some(word) = words.next() {
        let value = match word {
            "-R" | "--rate" => words.next(),
            _ => word.strip_prefix("--rate=").or_else(|| word.strip_prefix("-R")),
        };
        if let Some(rate) = value.and_then(wrk_number) {
            return Some(rate);
        }
    }
    None
}

/// The number before a word: `60017 requests in 30.01s`.
fn before<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    line.split_once(word).and_then(|(number, _)| number.split_whitespace().last())
}

impl Run {
    fn line(&mut self, line: &str) {
        let mut words = line.split_whitespace();
        let first = words.next().unwrap_or_default();
        if line.contains("threads and") && line.ends_with("connections") {
            self.connections = before(line, " connections").and_then(|number| number.parse().ok());
        } else if line.starts_with("Thread calibration:") {
            self.wrk2 = true;
        } else if first == "Latency" && !line.starts_with("Latency Distribution") {
            self.mean_ms = words.next().and_then(wrk_time).map(|seconds| seconds * 1e3);
            self.max_ms = words.nth(1).and_then(wrk_time).map(|seconds| seconds * 1e3);
        } else if line.starts_with("Latency Distribution") {
            self.wrk2 |= line.contains("HdrHistogram");
            self.uncorrected = line.contains("Uncorrected");
        } else if let Some(percent) = first.strip_suffix('%').and_then(|percent| percent.parse::<f64>().ok())
        {
            self.percentile(percent, words.next().and_then(wrk_time).map(|seconds| seconds * 1e3));
        } else if let Some((_, count)) = line.split_once("Total count") {
            let count = count.trim_matches(|c: char| !c.is_ascii_digit()).parse().ok();
            self.recorded = self.recorded.or(count);
        } else if let Some((_, errors)) = line.split_once("Socket errors:") {
            let counts =
                errors.split(',').map(|count| count.split_whitespace().last().and_then(|n| n.parse().ok()));
            for (at, count) in counts.take(4).enumerate() {
                self.socket_errors[at] = count.unwrap_or(0);
            }
        } else if let Some((_, count)) = line.split_once("Non-2xx or 3xx responses:") {
            self.not_ok = count.trim().parse().unwrap_or(0);
        } else if let Some((_, rate)) = line.split_once("Requests/sec:") {
            self.throughput = rate.trim().parse().ok();
        } else if line.contains(" requests in ") {
            let seconds =
                line.split_once(" requests in ").and_then(|(_, rest)| wrk_time(rest.split(',').next()?));
            let count = before(line, " requests in ").and_then(|number| number.parse().ok());
            self.requests = count.zip(seconds);
        } else {
            self.spectrum(line);
        }
    }

    /// A line of the detailed spectrum: value in milliseconds, percentile as a share, count, 1/(1-percentile).
    fn spectrum(&mut self, line: &str) {
        let numbers: Vec<f64> = line.split_whitespace().map_while(|word| word.parse().ok()).collect();
        if let [value, share, _, _] = numbers[..] {
            self.percentile(share * 100.0, Some(value));
        }
    }

    fn percentile(&mut self, percent: f64, ms: Option<f64>) {
        let Some(ms) = ms.filter(|ms| ms.is_finite()) else { return };
        if !self.uncorrected && (0.0..=100.0).contains(&percent) {
            self.percentiles.entry((percent * 1_000.0).round() as u32).or_insert(ms);
        }
    }

    fn latency(&self, recorded: bool) -> Latency {
        if !recorded {
            return Latency::default();
        }
        let of = |thousandths: u32| self.percentiles.get(&thousandths).copied();
        Latency {
            mean_ms: self.mean_ms,
            min_ms: of(0),
            p50_ms: of(50_000),
            p90_ms: of(90_000),
            p95_ms: of(95_000),
            p99_ms: of(99_000),
            p999_ms: of(99_900),
            max_ms: of(100_000).or(self.max_ms),
        }
    }

    fn test(self, source: &str) -> Result<LoadTest, ImportError> {
        let (complete, seconds) = self.requests.ok_or_else(|| {
            ImportError::document(
                source,
                "no line `… requests in …`: the run was stopped before its end; run it again",
            )
        })?;
        // From a minute on the duration is printed in hundredths of minutes or hours; the rate is more exact.
        let by_rate = self.throughput.map(|rate| complete as f64 / rate);
        let seconds = by_rate
            .filter(|by_rate| seconds >= 60.0 && (by_rate / seconds - 1.0).abs() < 0.02)
            .unwrap_or(seconds);
        let [connect, read, write, timeout] = self.socket_errors;
        let mut notes = Vec::new();
        if connect > 0 {
            notes.push(format!(
                "{connect} connections were refused or broke while they were made: they sent nothing."
            ));
        }
        if timeout > 0 && self.wrk2 {
            notes.push(format!(
                "wrk2 counts a connection that waits as a timeout every two seconds: {timeout} in all."
            ));
        }
        // An answer that comes too late is complete and a timeout; a read or write error is not complete.
        let requests = complete.saturating_add(read).saturating_add(write);
        let errors = self.not_ok.saturating_add(read).saturating_add(write).saturating_add(timeout);
        // wrk leaves answers that come too late out of its latencies: with no others it prints zeros.
        let recorded = self.max_ms.is_some_and(|max| max > 0.0) || !self.percentiles.is_empty();
        let nothing_but_late = timeout >= complete && self.max_ms.unwrap_or(0.0) == 0.0;
        if timeout > 0 && !self.wrk2 {
            notes.push(format!(
                "{timeout} answers came after the timeout; their latencies are not in the percentiles."
            ));
        }
        let latency = self.latency(recorded && !nothing_but_late);
        if latency.p99_ms.is_none() {
            notes.push("No percentiles: run wrk with --latency.".to_owned());
        }
        let mut total = stretch(seconds, requests, errors, latency);
        let model = if self.wrk2 {
            if self.asked.is_none() {
                notes.push("wrk2 does not print the rate it was asked for (-R).".to_owned());
            }
            if let Some(recorded) = self.recorded.filter(|recorded| *recorded < complete) {
                notes.push(format!(
                    "The latencies are of {recorded} requests: wrk2 leaves out those of its calibration."
                ));
            }
            total.offered_rate = self.asked;
            ModelVerdict {
                model: Model::Open,
                why: "wrk2 sends at a rate and reckons latency from when a request was due".to_owned(),
            }
        } else {
            total.concurrency = self.connections;
            total.concurrency_from = self.connections.map(|_| ConcurrencyFrom::Connections);
            ModelVerdict {
                model: Model::Closed,
                why: "each connection of wrk sends its next request when the last one is answered".to_owned(),
            }
        };
        let summary = Summary {
            tool: if self.wrk2 { Tool::Wrk2 } else { Tool::Wrk },
            format: Format::WrkText,
            name: self.url,
            model,
            total,
            notes,
        };
        summary.finish(source, "the line `… requests in …` says 0")
    }
}
