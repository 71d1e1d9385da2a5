//! What one service's replicas carry, how fast they come, and what they may cost, as it stands in the
//! configuration.

use std::collections::BTreeMap;

use headroom_calendar::EventClass;
use serde::{Deserialize, Serialize};

/// Whether a plan is only shown or also acted on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Shown beside what the autoscaler did, and not given to it.
    #[default]
    Shadow,
    /// Given to the autoscaler.
    Act,
}

impl Mode {
    /// Its name in the configuration and in stored plans.
    pub fn id(self) -> &'static str {
        match self {
            Self::Shadow => "shadow",
            Self::Act => "act",
        }
    }

    /// The mode of a name, if it is one's.
    pub fn of(id: &str) -> Option<Self> {
        [Self::Shadow, Self::Act].into_iter().find(|mode| mode.id() == id)
    }
}

/// What being short or idle costs: their ratio is the newsvendor's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Costs {
    /// Cost of one unit of demand that is not served, in the unit of `cost_over`.
    pub cost_under: f64,
    /// Cost of one unit of capacity that idles.
    #[serde(default = "unit")]
    pub cost_over: f64,
}

impl Costs {
    /// The demand quantile to provision for: c_u / (c_u + c_o), within the quantiles that are forecast.
    pub fn quantile(self) -> f64 {
        (self.cost_under / (self.cost_under + self.cost_over)).clamp(0.5, 0.999)
    }
}

/// What one service's replicas carry, and what being short or idle costs.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceCapacity {
    /// Requests per minute that one replica serves at its target utilisation.
    pub requests_per_minute: f64,
    /// The utilisation at which that was measured, and which the autoscaler keeps.
    #[serde(default = "seventy_per_cent")]
    pub target_utilisation: f64,
    /// Requests that one replica serves at once.
    #[serde(default = "eight")]
    pub concurrency: u32,
    /// Share of the requests that may have to wait for a free place at the planned demand (Erlang C).
    #[serde(default = "tenth")]
    pub waiting_share: f64,
    /// Never fewer replicas than this; a plan never goes below one.
    #[serde(default = "one")]
    pub min_replicas: u32,
    /// Never more replicas than this.
    #[serde(default = "hundred")]
    pub max_replicas: u32,
    /// 95th percentile of the seconds from a replica's placement until it serves.
    #[serde(default = "two_minutes")]
    pub lead_seconds: u32,
    /// 95th percentile of the seconds that a new node takes; 0 where nodes are there already.
    #[serde(default)]
    pub node_start_seconds: u32,
    /// Seconds until the autoscaler acts on a new plan: age of the metric and one sync.
    #[serde(default = "forty_five_seconds")]
    pub lag_seconds: u32,
    /// Seconds by which capacity is to be ready before the demand.
    #[serde(default = "five_minutes")]
    pub margin_seconds: u32,
    /// Cost of one unit of demand that is not served, in the unit of `cost_over`.
    #[serde(default = "nineteen")]
    pub cost_under: f64,
    /// Cost of one unit of capacity that idles.
    #[serde(default = "unit")]
    pub cost_over: f64,
    /// Costs that hold while an event of a class moves the demand, instead of the two above.
    #[serde(default)]
    pub classes: BTreeMap<EventClass, Costs>,
    /// The floor is not given up when it is wanted back within so many minutes. The autoscaler's own window before
    /// it scales in is as long by default.
    #[serde(default = "five")]
    pub stabilisation_minutes: u32,
    /// At most so many replicas more per sync (15 s) of the autoscaler: what registries, databases and schedulers
    /// stand. None means no bound.
    #[serde(default)]
    pub max_step: Option<u32>,
    /// Replica-hours a day that the plan may ask for. None means no bound.
    #[serde(default)]
    pub budget_replica_hours: Option<f64>,
    /// Measured demand older than so many minutes is stale.
    #[serde(default = "ten")]
    pub stale_minutes: u32,
    /// A last plan stands in for at most so many hours.
    #[serde(default = "twelve")]
    pub last_plan_hours: u32,
    /// Without forecast and last plan: the last day's measured peak times this.
    #[serde(default = "one_and_a_half")]
    pub fallback_margin: f64,
    /// Whether the plan is acted on.
    #[serde(default)]
    pub mode: Mode,
}

