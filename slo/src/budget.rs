//! From slices to status, budget and burn.
//!
//! With `status` the share of good units in the window:
//!
//! - `budget_remaining = (status - target) / (1 - target)`: 1 is untouched, 0 is spent,
//!   below 0 is overspent; signed and never clamped. In a calendar-aligned window the number of time slices is known
//!   beforehand, and those to come count as good; the number of requests is not, and those so far decide.
//! - `burn(w) = error_rate(w) / (1 - target)`: 1 spends exactly the budget in the SLO's window.
//! - time to exhaustion, from what is LEFT and not from the whole, with `b = burn(1h)`:
//!   - rolling: `budget_remaining * slo_window / b`. At a burn of 1 or less a rolling window gives back as
//!     much as it loses, so there is no end to name.
//!   - calendar-aligned, by time slices: `budget_remaining * slo_window / b`.
//!   - calendar-aligned, by requests: `budget_remaining * elapsed / (b - 1)` for a burn above 1, for the budget
//!     grows with the requests.
//!
//!   After the end of its period a calendar-aligned window begins anew: later than that it is not exhausted.
//!
//! The window ends at the watermark (the end of the newest slice), not at the clock. The
//! budget's window begins with the first slice when Headroom has not been measuring for a whole
//! window yet, and says so; a burn rate's does not: a burn over 3 days is there when 90 % of 3 days
//! were seen, and not after two hours, for alerts stand on it.
//! A figure is unavailable, with the reason, when slices are stale, when less than 90 % of the
//! minutes were seen, when nothing was requested, or when more was good than there was.

use chrono::{DateTime, TimeDelta, Utc};

use crate::series::Tally;
use crate::spec::{Method, Slo};
use crate::timeline::Timeline;

/// Below this share of seen minutes there is no figure and no alert.
pub const COVERAGE_FLOOR: f64 = 0.9;

/// Slices older than this when they should be a minute old are stale.
pub const STALE_AFTER: TimeDelta = TimeDelta::minutes(5);

/// The windows that burn is shown for, in seconds.
pub const BURN_WINDOWS: [(&str, i64); 7] = [
    ("5m", 300),
    ("30m", 1_800),
    ("1h", 3_600),
    ("2h", 7_200),
    ("6h", 21_600),
    ("1d", 86_400),
    ("3d", 259_200),
];

/// What an objective's slices say.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// Status and budget, or why there are none.
    pub budget: Result<Budget, String>,
    /// Burn for each of [`BURN_WINDOWS`]; `None` where too little was seen.
    pub burn: Vec<(&'static str, Option<f64>)>,
    /// Share of the window's minutes that were seen.
    pub coverage: Option<f64>,
    /// Where the window ends.
    pub watermark: Option<DateTime<Utc>>,
    /// Where the slices of the window begin.
    pub since: Option<DateTime<Utc>>,
    /// Whether less than 90 % of the window so far lies behind that.
    pub young: bool,
}

/// Status and budget of a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Budget {
    /// Share of good units, 0 to 1.
    pub status: f64,
    /// Share of the budget that is left: 1 untouched, 0 spent, negative overspent.
    pub remaining: f64,
    /// Good units in the window.
    pub good: f64,
    /// All units in the window.
    pub total: f64,
    /// When the budget is gone at the pace of the last hour, if that is above 1.
    pub exhausts_at: Option<DateTime<Utc>>,
}

impl Assessment {
    /// No figures, for this reason.
    pub(crate) fn without(reason: String) -> Self {
        let burn = BURN_WINDOWS.iter().map(|(name, _)| (*name, None)).collect();
        Self { budget: Err(reason), burn, coverage: None, watermark: None, since: None, young: false }
    }

    /// The burn over one of [`BURN_WINDOWS`].
    pub fn burn(&self, window: &str) -> Option<f64> {
        self.burn.iter().find(|(name, _)| *name == window).and_then(|(_, burn)| *burn)
    }
}

