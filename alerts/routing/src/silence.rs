//! Silences: alerts that are not told for a time, once or again and again.

use chrono::{DateTime, LocalResult, NaiveDateTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use rrule::{RRule, RRuleSet, Unvalidated};
use serde::{Deserialize, Serialize};

use crate::matcher::Matchers;

/// Longest time that one occurrence of a recurring silence may take.
const LONGEST: TimeDelta = TimeDelta::days(31);
/// Most occurrences that may overlap at one moment: more is a rule by mistake.
const MOST: u16 = 1_000;

/// Alerts that are not told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Silence {
    /// Names it.
    pub id: String,
    /// Which alerts; at least one condition, so that nobody silences everything by mistake.
    pub matchers: Matchers,
    /// When.
    pub window: Window,
    /// Who made it.
    pub created_by: String,
    /// Why.
    pub comment: String,
}

/// When a silence holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Window {
    /// From one moment up to another.
    Once {
        /// First moment.
        from: DateTime<Utc>,
        /// First moment after it.
        until: DateTime<Utc>,
    },
    /// Again and again.
    Recurring(Recurrence),
}

/// A window that recurs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recurrence {
    /// The first start on the wall clock of `zone`.
    pub start: NaiveDateTime,
    /// The time zone whose wall clock counts: an hour stays an hour of the clock across a change to summer time.
    pub zone: Tz,
    /// How it recurs: an RRULE of RFC 5545, section 3.3.10, as `FREQ=WEEKLY;BYDAY=SA`.
    pub rule: String,
    /// How long each takes, in seconds that pass, up to 31 days.
    pub seconds: u32,
}

/// What is wrong with a silence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SilenceError {
    /// There is no condition.
    #[error("a silence needs at least one matcher")]
    Everything,
    /// It never holds.
    #[error("a silence must end after it begins")]
    Empty,
    /// An occurrence is too long.
    #[error("one occurrence may take {} days at most", LONGEST.num_days())]
    Long,
    /// The rule is none.
    #[error("the rule {0:?} cannot be followed: {1}")]
    Rule(String, String),
}

impl Silence {
    /// Checks what the types cannot.
    ///
    /// # Errors
    /// What is wrong.
    pub fn check(&self) -> Result<(), SilenceError> {
        if self.matchers.0.is_empty() {
            return Err(SilenceError::Everything);
        }
        match &self.window {
            Window::Once { from, until } if until <= from => Err(SilenceError::Empty),
            Window::Once { .. } => Ok(()),
            Window::Recurring(recurrence) if recurrence.seconds == 0 => Err(SilenceError::Empty),
            Window::Recurring(recurrence) if recurrence.length() > LONGEST => Err(SilenceError::Long),
            Window::Recurring(recurrence) => recurrence.set().map(|_| ()),
        }
    }
}

impl Window {
    /// When the window ends that `now` is in; `None` outside. A rule that cannot be followed silences nothing.
    pub fn until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Once { from, until } => (*from <= now && now < *until).then_some(*until),
            Self::Recurring(recurrence) => recurrence.until(now),
        }
    }
}

impl Recurrence {
    fn length(&self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.seconds))
    }

    fn until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let local = now.with_timezone(&self.zone).naive_local();
        // The clock may have been set by some hours in between: look a day further, and compare moments.
        let day = TimeDelta::days(1);
        let (after, before) = (local - self.length() - day, local + day);
        let found = self.set().ok()?.after(clock(after)).before(clock(before)).all(MOST);
        let starts = found.dates.into_iter().filter_map(|start| moment(start.naive_utc(), self.zone));
        starts.filter(|start| *start <= now).map(|start| start + self.length()).filter(|end| now < *end).max()
    }

    fn set(&self) -> Result<RRuleSet, SilenceError> {
        let wrong = |error: rrule::RRuleError| SilenceError::Rule(self.rule.clone(), error.to_string());
        let rule: RRule<Unvalidated> = self.rule.parse().map_err(wrong)?;
        let start = clock(self.start);
        Ok(RRuleSet::new(start).rrule(rule.validate(start).map_err(wrong)?))
    }
}

/// A wall clock, told to the `rrule` crate as if it were UTC: rules run on the wall clock.
fn clock(local: NaiveDateTime) -> DateTime<rrule::Tz> {
    local.and_utc().with_timezone(&rrule::Tz::UTC)
}

