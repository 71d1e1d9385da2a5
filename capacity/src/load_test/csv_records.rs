//! Records of character-separated files, one at a time and of bounded length.

use std::io::Read;

use csv::{ByteRecord, ReaderBuilder};

use super::ImportError;
use super::lines::{Bounded, Tally};

/// Gives each record to `take`, which says what is wrong with one that it cannot read.
///
/// Errors: too many such records ([`Tally`]), a record without end, a failing reader. Otherwise the notes.
pub(super) fn each(
    reader: impl Read,
    delimiter: u8,
    source: &str,
    mut take: impl FnMut(&ByteRecord) -> Result<(), String>,
) -> Result<Vec<String>, ImportError> {
    let mut records = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(Bounded::new(reader));
    let (mut record, mut tally) = (ByteRecord::new(), Tally::default());
    loop {
        records.get_mut().renew();
        let line = records.position().line();
        match records.read_byte_record(&mut record) {
            Ok(false) => return tally.end(source),
            Ok(true) => match take(&record) {
                Ok(()) => tally.good(),
                Err(message) => {
                    tally.bad(record.position().map_or(line, csv::Position::line), message, source)?;
                }
            },
            Err(error) => return Err(ImportError::document(source, format!("line {line}: {error}"))),
        }
    }
}

/// A field as text, without spaces around it.
pub(super) fn field(record: &ByteRecord, at: usize) -> Option<&str> {
    std::str::from_utf8(record.get(at)?).ok().map(str::trim)
}
