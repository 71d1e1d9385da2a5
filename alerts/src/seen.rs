//! What an evaluation saw of budgets that budget policies and actions go by.

use std::collections::BTreeMap;

use headroom_actions::{BudgetPolicy, When};

use crate::evaluate::Subject;

/// The window of the burn that tells whether an action helped: nothing of it lies before the action.
const SHORTEST: &str = "5m";

/// Figures of one evaluation.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// By objective, for each window that a budget policy asks for, and 0 for what is left of the budget.
    figures: BTreeMap<(String, i64), f64>,
    /// The burn over the shortest window, by objective.
    burns: BTreeMap<String, f64>,
}

impl Seen {
    /// Keeps what the slices of an objective, or of a composite, say now. What is stale or was not seen is left out.
    pub(crate) fn look(&mut self, policies: &[BudgetPolicy], subject: &Subject<'_>) {
        let Ok(budget) = &subject.found.budget else { return };
        let (id, measured) = (subject.promise().id(), &subject.measured);
        self.figures.insert((id.to_owned(), 0), budget.remaining);
        self.burns.extend(subject.found.burn(SHORTEST).map(|burn| (id.to_owned(), burn)));
        for step in policies.iter().flat_map(|policy| &policy.steps) {
            if let When::Burn { over, .. } = step.when
                && over <= measured.length()
                && let Some(burn) = measured.burn(subject.watermark, over)
            {
                self.figures.insert((id.to_owned(), over), burn);
            }
        }
    }

    /// The figure that a step goes by.
    pub(crate) fn figure(&self, slo: &str, when: &When) -> Option<f64> {
        let window = match when {
            When::Budget { .. } => 0,
            When::Burn { over, .. } => *over,
        };
        self.figures.get(&(slo.to_owned(), window)).copied()
    }

    /// How fast a budget has burnt in the last minutes.
    pub(crate) fn burn(&self, slo: &str) -> Option<f64> {
        self.burns.get(slo).copied()
    }
}
