//! The stretch of time a question is about: half open, `from <= t < to`.
//!
//! People write `now`, `now-1h`, `now+2d`, RFC 3339 or unix milliseconds.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{QueryError, Result};

#[cfg(test)]
mod tests;

/// The longest range a question may cover: what hourly rollups are kept for.
pub const MAX_DAYS: i64 = 400;

/// A half-open stretch of time, `from <= t < to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct TimeRange {
    /// First instant inside.
    pub from: DateTime<Utc>,
    /// First instant after the end.
    pub to: DateTime<Utc>,
}

impl TimeRange {
    /// A range, refused when it is empty, turned round or longer than [`MAX_DAYS`].
    pub fn new(from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Self> {
        if from >= to {
            return Err(QueryError::bad_request(
                format!("the range ends ({}) before it begins ({})", to.to_rfc3339(), from.to_rfc3339()),
                "give a `from` that is earlier than `to`",
            ));
        }
        if to - from > TimeDelta::days(MAX_DAYS) {
            return Err(QueryError::bad_request(
                format!("the range covers {} days, the longest kept is {MAX_DAYS}", (to - from).num_days()),
                "ask for a shorter range",
            ));
        }
        Ok(Self { from, to })
    }

    /// Reads the `from` and `to` a person gave; what is missing becomes `now-1h` and `now`.
    pub fn parse(from: Option<&str>, to: Option<&str>, now: DateTime<Utc>) -> Result<Self> {
        Self::parse_or_last(from, to, TimeDelta::hours(1), now)
    }

    /// The same, of the `length` before its end where there is no `from`.
    pub fn parse_or_last(
        from: Option<&str>,
        to: Option<&str>,
        length: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let to = to.map_or(Ok(now), |text| parse_instant(text, now))?;
        let from = match from {
            Some(text) => parse_instant(text, now)?,
            None => to - length,
        };
        Self::new(from, to)
    }

    /// The last `length` before `now`.
    pub fn last(length: TimeDelta, now: DateTime<Utc>) -> Result<Self> {
        Self::new(now - length, now)
    }

    /// How long it is.
    pub fn length(&self) -> TimeDelta {
        self.to - self.from
    }

    /// Length in seconds, as a divisor for rates.
    pub fn seconds(&self) -> f64 {
        self.length().num_milliseconds() as f64 / 1000.0
    }

    /// Widened to whole steps of `step_seconds` since the epoch, so that rollup
    /// rows are either wholly inside or wholly outside.
    #[must_use]
    pub fn aligned(&self, step_seconds: i64) -> Self {
        let step = step_seconds.max(1);
        let floor = self.from.timestamp().div_euclid(step) * step;
        let end = self.to.timestamp() + i64::from(self.to.timestamp_subsec_nanos() > 0);
        let ceil = (end + step - 1).div_euclid(step) * step;
        Self { from: at_second(floor, self.from), to: at_second(ceil, self.to) }
    }

    /// Starts of the steps that cover the range, aligned to the epoch.
    pub fn steps(&self, step_seconds: i64) -> Vec<DateTime<Utc>> {
        let step = step_seconds.max(1);
        let aligned = self.aligned(step);
        let count = (aligned.to.timestamp() - aligned.from.timestamp()) / step;
        (0..count).map(|i| at_second(aligned.from.timestamp() + i * step, aligned.from)).collect()
    }
}

fn at_second(second: i64, otherwise: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(second, 0).unwrap_or(otherwise)
}

/// Reads `now`, `now-90m`, `now+1d`, an RFC 3339 instant, a date, or unix milliseconds.
pub fn parse_instant(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    let text = text.trim();
    let refused = || {
        QueryError::bad_request(
            format!("`{text}` is not a point in time"),
            "write now, now-1h, now-14d, 2026-11-20T09:30:00Z or unix milliseconds",
        )
    };
    let parsed = if let Some(offset) = text.strip_prefix("now") {
        relative(offset, now).ok_or_else(refused)?
    } else if !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit()) {
        text.parse().ok().and_then(DateTime::from_timestamp_millis).ok_or_else(refused)?
    } else if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        instant.with_timezone(&Utc)
    } else {
        let date: chrono::NaiveDate = text.parse().map_err(|_| refused())?;
        date.and_time(chrono::NaiveTime::MIN).and_utc()
    };
    // DateTime64(9) holds the years 1900 to 2262.
    if (0..=9_000_000_000).contains(&parsed.timestamp()) { Ok(parsed) } else { Err(refused()) }
}

fn relative(offset: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if offset.is_empty() {
        return Some(now);
    }
    if let Some(length) = offset.strip_prefix('-') {
        now.checked_sub_signed(parse_length(length)?)
    } else {
        now.checked_add_signed(parse_length(offset.strip_prefix('+')?)?)
    }
}

/// Reads `90s`, `15m`, `6h`, `14d` or `2w`.
pub fn parse_length(text: &str) -> Option<TimeDelta> {
    let unit = text.chars().last()?;
    let amount: i64 = text[..text.len() - unit.len_utf8()].parse().ok().filter(|n| *n >= 0)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return None,
    };
    TimeDelta::try_seconds(amount.checked_mul(seconds)?)
}
