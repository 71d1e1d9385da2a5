//! Points of a capacity curve, and how they are read from CSV.

use std::cell::Cell;
use std::io::{ErrorKind, Read};
use std::rc::Rc;

use csv::{ByteRecord, ReaderBuilder, Terminator, Trim};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[cfg(test)]
mod tests;

/// More rows than this are refused.
pub const MOST_ROWS: usize = 1_000_000;

/// More bytes than this are no row.
const ROW_BYTES: u64 = 1 << 20;

/// What a system carried at one load.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Point {
    /// Concurrent users, threads, processors or replicas.
    pub load: f64,
    /// Work done per unit of time.
    pub throughput: f64,
}

/// Why points could not be read.
#[derive(Debug, thiserror::Error)]
pub enum PointsError {
    /// The bytes could not be had.
    #[error("could not read {file}: {error}")]
    Read {
        /// The file.
        file: String,
        /// Why.
        error: std::io::Error,
    },
    /// The header lacks a column.
    #[error(
        "{file}:{line}: no column `{column}` among {found}; name the columns load and throughput in the first line"
    )]
    MissingColumn {
        /// The file.
        file: String,
        /// The line, counted from 1.
        line: u64,
        /// The column.
        column: &'static str,
        /// What the first line holds.
        found: String,
    },
    /// A row is too short.
    #[error("{file}:{line}: the row ends before column {column}; write a load and a throughput in each row")]
    MissingField {
        /// The file.
        file: String,
        /// The line, counted from 1.
        line: u64,
        /// The column.
        column: &'static str,
    },
    /// A field has no meaning as a load or a throughput.
    #[error("{file}:{line}: {column} `{value}` {problem}")]
    Field {
        /// The file.
        file: String,
        /// The line, counted from 1.
        line: u64,
        /// The column.
        column: &'static str,
        /// What it holds, shortened.
        value: String,
        /// What is wrong and what to do.
        problem: &'static str,
    },
    /// There is nothing to fit.
    #[error(
        "{file}: no rows; write one line per measured load, as `8,130`, under the header `load,throughput`"
    )]
    NoRows {
        /// The file.
        file: String,
    },
    /// There are too many rows.
    #[error("{file}: more than 1000000 rows; write one row per step of the load instead of one per request")]
    TooManyRows {
        /// The file.
        file: String,
    },
    /// A row has no end.
    #[error("{file}:{line}: the row is longer than 1 MiB; this is no table of loads and throughputs")]
    RowTooLong {
        /// The file.
        file: String,
        /// The line at which it begins, counted from 1.
        line: u64,
    },
}

/// Where the two columns are.
#[derive(Debug, Clone, Copy)]
struct Columns {
    load: usize,
    throughput: usize,
}

/// Reads points from CSV, in the order of the rows; `file` names the source in errors.
///
/// Columns are found by the names `load` and `throughput` in any order and case, and others are passed over. A file
/// of two columns of numbers without a header is taken as load and throughput. A byte order mark, blanks around
/// fields, either line end and lines that begin with `#` are accepted. A row of load 0 and throughput 0 is a fact
/// of no use, which the fit leaves out and counts.
pub fn read_points(reader: impl Read, file: &str) -> Result<Vec<Point>, PointsError> {
    let taken = Rc::new(Cell::new(0));
    // With a line end after each row, the line of a row follows from the line after it.
    let bounded = Bounded { inner: reader.chain(b"\n".as_slice()), taken: Rc::clone(&taken) };
    let mut rows = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .terminator(Terminator::Any(b'\n'))
        .from_reader(bounded);
    let mut row = ByteRecord::new();
    let mut columns: Option<Columns> = None;
    let mut points = Vec::new();
    loop {
        let line = rows.position().line();
        let more = rows.read_byte_record(&mut row).map_err(|error| read_error(error, file, line))?;
        if !more {
            break;
        }
        taken.set(0);
        if row.get(0).is_some_and(|first| first.starts_with(b"#")) || row.iter().all(<[u8]>::is_empty) {
            continue;
        }
        // Blank lines before the row belong to it in the reader's count from the front.
        let inside = row.iter().flatten().filter(|byte| **byte == b'\n').count() as u64;
        let line = rows.position().line().saturating_sub(1 + inside);
        let Some(at) = columns else {
            let (found, is_header) = columns_of(&row, file, line)?;
            columns = Some(found);
            if !is_header {
                points.push(point(&row, found, file, line)?);
            }
            continue;
        };
        if points.len() == MOST_ROWS {
            return Err(PointsError::TooManyRows { file: file.to_owned() });
        }
        points.push(point(&row, at, file, line)?);
    }
    if points.is_empty() {
        return Err(PointsError::NoRows { file: file.to_owned() });
    }
    Ok(points)
}

