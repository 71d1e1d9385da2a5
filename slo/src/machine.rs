//! From readings to transitions, without a store or a clock.
//!
//! An objective has two tracks. The *page* track holds the critical and the major rule:
//! one alert that is raised from major to critical and never lowered while it is open.
//! The *ticket* track holds the slow rules; it does not open while the page is open, for
//! that says more. It may open in the evaluation that resolves the page: days of budget can
//! be gone although the burn is over. An alert resolves when every rule of its track has been
//! calm for [`CALM_SECONDS`] of measured time: a critical page lasts until the major rule's half
//! hour is calm too. A rule of which too little was seen neither fires nor calms.

use crate::Severity;

use crate::reading::Reading;

/// Measured seconds for which all rules must be calm before an alert resolves.
pub const CALM_SECONDS: i64 = 180;

/// One of the two alerts an objective may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Track {
    /// Wakes somebody.
    Page,
    /// Waits for working hours.
    Ticket,
}

impl Track {
    /// The track a severity belongs to.
    pub fn of(severity: Severity) -> Self {
        match severity {
            Severity::Critical | Severity::Major => Self::Page,
            Severity::Warning => Self::Ticket,
        }
    }

    /// `page` or `ticket`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Ticket => "ticket",
        }
    }
}

/// An alert that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open {
    /// How loud it is.
    pub severity: Severity,
    /// The watermark since which all rules have been calm.
    pub calm_since: Option<i64>,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    /// Nothing changes.
    Stay,
    /// All rules are calm since this watermark, not yet for long enough.
    Calming(i64),
    /// Opens an alert because of this reading.
    Fire(Reading),
    /// Makes the open alert louder because of this reading.
    Raise(Reading),
    /// Closes the alert.
    Resolve,
}

/// Decides for one track. `readings` are those of the track's rules, loudest first;
/// `watermark` is the end of what was measured.
pub fn step(open: Option<Open>, readings: &[Reading], watermark: i64) -> Step {
    let loudest = readings.iter().find(|reading| reading.met()).copied();
    let Some(open) = open else {
        return loudest.map_or(Step::Stay, Step::Fire);
    };
    if let Some(reading) = loudest.filter(|reading| reading.rule.severity > open.severity) {
        return Step::Raise(reading);
    }
    if !readings.iter().all(Reading::calm) {
        return Step::Stay;
    }
    let since = open.calm_since.unwrap_or(watermark);
    if watermark - since >= CALM_SECONDS { Step::Resolve } else { Step::Calming(since) }
}

