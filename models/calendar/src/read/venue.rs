//! A venue that an operator defines, for markets that do not ship with the program.

use std::collections::BTreeMap;

use chrono::{Weekday, WeekdaySet};
use chrono_tz::Tz;
use serde::Deserialize;

use super::entry::{Wrong, date, time, wrong};
use crate::venue::{BUILTIN, DayRule, SessionKind, Venue};

/// A venue as it is written: regular hours, the days without a session, and the half days.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VenueEntry {
    mic: String,
    name: Option<String>,
    city: Option<String>,
    tz: String,
    open: String,
    close: String,
    /// The years for which `closed` is complete.
    first_year: i32,
    last_year: i32,
    /// Days of the week without sessions; Saturday and Sunday if left out.
    weekend: Option<Vec<Weekday>>,
    #[serde(default)]
    closed: Vec<String>,
    #[serde(default)]
    early: Vec<EarlyEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EarlyEntry {
    date: String,
    close: String,
}

impl VenueEntry {
    /// The venue.
    pub(super) fn build(self) -> Result<Venue, Wrong> {
        let mic = self.mic.trim().to_ascii_uppercase();
        if mic.is_empty() || !mic.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return wrong("mic", format!("`{}` is no market identifier code: write like XTKS", self.mic));
        }
        if BUILTIN.contains(&mic.as_str()) {
            return wrong(
                "mic",
                format!("{mic} is built in: write an [[override]] for each day that differs"),
            );
        }
        let Ok(tz) = self.tz.parse::<Tz>() else {
            return wrong("tz", format!("`{}` is no time zone: write like Asia/Tokyo", self.tz));
        };
        let (open, close) = (time("open", &self.open)?, time("close", &self.close)?);
        if open >= close {
            return wrong("open", "the session must open before it closes");
        }
        let (first, last) = (self.first_year, self.last_year);
        if !(1900..2200).contains(&first) || last < first || last >= 2200 {
            return wrong(
                "first_year",
                "first_year and last_year must be years from 1900 on, in their order",
            );
        }
        let mut exceptions = BTreeMap::new();
        for early in &self.early {
            let (day, ends) = (date("early", &early.date)?, time("early", &early.close)?);
            if ends <= open || ends >= close {
                return wrong(
                    "early",
                    format!("the half day {day} must close between the regular open and close"),
                );
            }
            exceptions.insert(day, DayRule::Hours(SessionKind::Early, open, ends));
        }
        for day in &self.closed {
            exceptions.insert(date("closed", day)?, DayRule::Closed);
        }
        let weekend = match self.weekend {
            Some(days) => days.into_iter().collect(),
            None => WeekdaySet::from_array([Weekday::Sat, Weekday::Sun]),
        };
        let name = self.name.unwrap_or_else(|| mic.clone());
        Ok(Venue {
            city: self.city.unwrap_or_else(|| name.clone()),
            name,
            mic,
            tz,
            open,
            close,
            covered: (first, last),
            provisional: None,
            weekend,
            exceptions,
            overrides: BTreeMap::new(),
        })
    }
}
