//! The newest records that fit, and how many there are.

use chrono::{DateTime, TimeDelta, Utc};
use headroom_store::Store;

use super::lines::{self, Line};
use super::{Logs, Search, volume};
use crate::error::{QueryError, Result};
use crate::range::TimeRange;

/// Most lines of one answer.
pub const MAX_LINES: u32 = 1_000;
/// The newest lines are looked for in the last of the range first,
const FIRST: TimeDelta = TimeDelta::seconds(5);
/// then in so many times what was looked at: few queries for rare words, and for common ones few lines too many.
const WIDER: i32 = 8;

/// Which log records are looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct LogSearch {
    /// When they were written.
    pub range: TimeRange,
    /// What they say.
    pub search: Search,
    /// Only those that come after this one.
    pub before: Option<Before>,
    /// At most so many, 1 to [`MAX_LINES`].
    pub limit: u32,
}

/// A place among records, newest first: so many of its nanosecond were shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Before {
    ns: i64,
    shown: u32,
}

impl Before {
    /// Reads what [`Logs::next`] said.
    pub fn parse(text: &str) -> Result<Self> {
        let place = text.split_once('.').and_then(|(ns, shown)| {
            Some(Self {
                ns: ns.parse().ok()?,
                shown: shown.parse().ok().filter(|shown| *shown <= MAX_LINES)?,
            })
        });
        place.ok_or_else(|| {
            QueryError::bad_request(
                format!("`{text}` is no place among log records"),
                "give the `next` of an answer as it is",
            )
        })
    }
}

impl std::fmt::Display for Before {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.ns, self.shown)
    }
}

/// The records that fit, newest first, and, where none were shown before them, how many there are over time.
pub async fn search(store: &Store, tenant: &str, asked: &LogSearch) -> Result<Logs> {
    if !(1..=MAX_LINES).contains(&asked.limit) {
        return Err(QueryError::bad_request(
            format!("{} log records cannot be shown at once", asked.limit),
            format!("ask for 1 to {MAX_LINES}"),
        ));
    }
    let counted = async {
        match asked.before {
            Some(_) => Ok(None),
            None => volume::count(store, tenant, asked).await.map(Some),
        }
    };
    let ((lines, next), volume) = tokio::try_join!(newest(store, tenant, asked), counted)?;
    Ok(Logs { lines, next: next.map(|next| next.to_string()), volume })
}

async fn newest(
    store: &Store,
    tenant: &str,
    asked: &LogSearch,
) -> Result<(Vec<super::LogLine>, Option<Before>)> {
    let limit = asked.limit as usize;
    let shown = asked.before.map_or(0, |before| before.shown as usize);
    let mut found: Vec<Line> = Vec::new();
    let (mut to, mut length) = (end(asked), FIRST);
    // From the end backwards, a stretch at a time.
    while to > asked.range.from && found.len() <= limit + shown {
        let stretch = TimeRange { from: (to - length).max(asked.range.from), to };
        let wanted = (limit + 1 + shown - found.len()) as u64;
        // First when, which is one column; then what, of these moments alone.
        let moments = lines::moments(store, tenant, &asked.search, &stretch, wanted).await?;
        let is_full = moments.len() as u64 == wanted;
        let first = moments.last().map(|ns| DateTime::from_timestamp_nanos(*ns));
        if let Some(from) = first {
            found.extend(lines::read(store, tenant, &asked.search, &TimeRange { from, to }, wanted).await?);
        }
        // Some of many moments may have been records that were sent twice: then what is before them is looked at as well.
        (to, length) = match first {
            Some(first) if is_full => (first, length),
            _ => (stretch.from, length * WIDER),
        };
    }
    let skipped = asked
        .before
        .map_or(0, |before| found.iter().take(shown).take_while(|line| line.ns() == before.ns).count());
    let more = found.len() > skipped + limit;
    let page: Vec<Line> = found.into_iter().skip(skipped).take(limit).collect();
    let next = page.last().filter(|_| more).map(|last| {
        let here = page.iter().filter(|line| line.ns() == last.ns()).count() as u32;
        let earlier = asked.before.filter(|before| before.ns == last.ns()).map_or(0, |before| before.shown);
        Before { ns: last.ns(), shown: here + earlier }
    });
    Ok((page.into_iter().map(Line::told).collect(), next))
}

/// The first moment that is not looked at.
fn end(asked: &LogSearch) -> DateTime<Utc> {
    asked.before.map_or(asked.range.to, |before| {
        let after = DateTime::<Utc>::from_timestamp_nanos(before.ns) + TimeDelta::nanoseconds(1);
        after.min(asked.range.to)
    })
}
