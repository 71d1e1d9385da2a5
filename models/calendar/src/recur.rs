//! Recurrence rules of RFC 5545, section 3.3.10, expanded on a wall clock.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Utc};
use rrule::{RRule, RRuleSet, Tz, Unvalidated};

use crate::zone::Zone;

/// The first year whose occurrences are no longer computed: rules without an end go on until then.
pub const RECURS_BEFORE: i32 = 2050;
/// No event recurs more often.
const MOST: u16 = 50_000;
/// A rule may list at most this many times of a day.
const MOST_TIMES_A_DAY: usize = 144;

/// What an event's start recurs by.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules<'a> {
    /// RRULE values.
    pub(crate) rules: Vec<&'a str>,
    /// RDATE values on the wall clock.
    pub(crate) added: Vec<NaiveDateTime>,
    /// EXDATE values on the wall clock; a date stands for its whole day.
    pub(crate) excluded: Vec<NaiveDateTime>,
    /// EXDATE values that are dates.
    pub(crate) excluded_days: Vec<NaiveDate>,
}

/// The starts of what begins at `start` on the wall clock of a zone and recurs by an RRULE, in order; without a rule
/// the one start. The error says what is wrong with the rule.
///
/// An hour stays an hour of the wall clock across a change to summer time. Occurrences end before [`RECURS_BEFORE`].
pub fn recurrences(
    start: NaiveDateTime,
    rule: Option<&str>,
    tz: chrono_tz::Tz,
) -> Result<Vec<DateTime<Utc>>, String> {
    let zone = Zone::Named(tz);
    let rules = Rules { rules: rule.into_iter().collect(), ..Rules::default() };
    Ok(expand(start, &rules, &zone)?.into_iter().map(|local| zone.utc(local)).collect())
}

/// The starts of an event on the wall clock of `zone`, in order; without rules the start alone.
///
/// A start that its own rule does not give is no occurrence: the RFC leaves open what it is.
/// An hour stays an hour of the wall clock across a change to summer time. The error says what is wrong with a rule.
pub(crate) fn expand(
    start: NaiveDateTime,
    rules: &Rules<'_>,
    zone: &Zone,
) -> Result<Vec<NaiveDateTime>, String> {
    let mut starts = Vec::new();
    for text in &rules.rules {
        starts.extend(of_rule(start, text, zone)?);
    }
    if rules.rules.is_empty() {
        starts.push(start);
    }
    starts.extend(&rules.added);
    starts.sort_unstable();
    starts.dedup();
    starts.retain(|s| !rules.excluded.contains(s) && !rules.excluded_days.contains(&s.date()));
    Ok(starts)
}

fn of_rule(start: NaiveDateTime, text: &str, zone: &Zone) -> Result<Vec<NaiveDateTime>, String> {
    if !(1900..RECURS_BEFORE).contains(&start.year()) {
        return Err(format!("a rule must start between 1900 and {RECURS_BEFORE}, not in {}", start.year()));
    }
    // The `rrule` crate knows no zones of a file's own: the wall clock is told to it as if it were UTC.
    let clock = |local: NaiveDateTime| local.and_utc().with_timezone(&Tz::UTC);
    let rule = on_wall_clock(text, zone)?;
    let wrong = |error: rrule::RRuleError| format!("the rule `{text}` cannot be followed: {error}");
    let rule: RRule<Unvalidated> = rule.parse().map_err(wrong)?;
    let rule = rule.validate(clock(start)).map_err(wrong)?;
    let end =
        NaiveDate::from_ymd_opt(RECURS_BEFORE, 1, 1).unwrap_or_default().and_time(chrono::NaiveTime::MIN);
    let found = RRuleSet::new(clock(start)).rrule(rule).before(clock(end)).all(MOST);
    if found.dates.len() == usize::from(MOST) {
        return Err(format!(
            "the rule `{text}` gives {MOST} occurrences or more before {RECURS_BEFORE}: end it with UNTIL or COUNT"
        ));
    }
    Ok(found.dates.into_iter().map(|date| date.naive_utc()).filter(|date| *date < end).collect())
}

/// Checks a rule's parts, and rewrites an end in UTC to the wall clock that the rule runs on.
fn on_wall_clock(text: &str, zone: &Zone) -> Result<String, String> {
    if !text.is_ascii() {
        return Err(format!("the rule `{text}` holds letters that no rule has"));
    }
    let mut parts = Vec::new();
    let mut times_a_day = 1usize;
    for part in text.split(';').filter(|part| !part.is_empty()) {
        let (key, value) = part.split_once('=').ok_or_else(|| {
            format!("`{part}` in the rule `{text}` has no value: write like FREQ=MONTHLY;BYDAY=-1FR")
        })?;
        let key = key.to_ascii_uppercase();
        match key.as_str() {
            "FREQ" if matches!(value.to_ascii_uppercase().as_str(), "SECONDLY" | "MINUTELY") => {
                return Err(format!(
                    "FREQ={value} is too often for an event: use HOURLY with BYMINUTE, or DAILY"
                ));
            }
            "BYHOUR" | "BYMINUTE" | "BYSECOND" => {
                times_a_day = times_a_day.saturating_mul(value.split(',').count());
            }
            "UNTIL" => {
                parts.push(format!("UNTIL={}", until(value, zone)?));
                continue;
            }
            "FREQ" | "INTERVAL" | "COUNT" | "WKST" | "BYDAY" | "BYMONTHDAY" | "BYYEARDAY" | "BYWEEKNO"
            | "BYMONTH" | "BYSETPOS" => {}
            _ => {
                return Err(format!(
                    "`{key}` in the rule `{text}` is not a part of a rule (RFC 5545, 3.3.10)"
                ));
            }
        }
        parts.push(format!("{key}={value}"));
    }
    if times_a_day > MOST_TIMES_A_DAY {
        return Err(format!(
            "the rule `{text}` names {times_a_day} times a day: at most {MOST_TIMES_A_DAY} can be"
        ));
    }
    Ok(parts.join(";"))
}

/// An end as an instant in UTC, a wall-clock time, or a date, which is meant to its last second.
fn until(value: &str, zone: &Zone) -> Result<String, String> {
    let parse = |text: &str| {
        let at = NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").ok();
        at.filter(|at| (1600..=9998).contains(&at.year()))
    };
    let local = if let Some(utc) = value.strip_suffix('Z').and_then(parse) {
        Some(zone.local(utc.and_utc()))
    } else {
        parse(value).or_else(|| parse(&format!("{value}T235959")))
    };
    local
        .map(|at| format!("{}Z", at.format("%Y%m%dT%H%M%S")))
        .ok_or_else(|| format!("UNTIL={value} is no time: write UNTIL=20271231T235959Z"))
}
