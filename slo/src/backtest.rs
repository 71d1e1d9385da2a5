//! How often would it have fired? The rules and the state machine, stepped over stored slices.
//!
//! Each rule is stepped alone, as if it were the only one: it fires, and resolves when it has been calm for as long
//! as every alert. Beside that all rules are stepped together, as the evaluator does: the louder ones are one page, and no
//! ticket opens beside a page. A step is taken at the end of every slice that counts, with what was
//! known then.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::budget::at;
use crate::machine::{Open, Step, Track, step};
use crate::measured::Measured;
use crate::reading::Reading;
use crate::rules::Rule;

/// What rules would have done over a stretch of history.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Backtest {
    /// End of the first slice that was stepped over; `None` without slices.
    pub from: Option<DateTime<Utc>>,
    /// End of the last one.
    pub until: Option<DateTime<Utc>>,
    /// How many steps were taken.
    pub steps: usize,
    /// Each rule alone, in their order.
    pub rules: Vec<RuleHistory>,
    /// All rules together: what would have woken somebody.
    pub pages: Episodes,
    /// All rules together: what would have waited for working hours.
    pub tickets: Episodes,
}

/// A rule alone.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RuleHistory {
    /// The rule.
    pub rule: Rule,
    /// When it would have been firing.
    pub fired: Episodes,
}

/// The times from firing to resolved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Episodes {
    /// How many began.
    pub count: usize,
    /// How long they lasted in all, in seconds; one that is still open lasts until the end.
    pub seconds: i64,
    /// When the first one began.
    pub first: Option<DateTime<Utc>>,
    /// When the last one began.
    pub last: Option<DateTime<Utc>>,
    /// Whether the last one is still open at the end.
    pub open: bool,
}

/// Steps rules over the slices that end after `from` and until `to`, in seconds since the epoch. The slices before
/// `from` are what the first windows look back on. `significance` is the limit of the gate for low traffic.
pub fn backtest(
    measured: &Measured<'_>,
    rules: &[Rule],
    significance: f64,
    (from, to): (i64, i64),
) -> Backtest {
    let ends = measured.ends(from, to);
    let mut alone: Vec<Alert> = rules.iter().map(|_| Alert::default()).collect();
    let (mut page, mut ticket) = (Alert::default(), Alert::default());
    for end in &ends {
        let read = |rule: &Rule| measured.reading(*rule, significance, *end);
        let readings: Vec<Reading> = rules.iter().map(read).collect();
        for (alert, reading) in alone.iter_mut().zip(&readings) {
            alert.step(std::slice::from_ref(reading), *end, true);
        }
        let of = |track: Track| -> Vec<Reading> {
            readings.iter().copied().filter(|reading| Track::of(reading.rule.severity) == track).collect()
        };
        page.step(&of(Track::Page), *end, true);
        ticket.step(&of(Track::Ticket), *end, page.open.is_none());
    }
    let last = ends.last().copied();
    let history = |(alert, rule): (Alert, &Rule)| RuleHistory { rule: *rule, fired: alert.ended(last) };
    Backtest {
        from: ends.first().copied().map(at),
        until: last.map(at),
        steps: ends.len(),
        rules: alone.into_iter().zip(rules).map(history).collect(),
        pages: page.ended(last),
        tickets: ticket.ended(last),
    }
}

/// An alert over time.
#[derive(Debug, Clone, Copy, Default)]
struct Alert {
    open: Option<Open>,
    since: i64,
    episodes: Episodes,
}

impl Alert {
    /// One step; it opens only if it `may`.
    fn step(&mut self, readings: &[Reading], end: i64, may: bool) {
        let calm = |open: Open, calm_since| Some(Open { calm_since, ..open });
        self.open = match (step(self.open, readings, end), self.open) {
            (Step::Fire(reading), None) if may => {
                self.since = end;
                self.episodes.count += 1;
                self.episodes.first.get_or_insert(at(end));
                self.episodes.last = Some(at(end));
                Some(Open { severity: reading.rule.severity, calm_since: None })
            }
            (Step::Raise(reading), Some(_)) => {
                Some(Open { severity: reading.rule.severity, calm_since: None })
            }
            (Step::Resolve, Some(_)) => {
                self.episodes.seconds += end - self.since;
                None
            }
            (Step::Calming(since), Some(open)) => calm(open, Some(since)),
            (_, open) => open.and_then(|open| calm(open, None)),
        };
    }

    /// The episodes, of which one may be open at the end.
    fn ended(self, last: Option<i64>) -> Episodes {
        let so_far = last.filter(|_| self.open.is_some()).map_or(0, |last| last - self.since);
        Episodes { seconds: self.episodes.seconds + so_far, open: self.open.is_some(), ..self.episodes }
    }
}

#[cfg(test)]
mod tests;
