//! VEVENT (RFC 5545, 3.6.1), by itself: its series is put together in the module beside.

use chrono::{DateTime, Duration, NaiveDateTime, NaiveTime, Utc};

use super::Context;
use super::component::Component;
use super::lines::Property;
use super::value::{self, When};
use crate::bank::{Bank, Roll};
use crate::event::{Event, EventClass};
use crate::read::entry::{self, Wrong};
use crate::recur::{self, Rules};
use crate::zone::Zone;

/// The length of an event that tells none.
const ASSUMED_MINUTES: i64 = 60;

/// An event of the file, before the exceptions of its series are applied.
pub(super) struct Parsed {
    pub(super) line: usize,
    pub(super) uid: String,
    pub(super) sequence: i64,
    /// The occurrence of its series that it stands for: an instant, or a whole day of the wall clock.
    pub(super) replaces: Option<Occurrence>,
    pub(super) cancelled: bool,
    pub(super) event: Event,
    /// Each start: when it is by the rule, on the wall clock and as an instant, and when it is after the roll.
    pub(super) starts: Vec<Start>,
}

/// What a RECURRENCE-ID names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Occurrence {
    At(DateTime<Utc>),
    Day(chrono::NaiveDate),
}

/// A start of a series.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    pub(super) local: NaiveDateTime,
    pub(super) by_rule: DateTime<Utc>,
    pub(super) at: DateTime<Utc>,
}

fn wrong<T>(field: &'static str, message: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong { field, message: message.into() })
}

/// The event, and what was assumed of it.
pub(super) fn parse(context: &Context<'_>, component: &Component) -> Result<(Parsed, Option<String>), Wrong> {
    let known = context.source.known;
    let defaults = known.defaults;
    let text = |name: &str| component.property(name).map(|p| value::text(&p.value)).filter(|t| !t.is_empty());
    let venue = text("X-HEADROOM-VENUE").or_else(|| defaults.venue.clone());
    let venue = match venue {
        Some(mic) => Some(entry::place(known, &mic).map_err(|w| Wrong { field: "X-HEADROOM-VENUE", ..w })?),
        None => None,
    };
    let floating = venue.as_ref().map(|(_, tz)| Zone::Named(*tz)).or_else(|| context.floating.clone());
    let clock = Clock { context, floating };

    let Some(start) = component.property("DTSTART") else {
        return wrong("DTSTART", "the event has no DTSTART: it cannot be placed");
    };
    let (starts_at, zone) = clock.read("DTSTART", start, &start.value)?;
    let local = starts_at.local().unwrap_or_else(|| zone.local(instant(starts_at, &zone)));
    let whole_day = matches!(starts_at, When::Date(_));
    let (lasts, doubt) = length(&clock, component, local, &zone, whole_day)?;

    let cancelled = text("STATUS").is_some_and(|s| s.eq_ignore_ascii_case("CANCELLED"));
    let tentative = text("STATUS").is_some_and(|s| s.eq_ignore_ascii_case("TENTATIVE"));
    let known_since = match component.property("X-HEADROOM-KNOWN-SINCE") {
        Some(p) => Some(clock.read("X-HEADROOM-KNOWN-SINCE", p, &p.value).map(|(at, z)| instant(at, &z))?),
        None => None,
    };
    let services =
        component.property("X-HEADROOM-SERVICES").map(|p| value::texts(&p.value)).unwrap_or_default();
    let event = Event {
        class: class(component, defaults.class, cancelled)?,
        name: text("SUMMARY").unwrap_or_else(|| "event without a SUMMARY".to_owned()),
        venue: venue.map(|(mic, _)| mic),
        start: zone.utc(local),
        duration: lasts,
        lead: match component.property("X-HEADROOM-LEAD") {
            Some(p) => duration("X-HEADROOM-LEAD", p)?,
            None => Duration::zero(),
        },
        services: if services.is_empty() { defaults.services.clone() } else { services },
        multiplier: number(component, "X-HEADROOM-MULTIPLIER")?.or(defaults.multiplier),
        source: text("X-HEADROOM-SOURCE").unwrap_or_else(|| defaults.source.clone()),
        known_since,
        confidence: number(component, "X-HEADROOM-CONFIDENCE")?.unwrap_or(if tentative { 0.5 } else { 1.0 }),
        follows_venue: text("X-HEADROOM-FOLLOWS-VENUE").is_some_and(|s| s.eq_ignore_ascii_case("TRUE")),
    };
    if !cancelled {
        entry::check(&event, "DURATION").map_err(|w| Wrong { field: property_of(w.field), ..w })?;
    }
    let starts = starts(&clock, component, local, &zone)?;
    let replaces = component.property("RECURRENCE-ID").map(|p| replaced(&clock, p, &zone)).transpose()?;
    let parsed = Parsed {
        line: component.line,
        uid: text("UID").unwrap_or_default(),
        sequence: component.property("SEQUENCE").and_then(|p| p.value.trim().parse().ok()).unwrap_or(0),
        replaces,
        cancelled,
        event,
        starts,
    };
    Ok((parsed, doubt))
}

