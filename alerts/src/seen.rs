//! What an evaluation saw of budgets that policies and actions go by.

use std::collections::BTreeMap;

use headroom_actions::{Policy, When};
use headroom_slo::{Assessment, Slo, Timeline, budget};

/// The window of the burn that tells whether an action helped: nothing of it lies before the action.
const SHORTEST: &str = "5m";

/// Figures of one evaluation.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// By objective, for each window that a policy asks for, and 0 for what is left of the budget.
    figures: BTreeMap<(String, i64), f64>,
    /// The burn over the shortest window, by objective.
    burns: BTreeMap<String, f64>,
}

impl Seen {
    /// Keeps what an objective's slices say now. What is stale or was not seen is left out.
    pub(crate) fn look(&mut self, policies: &[Policy], slo: &Slo, line: &Timeline, found: &Assessment) {
        let Ok(budget) = &found.budget else { return };
        self.figures.insert((slo.id.clone(), 0), budget.remaining);
        self.burns.extend(found.burn(SHORTEST).map(|burn| (slo.id.clone(), burn)));
        let Some(end) = line.watermark() else { return };
        for step in policies.iter().flat_map(|policy| &policy.steps) {
            if let When::Burn { over, .. } = step.when
                && over <= line.length()
                && let Some(burn) = budget::burn_of(slo, &line.last(end, over))
            {
                self.figures.insert((slo.id.clone(), over), burn);
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
