//! Questions whose groups do not reach over midnight.

use std::ops::Range;

use crate::catalog::{Column, Kind};
use crate::scan::{Compare, Groups, Key, Literal, Operand, Output, Predicate, Question, Test};
use crate::times;

/// Nanoseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000_000;

/// Table columns by which tables are cut into days.
const CUT_BY: [&str; 2] = ["ts", "m"];

/// Such a question, and the time that it is of.
#[derive(Debug, Clone)]
pub(crate) struct Daily {
    whole: Question,
    /// The groups without what conditions say of the time.
    groups: Groups,
    /// By which the table is cut into days.
    pub(super) column: &'static Column,
    /// Its conditions, in nanoseconds since the epoch.
    range: Range<i64>,
    /// Which of the told columns is the step of time.
    pub(super) step: usize,
}

/// A day, or what the question asks of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// Days since the epoch.
    pub(super) day: i64,
    pub(super) range: Range<i64>,
    pub(super) whole: bool,
}

impl Daily {
    /// The question, if its groups are of one day each and tell of which.
    pub(crate) fn new(question: &Question) -> Option<Self> {
        let Question::Groups(groups) = question else { return None };
        let view = groups.rows.view;
        let newest = view.branches.iter().any(|branch| branch.newest);
        if groups.limit.is_some() || newest || view.repeats_over_days() {
            return None;
        }
        let (place, column) = groups.keys.iter().enumerate().find_map(|(place, key)| {
            let Key::Step { of, nanos, origin } = key else { return None };
            let Output::Column(column) = groups.rows.outputs[*of] else { return None };
            let within = DAY % nanos == 0 && origin % nanos == 0;
            let cut = matches!(column.kind, Kind::Time | Kind::CoarseTime) && CUT_BY.contains(&column.from);
            (within && cut).then_some((place, column))
        })?;
        let step = groups.told.iter().position(|told| *told == place)?;
        let (bounds, rest): (Vec<_>, Vec<_>) =
            groups.rows.predicates.iter().cloned().partition(|one| is_bound(one, column));
        let mut without = groups.clone();
        without.rows.predicates = rest;
        let range = times::range(&bounds, column.name);
        Some(Self { whole: question.clone(), groups: without, column, range, step })
    }

    /// All that is asked.
    pub(super) fn question(&self) -> &Question {
        &self.whole
    }

    /// What is asked of a day.
    pub(super) fn part(&self, day: i64) -> Option<Part> {
        let start = day.checked_mul(DAY)?;
        let all = start..start.checked_add(DAY)?;
        let range = all.start.max(self.range.start)..all.end.min(self.range.end);
        let whole = range == all;
        (!range.is_empty()).then_some(Part { day, range, whole })
    }

    /// The same groups of these parts of the time alone, which are in order.
    pub(super) fn of(&self, parts: &[Part]) -> Question {
        let mut runs: Vec<Range<i64>> = Vec::new();
        for part in parts {
            match runs.last_mut() {
                Some(last) if last.end == part.range.start => last.end = part.range.end,
                _ => runs.push(part.range.clone()),
            }
        }
        let within = |run: &Range<i64>| times::within(self.column, run);
        let mut groups = self.groups.clone();
        groups.rows.predicates.push(match runs.as_slice() {
            [one] => within(one),
            several => Predicate::Or(several.iter().map(within).collect()),
        });
        Question::Groups(groups)
    }
}

/// Whether a condition says how early and late the time is, and no more.
fn is_bound(predicate: &Predicate, column: &Column) -> bool {
    match predicate {
        Predicate::And(parts) => parts.iter().all(|part| is_bound(part, column)),
        Predicate::Test(Operand::Column(of), Test::Compare(op, Literal::Time(_))) => {
            *of == column && !matches!(op, Compare::Eq | Compare::NotEq)
        }
        Predicate::Or(_) | Predicate::Test(..) => false,
    }
}
