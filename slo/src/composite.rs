//! SLOs over a journey: objectives with indicators of their own, weighed together.
//!
//! With weights `w` that are normalised to a sum of 1 over the parts that had requests, the error rate of the
//! whole is `sum(w * error_rate)` and its target `sum(w * target)`: a request of a rare step counts as much as its
//! weight says, and not as little as its number. From there on the formulae are those of every objective:
//! `burn = error_rate / (1 - target)` and `budget_remaining = 1 - error_rate / (1 - target)`. A part of which
//! too little was seen leaves the whole without a figure, for its share is not known.

use chrono::{DateTime, TimeDelta, Utc};

use crate::budget::{
    Assessment, BURN_WINDOWS, Budget, COVERAGE_FLOOR, at, is_stale, known_error_rate, seen_error_rate,
};
use crate::gate::significant;
use crate::reading::Reading;
use crate::rules::Rule;
use crate::series::Tally;
use crate::spec::Slo;
use crate::timeline::Timeline;
use crate::window::Window;

/// An SLO whose objectives are weighed together.
#[derive(Debug, Clone)]
pub struct Composite {
    /// The document's name.
    pub id: String,
    /// The name people read.
    pub display_name: String,
    /// What it promises, in the words of the definition.
    pub description: String,
    /// The service it is promised for.
    pub service: String,
    /// The window of all parts.
    pub window: Window,
    /// The objectives, in their order.
    pub parts: Vec<Part>,
    /// Names of the policies that its burn is held against, beside the rules.
    pub policies: Vec<String>,
    /// The address of what to do when it burns.
    pub runbook: Option<String>,
    /// The document it came from, as it stands in the file.
    pub definition: String,
}

/// One objective of a composite.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The objective's id.
    pub slo: String,
    /// Its weight, above 0; 1 when nothing was written.
    pub weight: f64,
}

/// A part with its objective and slices.
#[derive(Debug, Clone, Copy)]
pub struct Weighed<'a> {
    /// Its weight, above 0.
    pub weight: f64,
    /// The objective.
    pub slo: &'a Slo,
    /// Its slices.
    pub line: &'a Timeline,
}

/// Error rate and allowed share of the whole.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Rate {
    error: f64,
    allowed: f64,
}

impl Rate {
    /// Of weights, error rates and allowed shares; `None` without parts.
    fn of(parts: &[(f64, f64, f64)]) -> Option<Self> {
        let sum: f64 = parts.iter().map(|(weight, ..)| weight).sum();
        let mean =
            |of: fn(&(f64, f64, f64)) -> f64| parts.iter().map(|part| part.0 * of(part)).sum::<f64>() / sum;
        (sum > 0.0).then(|| Self { error: mean(|part| part.1), allowed: mean(|part| part.2) })
    }

    fn burn(self) -> f64 {
        self.error / self.allowed
    }
}

/// The target of the whole, by the weights of all parts.
pub fn target(parts: &[(f64, &Slo)]) -> f64 {
    let of = |(weight, slo): &(f64, &Slo)| (*weight, 0.0, slo.allowed());
    Rate::of(&parts.iter().map(of).collect::<Vec<_>>()).map_or(0.0, |rate| 1.0 - rate.allowed)
}

