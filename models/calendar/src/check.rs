//! Says what is wrong or doubtful in calendar files, before a forecast relies on them.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::event::EventClass;
use crate::overrule::Override;
use crate::planned::Planned;
use crate::read::{self, Defaults, Fault, Format};
use crate::venue::{BUILTIN, Coverage, Venue};

/// What was found in calendar files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Events that were read.
    pub events: usize,
    /// Overrides that were read.
    pub overrides: usize,
    /// What is wrong: the entry does not count.
    pub faults: Vec<Fault>,
    /// What is doubtful: the entry counts, and somebody should look at it.
    pub warnings: Vec<Fault>,
}

impl Checked {
    /// Whether nothing is wrong; warnings may remain.
    pub fn is_good(&self) -> bool {
        self.faults.is_empty()
    }
}

/// Checks calendar files together, so that an event that stands in two of them is told.
pub fn check(paths: &[impl AsRef<Path>]) -> Checked {
    let mut checked = Checked::default();
    let (mut texts, mut venues) = (Vec::new(), Vec::new());
    for path in paths {
        let path = path.as_ref();
        let name = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => {
                venues.extend(read::venues(Format::of_path(path), &name, &text).0);
                texts.push((Format::of_path(path), name, text));
            }
            Err(error) => {
                let message =
                    format!("the file cannot be read ({error}): check its path, and that it is UTF-8 text");
                checked.faults.push(Fault { file: name, line: 1, message });
            }
        }
    }
    // Built once: an event asks for its venue's sessions.
    let all: Vec<Venue> = BUILTIN.iter().filter_map(|mic| Venue::builtin(mic).ok()).chain(venues).collect();
    let mut seen = BTreeMap::new();
    for (format, name, text) in &texts {
        checked.text(*format, name, text, &all, &mut seen);
    }
    checked
}

/// Events by class, venue and start, with where each was first seen.
type Seen = BTreeMap<(EventClass, Option<String>, i64, String), (String, usize)>;

impl Checked {
    fn text(&mut self, format: Format, name: &str, text: &str, venues: &[Venue], seen: &mut Seen) {
        let reading = read::read(format, name, text, &Defaults::default(), venues);
        self.faults.extend(reading.faults);
        self.warnings.extend(reading.doubts);
        self.events += reading.events.len();
        self.overrides += reading.overrides.len();
        for planned in &reading.events {
            let line = planned.origin.as_ref().map_or(1, |(_, line)| *line);
            let mut warn =
                |message: String| self.warnings.push(Fault { file: name.to_owned(), line, message });
            event(planned, venues, &mut warn);
            let first = planned.first();
            let key = (first.class, first.venue.clone(), first.start.timestamp(), first.name.clone());
            if let Some((file, other)) = seen.get(&key) {
                warn(format!(
                    "`{}` at this start already stands at {file}:{other}: remove one of them",
                    first.name
                ));
            } else {
                seen.insert(key, (name.to_owned(), line));
            }
        }
        let mut days = BTreeMap::new();
        for (rule, line) in &reading.overrides {
            let mut warn =
                |message: String| self.warnings.push(Fault { file: name.to_owned(), line: *line, message });
            overrule(rule, venues, &mut warn);
            if let Some(other) = days.insert((rule.venue.clone(), rule.date), *line) {
                warn(format!(
                    "{} {} was overridden at line {other} already: this one wins",
                    rule.venue, rule.date
                ));
            }
        }
    }
}

/// What is doubtful about an event.
fn event(planned: &Planned, venues: &[Venue], warn: &mut impl FnMut(String)) {
    let event = planned.first();
    let name = &event.name;
    if event.source.is_empty() {
        warn(format!("`{name}` does not tell its source: nobody can check its date"));
    }
    if event.confidence < 0.5 {
        warn(format!("`{name}` is unsure (confidence {}): confirm it with its source", event.confidence));
    }
    if event.known_since.is_some_and(|known| known > event.start) {
        warn(format!("`{name}` is known only after its start: a forecast will never see it coming"));
    }
    let Some(venue) = venues.iter().find(|v| Some(&v.mic) == event.venue.as_ref()) else { return };
    let dates = planned.starts().iter().map(|start| start.with_timezone(&venue.tz).date_naive());
    let traded = matches!(event.class, EventClass::Earnings | EventClass::Ipo | EventClass::Expiry);
    let untraded =
        dates.clone().find(|day| venue.coverage(*day) == Coverage::Full && venue.session(*day).is_none());
    if let Some(day) = untraded.filter(|_| traded) {
        warn(format!("`{name}` falls on {day}, on which {} does not trade: check the date", venue.mic));
    }
    // What recurs without an end leaves the covered years at some time; its first start should lie within.
    let doubt = dates.take(1).find_map(|day| venue.doubt(day, day).map(|doubt| (day, doubt)));
    if let Some((day, doubt)) = doubt {
        warn(format!("`{name}` is on {day}, and {doubt}"));
    }
}

/// What is doubtful about an override.
fn overrule(rule: &Override, venues: &[Venue], warn: &mut impl FnMut(String)) {
    let day = format!("{} {}", rule.venue, rule.date);
    if rule.source.is_empty() {
        warn(format!("the override of {day} does not tell its source: nobody can check it"));
    }
    let Some(venue) = venues.iter().find(|v| v.mic == rule.venue) else { return };
    if venue.covers(rule.date) && venue.hours(rule.date).map(|(_, open, close)| (open, close)) == rule.hours {
        warn(format!("the override of {day} says what the built-in calendar says: it can go"));
    }
}
