//! Whole judgements.

use headroom_canary::{CanaryError, Class, Config, Judgement, Metric, Outcome, judge};
use proptest::prelude::*;

/// Metrics as a request holds them.
fn metrics(json: &str) -> Vec<Metric> {
    serde_json::from_str(json).expect("metrics")
}

fn judged(json: &str) -> Judgement {
    judge(&metrics(json), &Config::default()).expect("a judgement")
}

/// A release that makes orders 19 % slower and loses some: latency from the buckets of a histogram, errors and orders by
/// minute.
const RELEASE: &str = r#"[
    {"name": "latency of orders", "groups": ["latency"], "direction": "increase",
     "allowed": {"increase": 1.1, "decrease": 0.0},
     "observed": {"buckets": {"scale": 4,
        "control": {"420": 900, "421": 4200, "422": 9800, "423": 12100, "424": 7300, "425": 2100, "440": 120},
        "experiment": {"424": 90, "425": 410, "426": 1020, "427": 1190, "428": 700, "429": 230, "444": 13}}}},
    {"name": "share of errors", "groups": ["errors"], "direction": "increase", "missing": "replace", "importance": "critical",
     "critical": {"increase": 5.0, "decrease": 0.0},
     "observed": {"values": {
        "control": [0.1, null, 0.2, 0.1, null, 0.1, 0.3, null, 0.1, 0.2],
        "experiment": [0.2, 0.1, null, 0.1, 0.2, null, 0.1, 0.3, null, 0.1]}}},
    {"name": "orders filled", "groups": ["business"], "direction": "decrease", "outliers": {"remove": {"factor": 3.0}},
     "observed": {"values": {
        "control": [98.9, 99.1, 99.0, 98.8, 99.2, 99.3, 98.7, 99.4, 98.6, 50.0],
        "experiment": [96.1, 95.9, 96.0, 96.2, 95.8, 96.3, 95.7, 96.4, 95.6, 96.5]}}},
    {"name": "queue", "groups": ["business"], "importance": "report-only",
     "observed": {"values": {"control": [1.0, 2.0], "experiment": []}}}
]"#;

#[test]
fn a_bad_release() {
    let judgement = judged(RELEASE);
    insta::assert_json_snapshot!(judgement);
}

#[test]
fn the_same_is_as_good() {
    let judgement =
        judged(r#"[{"name": "m", "observed": {"values": {"control": [1, 2, 3], "experiment": [3, 2, 1]}}}]"#);
    assert_eq!((judgement.outcome, judgement.score), (Outcome::Pass, 100.0));
    assert_eq!(judgement.words, "Pass: 100 of 100 points. No metric is worse than the baseline's.");
}

#[test]
fn nothing_says_nothing() {
    assert_eq!(judge(&[], &Config::default()).expect("a judgement").outcome, Outcome::NoData);
    let none = r#"[{"name": "m", "observed": {"values": {"control": [], "experiment": [null, 1]}}}]"#;
    let judgement = judged(none);
    assert_eq!(judgement.words, "No data: nothing could be compared.");
    assert_eq!((judgement.outcome, judgement.metrics[0].class), (Outcome::NoData, Class::NoData));
    let must = none.replace("\"name\"", "\"must_have_data\": true, \"name\"");
    assert_eq!(judged(&must).outcome, Outcome::Fail);
    assert_eq!(
        judged(&must).words,
        "Fail: 0 of 100 points. m: the baseline has no data, and must have data."
    );
}

#[test]
fn a_baseline_of_zeros_has_no_ratio_and_still_fails() {
    let zeros = judged(
        r#"[{"name": "errors", "direction": "increase", "allowed": {"increase": 2.0, "decrease": 0.0},
             "observed": {"values": {"control": [0, 0, 0, 0, 0, 0, 0, 0], "experiment": [5, 6, 5, 7, 5, 6, 5, 6]}}}]"#,
    );
    assert_eq!((zeros.metrics[0].class, zeros.metrics[0].effect), (Class::High, None));
}

#[test]
fn allowed_changes_pass() {
    let of = |limits: &str| {
        judged(&format!(
            r#"[{{"name": "m", {limits} "observed": {{"values": {{"control": [100, 101, 102, 103, 104, 105], "experiment": [107, 108, 109, 110, 111, 112]}}}}}}]"#
        ))
        .metrics[0]
            .class
    };
    assert_eq!(of(""), Class::High);
    assert_eq!(of(r#""allowed": {"increase": 1.1, "decrease": 0.9},"#), Class::Pass);
    assert_eq!(of(r#""allowed": {"increase": 1.05, "decrease": 0.9},"#), Class::High);
    assert_eq!(of(r#""effect": "cles", "allowed": {"increase": 0.9, "decrease": 0.1},"#), Class::High);
}

#[test]
fn a_critical_metric_fails_everything_only_beyond_its_limits() {
    let of = |critical: &str| {
        judged(&format!(
            r#"[{{"name": "good", "observed": {{"values": {{"control": [1, 2], "experiment": [1, 2]}}}}}},
                {{"name": "bad", "importance": "critical", {critical} "observed": {{"values": {{"control": [10, 11, 12, 13, 14, 15], "experiment": [20, 21, 22, 23, 24, 25]}}}}}}]"#
        ))
    };
    assert_eq!((of("").outcome, of("").score), (Outcome::Fail, 0.0));
    assert_eq!(of(r#""critical": {"increase": 5.0, "decrease": 0.5},"#).score, 50.0);
}

#[test]
fn configurations_that_make_no_sense() {
    let of =
        |json: &str| judge(&[], &serde_json::from_str(json).expect("a configuration")).expect_err("refused");
    assert_eq!(of(r#"{"confidence": 1.0}"#), CanaryError::Confidence(1.0));
    assert_eq!(of(r#"{"tolerance": -0.1}"#), CanaryError::Tolerance(-0.1));
    assert_eq!(of(r#"{"weights": {"a": 60.0, "b": 50.0}}"#), CanaryError::Weights(110.0));
    assert_eq!(of(r#"{"weights": {"latncy": 60.0}}"#), CanaryError::Group("latncy".to_owned()));
    let order = of(r#"{"pass": 70.0, "marginal": 80.0}"#);
    assert_eq!(order.to_string(), "pass is 70 and marginal 80; allowed: 0 <= marginal <= pass <= 100");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever was observed, there is a score.
    #[test]
    fn it_is_within_its_bounds(
        control in prop::collection::vec(prop::option::of(-1e3_f64..1e3), 0..40),
        experiment in prop::collection::vec(prop::option::of(-1e3_f64..1e3), 0..40),
    ) {
        let mut metrics = metrics(r#"[{"name": "m", "observed": {"values": {"control": [], "experiment": []}}}]"#);
        let no_data = control.iter().all(Option::is_none) || experiment.iter().all(Option::is_none);
        metrics[0].observed = headroom_canary::Observed::Values { control, experiment };
        let judgement = judge(&metrics, &Config::default()).expect("a judgement");
        prop_assert!((0.0..=100.0).contains(&judgement.score));
        prop_assert_eq!(judgement.outcome == Outcome::NoData, no_data);
    }
}
