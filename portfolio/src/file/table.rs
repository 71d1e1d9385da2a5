//! CSV with a header, row by row, with the place of everything.

use std::io::Read;

use csv::{ErrorKind, Position, Reader, ReaderBuilder, StringRecord, Trim};
use rust_decimal::Decimal;

use super::FileError;
use crate::book::parse_decimal;

/// A file that is being read.
pub(super) struct Table<R> {
    file: String,
    header: Vec<String>,
    reader: Reader<R>,
}

/// A line of it.
pub(super) struct Row<'a> {
    file: &'a str,
    header: &'a [String],
    record: StringRecord,
    line: u64,
}

impl<R: Read> Table<R> {
    /// Reads the header. Names are told apart without case.
    pub(super) fn open(
        file: &str,
        input: R,
        known: impl Fn(&str) -> bool,
        needed: &[&str],
    ) -> Result<Self, FileError> {
        let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(input);
        let header = reader.headers().map_err(|error| unreadable(file, &error))?;
        let header: Vec<String> = header.iter().map(str::to_ascii_lowercase).collect();
        let wrong = |detail: String| FileError { file: file.to_owned(), line: 1, column: None, detail };
        for (place, name) in header.iter().enumerate() {
            if !known(name) {
                return Err(wrong(format!("there is no column \"{name}\" in such a file")));
            }
            if header[..place].contains(name) {
                return Err(wrong(format!("the column {name} is there twice")));
            }
        }
        if let Some(name) = needed.iter().find(|name| !header.iter().any(|column| column == *name)) {
            return Err(wrong(format!("the header has no column {name}")));
        }
        Ok(Self { file: file.to_owned(), header, reader })
    }

    /// The next line; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>, FileError> {
        let mut record = StringRecord::new();
        if !self.reader.read_record(&mut record).map_err(|error| unreadable(&self.file, &error))? {
            return Ok(None);
        }
        let line = record.position().map_or(0, Position::line);
        Ok(Some(Row { file: &self.file, header: &self.header, record, line }))
    }
}

impl Row<'_> {
    /// A field; '' where the file has no such column.
    pub(super) fn get(&self, column: &str) -> &str {
        let place = self.header.iter().position(|name| name == column);
        place.and_then(|place| self.record.get(place)).unwrap_or_default()
    }

    /// A number; none where the field is empty.
    pub(super) fn decimal(&self, column: &str) -> Result<Option<Decimal>, FileError> {
        let text = self.get(column);
        if text.is_empty() {
            return Ok(None);
        }
        let wrong = |detail: &str| self.wrong(column, format!("\"{text}\" {detail}"));
        let figure = parse_decimal(text).ok_or_else(|| wrong("is no number such as 1234.56"))?;
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        if digits > 28 { Err(wrong("has more than 28 digits")) } else { Ok(Some(figure)) }
    }

    /// All fields with the names of their columns.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.header.iter().map(String::as_str).zip(self.record.iter())
    }

    /// What is wrong in a column.
    pub(super) fn wrong(&self, column: &str, detail: impl Into<String>) -> FileError {
        FileError { column: Some(column.to_owned()), ..self.wrong_line(detail) }
    }

    /// What is wrong with the line.
    pub(super) fn wrong_line(&self, detail: impl Into<String>) -> FileError {
        FileError { file: self.file.to_owned(), line: self.line, column: None, detail: detail.into() }
    }
}

fn unreadable(file: &str, error: &csv::Error) -> FileError {
    let detail = match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("the header has {expected_len} fields and this line {len}")
        }
        ErrorKind::Utf8 { .. } => "is no UTF-8".to_owned(),
        ErrorKind::Io(source) => format!("cannot be read: {source}"),
        _ => error.to_string(),
    };
    let line = error.position().map_or(1, Position::line);
    FileError { file: file.to_owned(), line, column: None, detail }
}
