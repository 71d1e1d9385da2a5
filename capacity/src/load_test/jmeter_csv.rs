//! A JMeter log (JTL) as CSV: a row for each sample, columns by the names in the first row, or in JMeter's
//! fixed order where names are not saved (apache/jmeter xdocs/usermanual/listeners.xml, "CSV Log format").

use std::io::{BufRead, Read};

use super::csv_records;
use super::jmeter::Samples;
use super::jmeter_columns::{Columns, bare_delimiter, header_delimiter};
use super::{Format, ImportError, LoadTest};

/// Longest first line that is looked at for the delimiter.
const FIRST_LINE: u64 = 64 * 1024;

pub(super) fn read(mut reader: impl BufRead, source: &str) -> Result<LoadTest, ImportError> {
    let mut first = Vec::new();
    reader
        .by_ref()
        .take(FIRST_LINE)
        .read_until(b'\n', &mut first)
        .map_err(|error| ImportError::Read { source_name: source.to_owned(), source: error })?;
    let line = String::from_utf8_lossy(&first);
    let named = header_delimiter(line.trim());
    let delimiter = named.or_else(|| bare_delimiter(line.trim())).ok_or_else(|| {
        ImportError::document(
            source,
            "the first line neither names timeStamp and elapsed nor is a row in JMeter's order",
        )
    })?;
    let (mut samples, mut columns, mut failed) = (Samples::default(), None, None);
    let notes =
        csv_records::each(first.as_slice().chain(reader), delimiter, source, |record| match &columns {
            Some(columns) => samples.record(record, columns),
            None if named.is_some() => {
                match Columns::named(record, source) {
                    Ok(found) => columns = Some(found),
                    Err(error) => failed = failed.take().or(Some(error)),
                }
                Ok(())
            }
            None => samples.record(record, columns.insert(Columns::in_order(record.len()))),
        })?;
    match failed {
        Some(error) => Err(error),
        None => samples.finish(Format::JMeterCsv, source, notes),
    }
}
