//! When a burn is worth waking somebody: multi-window, multi-burn-rate rules.
//!
//! A rule fires when both its windows burn at least at the threshold
//! `budget_fraction * slo_window / long_window`: the long window says that it
//! matters, the short one (a twelfth) that it still goes on. For 30 days these are
//! the well-known 14.4 (1 h and 5 m, 2 % of the budget), 6 (6 h and 30 m, 5 %), 3
//! (24 h and 2 h, 10 %) and 1 (3 d and 6 h, 10 %); the last one needs a window of four
//! weeks, for on a shorter one it would be below the allowed rate. For other windows the
//! fractions are interpolated between the established ones of 7, 30 and 90 days (Datadog's
//! and OpenObserve's tables) instead of keeping the thresholds. A threshold is never below 1
//! (the allowed rate is no alarm) and a rule whose threshold is above the largest
//! burn there can be, `1 / (1 - target)`, could never fire and is left out.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How loud an alert is; the later the louder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A ticket: look at it within days.
    Warning,
    /// A page: the budget is gone within days.
    Major,
    /// A page: the budget is gone within hours.
    Critical,
}

impl Severity {
    /// The lower-case word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }

    /// The severity of this word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Warning, Self::Major, Self::Critical].into_iter().find(|severity| severity.word() == word)
    }
}

/// One rule of an objective.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Rule {
    /// How loud.
    pub severity: Severity,
    /// The long window in seconds.
    pub long: i64,
    /// The short window in seconds.
    pub short: i64,
    /// Both windows must burn at least this fast.
    pub threshold: f64,
    /// Share of the whole budget that is spent when it fires after burning exactly at the threshold.
    pub budget_fraction: f64,
}

const DAY: f64 = 86_400.0;

/// Budget fractions for windows of 7, 30 and 90 days.
const FAST: [(f64, f64); 3] = [(7.0, 0.10), (30.0, 0.02), (90.0, 0.01)];
const SLOW: [(f64, f64); 3] = [(7.0, 0.20), (30.0, 0.05), (90.0, 0.03)];
const DAILY: [(f64, f64); 3] = [(7.0, 0.40), (30.0, 0.10), (90.0, 0.05)];

/// The fraction of three days' rule, and the shortest window in days that has it.
const THREE_DAYS: (f64, f64) = (0.10, 28.0);

/// The rules that can fire for a window (seconds) and a target, loudest first.
pub fn rules(window: i64, target: f64) -> Vec<Rule> {
    let days = window as f64 / DAY;
    let wanted = [
        (Severity::Critical, 3_600, fraction(&FAST, days)),
        (Severity::Major, 6 * 3_600, fraction(&SLOW, days)),
        (Severity::Warning, 86_400, fraction(&DAILY, days)),
    ];
    let three_days = (days >= THREE_DAYS.1).then_some((Severity::Warning, 3 * 86_400, THREE_DAYS.0));
    wanted
        .into_iter()
        .chain(three_days)
        .filter(|(_, long, _)| long * 2 <= window)
        .map(|(severity, long, fraction)| {
            let share = long as f64 / window as f64;
            let threshold = (fraction / share).max(1.0);
            Rule { severity, long, short: long / 12, threshold, budget_fraction: threshold * share }
        })
        .filter(|rule| rule.threshold <= max_burn(target) * (1.0 + 1e-9))
        .collect()
}

/// The fastest burn there can be: everything fails.
pub fn max_burn(target: f64) -> f64 {
    1.0 / (1.0 - target)
}

/// Seconds from the start of a steady error rate until the long window reaches the
/// threshold: `(1 - target) * threshold * long / error_rate`; `None` when it never does.
pub fn detection_seconds(rule: &Rule, target: f64, error_rate: f64) -> Option<f64> {
    let needed = (1.0 - target) * rule.threshold;
    (error_rate >= needed * (1.0 - 1e-9)).then(|| needed * rule.long as f64 / error_rate)
}

/// The largest number of requests in the long window at which one failure alone
/// reaches the threshold: `floor(1 / (threshold * (1 - target)))`. This is why
/// alerts have a gate for low traffic.
pub fn one_failure_fires_up_to(threshold: f64, target: f64) -> u64 {
    (1.0 / (threshold * (1.0 - target)) + 1e-9).floor() as u64
}

/// Straight between the anchors on logarithmic axes, level outside them.
fn fraction(anchors: &[(f64, f64); 3], days: f64) -> f64 {
    for pair in anchors.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        if days <= x1 {
            let t = ((days / x0).ln() / (x1 / x0).ln()).max(0.0);
            return if t >= 1.0 { y1 } else { y0 * (y1 / y0).powf(t) };
        }
    }
    anchors[2].1
}

#[cfg(test)]
mod tests;