/// The reading that stands for an open alert of this severity: the first whose rule fires, else the
/// one nearest to its threshold.
pub fn governing(severity: Severity, readings: &[Reading]) -> Option<&Reading> {
    let own = || readings.iter().filter(|reading| reading.rule.severity == severity);
    own().find(|reading| reading.met()).or_else(|| own().max_by(|a, b| a.pressure().total_cmp(&b.pressure())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::rules;

    fn reading(severity: Severity, long: Option<f64>, short: Option<f64>) -> Reading {
        let rule =
            rules(30 * 86_400, 0.999).into_iter().find(|rule| rule.severity == severity).expect("a rule");
        Reading { rule, long, short, quiet: false, significant: true }
    }

    fn page(long: f64, short: f64) -> [Reading; 2] {
        [Severity::Critical, Severity::Major].map(|severity| reading(severity, Some(long), Some(short)))
    }

    fn open(severity: Severity) -> Option<Open> {
        Some(Open { severity, calm_since: None })
    }

    #[test]
    fn fires_only_when_both_windows_burn() {
        assert!(
            matches!(step(None, &page(14.4, 14.4), 0), Step::Fire(r) if r.rule.severity == Severity::Critical)
        );
        assert!(
            matches!(step(None, &page(14.3, 20.0), 0), Step::Fire(r) if r.rule.severity == Severity::Major)
        );
        assert_eq!(step(None, &page(20.0, 5.9), 0), Step::Stay);
        assert_eq!(step(None, &page(5.9, 20.0), 0), Step::Stay);
        let chance = page(20.0, 20.0).map(|r| Reading { significant: false, ..r });
        assert_eq!(step(None, &chance, 0), Step::Stay);
    }

    #[test]
    fn is_raised_and_never_lowered() {
        assert!(matches!(step(open(Severity::Major), &page(15.0, 15.0), 0), Step::Raise(_)));
        assert_eq!(step(open(Severity::Critical), &page(7.0, 7.0), 0), Step::Stay);
    }

    #[test]
    fn resolves_after_calm_for_a_while() {
        let calm = page(20.0, 0.0);
        assert_eq!(step(open(Severity::Critical), &calm, 600), Step::Calming(600));
        let waiting = Some(Open { severity: Severity::Critical, calm_since: Some(600) });
        assert_eq!(step(waiting, &calm, 720), Step::Calming(600));
        assert_eq!(step(waiting, &calm, 780), Step::Resolve);
        // 5.5 is below the major threshold of 6 and yet not calm: no flapping.
        assert_eq!(step(waiting, &page(20.0, 5.5), 780), Step::Stay);
    }

    #[test]
    fn what_was_not_seen_changes_nothing() {
        let mut blind = page(20.0, 20.0);
        blind.iter_mut().for_each(|reading| reading.short = None);
        assert_eq!(step(None, &blind, 0), Step::Stay);
        let waiting = Some(Open { severity: Severity::Critical, calm_since: Some(0) });
        assert_eq!(step(waiting, &blind, 9_999), Step::Stay);
        // A long window that has calmed says nothing of a present that was not seen.
        let mut unseen = page(0.0, 0.0);
        unseen[1].short = None;
        assert_eq!(step(waiting, &unseen, 9_999), Step::Stay);
    }

    #[test]
    fn a_long_window_that_was_not_seen_fires_nothing_and_holds_nothing_open() {
        let young = |short: f64| page(0.0, short).map(|r| Reading { long: None, ..r });
        assert_eq!(step(None, &young(1_000.0), 0), Step::Stay);
        let waiting = Some(Open { severity: Severity::Critical, calm_since: Some(0) });
        assert_eq!(step(waiting, &young(0.0), 180), Step::Resolve);
        assert_eq!(step(waiting, &young(10.0), 180), Step::Stay, "10 is calm for 14.4 and not for 6");
        assert_eq!(step(waiting, &young(0.0).map(|r| Reading { quiet: true, ..r }), 9_999), Step::Stay);
    }

    #[test]
    fn the_rule_that_fires_or_nearly_does_stands_for_the_alert() {
        let tickets = |daily: (f64, f64), three_days: (f64, f64)| -> Vec<Reading> {
            rules(30 * 86_400, 0.999)[2..]
                .iter()
                .zip([daily, three_days])
                .map(|(rule, (long, short))| Reading {
                    rule: *rule,
                    long: Some(long),
                    short: Some(short),
                    quiet: false,
                    significant: true,
                })
                .collect()
        };
        let hours = |daily, three_days| {
            let found = tickets(daily, three_days);
            governing(Severity::Warning, &found).map(|reading| reading.rule.long / 3_600)
        };
        assert_eq!(hours((4.0, 4.0), (2.0, 2.0)), Some(24));
        assert_eq!(hours((2.9, 2.9), (2.0, 2.0)), Some(72));
        assert_eq!(hours((0.3, 0.3), (2.0, 0.9)), Some(72));
        assert_eq!(hours((2.0, 2.9), (0.2, 0.9)), Some(24));
        assert_eq!(governing(Severity::Critical, &tickets((9.0, 9.0), (9.0, 9.0))), None);
    }

    #[test]
    fn silence_after_failures_is_no_recovery() {
        let gone = page(20.0, 0.0).map(|r| Reading { quiet: true, ..r });
        let waiting = Some(Open { severity: Severity::Critical, calm_since: Some(0) });
        assert_eq!(step(waiting, &gone, 9_999), Step::Stay);
        let long_gone = page(0.0, 0.0).map(|r| Reading { quiet: true, ..r });
        assert_eq!(step(waiting, &long_gone, 9_999), Step::Resolve);
    }
}
