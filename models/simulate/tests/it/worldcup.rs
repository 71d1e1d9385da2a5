//! World Cup 98: requests a minute to the tournament's web site, 10 June to 12 July.
//!
//! The vectors are those of the project's own measurement with an independent simulator in steps of 15 s: 50
//! replicas serve the peak at full utilisation, the target is 70 %, never fewer than 5 replicas.

use std::io::Read;
use std::path::Path;

use std::sync::Arc;

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use headroom_calendar::{Calendar, EventClass};
use headroom_forecast::{CalendarModel, Context, PhaseCalendar, Series};
use headroom_plan::{Costs, ServiceCapacity};
use headroom_simulate::{Cluster, Demand, Hpa, Outcome, Policy, Predictive, Startup, run};

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
    for (start, short_minutes) in [(15, 0.0), (90, 0.0), (180, 2.5), (300, 17.75)] {
        let outcome = run(&demand, &cluster(&demand, start), Policy::Reactive, &[]).unwrap();
        told(&format!("reactive, starts of {start} s"), &outcome);
        // The source looks at every sync only; second by second a shortage begins up to 15 s earlier.
        let short = outcome.samples.iter().filter(|s| s.demand > s.capacity).count();
        assert_eq!(short as f64 * 15.0 / 60.0, short_minutes, "starts of {start} s");
        assert!((6779.0 - 1.0..6830.0 + 1.0).contains(&outcome.replica_hours), "{}", outcome.replica_hours);
    }
    let fixed = run(&demand, &cluster(&demand, 300), Policy::Static, &[]).unwrap();
    told("static", &fixed);
    assert_eq!((fixed.replica_hours.round(), fixed.under_provisioned_seconds), (57_024.0, 0));
    let oracle = run(&demand, &cluster(&demand, 300), Policy::Oracle, &[]).unwrap();
    told("oracle", &oracle);
    assert_eq!(oracle.under_provisioned_seconds, 0);
    assert!((7047.0 * 0.99..7151.0 * 1.01).contains(&oracle.replica_hours), "{}", oracle.replica_hours);
}

/// The calendar of kick-offs.
fn kick_offs() -> Calendar {
    let mut calendar = Calendar::default();
    calendar.add_toml("worldcup98.toml", include_str!("../data/worldcup98.toml")).unwrap();
    calendar
}

/// A plan each minute from the calendar model by the clock, which sees the past and the kick-offs. Costs: in ordinary
/// minutes, which reactive scaling serves as well, an unserved request costs four idle ones; in a match thirty.
#[test]
fn plans_with_the_kick_offs_are_rarely_short() {
    let Some(directory) = recorded::directory() else { return };
    let minutes = minutes(&directory);
    let demand = tournament(&minutes);
    let first = demand.start();
    let before: Vec<_> = minutes.into_iter().filter(|(ts, _)| *ts < first).collect();
    let history = Series::from_counts(&before, first);
    let calendar = kick_offs();
    let kick_offs = calendar.events(first, first + Duration::days(33), first);
    let kick_offs: Vec<_> = kick_offs.iter().map(|event| event.start).collect();
    assert_eq!(kick_offs.len(), 56, "64 matches, eight pairs of them at the same time");

    let reactive_cluster = cluster(&demand, 300);
    let capacity = ServiceCapacity {
        min_replicas: 5,
        lead_seconds: 300,
        lag_seconds: 15,
        margin_seconds: 0,
        cost_under: 4.0,
        classes: [(EventClass::Custom, Costs { cost_under: 30.0, cost_over: 1.0 })].into(),
        ..ServiceCapacity::per_replica(reactive_cluster.replica_per_second * 60.0 * 0.7)
    };
    let planned_cluster =
        Cluster { hpa: reactive_cluster.hpa.clone().with_steep_rises(), ..reactive_cluster.clone() };
    let context = Context {
        calendar: Arc::new(calendar),
        service: "site".into(),
        horizon: Duration::days(2),
        signals: Vec::new(),
    };
    let model = CalendarModel::new(PhaseCalendar::Clock);
    let mut floors = Predictive::new(&model, context, capacity, history, 1).unwrap();
    let planned = run(&demand, &planned_cluster, Policy::Predictive(&mut floors), &kick_offs).unwrap();
    let reactive = run(&demand, &reactive_cluster, Policy::Reactive, &kick_offs).unwrap();
    told("reactive", &reactive);
    told("planned", &planned);
    let ratio = planned.cost_ratio(&reactive);
    eprintln!(
        "{:+.1} % replica-hours; {} of {} kick-offs hit instead of {}; {:.1} false pre-scales a week",
        (ratio - 1.0) * 100.0,
        planned.events_hit,
        planned.events,
        reactive.events_hit,
        planned.false_pre_scales_per_week(),
    );
    // The aim is 120 s. These costs were measured at 488 s for 5.8 % more replica-hours; what dearer shortages in a
    // match would buy with the rest of the ten per cent is open.
    let (planned_short, reactive_short) =
        (planned.under_provisioned_seconds, reactive.under_provisioned_seconds);
    assert!(planned_short * 2 <= reactive_short, "{planned_short} s of {reactive_short} s");
    assert!(ratio <= 1.1, "{ratio}");
    assert!(planned.events_hit > reactive.events_hit);
    assert!(floors.taken().iter().all(|step| !step.reason.is_empty()));
}
