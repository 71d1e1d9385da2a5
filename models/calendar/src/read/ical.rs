//! iCalendar, RFC 5545: events with their recurrences, in the time zones of the file or of the IANA database.
//!
//! A calendar of another program has no classes: `CATEGORIES` may name one, the properties below say everything, and
//! else the caller's defaults count. A time without a zone is the venue's wall clock, or that of `X-WR-TIMEZONE`.
//!
//! The lines are read here and not by the `icalendar` crate, which tells neither the line of a fault nor the changes of
//! a VTIMEZONE; rules are expanded by the `rrule` crate.
//!
//! | property | meaning |
//! |---|---|
//! | `X-HEADROOM-CLASS`, `X-HEADROOM-VENUE` | class and venue |
//! | `X-HEADROOM-LEAD` | how long before the start demand begins to rise, as a duration such as `PT30M` |
//! | `X-HEADROOM-SERVICES` | the services, with commas between them |
//! | `X-HEADROOM-MULTIPLIER`, `X-HEADROOM-CONFIDENCE` | numbers |
//! | `X-HEADROOM-SOURCE`, `X-HEADROOM-KNOWN-SINCE` | where the date is from, and since when, in UTC |
//! | `X-HEADROOM-ROLL`, `X-HEADROOM-BANK` | what happens on days that are no business days of the bank |
//! | `X-HEADROOM-FOLLOWS-VENUE` | `TRUE` if it only concerns services that follow the venue |

mod component;
mod event;
mod lines;
mod series;
mod timezone;
pub(crate) mod value;

use std::collections::HashMap;

use chrono_tz::Tz;

use self::component::Component;
use super::entry::Wrong;
use super::{Reading, Source};
use crate::zone::Zone;

/// What all events of a file share.
struct Context<'a> {
    source: &'a Source<'a>,
    /// The file's own zones by their TZID.
    zones: HashMap<String, Zone>,
    /// The zone of times that name none.
    floating: Option<Zone>,
}

impl Context<'_> {
    /// The zone of a TZID: the file's own, or the IANA database's, of which the name may be the end of the TZID.
    fn zone(&self, id: &str) -> Result<Zone, Wrong> {
        if let Some(zone) = self.zones.get(id) {
            return Ok(zone.clone());
        }
        let mut rest = id.trim_start_matches('/');
        loop {
            if let Ok(tz) = rest.parse::<Tz>() {
                return Ok(Zone::Named(tz));
            }
            match rest.split_once('/') {
                Some((_, tail)) => rest = tail,
                None => break,
            }
        }
        let message =
            format!("the zone `{id}` is neither defined by a VTIMEZONE of the file nor in the IANA database");
        Err(Wrong { field: "DTSTART", message })
    }
}

pub(super) fn read(source: &Source<'_>) -> Reading {
    let mut reading = Reading::default();
    let (root, faults) = component::parse(source);
    reading.faults.extend(faults);
    if !root.children.iter().any(|c| c.name == "VCALENDAR") {
        reading.faults.push(source.fault(1, "no BEGIN:VCALENDAR: this is not an iCalendar file (RFC 5545)"));
    }
    for calendar in root.children.iter().filter(|c| c.name == "VCALENDAR") {
        read_calendar(source, calendar, &mut reading);
    }
    reading
}

fn read_calendar(source: &Source<'_>, calendar: &Component, reading: &mut Reading) {
    let mut context = Context { source, zones: HashMap::new(), floating: None };
    for zone in calendar.children.iter().filter(|c| c.name == "VTIMEZONE") {
        match timezone::parse(zone) {
            Ok((id, zone)) => {
                context.zones.insert(id, zone);
            }
            Err((line, message)) => reading.faults.push(source.fault(line, message)),
        }
    }
    if let Some(name) = calendar.property("X-WR-TIMEZONE") {
        match context.zone(&name.value) {
            Ok(zone) => context.floating = Some(zone),
            Err(wrong) => reading.faults.push(source.fault(name.line, wrong.message)),
        }
    }
    let mut events = Vec::new();
    for component in calendar.children.iter().filter(|c| c.name == "VEVENT") {
        match event::parse(&context, component) {
            Ok((event, doubt)) => {
                reading.doubts.extend(doubt.map(|message| source.fault(component.line, message)));
                events.push(event);
            }
            Err(Wrong { field, message }) => {
                let line = component.property(field).map_or(component.line, |p| p.line);
                reading.faults.push(source.fault(line, message));
            }
        }
    }
    for (line, mut planned) in series::join(events) {
        planned.origin = Some((source.name.to_owned(), line));
        reading.events.push(planned);
    }
}
