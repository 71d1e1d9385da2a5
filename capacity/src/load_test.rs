//! Results of load generators as points of a capacity curve.
//!
//! [`import`] reads what k6, vegeta, wrk, wrk2 and JMeter write, as they write it, and makes one [`LoadTest`]
//! of it: the whole run, and its [steps](LoadTest::steps), stretches over which the load stood still. The
//! steps are what a curve is fitted to ([`LoadTest::points`]). [`merge`] puts several runs at one rate each
//! together; [`compare`] says what changed between two tests and whether it is more than noise.
//!
//! Raw samples are read as a stream: windows of one second, or longer ones where the test is long, and a
//! histogram of latencies in each, so a file of gigabytes takes a few megabytes of memory. Percentiles read
//! from raw samples are wrong by at most [`RELATIVE_ERROR`]; those of a summary are the tool's own.
//!
//! ```
//! use headroom_capacity::load_test::{Tool, import};
//!
//! let written = "Running 30s test @ http://127.0.0.1:8080/\n  2 threads and 100 connections\n  \
//!     Thread Stats   Avg      Stdev     Max   +/- Stdev\n    Latency     6.46ms    1.93ms  12.34ms   67.66%\n    \
//!     Req/Sec     1.05k     1.12k    2.50k    64.84%\n  60017 requests in 30.01s, 19.81MB read\n\
//!     Requests/sec:   2000.15\nTransfer/sec:    676.14KB\n";
//! let test = import(written.as_bytes(), "wrk.txt", None)?;
//! assert_eq!(test.tool, Tool::Wrk);
//! assert_eq!(test.total.requests, 60_017);
//! assert_eq!(test.points()[0].load, 100.0);
//! # Ok::<(), headroom_capacity::load_test::ImportError>(())
//! ```

mod compare;
mod csv_records;
mod error;
mod format;
mod histogram;
mod jmeter;
mod jmeter_columns;
mod jmeter_csv;
mod jmeter_statistics;
mod jmeter_xml;
mod k6_points;
mod k6_summary;
mod lines;
mod merge;
mod model;
mod notes;
mod rank;
mod recording;
mod steps;
mod summary;
mod text;
mod types;
mod units;
mod vegeta_report;
mod vegeta_results;
mod vegeta_text;
mod windows;
mod wrk;

#[cfg(test)]
mod tests;

use std::io::{BufRead, Read};

pub use compare::{Change, ChangeVerdict, Comparability, Comparison, LevelComparison, compare};
pub use error::ImportError;
pub use format::Format;
pub use histogram::RELATIVE_ERROR;
pub use merge::merge;
pub use rank::{RankTest, mann_whitney};
pub use types::{
    ConcurrencyFrom, Latency, LoadPoint, LoadTest, Model, ModelVerdict, Rest, Stretch, Tool, Window,
};

/// Reads a result from `reader`. `source` is its name for messages; `format` is found from the content where
/// it is `None`. Compressed files are for the caller to unpack.
///
/// A last line that was cut short is left out and noted. Other lines that cannot be read are noted as long
/// as they are no more than one in a thousand, and an error beyond that.
///
/// Errors: an unknown or unusable form (with what was looked at), a line or field that cannot be read, a
/// file without requests, a failing reader.
pub fn import(
    mut reader: impl BufRead,
    source: &str,
    format: Option<Format>,
) -> Result<LoadTest, ImportError> {
    let mut head = Vec::new();
    reader
        .by_ref()
        .take(format::HEAD_BYTES)
        .read_to_end(&mut head)
        .map_err(|error| ImportError::Read { source_name: source.to_owned(), source: error })?;
    let skip = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let format = match format {
        Some(format) => format,
        None => format::recognise(&head[skip..], source)?,
    };
    let all = head[skip..].chain(reader);
    match format {
        Format::K6Points => k6_points::read(all, source),
        Format::K6Summary => k6_summary::read(all, source),
        Format::VegetaReport => vegeta_report::read(all, source),
        Format::VegetaText => vegeta_text::read(all, source),
        Format::VegetaJson => vegeta_results::read_json(all, source),
        Format::VegetaCsv => vegeta_results::read_csv(all, source),
        Format::WrkText => wrk::read(all, source),
        Format::JMeterCsv => jmeter_csv::read(all, source),
        Format::JMeterXml => jmeter_xml::read(all, source),
        Format::JMeterStatistics => jmeter_statistics::read(all, source),
    }
}
