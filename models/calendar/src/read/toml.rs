//! `[[event]]`, `[[override]]` and `[[session]]` tables in TOML. A `[[session]]` is an override whose origin is not told.

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::entry::{EventEntry, OverrideEntry, Wrong};
use super::{Fault, Reading, Source};

pub(super) fn read(source: &Source<'_>) -> Reading {
    let mut reading = Reading::default();
    let file = match DeTable::parse(source.text) {
        Ok(file) => file.into_inner(),
        Err(error) => {
            let offset = error.span().map_or(0, |span| span.start);
            reading.faults.push(source.fault(source.line(offset), error.message()));
            return reading;
        }
    };
    for (key, value) in file {
        let key_line = source.line(key.span().start);
        let DeValue::Array(entries) = value.into_inner() else {
            let message =
                format!("`{key}` is not a list of tables: write [[event]] or [[override]] before its fields");
            reading.faults.push(source.fault(key_line, message));
            continue;
        };
        for entry in entries {
            let line = source.line(entry.span().start);
            match key.get_ref().as_ref() {
                "event" => {
                    let built = build(source, entry, |e: EventEntry| e.build(source.defaults));
                    let placed = built.map(|mut planned| {
                        planned.origin = Some((source.name.to_owned(), line));
                        planned
                    });
                    keep(placed, &mut reading.events, &mut reading.faults);
                }
                "override" | "session" => {
                    let built = build(source, entry, OverrideEntry::build).map(|rule| (rule, line));
                    keep(built, &mut reading.overrides, &mut reading.faults);
                }
                other => {
                    let message = format!("unknown field `{other}`, expected `event` or `override`");
                    reading.faults.push(source.fault(line, message));
                }
            }
        }
    }
    reading
}

fn keep<T>(built: Result<T, Fault>, kept: &mut Vec<T>, faults: &mut Vec<Fault>) {
    match built {
        Ok(entry) => kept.push(entry),
        Err(fault) => faults.push(fault),
    }
}

fn build<E: DeserializeOwned, T>(
    source: &Source<'_>,
    entry: Spanned<DeValue<'_>>,
    build: impl FnOnce(E) -> Result<T, Wrong>,
) -> Result<T, Fault> {
    let whole = entry.span();
    // Where each field stands, for faults that only show once all fields are read.
    let fields: Vec<(String, usize)> = entry
        .get_ref()
        .as_table()
        .into_iter()
        .flat_map(|table| table.iter().map(|(key, value)| (key.get_ref().to_string(), value.span().start)))
        .collect();
    let parsed = E::deserialize(ValueDeserializer::from(entry)).map_err(|error| {
        let offset = error.span().map_or(whole.start, |span| span.start);
        source.fault(source.line(offset), error.message())
    })?;
    build(parsed).map_err(|Wrong { field, message }| {
        let offset = fields.iter().find(|(name, _)| name == field).map_or(whole.start, |(_, at)| *at);
        source.fault(source.line(offset), message)
    })
}