/// The property that a field of the shared checks comes from.
fn property_of(field: &'static str) -> &'static str {
    match field {
        "lead_minutes" => "X-HEADROOM-LEAD",
        "multiplier" => "X-HEADROOM-MULTIPLIER",
        "confidence" => "X-HEADROOM-CONFIDENCE",
        "name" => "SUMMARY",
        "start" => "DTSTART",
        other => other,
    }
}

/// The class: as `X-HEADROOM-CLASS` says, the first of CATEGORIES that is one, or the caller's.
fn class(component: &Component, default: Option<EventClass>, cancelled: bool) -> Result<EventClass, Wrong> {
    if let Some(property) = component.property("X-HEADROOM-CLASS") {
        return EventClass::named(&property.value).ok_or_else(|| Wrong {
            field: "X-HEADROOM-CLASS",
            message: format!("`{}` is no class: write {}", property.value, class_list()),
        });
    }
    let named =
        component.all("CATEGORIES").flat_map(|p| value::texts(&p.value)).find_map(|c| EventClass::named(&c));
    match named.or(default) {
        Some(class) => Ok(class),
        // What is cancelled needs no class.
        None if cancelled => Ok(EventClass::Custom),
        None => wrong(
            "SUMMARY",
            format!("the event has no class: add CATEGORIES:, or a default class, with {}", class_list()),
        ),
    }
}

fn class_list() -> String {
    EventClass::ALL.map(EventClass::id).join(", ")
}

fn number(component: &Component, name: &'static str) -> Result<Option<f64>, Wrong> {
    let Some(property) = component.property(name) else { return Ok(None) };
    match property.value.trim().parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(Some(number)),
        _ => wrong(name, format!("`{}` is no number", property.value)),
    }
}

/// Reads times by their zones.
struct Clock<'a> {
    context: &'a Context<'a>,
    floating: Option<Zone>,
}

impl Clock<'_> {
    /// A time and the zone it is in.
    fn read(&self, field: &'static str, property: &Property, text: &str) -> Result<(When, Zone), Wrong> {
        let Some(at) = value::when(text) else {
            return wrong(
                field,
                format!("`{text}` is no time: write 20261209T190000Z, 20261209T140000 or 20261209"),
            );
        };
        let zone = match (at, property.parameter("TZID")) {
            (When::Utc(_), _) => Zone::Named(chrono_tz::Tz::UTC),
            (_, Some(id)) => self.context.zone(id).map_err(|w| Wrong { field, ..w })?,
            (_, None) => match &self.floating {
                Some(zone) => zone.clone(),
                None => {
                    return wrong(
                        field,
                        format!(
                            "`{text}` names no zone: give a TZID, X-WR-TIMEZONE, or a venue whose clock it is"
                        ),
                    );
                }
            },
        };
        Ok((at, zone))
    }

    /// Every time of a property's list on the wall clock of `zone`, and the dates among them.
    fn list(
        &self,
        field: &'static str,
        property: &Property,
        zone: &Zone,
    ) -> Result<Vec<(NaiveDateTime, bool)>, Wrong> {
        if property.parameter("VALUE").is_some_and(|v| v.eq_ignore_ascii_case("PERIOD")) {
            return wrong(field, format!("{field} with periods is not understood: list their starts"));
        }
        let times = property.value.split(',').filter(|text| !text.trim().is_empty());
        times
            .map(|text| {
                // A date stands for a day of the event's own wall clock.
                if let Some(When::Date(date)) = value::when(text) {
                    return Ok((date.and_time(NaiveTime::MIN), true));
                }
                let (at, its) = self.read(field, property, text)?;
                let same_clock = at.local().filter(|_| its == *zone);
                Ok((same_clock.unwrap_or_else(|| zone.local(instant(at, &its))), false))
            })
            .collect()
    }
}

/// The instant of a time in its zone; a date begins at midnight.
fn instant(at: When, zone: &Zone) -> DateTime<Utc> {
    match at {
        When::Utc(at) => at,
        When::Local(local) => zone.utc(local),
        When::Date(date) => zone.utc(date.and_time(NaiveTime::MIN)),
    }
}

