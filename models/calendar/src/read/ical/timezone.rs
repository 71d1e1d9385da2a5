//! VTIMEZONE: a file's own time zone (RFC 5545, 3.6.5).

use chrono::{Datelike, NaiveDateTime};

use super::component::Component;
use super::value::{offset, when};
use crate::recur::{self, Rules};
use crate::zone::{Change, Zone};

/// The TZID and the zone; the error has its line.
pub(super) fn parse(zone: &Component) -> Result<(String, Zone), (usize, String)> {
    let id = zone.property("TZID").ok_or((zone.line, "a VTIMEZONE without a TZID".to_owned()))?;
    let mut changes = Vec::new();
    for part in zone.children.iter().filter(|c| matches!(c.name.as_str(), "STANDARD" | "DAYLIGHT")) {
        changes.extend(observance(part)?);
    }
    if changes.is_empty() {
        return Err((zone.line, format!("the zone `{}` has neither STANDARD nor DAYLIGHT", id.value)));
    }
    changes.sort_unstable();
    changes.dedup();
    Ok((id.value.clone(), Zone::Own(changes.into())))
}

/// The changes to one offset.
fn observance(part: &Component) -> Result<Vec<Change>, (usize, String)> {
    let seconds = |name: &str| {
        let property = part.property(name).ok_or((part.line, format!("{} has no {name}", part.name)))?;
        let message = || format!("`{}` is no offset: write like -0500", property.value);
        offset(property.value.trim()).ok_or_else(|| (property.line, message()))
    };
    let (from, to) = (seconds("TZOFFSETFROM")?, seconds("TZOFFSETTO")?);
    let start = part.property("DTSTART").ok_or((part.line, format!("{} has no DTSTART", part.name)))?;
    let local = |line: usize, text: &str| {
        let found = when(text).and_then(super::value::When::local);
        found.ok_or_else(|| (line, format!("`{text}` is no local time: write like 20070311T020000")))
    };
    let first = local(start.line, &start.value)?;
    let mut rules = Rules::default();
    for dates in part.all("RDATE") {
        for text in dates.value.split(',') {
            rules.added.push(local(dates.line, text)?);
        }
    }
    let rule = part.property("RRULE");
    let mut onsets: Vec<NaiveDateTime> = vec![first];
    // Rules of old zones begin in 1600 or 1601; what counts begins later, on the same month and day.
    let recent = recent(first);
    rules.rules.extend(rule.map(|r| r.value.as_str()));
    // An end in UTC is meant by the offset that counts before the change (3.3.10).
    let clock = Zone::Own([Change { onset: first, from, to: from }].into());
    let expanded = recur::expand(if rule.is_some() { recent } else { first }, &rules, &clock);
    onsets.extend(expanded.map_err(|message| (rule.map_or(part.line, |r| r.line), message))?);
    Ok(onsets.into_iter().map(|onset| Change { onset, from, to }).collect())
}

/// A start not before 1900.
fn recent(first: NaiveDateTime) -> NaiveDateTime {
    if first.year() < 1900 { first.with_year(1904).unwrap_or(first) } else { first }
}
