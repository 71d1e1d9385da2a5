//! An event or an override as the fields of a TOML table, a CSV line or a JSON object.

use std::fmt;

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::Known;
use crate::bank::{Bank, Roll};
use crate::event::{Event, EventClass};
use crate::overrule::Override;
use crate::planned::Planned;
use crate::recur::{self, Rules};
use crate::zone::Zone;

/// No event, and no lead, is longer.
pub(crate) const LONGEST_DAYS: i64 = 366;

/// A field whose content has no meaning, and what to do.
#[derive(Debug)]
pub(crate) struct Wrong {
    pub(crate) field: &'static str,
    pub(crate) message: String,
}

pub(crate) fn wrong<T>(field: &'static str, message: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong { field, message: message.into() })
}

/// An event as it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventEntry {
    pub(crate) class: Option<EventClass>,
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) venue: Option<String>,
    pub(crate) start: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) duration_minutes: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lead_minutes: Option<u32>,
    #[serde(default, deserialize_with = "names", skip_serializing_if = "Vec::is_empty")]
    pub(crate) services: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) multiplier: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) known_since: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) confidence: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) follows_venue: Option<bool>,
    /// Zone of times without an offset, if not the venue's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tz: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rrule: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) roll: Option<Roll>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bank: Option<Bank>,
}

/// A list of names, or one text with semicolons between them.
fn names<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    struct Names;
    impl<'de> Visitor<'de> for Names {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of names, or names with semicolons between them")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(text.split(';').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut names = Vec::new();
            while let Some(name) = list.next_element()? {
                names.push(name);
            }
            Ok(names)
        }
    }
    from.deserialize_any(Names)
}

impl EventEntry {
    /// The event with all its starts.
    pub(crate) fn build(self, known: Known<'_>) -> Result<Planned, Wrong> {
        let defaults = known.defaults;
        let venue =
            self.venue.as_ref().or(defaults.venue.as_ref()).map(|mic| place(known, mic)).transpose()?;
        let zone = match &self.tz {
            Some(name) => match name.parse::<Tz>() {
                Ok(tz) => Some(Zone::Named(tz)),
                Err(_) => return wrong("tz", format!("`{name}` is no time zone: write like Europe/London")),
            },
            None => venue.as_ref().map(|(_, tz)| Zone::Named(*tz)),
        };
        let start = moment("start", &self.start, zone.as_ref())?;
        let duration = match (self.duration_minutes, &self.end) {
            (Some(minutes), None) => Duration::minutes(i64::from(minutes)),
            (None, Some(end)) => moment("end", end, zone.as_ref())?.utc - start.utc,
            (None, None) if start.whole_day => Duration::days(1),
            (Some(_), Some(_)) => return wrong("end", "give duration_minutes or end, not both"),
            (None, None) => return wrong("start", "missing field `duration_minutes`: give it, or `end`"),
        };
        let length = if self.end.is_some() { "end" } else { "duration_minutes" };
        let Some(class) = self.class.or(defaults.class) else {
            return wrong("name", "missing field `class`: give one, such as earnings");
        };
        let event = Event {
            class,
            name: self.name,
            venue: venue.map(|(mic, _)| mic),
            start: start.utc,
            duration,
            lead: Duration::minutes(i64::from(self.lead_minutes.unwrap_or(0))),
            services: if self.services.is_empty() { defaults.services.clone() } else { self.services },
            multiplier: self.multiplier.or(defaults.multiplier),
            source: self.source.unwrap_or_else(|| defaults.source.clone()),
            known_since: match &self.known_since {
                Some(text) => Some(moment("known_since", text, zone.as_ref())?.utc),
                None => None,
            },
            confidence: self.confidence.unwrap_or(1.0),
            follows_venue: self.follows_venue.unwrap_or(false),
        };
        check(&event, length)?;
        let starts = starts(&start, self.rrule.as_deref(), zone)?;
        let starts = roll(starts, self.roll, self.bank)?;
        Planned::new(event, starts.into_iter().map(|(_, at)| at).collect()).ok_or_else(|| Wrong {
            field: "rrule",
            message: "the rule gives no occurrence at all".to_owned(),
        })
    }

    /// The event as it is written. Lengths are whole minutes: a started one counts.
    pub(crate) fn of(event: &Event) -> Self {
        let minutes = |length: Duration| ((length.num_seconds() + 59) / 60) as u32;
        let instant = |at: DateTime<Utc>| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        Self {
            class: Some(event.class),
            name: event.name.clone(),
            venue: event.venue.clone(),
            start: instant(event.start),
            end: None,
            duration_minutes: Some(minutes(event.duration)),
            lead_minutes: Some(minutes(event.lead)).filter(|n| *n > 0),
            services: event.services.clone(),
            multiplier: event.multiplier,
            source: Some(event.source.clone()).filter(|s| !s.is_empty()),
            known_since: event.known_since.map(instant),
            confidence: Some(event.confidence).filter(|c| *c != 1.0),
            follows_venue: Some(event.follows_venue).filter(|f| *f),
            tz: None,
            rrule: None,
            roll: None,
            bank: None,
        }
    }
}

