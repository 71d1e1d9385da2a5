//! What one rule of one objective says at the watermark.

use crate::budget::burn_of;
use crate::gate::significant;
use crate::rules::Rule;
use crate::spec::Slo;
use crate::timeline::Timeline;

/// A window must fall this far below the threshold before it counts as calm, so that a
/// burn around the threshold does not fire and resolve in turns.
pub const CALM_BELOW: f64 = 0.8;

/// A rule and its two windows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// The rule.
    pub rule: Rule,
    /// Burn over the long window; `None` when less than 90 % of it was seen, also because
    /// measuring began within it.
    pub long: Option<f64>,
    /// Burn over the short window; `None` like the long one.
    pub short: Option<f64>,
    /// Nothing was requested within the short window, so it says nothing about recovery.
    pub quiet: bool,
    /// So many failures in the long window are no chance.
    pub significant: bool,
}

impl Reading {
    /// Reads the windows that end at the watermark. `significance` is the limit of the gate for
    /// low traffic; see [`significant`].
    pub fn new(slo: &Slo, line: &Timeline, rule: Rule, significance: f64) -> Self {
        Self::at(slo, line, rule, significance, line.watermark().unwrap_or(0))
    }

    /// Reads the windows that ended at an earlier time.
    pub fn at(slo: &Slo, line: &Timeline, rule: Rule, significance: f64, end: i64) -> Self {
        let (long, short) = (line.last(end, rule.long), line.last(end, rule.short));
        Self {
            rule,
            long: burn_of(slo, &long),
            short: burn_of(slo, &short),
            quiet: short.requests == 0.0,
            significant: significant(long.bad(), long.total, slo.allowed(), significance),
        }
    }

    /// Whether the rule fires: both windows were seen and burn at the threshold.
    pub fn met(&self) -> bool {
        let reaches = |burn: Option<f64>| burn.is_some_and(|burn| burn >= self.rule.threshold * (1.0 - 1e-9));
        self.significant && reaches(self.long) && reaches(self.short)
    }

    /// How near it is to firing: the slower window's burn as a share of the threshold, 1 at the
    /// threshold; 0 while one of them was not seen.
    pub fn pressure(&self) -> f64 {
        self.long.zip(self.short).map_or(0.0, |(long, short)| long.min(short) / self.rule.threshold)
    }

    /// Whether it is over: not both windows can hold any more, because one is well below the
    /// threshold. The short window speaks alone, so that an alert of a young or patchy history
    /// ends although its 6 hours are not full. The long one speaks only while the short one
    /// was seen too: without it nothing is known of the present, and the alert stays as it
    /// is. A short window in which nothing was requested is no recovery: the service may be gone.
    pub fn calm(&self) -> bool {
        let low = |burn: f64| burn < self.rule.threshold * CALM_BELOW;
        match (self.short, self.long) {
            (None, _) => false,
            (Some(short), _) if low(short) && !self.quiet => true,
            (Some(_), long) => long.is_some_and(low),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::rules;
    use crate::{Series, Slice, SloSet};

    /// The critical rule after 55 minutes of failures and 5 of `last` (good, total).
    fn read(method: &str, objective: &str, last: (u64, u64)) -> Reading {
        let text = format!(
            "apiVersion: openslo/v1\nkind: SLO\nmetadata: {{name: s}}\nspec:\n  service: order\n  indicator: {{spec: {{ratioMetric: {{counter: true, \
             good: {{metricSource: {{type: headroom, spec: {{status: not_error}}}}}}, total: {{metricSource: {{type: headroom, spec: {{}}}}}}}}}}}}\n  \
             timeWindow: [{{duration: 30d, isRolling: true}}]\n  budgetingMethod: {method}\n  objectives: [{objective}]\n"
        );
        let set = SloSet::parse([("s.yaml", text.as_str())]).expect("an objective");
        let slices = (0..60).map(|minute| {
            let (good, total) = if minute < 55 { (50, 100) } else { last };
            Slice { start: minute * 60, seconds: 60, good, total, observed: 1.0 }
        });
        let slo = &set.slos[0];
        let line = Timeline::new(slo, &Series::new(slices.collect()));
        Reading::new(slo, &line, rules(slo.window.seconds, slo.target)[0], 1e-3)
    }

    #[test]
    fn silence_is_no_recovery_under_any_budgeting_method() {
        for (method, objective) in [
            ("Occurrences", "{target: 0.99}"),
            ("Timeslices", "{target: 0.99, timeSliceTarget: 0.9, timeSliceWindow: 1m}"),
            ("RatioTimeslices", "{target: 0.99}"),
        ] {
            assert!(read(method, objective, (50, 100)).met(), "{method}");
            assert!(read(method, objective, (100, 100)).calm(), "{method}");
            let silent = read(method, objective, (0, 0));
            assert!(!silent.met() && !silent.calm(), "{method}: {silent:?}");
        }
    }
}
