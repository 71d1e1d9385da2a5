//! Billing files in FOCUS, the FinOps Open Cost and Usage Specification, versions 1.0 to 1.3, as CSV.
//!
//! Columns are found by name; those that are not needed are ignored. Empty cells and `null` in any case are nulls.
//! Source of the columns and their meaning: the specification at <https://focus.finops.org/focus-specification/>.

mod cell;
mod charge;
mod columns;
mod row;
#[cfg(test)]
mod tests;

use std::io::{self, Read};

use csv::ByteRecord;

use self::columns::Layout;
use self::row::{Row, Shared};
use super::error::{MoneyError, Result};

pub use charge::{Charge, ChargeCategory, ChargeFrequency, Commitment, CommitmentStatus};

/// Bytes of the longest row that is read; tags of a row are the longest part and seldom reach a few thousand.
const ROW_BYTES: usize = 1 << 20;

/// Reads the rows of a FOCUS file one after the other, in the memory of one row and the texts that rows share.
#[derive(Debug)]
pub struct Reader<R> {
    csv: csv::Reader<Bounded<R>>,
    file: String,
    layout: Layout,
    record: ByteRecord,
    shared: Shared,
    failed: bool,
}

impl<R: Read> Reader<R> {
    /// Reads the header. `file` is the name that errors show.
    ///
    /// # Errors
    /// The columns that no cost can be told without, if they are missing; a column that is there twice.
    pub fn new(from: R, file: &str) -> Result<Self> {
        let source = Bounded { from, unread: ROW_BYTES };
        let mut csv = csv::ReaderBuilder::new().from_reader(source);
        let header = csv.byte_headers().map_err(|error| broken(file, 1, &error))?.clone();
        let layout = Layout::of(&header, file)?;
        csv.get_mut().unread = ROW_BYTES;
        Ok(Self {
            csv,
            file: file.to_owned(),
            layout,
            record: ByteRecord::new(),
            shared: Shared::default(),
            failed: false,
        })
    }

    /// What the file does without, in sentences.
    pub fn notes(&self) -> &[String] {
        &self.layout.notes
    }

    fn charge(&mut self) -> Result<Option<Charge>> {
        let line = self.csv.position().line();
        let more =
            self.csv.read_byte_record(&mut self.record).map_err(|error| broken(&self.file, line, &error))?;
        self.csv.get_mut().unread = ROW_BYTES;
        if !more {
            return Ok(None);
        }
        let record = std::mem::take(&mut self.record);
        let line = record.position().map_or(line, csv::Position::line);
        let (file, layout, shared) = (&*self.file, &self.layout, &mut self.shared);
        let charge = Row { file, layout, shared, record: &record, line }.charge();
        self.record = record;
        charge.map(Some)
    }
}

/// After an error there are no further rows.
impl<R: Read> Iterator for Reader<R> {
    type Item = Result<Charge>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.charge().transpose();
        self.failed = matches!(next, Some(Err(_)) | None);
        next
    }
}

fn broken(file: &str, line: u64, error: &csv::Error) -> MoneyError {
    let line = error.position().map_or(line, csv::Position::line);
    let problem = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!(
                "the row has {len} cells, but the header has {expected_len}; quote cells with commas in them"
            )
        }
        csv::ErrorKind::Io(error) => format!("could not read on: {error}"),
        _ => error.to_string(),
    };
    MoneyError::Csv { file: file.to_owned(), line, problem }
}

/// A source that gives out no more bytes than one row may have until it is told that a row is over.
#[derive(Debug)]
struct Bounded<R> {
    from: R,
    unread: usize,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.unread == 0 {
            return Err(io::Error::other("the row is longer than 1 MiB; a quote may not be closed"));
        }
        let length = buffer.len().min(self.unread);
        let read = self.from.read(&mut buffer[..length])?;
        self.unread -= read;
        Ok(read)
    }
}

/// The rows of a bill, at most a million.
#[derive(Debug, Clone, Default)]
pub struct Charges {
    rows: Vec<Charge>,
    notes: Vec<String>,
}

impl Charges {
    /// Rows that are held. A larger file is summed up while it is read, by [`read_costs`](super::read_costs).
    pub const LIMIT: usize = 1_000_000;

    /// Reads a whole FOCUS file. `file` is the name that errors show.
    ///
    /// # Errors
    /// The first row that has no meaning, by line and column; missing columns; more than [`Self::LIMIT`] rows.
    pub fn read(from: impl Read, file: &str) -> Result<Self> {
        let reader = Reader::new(from, file)?;
        let mut charges = Self { rows: Vec::new(), notes: reader.notes().to_vec() };
        for charge in reader {
            if charges.rows.len() == Self::LIMIT {
                return Err(MoneyError::TooMany { file: file.to_owned(), limit: Self::LIMIT, what: "rows" });
            }
            charges.rows.push(charge?);
        }
        Ok(charges)
    }

    /// Puts the rows of another file behind these.
    ///
    /// # Errors
    /// More than [`Self::LIMIT`] rows in all; these then stay as they are.
    pub fn append(&mut self, other: Self) -> Result<()> {
        if self.rows.len() + other.rows.len() > Self::LIMIT {
            let file = "the files together".to_owned();
            return Err(MoneyError::TooMany { file, limit: Self::LIMIT, what: "rows" });
        }
        self.rows.extend(other.rows);
        self.notes.extend(other.notes);
        Ok(())
    }

    /// The rows, in the file's order.
    pub fn rows(&self) -> &[Charge] {
        &self.rows
    }

    /// What the files do without, in sentences.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}
