//! Error-budget policies: what was agreed to happen when a budget runs out.

use std::collections::HashSet;

use headroom_routing::Matchers;
use headroom_slo::spec::Span;
use headroom_slo::{Severity, words};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How much of the budget must have come back, as a share of the whole, before a step ends that says nothing of it.
const RECOVERED: f64 = 0.05;
/// The part of a burn's limit at which it has calmed, as of the alert rules.
const CALMED: f64 = 0.8;

/// An agreement about the budgets of some objectives.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BudgetPolicy {
    /// Its name.
    pub name: String,
    /// The objectives it holds for, by their labels `slo`, `service` and `tenant`; all, if there are none.
    #[serde(default)]
    pub matchers: Matchers,
    /// What is done, each on its own.
    pub steps: Vec<Step>,
}

/// One thing that was agreed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Fields")]
pub struct Step {
    /// Its name within the policy.
    pub name: String,
    /// When it begins and ends.
    pub when: When,
    /// What follows.
    pub effect: Effect,
    /// How loud its message is.
    pub severity: Severity,
    /// What is said when it begins.
    pub alert: String,
    /// What is said when it ends.
    pub ok: String,
}

/// When a step holds. Beginning and end lie apart, so that a figure which trembles at the limit changes nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum When {
    /// So much of the budget is left, or less: shares of the whole, 1 untouched, 0 spent.
    Budget {
        /// It begins at this or less.
        at_most: f64,
        /// It ends at this or more.
        recovers_at: f64,
    },
    /// The budget burns faster than this.
    Burn {
        /// It begins above this.
        above: f64,
        /// Over so many seconds.
        over: i64,
        /// It ends at this or less.
        recovers_at: f64,
    },
}

/// What follows from a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// People are told.
    #[default]
    Tell,
    /// People are told, and the gate lets no new version of the service go on, but for fixes.
    Freeze,
}

/// What becomes of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Nothing changes.
    Stay,
    /// It begins.
    Begin,
    /// It ends.
    End,
}

impl BudgetPolicy {
    /// Checks what the types cannot.
    ///
    /// # Errors
    /// What is wrong.
    pub fn check(&self) -> Result<(), String> {
        if self.name.is_empty() || self.steps.is_empty() {
            return Err(format!("policy {:?} needs a name and at least one step", self.name));
        }
        let mut names = HashSet::new();
        match self.steps.iter().find(|step| !names.insert(&step.name)) {
            Some(twice) => Err(format!("policy {:?} has two steps called {:?}", self.name, twice.name)),
            None => Ok(()),
        }
    }
}

impl Step {
    /// What becomes of it, by its figure now. Without a figure it stays as it is.
    pub fn turn(&self, open: bool, figure: Option<f64>) -> Turn {
        match (open, figure.map(|figure| self.when.holds(open, figure))) {
            (false, Some(true)) => Turn::Begin,
            (true, Some(false)) => Turn::End,
            _ => Turn::Stay,
        }
    }
}

impl When {
    /// Whether it holds at a figure, if it held before or not.
    fn holds(&self, before: bool, figure: f64) -> bool {
        match *self {
            Self::Budget { at_most, recovers_at } => {
                if before {
                    figure < recovers_at
                } else {
                    figure <= at_most
                }
            }
            Self::Burn { above, recovers_at, .. } => {
                if before {
                    figure > recovers_at
                } else {
                    figure > above
                }
            }
        }
    }

    /// In words: `25 % of the budget is left, or less`.
    pub fn words(&self) -> String {
        match *self {
            Self::Budget { at_most: 0.0, .. } => "the budget is spent".to_owned(),
            Self::Budget { at_most, .. } => format!("{} of the budget is left, or less", percent(at_most)),
            Self::Burn { above, over, .. } => {
                format!("it burns above {above}x over {}", words::length(over))
            }
        }
    }

    /// A figure of it in words: `18 % of the budget is left`.
    pub fn figure(&self, figure: f64) -> String {
        match *self {
            Self::Budget { .. } if figure < 0.0 => {
                format!("the budget is overspent by {} of its size", percent(-figure))
            }
            Self::Budget { .. } => format!("{} of the budget is left", percent(figure)),
            Self::Burn { over, .. } => {
                format!("it burns at {} the allowed rate over {}", words::times(figure), words::length(over))
            }
        }
    }
}

fn percent(share: f64) -> String {
    let text = format!("{:.1}", share * 100.0);
    format!("{} %", text.trim_end_matches(".0"))
}

/// A step as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    name: String,
    budget_at_most: Option<f64>,
    burn_above: Option<f64>,
    over: Option<String>,
    recovers_at: Option<f64>,
    #[serde(default)]
    effect: Effect,
    #[serde(default = "warning")]
    severity: Severity,
    alert: String,
    ok: String,
}

fn warning() -> Severity {
    Severity::Warning
}

impl TryFrom<Fields> for Step {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, String> {
        let Fields { name, budget_at_most, burn_above, over, recovers_at, effect, severity, alert, ok } =
            fields;
        let refused = |problem: String| Err(format!("step {name:?}: {problem}"));
        let when = match (budget_at_most, burn_above, over) {
            (Some(at_most), None, None) => {
                let recovers_at = recovers_at.unwrap_or((at_most + RECOVERED).min(1.0));
                if !(at_most < 1.0 && recovers_at > at_most && recovers_at <= 1.0) {
                    return refused(format!(
                        "budget_at_most is {at_most} and recovers_at {recovers_at}; allowed: shares of the budget, \
                         budget_at_most < recovers_at <= 1"
                    ));
                }
                When::Budget { at_most, recovers_at }
            }
            (None, Some(above), Some(over)) => {
                let recovers_at = recovers_at.unwrap_or(above * CALMED);
                let over = Span::parse(&over)?.seconds().ok_or_else(|| {
                    format!("step {name:?}: over is {over:?}; allowed: minutes, hours, days or weeks")
                })?;
                if !(above.is_finite() && recovers_at > 0.0 && recovers_at <= above) {
                    return refused(format!(
                        "burn_above is {above} and recovers_at {recovers_at}; allowed: 0 < recovers_at <= burn_above"
                    ));
                }
                When::Burn { above, over, recovers_at }
            }
            _ => {
                return refused(
                    "needs budget_at_most = SHARE, or burn_above = RATE with over = \"7d\"".to_owned(),
                );
            }
        };
        if name.is_empty() || alert.trim().is_empty() || ok.trim().is_empty() {
            return refused(
                "name, alert (said when it begins) and ok (said when it ends) must be texts".to_owned(),
            );
        }
        Ok(Self { name, when, effect, severity, alert, ok })
    }
}
