//! Which time counts: all of it, or the sessions of a market, and not what was announced as maintenance.
//!
//! Where only some time counts, every length is a length of that time. "99.9 % during the hours of the
//! New York Stock Exchange" has about 137 hours in 30 days, and its rule of an hour looks at the last hour
//! of trading, of which 20 minutes may be yesterday's. So a threshold means the same share of the
//! budget as everywhere else.

use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use headroom_calendar::{Venue, recurrences};

use crate::budget::at;
use crate::spec::Span;

/// What counts towards an objective.
#[derive(Debug, Clone, Default)]
pub struct Counting {
    /// Only while this venue trades.
    pub venue: Option<Arc<Venue>>,
    /// Not while this is announced.
    pub exclusions: Vec<Exclusion>,
}

/// Time that is announced not to count, once or again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// As written.
    pub text: String,
    starts: Vec<DateTime<Utc>>,
    length: TimeDelta,
}

impl Exclusion {
    /// Reads `2026-01-04T02:00 2h`, which may go on with a recurrence rule of RFC 5545 and a time zone:
    /// `2026-01-04T02:00 2h FREQ=WEEKLY;BYDAY=SU Europe/Zurich`. Without a zone it is UTC. The
    /// error says what is allowed.
    pub fn parse(text: &str) -> Result<Self, String> {
        let unknown = |word: &str| {
            format!(
                "{word:?} is not known in {text:?}; allowed: a start, a length, then a recurrence rule and a time zone, such as 2026-01-04T02:00 2h FREQ=WEEKLY;BYDAY=SU Europe/Zurich"
            )
        };
        let mut words = text.split_whitespace();
        let start = words.next().unwrap_or_default();
        let local = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(start, format).ok())
            .ok_or_else(|| unknown(start))?;
        let length = words.next().unwrap_or_default();
        let seconds = Span::parse(length)?.seconds().ok_or_else(|| unknown(length))?;
        let (mut rule, mut zone) = (None, Tz::UTC);
        for word in words {
            if rule.is_none() && word.contains('=') {
                rule = Some(word.strip_prefix("RRULE:").unwrap_or(word));
            } else {
                zone = word.parse().map_err(|_| unknown(word))?;
            }
        }
        let starts = recurrences(local, rule, zone)?;
        Ok(Self { text: text.to_owned(), starts, length: TimeDelta::seconds(seconds) })
    }

    /// The stretches that touch `[from, to)`, in seconds since the epoch.
    fn within(&self, from: i64, to: i64) -> impl Iterator<Item = (i64, i64)> + '_ {
        let first = self.starts.partition_point(|start| *start + self.length <= at(from));
        let rest = self.starts.get(first..).unwrap_or_default().iter();
        let stretches = rest.map(|start| (start.timestamp(), (*start + self.length).timestamp()));
        stretches.take_while(move |(start, _)| *start < to)
    }
}

impl Counting {
    /// Whether all time counts.
    pub fn is_always(&self) -> bool {
        self.venue.is_none() && self.exclusions.is_empty()
    }

    /// What counts of `[from, to)`, in seconds since the epoch.
    pub fn mask(&self, from: i64, to: i64) -> Mask {
        let mut spans = match &self.venue {
            None => vec![(from, to)],
            Some(venue) => {
                let date = |seconds, days| (at(seconds) + TimeDelta::days(days)).date_naive();
                let sessions = venue.sessions(date(from, -2), date(to, 2));
                sessions.map(|session| (session.open.timestamp(), session.close.timestamp())).collect()
            }
        };
        for exclusion in &self.exclusions {
            for hole in exclusion.within(from, to) {
                spans = spans.into_iter().flat_map(|span| without(span, hole)).collect();
            }
        }
        Mask::new(spans.into_iter().map(|(start, end)| (start.max(from), end.min(to))))
    }
}

/// What is left of a span without a hole.
fn without((from, to): (i64, i64), hole: (i64, i64)) -> [(i64, i64); 2] {
    [(from, to.min(hole.0)), (from.max(hole.1), to)]
}

/// The seconds of a stretch of time that count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    /// First and last (excluded) second, in order and apart.
    spans: Vec<(i64, i64)>,
    /// Seconds that count before each span.
    before: Vec<i64>,
}

impl Mask {
    /// Of spans in order that do not overlap; empty ones are left out.
    fn new(spans: impl Iterator<Item = (i64, i64)>) -> Self {
        let spans: Vec<(i64, i64)> = spans.filter(|(from, to)| from < to).collect();
        let mut sum = 0;
        let before = spans
            .iter()
            .map(|(from, to)| {
                sum += to - from;
                sum - (to - from)
            })
            .collect();
        Self { spans, before }
    }

    /// All time counts.
    pub fn always() -> Self {
        Self::new(std::iter::once((i64::MIN / 4, i64::MAX / 4)))
    }

    /// Whether a second counts.
    pub fn counts(&self, second: i64) -> bool {
        let after = self.spans.partition_point(|(from, _)| *from <= second);
        after.checked_sub(1).is_some_and(|n| second < self.spans[n].1)
    }

    /// How many seconds of `[from, to)` count.
    pub fn seconds(&self, from: i64, to: i64) -> i64 {
        (self.until(to) - self.until(from)).max(0)
    }

    /// The latest second from which on `seconds` count until `end`; the first second of all when so many
    /// do not.
    pub fn back(&self, end: i64, seconds: i64) -> i64 {
        let wanted = self.until(end) - seconds;
        let after = self.before.partition_point(|before| *before <= wanted);
        let span = after.saturating_sub(1);
        match (self.spans.get(span), self.before.get(span)) {
            (Some((from, _)), Some(before)) => from + (wanted - before).max(0),
            _ => end,
        }
    }

    /// The second before which `seconds` count from `start` on; `None` when it is not known so far ahead.
    pub fn ahead(&self, start: i64, seconds: i64) -> Option<i64> {
        let wanted = self.until(start) + seconds;
        let span = self.before.partition_point(|before| *before < wanted).checked_sub(1)?;
        let second = self.spans[span].0 + wanted - self.before[span];
        (second <= self.spans[span].1).then_some(second.max(start))
    }

    /// Seconds that count before this one.
    fn until(&self, second: i64) -> i64 {
        let after = self.spans.partition_point(|(from, _)| *from < second);
        after.checked_sub(1).map_or(0, |n| self.before[n] + second.min(self.spans[n].1) - self.spans[n].0)
    }
}

#[cfg(test)]
mod tests;