/// The columns by the first row, and whether that is a header.
fn columns_of(row: &ByteRecord, file: &str, line: u64) -> Result<(Columns, bool), PointsError> {
    if row.len() == 2 && row.iter().all(|field| number(field).is_some()) {
        return Ok((Columns { load: 0, throughput: 1 }, false));
    }
    let find = |column: &'static str| {
        row.iter().position(|name| name.eq_ignore_ascii_case(column.as_bytes())).ok_or_else(|| {
            let names: Vec<String> = row.iter().take(8).map(|name| format!("`{}`", shown(name))).collect();
            let more = if row.len() > 8 { ", ..." } else { "" };
            let found = format!("{}{more}", names.join(", "));
            PointsError::MissingColumn { file: file.to_owned(), line, column, found }
        })
    };
    Ok((Columns { load: find("load")?, throughput: find("throughput")? }, true))
}

fn point(row: &ByteRecord, at: Columns, file: &str, line: u64) -> Result<Point, PointsError> {
    let load = value(row, at.load, "load", file, line)?;
    let throughput = value(row, at.throughput, "throughput", file, line)?;
    if load == 0.0 && throughput > 0.0 {
        return Err(PointsError::Field {
            file: file.to_owned(),
            line,
            column: "throughput",
            value: throughput.to_string(),
            problem: "is measured at load 0, where nothing can be done; correct the load or remove the row",
        });
    }
    Ok(Point { load, throughput })
}

fn value(
    row: &ByteRecord,
    at: usize,
    column: &'static str,
    file: &str,
    line: u64,
) -> Result<f64, PointsError> {
    let Some(field) = row.get(at) else {
        return Err(PointsError::MissingField { file: file.to_owned(), line, column });
    };
    let problem = match number(field) {
        None => "is not a number; write it as 1234.5, without unit or thousands separator",
        Some(value) if !value.is_finite() => "is not a finite number; remove the row",
        Some(value) if value < 0.0 => "is negative; loads and throughputs are counted from 0 up",
        // A negative zero is a zero.
        Some(value) => return Ok(value.abs()),
    };
    Err(PointsError::Field { file: file.to_owned(), line, column, value: shown(field), problem })
}

fn number(field: &[u8]) -> Option<f64> {
    std::str::from_utf8(field).ok()?.parse().ok()
}

/// A field for an error text: short and printable.
fn shown(field: &[u8]) -> String {
    let text = String::from_utf8_lossy(&field[..field.len().min(160)]);
    let mut short: String = text.chars().take(40).flat_map(char::escape_debug).collect();
    if text.chars().nth(40).is_some() {
        short.push_str("...");
    }
    short
}

fn read_error(error: csv::Error, file: &str, line: u64) -> PointsError {
    let error = match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        // Nothing else arises from flexible rows of bytes.
        other => std::io::Error::other(format!("{other:?}")),
    };
    if error.kind() == ErrorKind::FileTooLarge {
        return PointsError::RowTooLong { file: file.to_owned(), line };
    }
    PointsError::Read { file: file.to_owned(), error }
}

/// Ends a row that would fill the memory.
struct Bounded<R> {
    inner: R,
    /// Bytes since the last row was complete.
    taken: Rc<Cell<u64>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.taken.get() > ROW_BYTES {
            return Err(ErrorKind::FileTooLarge.into());
        }
        let count = self.inner.read(buffer)?;
        self.taken.set(self.taken.get() + count as u64);
        Ok(count)
    }
}
