//! A demand series from a file: two columns, time and value, as a spreadsheet or a monitoring tool exports them.
//!
//! Reading never mends in silence. What was left out, averaged or doubted is in the notes, with line numbers; a
//! file of which no series can be made is refused in a sentence.

mod clock;
mod columns;
mod grid;
mod notes;
#[cfg(test)]
mod tests;

use std::io::Read;
use std::path::Path;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::series::Series;
pub use notes::{Note, NoteKind};

/// Why a file gives no series: the file, the line where there is one, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {reason}", line.map(|l| format!(", line {l}")).unwrap_or_default())]
pub struct ReadError {
    /// The file, as it was given.
    pub file: String,
    /// The line, counted from 1.
    pub line: Option<u64>,
    /// What is wrong and what to do about it.
    pub reason: String,
}

/// A series and what is to be said about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The series; steps without a usable value are missing, not zero.
    pub series: Series,
    /// What was left out, averaged or doubted.
    pub notes: Vec<Note>,
    /// Name of the column the values are from, empty for a file without a header.
    pub column: String,
}

/// A row that holds a time and a value.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Row {
    line: u64,
    ts: DateTime<Utc>,
    value: f64,
}

/// Reads a CSV file, gzipped or not: `ts,value` or other names, comma, semicolon or tab.
///
/// Times are ISO 8601 with or without an offset, or unix seconds, milli-, micro- or nanoseconds. One without an
/// offset is the wall clock of `tz`, and UTC with a note when `tz` is not given.
///
/// ```no_run
/// let reading = headroom_forecast::files::read("volume.csv.gz".as_ref(), Some(chrono_tz::America::New_York))?;
/// for note in &reading.notes {
///     eprintln!("{note}");
/// }
/// # Ok::<(), headroom_forecast::files::ReadError>(())
/// ```
pub fn read(path: &Path, tz: Option<Tz>) -> Result<Reading, ReadError> {
    let file = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| ReadError {
        file: file.clone(),
        line: None,
        reason: format!("cannot be read: {error}"),
    })?;
    parse(&file, &bytes, tz)
}

/// Reads the bytes of a CSV file, gzipped or not; `file` is what errors call it.
pub fn parse(file: &str, bytes: &[u8], tz: Option<Tz>) -> Result<Reading, ReadError> {
    series(file, bytes, tz, Sign::Positive)
}

/// Reads a leading signal as [`parse`] reads demand; its values may be negative, as a price's returns are.
pub fn parse_signal(file: &str, bytes: &[u8], tz: Option<Tz>) -> Result<Reading, ReadError> {
    series(file, bytes, tz, Sign::Any)
}

/// Which values there can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// Zero or more.
    Positive,
    Any,
}

fn series(file: &str, bytes: &[u8], tz: Option<Tz>, sign: Sign) -> Result<Reading, ReadError> {
    let refuse = |reason: String| ReadError { file: file.to_owned(), line: None, reason };
    let mut unpacked = Vec::new();
    let text = if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::MultiGzDecoder::new(bytes)
            .read_to_end(&mut unpacked)
            .map_err(|error| refuse(format!("is not a whole gzip file: {error}")))?;
        &unpacked
    } else {
        bytes
    };
    if text.starts_with(b"PAR1") {
        return Err(refuse("is a Parquet file; export it as CSV with the columns ts and value".to_owned()));
    }
    let mut notes = notes::Notes::default();
    let table = columns::parse(file, text, tz, sign, &mut notes)?;
    let series = grid::lay(file, table.rows, &mut notes)?;
    Ok(Reading { series, notes: notes.finish(), column: table.column })
}
