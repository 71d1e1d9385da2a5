//! iCalendar out: a VEVENT per occurrence, in UTC, with the properties that `read::ical` knows.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};

use crate::event::Event;
use crate::read::ical_value::{duration_text, escape};

/// Octets of a content line before it must be folded (RFC 5545, 3.1).
const FOLD: usize = 75;

/// Events as an iCalendar object (RFC 5545). `stamp` is the moment of writing, which each event must carry.
///
/// Reading the text again gives the same events, to the second.
pub fn write_ical(events: &[Event], stamp: DateTime<Utc>) -> String {
    let mut out = String::new();
    let mut line = |text: &str| fold(text, &mut out);
    line("BEGIN:VCALENDAR");
    line("VERSION:2.0");
    line("PRODID:-//Headroom//Calendar//EN");
    line("CALSCALE:GREGORIAN");
    let mut seen: HashMap<String, usize> = HashMap::new();
    for event in events {
        line("BEGIN:VEVENT");
        let base = uid(event);
        let repeats = seen.entry(base.clone()).and_modify(|n| *n += 1).or_insert(0);
        line(&if *repeats == 0 { format!("UID:{base}") } else { format!("UID:{base}-{repeats}") });
        line(&format!("DTSTAMP:{}", instant(stamp)));
        for property in properties(event) {
            line(&property);
        }
        line("END:VEVENT");
    }
    line("END:VCALENDAR");
    out
}

fn properties(event: &Event) -> Vec<String> {
    let mut lines = vec![
        format!("DTSTART:{}", instant(event.start)),
        format!("DURATION:{}", duration_text(event.duration)),
        format!("SUMMARY:{}", escape(&event.name)),
        format!("CATEGORIES:{}", event.class.id()),
        format!("X-HEADROOM-CLASS:{}", event.class.id()),
    ];
    if let Some(venue) = &event.venue {
        lines.push(format!("X-HEADROOM-VENUE:{}", escape(venue)));
    }
    if event.lead != Duration::zero() {
        lines.push(format!("X-HEADROOM-LEAD:{}", duration_text(event.lead)));
    }
    if !event.services.is_empty() {
        let names: Vec<String> = event.services.iter().map(|name| escape(name)).collect();
        lines.push(format!("X-HEADROOM-SERVICES:{}", names.join(",")));
    }
    if let Some(multiplier) = event.multiplier {
        lines.push(format!("X-HEADROOM-MULTIPLIER:{multiplier}"));
    }
    if event.confidence != 1.0 {
        lines.push(format!("X-HEADROOM-CONFIDENCE:{}", event.confidence));
    }
    if !event.source.is_empty() {
        lines.push(format!("X-HEADROOM-SOURCE:{}", escape(&event.source)));
    }
    if let Some(known) = event.known_since {
        lines.push(format!("X-HEADROOM-KNOWN-SINCE:{}", instant(known)));
    }
    if event.follows_venue {
        lines.push("X-HEADROOM-FOLLOWS-VENUE:TRUE".to_owned());
    }
    lines
}

/// The same event has the same identifier each time it is written, so that a subscriber updates it.
fn uid(event: &Event) -> String {
    let venue = event.venue.as_deref().unwrap_or("all");
    let name: String = event.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("{}-{}-{}-{name}@headroom", event.class.id(), escape(venue), instant(event.start))
}

fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

/// Appends a content line, folded between letters.
fn fold(text: &str, out: &mut String) {
    let mut width = 0;
    for letter in text.chars() {
        if width + letter.len_utf8() > FOLD {
            out.push_str("\r\n ");
            width = 1;
        }
        out.push(letter);
        width += letter.len_utf8();
    }
    out.push_str("\r\n");
}
