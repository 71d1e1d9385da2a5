//! Events and overrides as JSON, such as the body of a request.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::entry::{EventEntry, OverrideEntry, Wrong};
use super::{Fault, Reading, Source};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File<'a> {
    #[serde(borrow, default, alias = "events")]
    event: Vec<&'a RawValue>,
    #[serde(borrow, default, alias = "overrides")]
    r#override: Vec<&'a RawValue>,
}

pub(super) fn read(source: &Source<'_>) -> Reading {
    let mut reading = Reading::default();
    let file = if source.text.trim_start().starts_with('[') {
        serde_json::from_str(source.text).map(|event| File { event, r#override: Vec::new() })
    } else {
        serde_json::from_str::<File<'_>>(source.text)
    };
    let file = match file {
        Ok(file) => file,
        Err(error) => {
            reading.faults.push(source.fault(error.line().max(1), plain(&error)));
            return reading;
        }
    };
    for raw in file.event {
        let line = line_of(source, raw);
        match build(source, line, raw, |e: EventEntry| e.build(source.known)) {
            Ok(mut planned) => {
                planned.origin = Some((source.name.to_owned(), line));
                reading.events.push(planned);
            }
            Err(fault) => reading.faults.push(fault),
        }
    }
    for raw in file.r#override {
        let line = line_of(source, raw);
        match build(source, line, raw, |e: OverrideEntry| e.build(source.known)) {
            Ok(rule) => reading.overrides.push((rule, line)),
            Err(fault) => reading.faults.push(fault),
        }
    }
    reading
}

/// The line on which an entry begins: a raw value borrows from the text it was read from.
fn line_of(source: &Source<'_>, raw: &RawValue) -> usize {
    source.line((raw.get().as_ptr() as usize).saturating_sub(source.text.as_ptr() as usize))
}

fn build<'a, E: Deserialize<'a>, T>(
    source: &Source<'_>,
    line: usize,
    raw: &'a RawValue,
    build: impl FnOnce(E) -> Result<T, Wrong>,
) -> Result<T, Fault> {
    let entry = serde_json::from_str(raw.get())
        .map_err(|error| source.fault(line + error.line().saturating_sub(1), plain(&error)))?;
    build(entry).map_err(|Wrong { field, message }| {
        let key = raw.get().find(&format!("\"{field}\"")).unwrap_or(0);
        source.fault(line + raw.get()[..key].matches('\n').count(), message)
    })
}

/// The message without its own line and column, which count from the entry's beginning.
fn plain(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message.split(" at line ").next().unwrap_or_default().to_owned()
}
