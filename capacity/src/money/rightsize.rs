//! Capacity that is not needed, and what giving it up risks.
//!
//! What is judged is the load of each step of the history: the CPU that a busy replica used, times the replicas. A
//! change is advised only if, with the same loads, CPU would have stayed at or below the target in all but one in a
//! hundred steps and never gone beyond halfway from it to 100 % (a market's open is less than one in a hundred
//! minutes, and comes every day), memory would have kept its margin, and the peak to expect still fits.
//! Replicas are taken as they were, but never more than advised: so nothing is taken from hours that had few.

mod history;
mod search;
#[cfg(test)]
mod tests;
mod words;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::history::History;
use super::amount::{Figure, Money};
use super::prices::PriceTable;

/// Days of history below which there is no advice: every weekday must have been seen once.
pub const DAYS: f64 = 7.0;

/// Steps that may lie above the target: one in a hundred.
pub const ABOVE_TARGET: f64 = 0.01;

/// How much of a service's resource its replicas used in one step, per replica: quantiles over replicas and time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Quantiles {
    /// Median.
    pub p50: f64,
    /// 95 % quantile.
    pub p95: f64,
    /// 99 % quantile.
    pub p99: f64,
    /// The most that any replica used.
    pub max: f64,
}

/// One step of a service's history.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UtilisationPoint {
    /// Start of the step.
    pub at: DateTime<Utc>,
    /// Replicas that ran.
    pub replicas: u32,
    /// Cores used per replica.
    pub cpu: Quantiles,
    /// GiB of memory used per replica.
    pub memory: Quantiles,
    /// The highest demand in the step, in requests per minute.
    #[serde(default)]
    pub demand: Option<f64>,
}

/// A service's history, in steps of the same length. Steps that are missing are not known, not idle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UtilisationSeries {
    /// The service.
    pub service: String,
    /// Seconds of a step: 60, or 3,600 at most.
    pub step_seconds: u32,
    /// The steps, in any order.
    pub points: Vec<UtilisationPoint>,
}

/// What an advice must keep to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RightsizeSettings {
    /// Name of the class that the replicas are of, in the price table.
    pub class: String,
    /// Never fewer replicas than this.
    #[serde(default = "two")]
    pub replicas_min: u32,
    /// Memory to keep free beyond the most that was used, as a share of it: 0.2 for 20 %.
    #[serde(default = "fifth")]
    pub memory_margin: f64,
    /// The highest demand to expect, in requests per minute, such as that of the busiest day known or forecast.
    #[serde(default)]
    pub peak_demand: Option<f64>,
}

fn two() -> u32 {
    2
}

fn fifth() -> f64 {
    0.2
}

/// What of a service's capacity is not needed, and what to do about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Rightsizing {
    /// The service.
    pub service: String,
    /// Its class now.
    pub class: String,
    /// What the history holds.
    pub history: Option<HistoryBody>,
    /// Capacity beyond what each step needed at the target, on average: what replicas that follow the demand to the
    /// step would save, which no scaler quite reaches.
    pub over_provisioned: Figure<OverProvisioned>,
    /// What to do.
    pub advice: Figure<Advice>,
    /// What a reader should know, in sentences.
    pub notes: Vec<String>,
}

/// What a history holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HistoryBody {
    /// Start of the first step.
    pub from: DateTime<Utc>,
    /// End of the last step.
    pub to: DateTime<Utc>,
    /// Days of which the use is known.
    pub days: f64,
    /// Replicas on average.
    pub replicas_mean: f64,
    /// The most replicas.
    pub replicas_max: u32,
    /// CPU used by the median replica, as a share of its cores: the median over time.
    pub cpu_median: f64,
    /// CPU used by a busy replica, as a share of its cores: the 99 % quantile over time.
    pub cpu_p99: f64,
    /// The most CPU that any replica used, as a share of its cores.
    pub cpu_max: f64,
    /// The most memory that any replica used, in GiB.
    pub memory_max_gib: f64,
    /// The highest demand, in requests per minute.
    pub demand_max: Option<f64>,
}

