//! Events as CSV: a header line that names the fields, then an event per line; `#` starts a comment line.
//!
//! The fields are those of a TOML `[[event]]`, of which `name` and `start` are needed; `services` holds names with
//! semicolons between them.

use csv::{ReaderBuilder, Trim};

use super::entry::EventEntry;
use super::{Reading, Source};

pub(super) fn read(source: &Source<'_>) -> Reading {
    let mut reading = Reading::default();
    let mut reader =
        ReaderBuilder::new().trim(Trim::All).comment(Some(b'#')).from_reader(source.text.as_bytes());
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => {
            reading.faults.push(source.fault(1, format!("the header line cannot be read: {error}")));
            return reading;
        }
    };
    if !["name", "start"].iter().all(|field| header.iter().any(|column| column == *field)) {
        let line = reader.position().line().max(1) as usize;
        let message = "the header line must name at least the columns name and start, and better also class, venue \
                       and duration_minutes";
        reading.faults.push(source.fault(line.min(1), message));
        return reading;
    }
    let mut record = csv::StringRecord::new();
    loop {
        let line = reader.position().line() as usize;
        match reader.read_record(&mut record) {
            Ok(false) => return reading,
            Ok(true) => {
                // Comment lines stand before the record's own line.
                let line = record.position().map_or(line, |at| at.line() as usize);
                let entry =
                    record.deserialize::<EventEntry>(Some(&header)).map_err(|error| match error.kind() {
                        csv::ErrorKind::Deserialize { err, .. } => match err.field() {
                            Some(field) => format!(
                                "{}: {}",
                                header.get(field as usize).unwrap_or("a field too many"),
                                err.kind()
                            ),
                            None => err.kind().to_string(),
                        },
                        _ => error.to_string(),
                    });
                match entry.and_then(|e| e.build(source.known).map_err(|wrong| wrong.message)) {
                    Ok(mut planned) => {
                        planned.origin = Some((source.name.to_owned(), line));
                        reading.events.push(planned);
                    }
                    Err(message) => reading.faults.push(source.fault(line, message)),
                }
            }
            Err(error) => {
                let line = error.position().map_or(line, |at| at.line() as usize);
                reading.faults.push(source.fault(line, bad_record(&error)));
            }
        }
    }
}

fn bad_record(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("the line has {len} fields where the header has {expected_len}")
        }
        _ => error.to_string(),
    }
}
