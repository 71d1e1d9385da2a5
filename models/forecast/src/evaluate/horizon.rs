//! How far ahead a forecast is issued.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Duration, Utc};

use crate::Unavailable;
use headroom_calendar::Venue;

/// A number of sessions, or a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Horizon {
    /// From the close of one session of the first venue until the close of the so-many-th after it.
    Sessions(u32),
    /// So many minutes.
    Minutes(u32),
}

/// The longest horizon: two weeks.
const LONGEST_MINUTES: u32 = 14 * 1440;

impl FromStr for Horizon {
    type Err = Unavailable;

    /// Reads `1session`, `2d`, `4h` or `60m`.
    fn from_str(text: &str) -> Result<Self, Unavailable> {
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let wrong = || {
            Unavailable(format!(
                "`{text}` is no horizon; write a number with a unit, as 1session, 1d, 4h or 60m, up to 14 days"
            ))
        };
        let number: u32 = text[..digits].parse().map_err(|_| wrong())?;
        let minutes = |each: u32| number.checked_mul(each).filter(|m| *m <= LONGEST_MINUTES);
        match text[digits..].trim() {
            "session" | "sessions" if (1..=10).contains(&number) => Ok(Self::Sessions(number)),
            "d" | "day" | "days" if number > 0 => minutes(1440).map(Self::Minutes).ok_or_else(wrong),
            "h" | "hour" | "hours" if number > 0 => minutes(60).map(Self::Minutes).ok_or_else(wrong),
            "m" | "min" | "minutes" if number > 0 => minutes(1).map(Self::Minutes).ok_or_else(wrong),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Horizon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sessions(number) => write!(f, "{number}session"),
            Self::Minutes(minutes) if minutes % 1440 == 0 => write!(f, "{}d", minutes / 1440),
            Self::Minutes(minutes) if minutes % 60 == 0 => write!(f, "{}h", minutes / 60),
            Self::Minutes(minutes) => write!(f, "{minutes}m"),
        }
    }
}

/// An origin and the end of what is forecast from it.
pub(crate) type Origin = (DateTime<Utc>, DateTime<Utc>);

impl Horizon {
    /// The origins that forecast every instant of `[from, to)` once; the first may lie before `from`.
    pub(crate) fn origins(
        self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        venues: &[Venue],
    ) -> Result<Vec<Origin>, Unavailable> {
        match self {
            Self::Minutes(minutes) => {
                let reach = Duration::minutes(i64::from(minutes));
                let next = |at: &DateTime<Utc>| Some(*at + reach);
                let starts = std::iter::successors(Some(from), next).take_while(|at| *at < to);
                Ok(starts.map(|at| (at, (at + reach).min(to))).collect())
            }
            Self::Sessions(number) => {
                let closes = closes(from, to, venues)?;
                let ends = closes.windows(2).step_by(number as usize).enumerate().map(|(i, pair)| {
                    let last = (i * number as usize + number as usize).min(closes.len() - 1);
                    (pair[0], closes[last].min(to))
                });
                Ok(ends.filter(|(at, until)| at < until).collect())
            }
        }
    }

    /// The end of a forecast issued now.
    pub fn end(self, origin: DateTime<Utc>, venues: &[Venue]) -> Result<DateTime<Utc>, Unavailable> {
        match self {
            Self::Minutes(minutes) => Ok(origin + Duration::minutes(i64::from(minutes))),
            Self::Sessions(number) => {
                let closes = closes(origin, origin + Duration::days(40), venues)?;
                let coming = closes.into_iter().filter(|close| *close > origin);
                coming
                    .take(number as usize)
                    .last()
                    .ok_or_else(|| Unavailable(format!("no session follows {origin} within forty days")))
            }
        }
    }
}

/// The closes of the first venue: the last one not after `from`, and all until the first after `to`.
fn closes(
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    venues: &[Venue],
) -> Result<Vec<DateTime<Utc>>, Unavailable> {
    let venue = venues.first().ok_or_else(|| {
        Unavailable("a horizon in sessions needs a venue's calendar; name one, or write it as 1d".to_owned())
    })?;
    let sessions: Vec<_> = venue
        .sessions((from - Duration::days(15)).date_naive(), (to + Duration::days(15)).date_naive())
        .collect();
    let first = sessions.partition_point(|s| s.close <= from).saturating_sub(1);
    let last = sessions.partition_point(|s| s.close < to);
    Ok(sessions
        .get(first..(last + 1).min(sessions.len()))
        .unwrap_or_default()
        .iter()
        .map(|s| s.close)
        .collect())
}
