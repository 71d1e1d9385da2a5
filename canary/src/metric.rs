//! One metric: what is compared, and how it is classified.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rank::{RankTest, mann_whitney};
use crate::sample::Sample;
use crate::words;

/// A metric with what was observed of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = CanaryMetric)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// Its name.
    pub name: String,
    /// The groups it counts in; none is the group `default`.
    #[serde(default)]
    pub groups: Vec<String>,
    /// What was observed.
    pub observed: Observed,
    /// The change that is bad.
    #[serde(default)]
    pub direction: Direction,
    /// What stands for values that are not numbers.
    #[serde(default)]
    pub missing: Missing,
    /// What happens to values far from the others.
    #[serde(default)]
    pub outliers: Outliers,
    /// How much it counts.
    #[serde(default)]
    pub importance: Importance,
    /// Whether missing data is a failure.
    #[serde(default)]
    pub must_have_data: bool,
    /// How large a change is measured.
    #[serde(default)]
    pub effect: Effect,
    /// Changes within these are allowed, however significant; by default none.
    #[serde(default)]
    pub allowed: Option<Limits>,
    /// For a critical metric: changes beyond these fail the whole; by default any failure does.
    #[serde(default)]
    pub critical: Option<Limits>,
}

/// What was observed of a metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Observed {
    /// A value for each step of time; null for none.
    Values {
        /// Of the baseline.
        control: Vec<Option<f64>>,
        /// Of the canary.
        experiment: Vec<Option<f64>>,
    },
    /// Counts by bucket of a base-2 exponential histogram.
    Buckets {
        /// There are `2^scale` buckets for each doubling.
        scale: u8,
        /// Of the baseline.
        control: BTreeMap<i32, u64>,
        /// Of the canary.
        experiment: BTreeMap<i32, u64>,
    },
}

/// The change that is bad.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// More is bad: errors, latency.
    Increase,
    /// Less is bad: successful orders.
    Decrease,
    /// Any change is bad.
    #[default]
    Either,
}

/// What stands for a value that is missing or no number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Missing {
    /// Nothing: the metric always has data.
    #[default]
    Remove,
    /// Zero: a counter that says nothing counted nothing.
    Replace,
}

/// What happens to values far from the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outliers {
    /// They stay.
    #[default]
    Keep,
    /// They go, if they are further than this many interquartile ranges outside the quartiles.
    Remove {
        /// 3 in Kayenta.
        factor: f64,
    },
}

/// How much a metric counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Importance {
    /// It counts in its groups.
    #[default]
    Normal,
    /// If it fails everything fails.
    Critical,
    /// It is shown and does not count.
    ReportOnly,
}

/// How large a change is measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = MetricEffect)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Mean of the canary by mean of the baseline; for buckets the ratio that the estimated shift of the logarithms stands
    /// for. 1 is none.
    #[default]
    MeanRatio,
    /// Common-language effect size: the probability that a value of the canary is above one of the baseline, ties half
    /// (McGraw and Wong 1992). 0.5 is none.
    Cles,
}

impl Effect {
    /// The size of no change.
    pub fn none(self) -> f64 {
        match self {
            Self::MeanRatio => 1.0,
            Self::Cles => 0.5,
        }
    }
}

/// Sizes of change, in the measure of the metric.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// An increase is one from this on: 1.1 for 10 % more.
    pub increase: f64,
    /// A decrease is one down from this: 0.9 for 10 % less.
    pub decrease: f64,
}

/// How a metric is classified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = MetricClass)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// No bad change.
    Pass,
    /// Worse by being higher.
    High,
    /// Worse by being lower.
    Low,
    /// Nothing to compare.
    NoData,
}

/// What was found about a metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// The metric's name.
    pub name: String,
    /// Its groups.
    pub groups: Vec<String>,
    /// How it is classified.
    pub class: Class,
    /// How much it counts.
    pub importance: Importance,
    /// Whether it fails, in its groups.
    pub failed: bool,
    /// Whether it fails everything.
    pub critical_failure: bool,
    /// Observations of the baseline that were compared.
    pub control_count: u64,
    /// Observations of the canary that were compared.
    pub experiment_count: u64,
    /// The test. For buckets its shifts are binary logarithms of ratios.
    pub test: Option<RankTest>,
    /// Size of the change, in the metric's measure.
    pub effect: Option<f64>,
    /// In words.
    pub words: String,
}

