//! What JMeter's logs have in common: which rows are requests, and what they say.
//!
//! A row of a transaction controller sums up requests that have rows of their own; its message begins with
//! [`TRANSACTION`], by which JMeter's dashboard tells it too. Redirects and embedded resources are parts of the
//! request before them.

use csv::ByteRecord;

use super::csv_records::field;
use super::jmeter_columns::{Columns, milliseconds};
use super::model::Evidence;
use super::recording::Recording;
use super::windows::{Sample, Windows};
use super::{ConcurrencyFrom, Format, ImportError, LoadTest, Tool};

/// How the message of a transaction controller's row begins.
pub(super) const TRANSACTION: &str = "Number of samples in transaction";

/// One row or element.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) time: &'a str,
    /// Milliseconds.
    pub(super) elapsed: &'a str,
    pub(super) message: &'a str,
    pub(super) code: &'a str,
    pub(super) success: Option<&'a str>,
    pub(super) threads: Option<&'a str>,
    /// Samples that the row stands for, and failures among them.
    pub(super) samples: Option<&'a str>,
    pub(super) errors: Option<&'a str>,
}

/// The request before, of which the next rows may be parts.
#[derive(Debug)]
struct Before {
    thread: String,
    label: String,
    start: i64,
    end: i64,
}

/// Requests as they come, transactions aside.
#[derive(Debug, Default)]
pub(super) struct Samples {
    requests: Windows,
    transactions: Windows,
    before: Option<Before>,
    parts: u64,
    headers: u64,
    without_zone: bool,
}

impl Samples {
    /// Counts a row of a CSV log.
    pub(super) fn record(&mut self, record: &ByteRecord, columns: &Columns) -> Result<(), String> {
        if record.len() < columns.count {
            return Err(format!("{} columns where there should be {}", record.len(), columns.count));
        }
        let text = |at: usize| field(record, at).unwrap_or_default();
        let optional = |at: Option<usize>| at.and_then(|at| field(record, at));
        if text(columns.time) == "timeStamp" {
            // A log that a second run was appended to.
            self.headers += 1;
            return Ok(());
        }
        let row = Row {
            time: text(columns.time),
            elapsed: text(columns.elapsed),
            message: optional(columns.message).unwrap_or_default(),
            code: optional(columns.code).unwrap_or_default(),
            success: optional(columns.success),
            threads: optional(columns.threads),
            samples: optional(columns.samples),
            errors: optional(columns.errors),
        };
        let sample = self.read(&row)?;
        let (thread, label) =
            (optional(columns.thread).unwrap_or_default(), optional(columns.label).unwrap_or_default());
        if self.is_part(sample, thread, label) {
            self.parts += 1;
            return Ok(());
        }
        self.count(&row, sample);
        if !row.message.starts_with(TRANSACTION) {
            let end = sample.start + sample.latency;
            self.before =
                Some(Before { thread: thread.to_owned(), label: label.to_owned(), start: sample.start, end });
        }
        Ok(())
    }

    /// Whether a row is a part of the request before it: of the same thread, within its time, and named after it
    /// (`GET /-0`, since JMeter 5) or after its own URL.
    fn is_part(&self, sample: Sample, thread: &str, label: &str) -> bool {
        self.before.as_ref().is_some_and(|before| {
            let numbered = label.strip_prefix(before.label.as_str()).and_then(|rest| rest.strip_prefix('-'));
            let numbered = numbered.is_some_and(|rest| {
                !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit() || b == b'-')
            });
            before.thread == thread
                && !thread.is_empty()
                && sample.start >= before.start
                && sample.start + sample.latency <= before.end
                && (numbered || (label.contains("://") && label != before.label && sample.start < before.end))
        })
    }

    /// Counts an element of an XML log that is no part of another.
    pub(super) fn element(&mut self, row: &Row<'_>) -> Result<(), String> {
        let sample = self.read(row)?;
        self.count(row, sample);
        Ok(())
    }

    /// Notes an element that is a part of another.
    pub(super) fn part(&mut self) {
        self.parts += 1;
    }

    fn read(&mut self, row: &Row<'_>) -> Result<Sample, String> {
        let (time, without_zone) =
            milliseconds(row.time).ok_or_else(|| format!("timeStamp `{}` is not a time", clip(row.time)))?;
        let elapsed: i64 = row
            .elapsed
            .parse()
            .map_err(|_| format!("elapsed `{}` is not a whole number", clip(row.elapsed)))?;
        self.without_zone |= without_zone;
        let ok = match row.success {
            Some(success) if success.eq_ignore_ascii_case("true") => true,
            Some(success) if success.eq_ignore_ascii_case("false") => false,
            Some(other) => return Err(format!("success `{}` is neither true nor false", clip(other))),
            None => row.code.starts_with(['2', '3']),
        };
        let count =
            row.samples.and_then(|count| count.parse().ok()).filter(|count| *count > 0).unwrap_or(1_u64);
        let latency = elapsed.saturating_mul(1_000_000) / i64::try_from(count).unwrap_or(i64::MAX);
        let mut sample = Sample::new(time.saturating_mul(1_000_000), latency, ok)?;
        if count > 1 {
            sample.count = count;
            let errors = row.errors.and_then(|errors| errors.parse().ok());
            sample.errors = errors.unwrap_or(if ok { 0 } else { count }).min(count);
        }
        Ok(sample)
    }

    fn count(&mut self, row: &Row<'_>, sample: Sample) {
        let windows =
            if row.message.starts_with(TRANSACTION) { &mut self.transactions } else { &mut self.requests };
        windows.sample(sample);
        if let Some(threads) = row.threads.and_then(|threads| threads.parse::<u32>().ok()) {
            windows.gauge(sample.start + sample.latency, f64::from(threads));
        }
    }

    /// The test.
    ///
    /// Errors: no requests.
    pub(super) fn finish(
        self,
        format: Format,
        source: &str,
        mut notes: Vec<String>,
    ) -> Result<LoadTest, ImportError> {
        let transactions = self.transactions.requests();
        let windows = if self.requests.requests() == 0 {
            if transactions > 0 {
                notes.push("Transactions only: each counts as one request.".to_owned());
            }
            self.transactions
        } else {
            if transactions > 0 {
                notes.push(format!("{transactions} transactions are left out: their requests are counted."));
            }
            self.requests
        };
        if self.parts > 0 {
            notes.push(format!(
                "{} redirects and embedded resources are parts of the requests they belong to.",
                self.parts
            ));
        }
        if self.headers > 0 {
            notes.push(format!(
                "{} more header lines: several runs were written into this file.",
                self.headers
            ));
        }
        if self.without_zone {
            notes.push("The times have no zone: they are read as UTC.".to_owned());
        }
        let recording = Recording {
            tool: Tool::JMeter,
            format,
            name: source.to_owned(),
            windows,
            gauge: ConcurrencyFrom::Threads,
            evidence: Evidence::Threads,
            rate_while_sending: false,
            requests_per_iteration: 1.0,
            notes,
        };
        recording.finish(source, "no sample in the log")
    }
}

fn clip(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}
