//! Entries that people post: events and overrides as JSON.

use chrono::SecondsFormat;
use headroom_calendar::{Defaults, Fault, Format, Reading, Venue};
use headroom_control::{CalendarEntry, EntryKind};
use serde_json::{Value, json};

/// What faults call a posted text.
const NAME: &str = "body";

/// The entries of a posted text, which is JSON as [`Format::Json`] reads it; they may name the built-in venues and those
/// `known`.
///
/// # Errors
/// What is wrong with it: one fault refuses it whole.
pub fn entries(text: &str, known: &[Venue]) -> Result<Vec<(EntryKind, Value)>, Vec<Fault>> {
    let reading = Reading::of(Format::Json, NAME, text, &Defaults::default(), known);
    if !reading.faults().is_empty() {
        return Err(reading.faults().to_vec());
    }
    let wrong = |message: String| vec![Fault { file: NAME.to_owned(), line: 1, message }];
    let value: Value = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    let list = |kind: EntryKind, value: Option<Value>| match value {
        Some(Value::Array(list)) => list.into_iter().map(|entry| (kind, entry)).collect(),
        _ => Vec::new(),
    };
    let entries: Vec<(EntryKind, Value)> = match value {
        Value::Object(mut file) => {
            let events = file.remove("event").or_else(|| file.remove("events"));
            let overrides = file.remove("override").or_else(|| file.remove("overrides"));
            let (events, overrides) = (list(EntryKind::Event, events), list(EntryKind::Override, overrides));
            events.into_iter().chain(overrides).collect()
        }
        other => list(EntryKind::Event, Some(other)),
    };
    if entries.is_empty() {
        return Err(wrong("there is no entry: write {\"event\": [...]} or {\"override\": [...]}".to_owned()));
    }
    Ok(entries)
}

/// Reads entries that were posted. One that does not tell its source is from who posted it, and one that does not tell
/// since when it is known is known since it was posted.
pub(super) fn reading(posted: &[CalendarEntry], known: &[Venue]) -> Reading {
    let of = |kind: EntryKind| {
        let entries = posted.iter().filter(|one| one.kind == kind).map(complete);
        entries.collect::<Vec<Value>>()
    };
    let text = json!({"event": of(EntryKind::Event), "override": of(EntryKind::Override)});
    Reading::of(Format::Json, "posted entries", &text.to_string(), &Defaults::default(), known)
}

fn complete(posted: &CalendarEntry) -> Value {
    let since = match posted.kind {
        EntryKind::Event => "known_since",
        EntryKind::Override => "since",
    };
    let mut entry = posted.entry.clone();
    if let Value::Object(fields) = &mut entry {
        let at = posted.created_at.to_rfc3339_opts(SecondsFormat::Secs, true);
        for (field, value) in [(since, at), ("source", format!("posted by {}", posted.created_by))] {
            let told = fields.entry(field).or_insert(Value::Null);
            if told.is_null() {
                *told = Value::String(value);
            }
        }
    }
    entry
}
