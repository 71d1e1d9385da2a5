//! How far a value fell below where it had been, and for how long.

use super::reason::{NoRisk, Result};
use crate::returns::IndexPoint;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An index this near to a high, beside it, is back there: it is a product of returns, which round.
const SAME: f64 = 1e-12;

/// The falls of an index.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Drawdown {
    /// The deepest fall below an earlier high: 0.1 is 10 %. 0 where there was none.
    pub depth: f64,
    /// That fall, the first of equally deep ones.
    pub deepest: Option<Fall>,
    /// The longest time from a high to the next one above it (or to the last day, where none came), in days.
    pub longest_days: i64,
}

/// A fall, and the way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fall {
    /// The last day at the high from which it fell.
    pub start: NaiveDate,
    /// The day on which it was lowest.
    pub trough: NaiveDate,
    /// The first day on which it was back at that high, if it came back.
    pub recovery: Option<NaiveDate>,
    /// Days from the start to the recovery, or to the last day where there is none yet.
    pub days: i64,
}

/// The maximum drawdown of an index by day, such as that of [`daily_index`](crate::returns::daily_index). Points may
/// come in any order. Below 0, where more than everything is lost, a fall is deeper than 1.
///
/// # Errors
/// No points; two of a day; points that are no numbers; a first point that is not above 0.
pub fn drawdown(index: &[IndexPoint]) -> Result<Drawdown> {
    let mut points = index.to_vec();
    points.sort_by_key(|point| point.date);
    if let Some(pair) = points.windows(2).find(|pair| pair[0].date == pair[1].date) {
        return Err(NoRisk::TwoValues { date: pair[0].date });
    }
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return Err(NoRisk::TooFew { needed: 1, found: 0 });
    };
    let no_height =
        |point: &IndexPoint| NoRisk::NoHeight { date: point.date, value: point.value.to_string() };
    if let Some(point) = points.iter().find(|point| !point.value.is_finite()) {
        return Err(no_height(point));
    }
    if first.value <= 0.0 {
        return Err(no_height(first));
    }

    let mut found = Drawdown { depth: 0.0, deepest: None, longest_days: 0 };
    // Where the high was first reached, and where it last stood.
    let (mut high, mut left) = (*first, first.date);
    let mut deepest = None;
    for point in &points {
        if point.value > high.value * (1.0 + SAME) {
            found.longest_days = found.longest_days.max(days(high.date, point.date));
            high = *point;
        }
        if is_at(high.value, point.value) {
            left = point.date;
            continue;
        }
        let depth = 1.0 - point.value / high.value;
        if depth > found.depth {
            found.depth = depth;
            deepest = Some((left, point.date, high.value));
        }
    }
    found.longest_days = found.longest_days.max(days(high.date, last.date));
    found.deepest = deepest.map(|(start, trough, high)| fall(&points, start, trough, high));
    Ok(found)
}

/// The fall from `high`, which stood last at `start`, to the lowest point at `trough`.
fn fall(points: &[IndexPoint], start: NaiveDate, trough: NaiveDate, high: f64) -> Fall {
    let back = points.iter().find(|point| point.date > trough && is_at(high, point.value));
    let recovery = back.map(|point| point.date);
    let end = recovery.or(points.last().map(|point| point.date)).unwrap_or(trough);
    Fall { start, trough, recovery, days: days(start, end) }
}

fn is_at(high: f64, value: f64) -> bool {
    value >= high * (1.0 - SAME)
}

fn days(from: NaiveDate, to: NaiveDate) -> i64 {
    (to - from).num_days()
}