/// Assesses a composite. Good and total of its budget are those of all parts, in their own units.
pub fn assess(window: &Window, parts: &[Weighed<'_>], now: DateTime<Utc>) -> Assessment {
    let stands = |part: &Weighed<'_>| {
        let reason = match &part.slo.indicator {
            Err(reason) => Some(reason.clone()),
            Ok(_) if part.line.watermark().is_none() => Some("nothing has been measured yet".to_owned()),
            Ok(_) if is_stale(part.line, now) => Some("its slices are stale".to_owned()),
            Ok(_) => None,
        };
        reason.map(|reason| format!("{}: {reason}", part.slo.display_name))
    };
    if let Some(reason) = parts.iter().find_map(stands) {
        return Assessment::without(reason);
    }
    // Parts are measured together; one may be a minute ahead.
    let Some(end) = parts.iter().filter_map(|part| part.line.watermark()).min() else {
        return Assessment::without("it has no parts".to_owned());
    };
    let burn: Vec<(&'static str, Option<f64>)> = BURN_WINDOWS
        .iter()
        .map(|(name, seconds)| {
            let known = parts.iter().all(|part| *seconds <= part.line.length());
            (*name, known.then(|| burn(parts, end, *seconds)).flatten())
        })
        .collect();
    let tallies: Vec<Tally> = parts.iter().map(|part| part.line.window(end)).collect();
    let coverage = tallies.iter().map(Tally::coverage).fold(1.0, f64::min);
    let young = tallies.iter().any(|tally| tally.expected < tally.length * COVERAGE_FLOOR);
    let start = window.start(end);
    let since = parts.iter().filter_map(|part| part.line.first(start)).max();
    let mut found = Assessment {
        budget: budget(window, parts, end),
        burn,
        coverage: Some(coverage),
        watermark: Some(at(end)),
        since: since.map(at),
        young,
    };
    if let (Ok(budget), Some(hour)) = (&found.budget, found.burn("1h")) {
        let exhausts_at = exhausts_at(window, budget.remaining, hour, end);
        found.budget = Ok(Budget { exhausts_at, ..*budget });
    }
    found
}

/// Status and budget of the window that ends at `end`, without the time of exhaustion.
pub fn budget(window: &Window, parts: &[Weighed<'_>], end: i64) -> Result<Budget, String> {
    let (mut rates, mut good, mut total) = (Vec::new(), 0.0, 0.0);
    for part in parts {
        let tally = part.line.window(end);
        good += tally.good;
        total += tally.total;
        if tally.total == 0.0 && tally.coverage() >= COVERAGE_FLOOR {
            continue;
        }
        let error = known_error_rate(part.slo, &tally)
            .map_err(|reason| format!("{}: {reason}", part.slo.display_name))?;
        rates.push((part.weight, error, part.slo.allowed()));
    }
    let nothing = || format!("nothing was requested within {}", window.text);
    let rate = Rate::of(&rates).ok_or_else(nothing)?;
    Ok(Budget { status: 1.0 - rate.error, remaining: 1.0 - rate.burn(), good, total, exhausts_at: None })
}

/// The burn over the last `seconds` before `end`; `None` when too little was seen of one part. Without any
/// requests nothing burns.
pub fn burn(parts: &[Weighed<'_>], end: i64, seconds: i64) -> Option<f64> {
    let mut rates = Vec::new();
    for part in parts {
        let tally = part.line.last(end, seconds);
        if tally.seen() < COVERAGE_FLOOR || tally.good > tally.total {
            return None;
        }
        rates.extend(tally.error_rate().map(|error| (part.weight, error, part.slo.allowed())));
    }
    Some(Rate::of(&rates).map_or(0.0, Rate::burn))
}

/// The weighed error rate of `from <= start < to`, none where nothing was requested, or why it is not known.
pub(crate) fn error_rate(parts: &[Weighed<'_>], from: i64, to: i64) -> Result<Option<f64>, String> {
    let mut rates = Vec::new();
    for part in parts {
        let error = seen_error_rate(&part.line.between(from, to));
        let error = error.map_err(|reason| format!("{}: {reason}", part.slo.display_name))?;
        rates.extend(error.map(|error| (part.weight, error, part.slo.allowed())));
    }
    Ok(Rate::of(&rates).map(|rate| rate.error))
}

/// What a rule says of the whole at `end`. Failures are no chance when they are none in at least one part.
pub fn reading(parts: &[Weighed<'_>], rule: Rule, significance: f64, end: i64) -> Reading {
    let tallies = |seconds: i64| parts.iter().map(move |part| (part, part.line.last(end, seconds)));
    let is_significant = |(part, tally): (&Weighed<'_>, Tally)| {
        significant(tally.bad(), tally.total, part.slo.allowed(), significance)
    };
    Reading {
        rule,
        long: burn(parts, end, rule.long),
        short: burn(parts, end, rule.short),
        quiet: tallies(rule.short).all(|(_, tally)| tally.requests == 0.0),
        significant: tallies(rule.long).any(is_significant),
    }
}

/// When what is left is gone at this burn, as for a single objective with a rolling window; at the latest at
/// the end of a calendar-aligned one.
fn exhausts_at(window: &Window, remaining: f64, burn: f64, end: i64) -> Option<DateTime<Utc>> {
    if burn <= 1.0 || remaining <= 0.0 {
        return None;
    }
    let (start, stop) = window.bounds(end);
    let seconds = if window.calendar.is_some() {
        remaining * (end - start) as f64 / (burn - 1.0)
    } else {
        remaining * (end - start) as f64 / burn
    };
    let gone = at(end).checked_add_signed(TimeDelta::try_seconds(seconds as i64)?)?;
    (window.calendar.is_none() || gone <= at(stop)).then_some(gone)
}

#[cfg(test)]
mod tests;