impl Metric {
    /// Both samples, without what is to be left out.
    pub fn samples(&self) -> (Sample, Sample) {
        let value = |value: &Option<f64>| match (value.filter(|value| value.is_finite()), self.missing) {
            (None, Missing::Replace) => Some(0.0),
            (value, _) => value,
        };
        let (control, experiment) = match &self.observed {
            Observed::Values { control, experiment } => (
                Sample::of(control.iter().filter_map(value)),
                Sample::of(experiment.iter().filter_map(value)),
            ),
            Observed::Buckets { scale, control, experiment } => {
                (Sample::of_buckets(*scale, control), Sample::of_buckets(*scale, experiment))
            }
        };
        match self.outliers {
            Outliers::Keep => (control, experiment),
            Outliers::Remove { factor } => {
                (control.without_outliers(factor), experiment.without_outliers(factor))
            }
        }
    }

    /// Tests and classifies. A change is bad if the whole interval of the shift is beyond `tolerance` times the estimate,
    /// in the bad direction, and the effect is not allowed.
    pub fn find(&self, confidence: f64, tolerance: f64) -> Finding {
        let (control, experiment) = self.samples();
        let test = mann_whitney(&control, &experiment, confidence);
        let effect = test.and_then(|test| self.effect_size(&test, &control, &experiment));
        let class = test.map_or(Class::NoData, |test| self.classify(&test, effect, tolerance));
        let failed =
            matches!(class, Class::High | Class::Low) || (class == Class::NoData && self.must_have_data);
        let mut finding = Finding {
            name: self.name.clone(),
            groups: if self.groups.is_empty() { vec!["default".to_owned()] } else { self.groups.clone() },
            class,
            importance: self.importance,
            failed,
            critical_failure: failed && self.importance == Importance::Critical && self.beyond(class, effect),
            control_count: control.len(),
            experiment_count: experiment.len(),
            test,
            effect,
            words: String::new(),
        };
        finding.words = words::of_finding(self, &finding, confidence);
        finding
    }

    fn classify(&self, test: &RankTest, effect: Option<f64>, tolerance: f64) -> Class {
        let slack = tolerance * test.estimate.abs();
        let none = self.effect.none();
        let allowed = self.allowed.unwrap_or(Limits { increase: none, decrease: none });
        // A ratio to nothing is unbounded: it is beyond every limit.
        let increased = effect.is_none_or(|effect| effect >= allowed.increase);
        let decreased = effect.is_none_or(|effect| effect <= allowed.decrease);
        if self.direction != Direction::Decrease && test.lower > slack && increased {
            Class::High
        } else if self.direction != Direction::Increase && test.upper < -slack && decreased {
            Class::Low
        } else {
            Class::Pass
        }
    }

    fn beyond(&self, class: Class, effect: Option<f64>) -> bool {
        match (self.critical, class, effect) {
            (Some(limits), Class::High, Some(effect)) => effect >= limits.increase,
            (Some(limits), Class::Low, Some(effect)) => effect <= limits.decrease,
            _ => true,
        }
    }

    /// `None` if there is no ratio, as the baseline's mean is zero.
    fn effect_size(&self, test: &RankTest, control: &Sample, experiment: &Sample) -> Option<f64> {
        match (self.effect, &self.observed) {
            (Effect::Cles, _) => Some(test.u / (control.len() as f64 * experiment.len() as f64)),
            (Effect::MeanRatio, Observed::Buckets { .. }) => Some(test.estimate.exp2()),
            (Effect::MeanRatio, Observed::Values { .. }) => {
                Some(experiment.mean()? / control.mean()?).filter(|ratio| ratio.is_finite())
            }
        }
    }
}
