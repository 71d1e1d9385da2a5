//! An operator's word on a day, over the built-in sessions: public calendars are wrong often enough.

use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::Serialize;

/// A day's session as an operator states it, and on whose word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Override {
    /// Market identifier code of the venue.
    pub venue: String,
    /// The local date.
    pub date: NaiveDate,
    /// Open and close on the venue's wall clock; none if it does not trade.
    pub hours: Option<(NaiveTime, NaiveTime)>,
    /// Where this is from, such as a circular; empty if the operator did not say.
    pub source: String,
    /// Why the day differs; empty if the operator did not say.
    pub reason: String,
    /// Since when this is known.
    pub since: Option<DateTime<Utc>>,
    /// The file it was read from.
    pub file: String,
}

impl fmt::Display for Override {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.hours {
            Some((open, close)) => {
                write!(f, "overridden: open {} to {}", open.format("%H:%M"), close.format("%H:%M"))?;
            }
            None => write!(f, "overridden: closed")?,
        }
        if !self.reason.is_empty() {
            write!(f, ", {}", self.reason)?;
        }
        write!(f, " (source: {}", if self.source.is_empty() { "not told" } else { &self.source })?;
        match self.since {
            Some(since) => write!(f, ", since {})", since.format("%Y-%m-%d")),
            None => write!(f, ")"),
        }
    }
}
