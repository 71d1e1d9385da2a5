//! `[[event]]`, `[[override]]`, `[[session]]` and `[[venue]]` tables in TOML. A `[[session]]` is an override whose origin is not told.

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::entry::{EventEntry, OverrideEntry, Wrong};
use super::venue::VenueEntry;
use super::{Fault, Known, Reading, Source};
use crate::venue::Venue;

pub(super) fn read(source: &Source<'_>) -> Reading {
    let (own, faults) = venues(source);
    let mut reading = Reading { faults, ..Reading::default() };
    let venues = [source.known.venues, &own].concat();
    let known = Known { venues: &venues, ..source.known };
    for (kind, entry) in entries(source).0 {
        let line = source.line(entry.span().start);
        match kind.as_str() {
            "event" => {
                let built = build(source, entry, |e: EventEntry| e.build(known));
                let placed = built.map(|mut planned| {
                    planned.origin = Some((source.name.to_owned(), line));
                    planned
                });
                keep(placed, &mut reading.events, &mut reading.faults);
            }
            "override" | "session" => {
                let built = build(source, entry, |e: OverrideEntry| e.build(known)).map(|rule| (rule, line));
                keep(built, &mut reading.overrides, &mut reading.faults);
            }
            _ => {}
        }
    }
    reading
}

/// The venues that the text defines; and what is wrong with these, with the text as a whole, or with what it holds
/// besides events and overrides.
pub(super) fn venues(source: &Source<'_>) -> (Vec<Venue>, Vec<Fault>) {
    let mut venues = Vec::new();
    let (entries, mut faults) = entries(source);
    for (kind, entry) in entries {
        match kind.as_str() {
            "event" | "override" | "session" => {}
            "venue" => keep(build(source, entry, VenueEntry::build), &mut venues, &mut faults),
            other => {
                let message = format!("unknown field `{other}`, expected `event`, `override` or `venue`");
                faults.push(source.fault(source.line(entry.span().start), message));
            }
        }
    }
    (venues, faults)
}

/// The tables of a text, each with the name of its list, and what is none.
fn entries<'a>(source: &Source<'a>) -> (Vec<(String, Spanned<DeValue<'a>>)>, Vec<Fault>) {
    let (mut entries, mut faults) = (Vec::new(), Vec::new());
    let file = match DeTable::parse(source.text) {
        Ok(file) => file.into_inner(),
        Err(error) => {
            let offset = error.span().map_or(0, |span| span.start);
            return (entries, vec![source.fault(source.line(offset), error.message())]);
        }
    };
    for (key, value) in file {
        let line = source.line(key.span().start);
        let key = key.into_inner().into_owned();
        if let DeValue::Array(list) = value.into_inner() {
            entries.extend(list.into_iter().map(|entry| (key.clone(), entry)));
        } else {
            let message =
                format!("`{key}` is not a list of tables: write [[event]] or [[override]] before its fields");
            faults.push(source.fault(line, message));
        }
    }
    (entries, faults)
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
