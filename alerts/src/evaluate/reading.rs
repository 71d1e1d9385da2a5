//! What one rule of one objective says at the watermark.

use headroom_query::slo::{Rule, Series, Slo, Tally, budget};

use super::gate::significant;

/// A window must fall this far below the threshold before it counts as calm, so that a
/// burn around the threshold does not fire and resolve in turns.
pub const CALM_BELOW: f64 = 0.8;

/// A rule and its two windows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// The rule.
    pub rule: Rule,
    /// Burn over the long window; `None` where too little was seen.
    pub long: Option<f64>,
    /// Burn over the short window; `None` where too little was seen.
    pub short: Option<f64>,
    /// Nothing was requested within the short window, so it says nothing about recovery.
    pub quiet: bool,
    /// So many failures in the long window are no chance.
    pub significant: bool,
}

impl Reading {
    /// Reads the windows that end at the watermark.
    pub fn new(slo: &Slo, series: &Series, rule: Rule, significance: f64) -> Self {
        let tally = |seconds: i64| {
            series.watermark().map_or_else(Tally::default, |end| series.tally(&slo.method, end - seconds, end))
        };
        let (long, short) = (tally(rule.long), tally(rule.short));
        Self {
            rule,
            long: budget::burn_of(slo, &long),
            short: budget::burn_of(slo, &short),
            quiet: short.total == 0.0,
            significant: significant(long.bad(), long.total, slo.allowed(), significance),
        }
    }

    /// Whether the rule fires.
    pub fn met(&self) -> bool {
        let reaches = |burn: Option<f64>| burn.is_some_and(|burn| burn >= self.rule.threshold * (1.0 - 1e-9));
        self.significant && reaches(self.long) && reaches(self.short)
    }

    /// Whether too little was seen to say anything: neither fires nor resolves.
    pub fn frozen(&self) -> bool {
        self.long.is_none() || self.short.is_none()
    }

    /// Whether it is over: one of the windows is well below the threshold. A short window
    /// in which nothing was requested is no recovery: the service may be gone.
    pub fn calm(&self) -> bool {
        let low = |burn: Option<f64>| burn.is_some_and(|burn| burn < self.rule.threshold * CALM_BELOW);
        low(self.long) || (low(self.short) && !self.quiet)
    }
}