/// The moment of a wall clock: the first of two, and the end of a gap when the clock jumps over it.
fn moment(local: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at.with_timezone(&Utc)),
        // The offset before the gap takes the clock as far past it as it had come.
        LocalResult::None => {
            let before = zone.from_local_datetime(&(local - TimeDelta::days(1))).earliest()?;
            Some(before.with_timezone(&Utc) + TimeDelta::days(1))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    fn recurring(start: &str, zone: Tz, rule: &str, seconds: u32) -> Silence {
        Silence {
            id: "s".to_owned(),
            matchers: Matchers(vec!["service=order".parse().expect("a matcher")]),
            window: Window::Recurring(Recurrence {
                start: start.parse().expect("a time"),
                zone,
                rule: rule.to_owned(),
                seconds,
            }),
            created_by: "mira".to_owned(),
            comment: "maintenance".to_owned(),
        }
    }

    #[test]
    fn once_from_and_until() {
        let window = Window::Once { from: at("2026-03-01T10:00:00Z"), until: at("2026-03-01T11:00:00Z") };
        assert_eq!(window.until(at("2026-03-01T09:59:59Z")), None);
        assert_eq!(window.until(at("2026-03-01T10:00:00Z")), Some(at("2026-03-01T11:00:00Z")));
        assert_eq!(window.until(at("2026-03-01T11:00:00Z")), None);
    }

    /// Saturdays from 22:00 to 2:00 in New York: 3:00 UTC on Sundays in winter, 2:00 in summer.
    #[test]
    fn a_clock_that_changes() {
        let silence =
            recurring("2026-01-03T22:00:00", Tz::America__New_York, "FREQ=WEEKLY;BYDAY=SA", 4 * 3_600);
        let until = |text: &str| silence.window.until(at(text));
        assert_eq!(until("2026-01-11T02:59:59Z"), None);
        assert_eq!(until("2026-01-11T03:00:00Z"), Some(at("2026-01-11T07:00:00Z")));
        assert_eq!(until("2026-01-11T06:59:59Z"), Some(at("2026-01-11T07:00:00Z")));
        assert_eq!(until("2026-01-11T07:00:00Z"), None);
        assert_eq!(until("2026-07-05T01:59:59Z"), None);
        assert_eq!(until("2026-07-05T02:00:00Z"), Some(at("2026-07-05T06:00:00Z")));
        assert_eq!(until("2026-07-03T02:00:00Z"), None, "a Thursday evening");
    }

    /// At 2:30 on 8 March 2026 there is no clock in New York: it goes from 2:00 to 3:00.
    #[test]
    fn an_hour_that_is_left_out() {
        let silence = recurring("2026-03-01T02:30:00", Tz::America__New_York, "FREQ=DAILY", 600);
        let until = |text: &str| silence.window.until(at(text));
        assert_eq!(until("2026-03-08T07:30:00Z"), Some(at("2026-03-08T07:40:00Z")), "3:30 in summer time");
        assert_eq!(until("2026-03-09T06:30:00Z"), Some(at("2026-03-09T06:40:00Z")));
    }

    #[test]
    fn it_ends_and_faults_are_told() {
        let silence = recurring("2026-01-01T00:00:00", Tz::UTC, "FREQ=DAILY;COUNT=2", 3_600);
        assert_eq!(silence.check(), Ok(()));
        assert!(silence.window.until(at("2026-01-02T00:30:00Z")).is_some());
        assert!(silence.window.until(at("2026-01-03T00:30:00Z")).is_none());
        assert!(silence.window.until(at("2025-12-31T23:59:59Z")).is_none());
        let bad = recurring("2026-01-01T00:00:00", Tz::UTC, "FREQ=SOMETIMES", 3_600);
        assert!(matches!(bad.check(), Err(SilenceError::Rule(..))));
        assert_eq!(
            recurring("2026-01-01T00:00:00", Tz::UTC, "FREQ=DAILY", 0).check(),
            Err(SilenceError::Empty)
        );
        let long = recurring("2026-01-01T00:00:00", Tz::UTC, "FREQ=YEARLY", 32 * 86_400);
        assert_eq!(long.check(), Err(SilenceError::Long));
        let all = Silence { matchers: Matchers::default(), ..silence };
        assert_eq!(all.check(), Err(SilenceError::Everything));
    }

    #[test]
    fn an_old_rule_is_still_followed() {
        let silence = recurring("1996-01-06T22:00:00", Tz::Europe__Zurich, "FREQ=WEEKLY;BYDAY=SA", 3_600);
        assert!(silence.window.until(at("2026-01-10T21:30:00Z")).is_some());
    }
}
