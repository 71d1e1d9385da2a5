//! From metrics to groups to one score, and what follows from it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::metric::{Class, Finding, Importance, Metric};
use crate::words;

/// How metrics are judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Confidence of the intervals, 0.98 by default.
    pub confidence: f64,
    /// A shift counts if its whole interval is beyond this share of the estimate; 0.25 by default.
    pub tolerance: f64,
    /// Points of each group. Groups that are not named share what is left of 100.
    pub weights: BTreeMap<String, f64>,
    /// Scores from here on pass; 95 by default.
    pub pass: f64,
    /// Scores from here on are marginal: people decide; 75 by default. Below it is a failure.
    pub marginal: f64,
}

impl Default for Config {
    fn default() -> Self {
        Self { confidence: 0.98, tolerance: 0.25, weights: BTreeMap::new(), pass: 95.0, marginal: 75.0 }
    }
}

/// What is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CanaryError {
    /// A confidence must be a probability.
    #[error("confidence is {0}; allowed: above 0, below 1")]
    Confidence(f64),
    /// A tolerance is a share.
    #[error("tolerance is {0}; allowed: from 0, below 1")]
    Tolerance(f64),
    /// Points are positive and at most 100 together.
    #[error("weights add up to {0}; allowed: each at least 0, and 100 at most together")]
    Weights(f64),
    /// A group with points has no metric: its name may be misspelt, and its points would be lost.
    #[error("weights name the group {0:?}, and no metric is in it")]
    Group(String),
    /// Thresholds must be in order.
    #[error("pass is {pass} and marginal {marginal}; allowed: 0 <= marginal <= pass <= 100")]
    Thresholds {
        /// The score that passes.
        pass: f64,
        /// The score that is marginal.
        marginal: f64,
    },
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = CanaryOutcome)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Go on.
    Pass,
    /// People decide.
    Marginal,
    /// Go back.
    Fail,
    /// Nothing was compared: wait.
    NoData,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Judgement {
    /// What is to be done.
    pub outcome: Outcome,
    /// Out of 100.
    pub score: f64,
    /// By group, in order of name.
    pub groups: Vec<GroupScore>,
    /// By metric, as given.
    pub metrics: Vec<Finding>,
    /// In words, the worst first.
    pub words: String,
}

/// What was found about a group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GroupScore {
    /// Its name.
    pub name: String,
    /// Share of its metrics that pass, out of 100; `None` if none had data.
    pub score: Option<f64>,
    /// Its points.
    pub weight: f64,
}

/// Judges metrics of a canary against its baseline.
///
/// A group's score is the share of its metrics that pass among those with data, as in Kayenta's `WeightedSumScorer`; the
/// score is the sum of the groups' scores by their points. A group without data loses its points. A critical metric that
/// fails makes the score 0.
///
/// # Errors
/// A configuration that makes no sense, by itself or for these metrics.
pub fn judge(metrics: &[Metric], config: &Config) -> Result<Judgement, CanaryError> {
    config.check()?;
    let findings: Vec<Finding> =
        metrics.iter().map(|metric| metric.find(config.confidence, config.tolerance)).collect();
    let known = |group: &String| findings.iter().any(|finding| finding.groups.contains(group));
    if let Some(group) = config.weights.keys().find(|group| !known(group)) {
        return Err(CanaryError::Group(group.clone()));
    }
    let groups = group_scores(&findings, &config.weights);
    let critical = findings.iter().any(|finding| finding.critical_failure);
    let sum: f64 = groups.iter().filter_map(|group| Some(group.score? * group.weight / 100.0)).sum();
    let score = if critical { 0.0 } else { sum };
    let outcome = match score {
        _ if critical => Outcome::Fail,
        _ if groups.iter().all(|group| group.score.is_none()) => Outcome::NoData,
        score if score >= config.pass => Outcome::Pass,
        score if score >= config.marginal => Outcome::Marginal,
        _ => Outcome::Fail,
    };
    let words = words::of_judgement(outcome, score, &findings);
    Ok(Judgement { outcome, score, groups, metrics: findings, words })
}

impl Config {
    fn check(&self) -> Result<(), CanaryError> {
        if !(self.confidence > 0.0 && self.confidence < 1.0) {
            return Err(CanaryError::Confidence(self.confidence));
        }
        if !(0.0..1.0).contains(&self.tolerance) {
            return Err(CanaryError::Tolerance(self.tolerance));
        }
        let sum: f64 = self.weights.values().sum();
        // Thirds do not add up to 100 exactly.
        if self.weights.values().any(|weight| *weight < 0.0) || !(0.0..=100.0 + 1e-6).contains(&sum) {
            return Err(CanaryError::Weights(sum));
        }
        if !(0.0 <= self.marginal && self.marginal <= self.pass && self.pass <= 100.0) {
            return Err(CanaryError::Thresholds { pass: self.pass, marginal: self.marginal });
        }
        Ok(())
    }
}

fn group_scores(findings: &[Finding], weights: &BTreeMap<String, f64>) -> Vec<GroupScore> {
    // Metrics of each group: that pass, and that were judged.
    let mut tally: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.importance != Importance::ReportOnly) {
        for group in &finding.groups {
            let (passed, judged) = tally.entry(group).or_default();
            let counts = finding.class != Class::NoData || finding.failed;
            *judged += u32::from(counts);
            *passed += u32::from(counts && !finding.failed);
        }
    }
    let unnamed = tally.keys().filter(|group| !weights.contains_key(**group)).count();
    let left = (100.0 - weights.values().sum::<f64>()).max(0.0) / unnamed.max(1) as f64;
    tally
        .into_iter()
        .map(|(name, (passed, judged))| GroupScore {
            name: name.to_owned(),
            score: (judged > 0).then(|| f64::from(passed) / f64::from(judged) * 100.0),
            weight: weights.get(name).copied().unwrap_or(left),
        })
        .collect()
}
