//! An iCalendar (RFC 5545) of the steps.

use chrono::{DateTime, Utc};

use super::{Schedule, entry_name};

/// Octets of a line before it is folded (RFC 5545, 3.1).
const LINE: usize = 75;

/// One calendar with an event for each window of the schedules.
pub fn icalendar(schedules: &[Schedule]) -> String {
    let mut text = String::new();
    line(&mut text, "BEGIN:VCALENDAR");
    line(&mut text, "VERSION:2.0");
    line(&mut text, "PRODID:-//Headroom//Plan//EN");
    line(&mut text, "METHOD:PUBLISH");
    for schedule in schedules {
        for window in &schedule.windows {
            let service = escaped(&schedule.service);
            line(&mut text, "BEGIN:VEVENT");
            line(&mut text, &format!("UID:{}@headroom", entry_name(&schedule.service, window.from)));
            line(&mut text, &format!("DTSTAMP:{}", time(schedule.made_at)));
            line(&mut text, &format!("DTSTART:{}", time(window.from)));
            line(&mut text, &format!("DTEND:{}", time(window.until)));
            line(&mut text, &format!("SUMMARY:{service}: {} -> {} replicas", window.before, window.replicas));
            line(&mut text, &format!("DESCRIPTION:{}", escaped(&window.reason)));
            line(&mut text, "TRANSP:TRANSPARENT");
            line(&mut text, "END:VEVENT");
        }
    }
    line(&mut text, "END:VCALENDAR");
    text
}

fn time(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace('\r', "").replace('\n', "\\n")
}

/// A content line, folded between characters.
fn line(text: &mut String, content: &str) {
    let mut used = 0;
    for c in content.chars() {
        if used + c.len_utf8() > LINE {
            text.push_str("\r\n ");
            used = 1;
        }
        text.push(c);
        used += c.len_utf8();
    }
    text.push_str("\r\n");
}
