//! From slices to status, budget and burn.
//!
//! With `status` the share of good units in the window:
//!
//! - `budget_remaining = (status - target) / (1 - target)`: 1 is untouched, 0 is spent,
//!   below 0 is overspent; signed and never clamped.
//! - `burn(w) = error_rate(w) / (1 - target)`: 1 spends exactly the budget in the SLO's window.
//! - time to exhaustion `= budget_remaining * slo_window / burn(1h)`: from what is LEFT, not
//!   from the whole. At a burn of 1 or less a rolling window gives back as much as it
//!   loses, so there is no end to name.
//!
//! The window ends at the watermark (the end of the newest slice), not at the clock. The
//! budget's window begins with the first slice when Headroom has not been measuring for a whole
//! window yet, and says so; a burn rate's does not: a burn over 3 days is there when 90 % of 3 days
//! were seen, and not after two hours, for alerts stand on it.
//! A figure is unavailable, with the reason, when slices are stale, when less than 90 % of the
//! minutes were seen, when nothing was requested, or when more was good than there was.

use chrono::{DateTime, TimeDelta, Utc};

use crate::series::{Series, Tally};
use crate::spec::Slo;

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

/// Assesses an objective.
pub fn assess(slo: &Slo, series: &Series, now: DateTime<Utc>) -> Assessment {
    let nothing = |reason: String| Assessment {
        budget: Err(reason),
        burn: no_burn(),
        coverage: None,
        watermark: None,
        since: None,
    };
    if let Err(reason) = &slo.indicator {
        return nothing(reason.clone());
    }
    let Some(end) = series.watermark() else {
        return nothing("nothing has been measured yet".to_owned());
    };
    let from = end - slo.window.seconds;
    let tally = series.tally(&slo.method, from, end);
    let watermark = at(end);
    let stale = is_stale(series, now);
    let burn = BURN_WINDOWS.map(|(name, seconds)| {
        let known = !stale && seconds <= slo.window.seconds;
        (name, known.then(|| burn_over(slo, series, seconds)).flatten())
    });
    let budget = if stale {
        Err(format!("slices end at {}, they are stale; the evaluator is behind or stopped", clock(watermark)))
    } else {
        budget(slo, &tally)
    };
    let hour = burn.iter().find(|(name, _)| *name == "1h").and_then(|(_, burn)| *burn);
    let budget =
        budget.map(|budget| Budget { exhausts_at: exhausts_at(slo, &budget, hour, watermark), ..budget });
    Assessment {
        budget,
        burn: burn.to_vec(),
        coverage: Some(tally.coverage()),
        watermark: Some(watermark),
        since: series.first(from).map(at),
    }
}

/// Whether the newest slice ends too long ago to speak about the present.
pub fn is_stale(series: &Series, now: DateTime<Utc>) -> bool {
    series.watermark().is_none_or(|end| now - at(end) > STALE_AFTER)
}

/// The burn over the last `seconds` before the watermark; `None` below the coverage floor.
pub fn burn_over(slo: &Slo, series: &Series, seconds: i64) -> Option<f64> {
    let end = series.watermark()?;
    burn_of(slo, &series.tally(&slo.method, end - seconds, end))
}

/// The burn of a tally; `None` when less than the coverage floor of its whole stretch was seen.
pub fn burn_of(slo: &Slo, tally: &Tally) -> Option<f64> {
    (tally.seen() >= COVERAGE_FLOOR && tally.good <= tally.total).then(|| tally.burn(slo.target))
}

/// Status and budget of a tally, without the time of exhaustion.
pub fn budget(slo: &Slo, tally: &Tally) -> Result<Budget, String> {
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
    let Some(error_rate) = tally.error_rate() else {
        return Err(format!("nothing was requested of {} within {}", slo.service, slo.window.text));
    };
    let remaining = 1.0 - error_rate / slo.allowed();
    Ok(Budget {
        status: 1.0 - error_rate,
        remaining,
        good: tally.good,
        total: tally.total,
        exhausts_at: None,
    })
}

/// When what is left is gone at this burn, counted from the watermark.
fn exhausts_at(
    slo: &Slo,
    budget: &Budget,
    burn: Option<f64>,
    watermark: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let burn = burn.filter(|burn| *burn > 1.0)?;
    if budget.remaining <= 0.0 {
        return None;
    }
    let seconds = budget.remaining * slo.window.seconds as f64 / burn;
    watermark.checked_add_signed(TimeDelta::try_seconds(seconds as i64)?)
}

fn no_burn() -> Vec<(&'static str, Option<f64>)> {
    BURN_WINDOWS.iter().map(|(name, _)| (*name, None)).collect()
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
