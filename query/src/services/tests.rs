#![allow(clippy::unwrap_used)]
use chrono::{DateTime, TimeDelta, Utc};

use super::*;

fn seen(versions: &[(i64, &str)]) -> Vec<(i64, String)> {
    let start: DateTime<Utc> = "2026-11-20T10:00:00Z".parse().unwrap();
    let times =
        versions.iter().map(|(minute, version)| (start + TimeDelta::minutes(*minute), (*version).to_owned()));
    changes(times).into_iter().map(|(ts, version)| ((ts - start).num_minutes(), version)).collect()
}

#[test]
fn what_runs_first_is_no_deploy() {
    assert_eq!(seen(&[(0, "1.0"), (1, "1.0")]), []);
    assert_eq!(seen(&[(0, "1.0"), (0, "1.1"), (1, "1.0")]), []);
    assert_eq!(seen(&[]), []);
}

#[test]
fn a_rolling_deploy_is_one() {
    let rolling = [(0, "1.0"), (1, "1.0"), (1, "1.1"), (2, "1.0"), (2, "1.1"), (3, "1.1")];
    assert_eq!(seen(&rolling), [(1, "1.1".to_owned())]);
}

#[test]
fn a_roll_back_is_a_deploy_and_a_quiet_night_is_not() {
    let rolled_back = [(0, "1.0"), (10, "1.1"), (60, "1.1"), (61, "1.0")];
    assert_eq!(seen(&rolled_back), [(10, "1.1".to_owned()), (61, "1.0".to_owned())]);
    assert_eq!(seen(&[(0, "1.0"), (600, "1.0")]), []);
}

#[test]
fn no_calls_have_no_error_rate() {
    assert_eq!(error_rate(0, 0), None);
    assert_eq!(error_rate(4, 1), Some(0.25));
}