fn duration(field: &'static str, property: &Property) -> Result<Duration, Wrong> {
    value::duration(property.value.trim()).ok_or_else(|| Wrong {
        field,
        message: format!("`{}` is no duration: write like PT90M", property.value),
    })
}

/// How long the event lasts, and what was assumed if it does not tell.
fn length(
    clock: &Clock<'_>,
    component: &Component,
    local: NaiveDateTime,
    zone: &Zone,
    whole_day: bool,
) -> Result<(Duration, Option<String>), Wrong> {
    if let Some(property) = component.property("DURATION") {
        return Ok((duration("DURATION", property)?, None));
    }
    if let Some(end) = component.property("DTEND") {
        let (at, its) = clock.read("DTEND", end, &end.value)?;
        let length = instant(at, &its) - zone.utc(local);
        if length <= Duration::zero() {
            return wrong("DTEND", format!("the event ends ({}) before it has begun", end.value));
        }
        return Ok((length, None));
    }
    if whole_day {
        return Ok((zone.utc(local + Duration::days(1)) - zone.utc(local), None));
    }
    let doubt = format!("neither DTEND nor DURATION: {ASSUMED_MINUTES} minutes are assumed");
    Ok((Duration::minutes(ASSUMED_MINUTES), Some(doubt)))
}

/// The starts by DTSTART, RRULE, RDATE and EXDATE, rolled to business days if the event says so.
fn starts(
    clock: &Clock<'_>,
    component: &Component,
    local: NaiveDateTime,
    zone: &Zone,
) -> Result<Vec<Start>, Wrong> {
    let mut rules =
        Rules { rules: component.all("RRULE").map(|p| p.value.trim()).collect(), ..Rules::default() };
    for property in component.all("RDATE") {
        // An added date without a time begins when the event does.
        let added = clock.list("RDATE", property, zone)?;
        rules.added.extend(
            added.into_iter().map(|(at, day)| if day { at.date().and_time(local.time()) } else { at }),
        );
    }
    for property in component.all("EXDATE") {
        for (at, day) in clock.list("EXDATE", property, zone)? {
            if day { rules.excluded_days.push(at.date()) } else { rules.excluded.push(at) }
        }
    }
    let found = recur::expand(local, &rules, zone).map_err(|message| Wrong { field: "RRULE", message })?;
    if found.is_empty() {
        return wrong("RRULE", "the event never happens: no occurrence is left of RRULE, RDATE and EXDATE");
    }
    let roll =
        keyword::<Roll>(component, "X-HEADROOM-ROLL", "none, previous, following or modified_following")?;
    let bank = keyword::<Bank>(component, "X-HEADROOM-BANK", "us_fed, target2, uk or india")?;
    let pairs = found.into_iter().map(|at| (at, zone.clone())).collect();
    let rolled = entry::roll(pairs, roll, bank).map_err(|w| Wrong { field: "X-HEADROOM-ROLL", ..w })?;
    Ok(rolled.into_iter().map(|(local, at)| Start { local, by_rule: zone.utc(local), at }).collect())
}

/// A word of a fixed set, as it is written in TOML too.
fn keyword<T: serde::de::DeserializeOwned>(
    component: &Component,
    name: &'static str,
    words: &str,
) -> Result<Option<T>, Wrong> {
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error, StrDeserializer};
    let Some(property) = component.property(name) else { return Ok(None) };
    let word = property.value.trim().to_ascii_lowercase();
    let from: StrDeserializer<'_, Error> = word.as_str().into_deserializer();
    match T::deserialize(from) {
        Ok(found) => Ok(Some(found)),
        Err(_) => wrong(name, format!("`{}` is none of {words}", property.value)),
    }
}

/// The occurrence that a RECURRENCE-ID names.
fn replaced(clock: &Clock<'_>, property: &Property, zone: &Zone) -> Result<Occurrence, Wrong> {
    if property.parameter("RANGE").is_some() {
        return wrong(
            "RECURRENCE-ID",
            "RANGE is not understood: end the series with UNTIL and begin a new one",
        );
    }
    // A floating time is meant on the clock of the event itself.
    match clock.read("RECURRENCE-ID", property, &property.value) {
        Ok((When::Date(day), _)) => Ok(Occurrence::Day(day)),
        Ok((at, its)) => Ok(Occurrence::At(instant(at, &its))),
        Err(wrong) => match value::when(&property.value) {
            Some(When::Date(day)) => Ok(Occurrence::Day(day)),
            Some(at @ When::Local(_)) if property.parameter("TZID").is_none() => {
                Ok(Occurrence::At(instant(at, zone)))
            }
            _ => Err(wrong),
        },
    }
}