/// Capacity beyond what is needed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OverProvisioned {
    /// Replicas, on average.
    pub replicas: f64,
    /// Their cores.
    pub cores: f64,
    /// Their memory.
    pub memory_gib: f64,
    /// What they cost in a month of 730 hours.
    pub per_month: Money,
}

/// What kind of change is advised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// None: nothing cheaper would have carried the history.
    Keep,
    /// Fewer replicas of the same class.
    FewerReplicas,
    /// As many replicas of a smaller class.
    SmallerClass,
    /// Fewer replicas of a smaller class.
    FewerOfSmallerClass,
}

/// An advice with its risk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Advice {
    /// The kind of change.
    pub change: Change,
    /// The class to use.
    pub class: String,
    /// Never more replicas than this; where fewer ran, as many as ran.
    pub replicas: u32,
    /// What it saves in a month of 730 hours.
    pub saving_per_month: Money,
    /// What it risks.
    pub risk: Risk,
    /// All of it in a few sentences.
    pub sentence: String,
}

/// What the history says that a change would have done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Risk {
    /// Utilisation of CPU to stay at or below, for that many replicas.
    pub target: f64,
    /// Utilisation of CPU at the 99 % quantile over time.
    pub cpu_p99: f64,
    /// The highest utilisation of CPU.
    pub cpu_max: f64,
    /// Minutes of the history above the target.
    pub minutes_above_target: u64,
    /// Minutes of the history.
    pub minutes: u64,
    /// Memory that a replica would have needed at most, with the margin, in GiB. Where replicas are fewer, all of
    /// the memory used is taken to move to the others, which is more than most services do.
    pub memory_needed_gib: f64,
    /// Memory of a replica, in GiB.
    pub memory_gib: f64,
    /// Whether the history holds a day nearly as busy as the peak to expect; unknown without such a peak.
    pub covers_busy_day: Figure<bool>,
    /// Utilisation of CPU at the peak to expect, in proportion to the busiest step of the history.
    pub cpu_at_peak: Figure<f64>,
}

/// Finds what is not needed and advises fewer replicas or a smaller class of the price table.
///
/// `target_utilisation` gives the utilisation of CPU to stay at or below for a number of replicas; larger pools
/// bear more, so it should not fall as replicas grow. What it gives is taken between 1 % and 100 %.
pub fn rightsize(
    series: &UtilisationSeries,
    settings: &RightsizeSettings,
    prices: &PriceTable,
    target_utilisation: impl Fn(u32) -> f64,
) -> Rightsizing {
    let (history, notes) = History::of(series);
    let none = |why: String| Rightsizing {
        service: series.service.clone(),
        class: settings.class.clone(),
        history: None,
        over_provisioned: Figure::unavailable(why.clone()),
        advice: Figure::unavailable(why),
        notes: notes.clone(),
    };
    if let Err(error) = prices.validate() {
        return none(error.to_string());
    }
    let Some(class) = prices.classes.get(&settings.class) else {
        return none(format!("the price table has no class `{}`", settings.class));
    };
    if !(settings.memory_margin.is_finite() && settings.memory_margin >= 0.0) {
        return none("the memory margin must be 0 or more".into());
    }
    let Some(history) = history else { return none("no step of the history is known".into()) };
    let target = |replicas: u32| {
        let target = target_utilisation(replicas);
        if target.is_nan() { 0.01 } else { target.clamp(0.01, 1.0) }
    };
    let search = search::Search { history: &history, settings, prices, target: &target };
    let advice = if history.days() < DAYS {
        Figure::unavailable(format!(
            "{:.1} days of history are known, and advice needs {DAYS:.0}: every weekday once",
            history.days()
        ))
    } else {
        search.advice().into()
    };
    Rightsizing {
        service: series.service.clone(),
        class: settings.class.clone(),
        history: Some(history.body(class)),
        over_provisioned: search.over_provisioned(class).into(),
        advice,
        notes,
    }
}