fn one() -> u32 {
    1
}
fn eight() -> u32 {
    8
}
fn ten() -> u32 {
    10
}
fn twelve() -> u32 {
    12
}
fn hundred() -> u32 {
    100
}
fn forty_five_seconds() -> u32 {
    45
}
fn two_minutes() -> u32 {
    120
}
fn five_minutes() -> u32 {
    300
}
fn five() -> u32 {
    5
}
fn seventy_per_cent() -> f64 {
    0.7
}
fn tenth() -> f64 {
    0.1
}
fn unit() -> f64 {
    1.0
}
fn one_and_a_half() -> f64 {
    1.5
}
fn nineteen() -> f64 {
    19.0
}

impl ServiceCapacity {
    /// A capacity with the default costs and times.
    pub fn per_replica(requests_per_minute: f64) -> Self {
        Self {
            requests_per_minute,
            target_utilisation: seventy_per_cent(),
            concurrency: eight(),
            waiting_share: tenth(),
            min_replicas: one(),
            max_replicas: hundred(),
            lead_seconds: two_minutes(),
            node_start_seconds: 0,
            lag_seconds: forty_five_seconds(),
            margin_seconds: five_minutes(),
            cost_under: nineteen(),
            cost_over: unit(),
            classes: BTreeMap::new(),
            stabilisation_minutes: five(),
            max_step: None,
            budget_replica_hours: None,
            stale_minutes: ten(),
            last_plan_hours: twelve(),
            fallback_margin: one_and_a_half(),
            mode: Mode::default(),
        }
    }

    /// The demand quantile to provision for outside of events that have costs of their own.
    pub fn quantile(&self) -> f64 {
        self.quantile_in(None)
    }

    /// The demand quantile to provision for while an event of a class moves the demand.
    pub fn quantile_in(&self, class: Option<EventClass>) -> f64 {
        let usual = Costs { cost_under: self.cost_under, cost_over: self.cost_over };
        class.and_then(|class| self.classes.get(&class)).copied().unwrap_or(usual).quantile()
    }

    /// Seconds from a plan's step until its replicas serve: metric and autoscaler lag, a node, a replica.
    pub fn ready_seconds(&self) -> u32 {
        self.lag_seconds + self.node_start_seconds + self.lead_seconds
    }

    /// Seconds by which a plan runs ahead of the demand: until its replicas serve, and the margin.
    pub fn ahead_seconds(&self) -> u32 {
        self.ready_seconds() + self.margin_seconds
    }

    /// Whole minutes by which a plan runs ahead of the demand: until its replicas serve, and the margin.
    pub fn ahead_minutes(&self) -> u32 {
        self.ahead_seconds().div_ceil(60)
    }

    /// The fewest replicas a plan may ask for.
    pub fn least(&self) -> u32 {
        self.min_replicas.max(1)
    }

    /// Refuses what has no meaning, in a sentence that names the setting.
    ///
    /// # Errors
    /// The sentence.
    pub fn check(&self) -> Result<(), String> {
        let above_zero = |value: f64| value.is_finite() && value > 0.0;
        let refuse = |sentence: &str| Err(sentence.to_owned());
        if !above_zero(self.requests_per_minute) {
            return refuse("requests_per_minute must be above 0");
        }
        if !above_zero(self.target_utilisation) || self.target_utilisation > 1.0 {
            return refuse("target_utilisation must be above 0 and at most 1");
        }
        if self.concurrency == 0 {
            return refuse("concurrency must be at least 1");
        }
        if !(above_zero(self.waiting_share) && self.waiting_share < 1.0) {
            return refuse("waiting_share must lie between 0 and 1");
        }
        if self.least() > self.max_replicas {
            return refuse("min_replicas must not be above max_replicas, which must be at least 1");
        }
        let usual = Costs { cost_under: self.cost_under, cost_over: self.cost_over };
        for costs in self.classes.values().chain([&usual]) {
            if !(above_zero(costs.cost_under) && above_zero(costs.cost_over)) {
                return refuse("cost_under and cost_over must be above 0");
            }
        }
        if self.max_step == Some(0) {
            return refuse("max_step must be at least 1");
        }
        if self.budget_replica_hours.is_some_and(|hours| !above_zero(hours)) {
            return refuse("budget_replica_hours must be above 0");
        }
        if !(self.fallback_margin.is_finite() && self.fallback_margin >= 1.0) {
            return refuse("fallback_margin must be at least 1");
        }
        Ok(())
    }
}