/// What every event must fulfil; `length` is the field its length comes from.
pub(crate) fn check(event: &Event, length: &'static str) -> Result<(), Wrong> {
    if event.name.trim().is_empty() {
        return wrong("name", "the name is empty: say what the event is");
    }
    if event.duration < Duration::minutes(1) {
        return wrong(length, format!("{length} must be at least 1 minute"));
    }
    for (field, what) in [(length, event.duration), ("lead_minutes", event.lead)] {
        if what > Duration::days(LONGEST_DAYS) || what < Duration::zero() {
            return wrong(field, format!("{field} must not be longer than {LONGEST_DAYS} days or negative"));
        }
    }
    if let Some(m) = event.multiplier.filter(|m| !(0.01..=100.0).contains(m)) {
        return wrong("multiplier", format!("multiplier {m} must lie between 0.01 and 100"));
    }
    if !(0.0..=1.0).contains(&event.confidence) {
        return wrong("confidence", format!("confidence {} must lie between 0 and 1", event.confidence));
    }
    if event.class == EventClass::Custom && event.multiplier.is_none() {
        let name = &event.name;
        return wrong(
            "start",
            format!("the custom event `{name}` needs a multiplier: its class has no history"),
        );
    }
    Ok(())
}

/// The code and the zone of a venue.
pub(crate) fn place(known: Known<'_>, mic: &str) -> Result<(String, Tz), Wrong> {
    known.place(mic).map_err(|error| Wrong { field: "venue", message: error.to_string() })
}

/// Moves the starts that fall on no business day; each stays beside the wall-clock time it had by the rule.
pub(crate) fn roll(
    starts: Vec<(NaiveDateTime, Zone)>,
    roll: Option<Roll>,
    bank: Option<Bank>,
) -> Result<Vec<(NaiveDateTime, DateTime<Utc>)>, Wrong> {
    let bank = match (roll.unwrap_or_default(), bank) {
        (Roll::None, _) => None,
        (_, None) => return wrong("roll", "a roll needs a bank: us_fed, target2, uk or india"),
        (_, Some(bank)) => Some(bank),
    };
    let moved = |local: NaiveDateTime| match bank {
        Some(bank) => roll.unwrap_or_default().apply(local.date(), bank).and_time(local.time()),
        None => local,
    };
    Ok(starts.into_iter().map(|(local, zone)| (local, zone.utc(moved(local)))).collect())
}

fn starts(
    start: &Moment,
    rule: Option<&str>,
    zone: Option<Zone>,
) -> Result<Vec<(NaiveDateTime, Zone)>, Wrong> {
    // A start with an offset recurs on the venue's wall clock all the same, if there is one.
    let zone = zone.unwrap_or(Zone::Named(Tz::UTC));
    let local = zone.local(start.utc);
    let rules = Rules { rules: rule.into_iter().collect(), ..Rules::default() };
    let found = recur::expand(local, &rules, &zone).map_err(|message| Wrong { field: "rrule", message })?;
    Ok(found.into_iter().map(|at| (at, zone.clone())).collect())
}

/// A time that was read.
struct Moment {
    utc: DateTime<Utc>,
    whole_day: bool,
}

/// An instant: RFC 3339, or the wall clock's time or day without an offset.
fn moment(field: &'static str, text: &str, zone: Option<&Zone>) -> Result<Moment, Wrong> {
    let text = text.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(Moment { utc: at.with_timezone(&Utc), whole_day: false });
    }
    let clock = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    let day = text.parse::<NaiveDate>().ok().map(|date| date.and_time(NaiveTime::MIN));
    let local = clock.or(day).filter(|at| (1900..2200).contains(&at.year()));
    match (local, zone) {
        (Some(local), Some(zone)) => Ok(Moment { utc: zone.utc(local), whole_day: clock.is_none() }),
        (Some(_), None) => {
            wrong(field, format!("`{text}` has no offset: give one, or a venue whose wall clock it is"))
        }
        (None, _) => wrong(
            field,
            format!(
                "`{text}` is no time: write 2026-12-09T14:00 (venue's wall clock) or 2026-12-09T19:00:00Z"
            ),
        ),
    }
}

/// A time of day.
pub(crate) fn time(field: &'static str, text: &str) -> Result<NaiveTime, Wrong> {
    NaiveTime::parse_from_str(text, "%H:%M")
        .map_err(|_| Wrong { field, message: format!("`{text}` is not a time like 09:30") })
}

/// A date of a year that a calendar may speak of.
pub(crate) fn date(field: &'static str, text: &str) -> Result<NaiveDate, Wrong> {
    let date = text.parse::<NaiveDate>().ok().filter(|date| (1900..2200).contains(&date.year()));
    date.ok_or_else(|| Wrong { field, message: format!("`{text}` is not a date like 2026-12-24") })
}

/// An override as it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OverrideEntry {
    venue: String,
    date: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    closed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    open: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    close: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    source: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
}

impl OverrideEntry {
    /// The override.
    pub(crate) fn build(self, known: Known<'_>) -> Result<Override, Wrong> {
        let (venue, tz) = place(known, &self.venue)?;
        let date = date("date", &self.date)?;
        let hours = match (self.closed, &self.open, &self.close) {
            (true, None, None) => None,
            (false, Some(open), Some(close)) => {
                let (open, close) = (time("open", open)?, time("close", close)?);
                if open >= close {
                    return wrong("date", "the session must open before it closes");
                }
                Some((open, close))
            }
            _ => return wrong("date", "give either closed = true, or both open and close"),
        };
        let since = match &self.since {
            Some(text) => Some(moment("since", text, Some(&Zone::Named(tz)))?.utc),
            None => None,
        };
        let file = String::new();
        Ok(Override { venue, date, hours, source: self.source, reason: self.reason, since, file })
    }

    /// The override as it is written.
    pub(crate) fn of(rule: &Override) -> Self {
        let time = |time: NaiveTime| time.format("%H:%M").to_string();
        Self {
            venue: rule.venue.clone(),
            date: rule.date.to_string(),
            closed: rule.hours.is_none(),
            open: rule.hours.map(|(open, _)| time(open)),
            close: rule.hours.map(|(_, close)| time(close)),
            source: rule.source.clone(),
            reason: rule.reason.clone(),
            since: rule.since.map(|at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
        }
    }
}
