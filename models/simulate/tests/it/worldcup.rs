//! World Cup 98: requests a minute to the tournament's web site, 10 June to 12 July.
//!
//! The vectors are those of the project's own measurement with an independent simulator in steps of 15 s: 50
//! replicas serve the peak at full utilisation, the target is 70 %, never fewer than 5 replicas.

use std::io::Read;
use std::path::Path;

use chrono::{DateTime, NaiveDateTime, Utc};
use headroom_simulate::{Cluster, Demand, Hpa, Outcome, Policy, Startup, run};

use crate::recorded;

const FIRST: &str = "1998-06-10T00:00:00Z";
const LAST: &str = "1998-07-13T00:00:00Z";

/// All recorded minutes, in the order of time.
fn minutes(directory: &Path) -> Vec<(DateTime<Utc>, f64)> {
    let file = std::fs::File::open(directory.join("web/worldcup98_per_minute.csv.gz")).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let line = |line: &str| {
        let (ts, count) = line.split_once(',').unwrap();
        let ts = NaiveDateTime::parse_from_str(ts, "%Y-%m-%d %H:%M:%S").unwrap().and_utc();
        (ts, count.parse().unwrap())
    };
    text.lines().skip(1).map(line).collect()
}

/// The tournament's minutes; a minute without a line had no requests.
fn tournament(minutes: &[(DateTime<Utc>, f64)]) -> Demand {
    let (first, last): (DateTime<Utc>, DateTime<Utc>) = (FIRST.parse().unwrap(), LAST.parse().unwrap());
    let mut counts = vec![0.0; (last - first).num_minutes() as usize];
    for (ts, count) in minutes.iter().filter(|(ts, _)| *ts >= first && *ts < last) {
        counts[(*ts - first).num_minutes() as usize] = *count;
    }
    Demand::from_counts(first, 60, &counts).unwrap()
}

fn cluster(demand: &Demand, start_seconds: u32) -> Cluster {
    Cluster {
        hpa: Hpa { min_replicas: 5, ..Hpa::default() },
        startup: Startup { replica_seconds: start_seconds, nodes: None },
        replica_per_second: demand.peak(0, i64::from(demand.seconds())) / 50.0,
    }
}

fn told(name: &str, outcome: &Outcome) {
    eprintln!(
        "{name}: {:.0} replica-hours, {} s short (longest {} s), {:.4} % unserved, {:.1} adaptations an hour",
        outcome.replica_hours,
        outcome.under_provisioned_seconds,
        outcome.longest_run_seconds,
        outcome.unserved_share * 100.0,
        outcome.adaptations_per_hour,
    );
}

#[test]
fn the_usual_policies_are_as_measured_elsewhere() {
    let Some(directory) = recorded::directory() else { return };
    let demand = tournament(&minutes(&directory));
    for (start, short_minutes) in [(15, 0.0), (90, 0.0), (180, 2.5), (300, 17.8)] {
        let outcome = run(&demand, &cluster(&demand, start), Policy::Reactive, &[]).unwrap();
        told(&format!("reactive, starts of {start} s"), &outcome);
        let minutes = f64::from(outcome.under_provisioned_seconds) / 60.0;
        assert!(
            (minutes - short_minutes).abs() <= 0.75,
            "{start} s: {minutes:.2} minutes, not {short_minutes}"
        );
        assert!(
            (6783.0 * 0.995..6824.0 * 1.005).contains(&outcome.replica_hours),
            "{}",
            outcome.replica_hours
        );
        for s in outcome.shortages {
            eprintln!("   {} {} s", s.start, s.seconds);
        }
    }
    let fixed = run(&demand, &cluster(&demand, 300), Policy::Static, &[]).unwrap();
    told("static", &fixed);
    assert_eq!((fixed.replica_hours.round(), fixed.under_provisioned_seconds), (57_024.0, 0));
    let oracle = run(&demand, &cluster(&demand, 300), Policy::Oracle, &[]).unwrap();
    told("oracle", &oracle);
    assert_eq!(oracle.under_provisioned_seconds, 0);
    assert!((7047.0 * 0.99..7151.0 * 1.01).contains(&oracle.replica_hours), "{}", oracle.replica_hours);
}