/// Assesses an objective.
pub fn assess(slo: &Slo, line: &Timeline, now: DateTime<Utc>) -> Assessment {
    if let Err(reason) = &slo.indicator {
        return Assessment::without(reason.clone());
    }
    let Some(end) = line.watermark() else {
        return Assessment::without("nothing has been measured yet".to_owned());
    };
    let tally = line.window(end);
    let watermark = at(end);
    let stale = is_stale(line, now);
    let length = line.length();
    let burn = BURN_WINDOWS.map(|(name, seconds)| {
        let known = !stale && seconds <= length;
        (name, known.then(|| burn_of(slo, &line.last(end, seconds))).flatten())
    });
    let budget = if stale { Err(told_stale(watermark)) } else { budget(slo, line, end) };
    let hour = burn.iter().find(|(name, _)| *name == "1h").and_then(|(_, burn)| *burn);
    let budget = budget.map(|budget| {
        let seconds = hour.and_then(|burn| seconds_left(slo, line, budget.remaining, burn, end));
        Budget { exhausts_at: seconds.and_then(|seconds| line.ahead(end, seconds)).map(at), ..budget }
    });
    Assessment {
        budget,
        burn: burn.to_vec(),
        coverage: Some(tally.coverage()),
        watermark: Some(watermark),
        since: line.first(slo.window.start(end)).map(at),
        young: tally.expected < tally.length * COVERAGE_FLOOR,
    }
}

/// Whether the newest slice ends too long ago to speak about the present.
pub fn is_stale(line: &Timeline, now: DateTime<Utc>) -> bool {
    line.watermark().is_none_or(|end| now - at(end) > STALE_AFTER)
}

pub(crate) fn told_stale(watermark: DateTime<Utc>) -> String {
    format!("slices end at {}, they are stale; the evaluator is behind or stopped", clock(watermark))
}

/// The burn of a tally; `None` when less than the coverage floor of its whole stretch was seen.
pub fn burn_of(slo: &Slo, tally: &Tally) -> Option<f64> {
    (tally.seen() >= COVERAGE_FLOOR && tally.good <= tally.total).then(|| tally.burn(slo.target))
}

/// Status and budget of the window of slices that end at `end`, without the time of exhaustion.
pub fn budget(slo: &Slo, line: &Timeline, end: i64) -> Result<Budget, String> {
    let tally = line.window(end);
    let error_rate = known_error_rate(slo, &tally)?;
    let to_come = match slo.method {
        Method::Occurrences => 0.0,
        Method::Timeslices { seconds, .. } | Method::RatioTimeslices { seconds } => {
            line.period(end).1 as f64 / seconds as f64
        }
    };
    let remaining = 1.0 - error_rate / slo.allowed() * tally.total / (tally.total + to_come);
    Ok(Budget {
        status: 1.0 - error_rate,
        remaining,
        good: tally.good,
        total: tally.total,
        exhausts_at: None,
    })
}

/// The error rate of a window, or why there is none.
pub(crate) fn known_error_rate(slo: &Slo, tally: &Tally) -> Result<f64, String> {
    seen_error_rate(tally)?
        .ok_or_else(|| format!("nothing was requested of {} within {}", slo.service, slo.window.text))
}

/// The error rate of a stretch, none where nothing was requested, or why it is not known.
pub(crate) fn seen_error_rate(tally: &Tally) -> Result<Option<f64>, String> {
    if tally.coverage() < COVERAGE_FLOOR {
        let seen = tally.coverage() * 100.0;
        return Err(format!(
            "only {seen:.0} % of the minutes were seen; a figure needs {:.0} %",
            COVERAGE_FLOOR * 100.0
        ));
    }
    if tally.good > tally.total {
        return Err("more was counted good than there was; the indicator counts different things".to_owned());
    }
    Ok(tally.error_rate())
}

/// Seconds that count until what is left is gone at this burn.
fn seconds_left(slo: &Slo, line: &Timeline, remaining: f64, burn: f64, end: i64) -> Option<f64> {
    let (whole, to_come) = line.period(end);
    let (whole, to_come) = (whole as f64, to_come as f64);
    let seconds = match (slo.window.calendar, slo.method) {
        _ if remaining <= 0.0 => return None,
        (None, _) if burn > 1.0 => return Some(remaining * whole / burn),
        (Some(_), Method::Occurrences) if burn > 1.0 => remaining * (whole - to_come) / (burn - 1.0),
        (Some(_), Method::Timeslices { .. } | Method::RatioTimeslices { .. }) if burn > 0.0 => {
            remaining * whole / burn
        }
        _ => return None,
    };
    (seconds <= to_come).then_some(seconds)
}

/// An instant from seconds since the epoch.
pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::UNIX_EPOCH)
}

pub(crate) fn clock(instant: DateTime<Utc>) -> String {
    instant.format("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests;
