//! World Cup 98: requests a minute to the tournament's web site, 10 June to 12 July.
//!
//! The vectors are those of the project's own measurement with an independent simulator in steps of 15 s: 50
//! replicas serve the peak at full utilisation, the target is 70 %, never fewer than 5 replicas.

use std::io::Read;
use std::path::Path;

use std::sync::Arc;

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use headroom_calendar::{Calendar, EventClass};
use headroom_forecast::{CalendarModel, Context, Forecaster, PhaseCalendar, RidgeModel, Series};
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
    assert_eq!(oracle.false_pre_scales, 0, "a perfect forecast raises nothing in vain");
    assert_eq!(oracle.under_provisioned_seconds, 0);
    assert!((7047.0 * 0.99..7151.0 * 1.01).contains(&oracle.replica_hours), "{}", oracle.replica_hours);
}

/// The calendar of kick-offs.
fn kick_offs() -> Calendar {
    let mut calendar = Calendar::default();
    calendar.add_toml("worldcup98.toml", include_str!("../data/worldcup98.toml")).unwrap();
    calendar
}

/// What a request that is not served costs in a match, in idle ones: one forecast of 31 may be too low.
const MATCH_COST: f64 = 30.0;

/// The two models that plan: the one that a service without enough history gets, and the one that a back-test chooses.
fn models() -> [Box<dyn Forecaster>; 2] {
    [Box::new(CalendarModel::new(PhaseCalendar::Clock)), Box::new(RidgeModel::new(PhaseCalendar::Clock))]
}

/// The tournament with the autoscaler alone and with a plan each minute, from a model by the clock, which sees the past
/// and the kick-offs. Capacity is to be ready a minute before it is needed. In ordinary minutes, which reactive scaling
/// serves as well, an unserved request costs four idle ones.
fn replay(
    model: &dyn Forecaster,
    minutes: &[(DateTime<Utc>, f64)],
    start_seconds: u32,
    match_cost: f64,
) -> [Outcome; 2] {
    let demand = tournament(minutes);
    let first = demand.start();
    let before: Vec<_> = minutes.iter().filter(|(ts, _)| *ts < first).copied().collect();
    let calendar = kick_offs();
    let kick_offs = calendar.events(first, first + Duration::days(33), first);
    let kick_offs: Vec<_> = kick_offs.iter().map(|event| event.start).collect();
    assert_eq!(kick_offs.len(), 56, "64 matches, eight pairs of them at the same time");

    let alone = cluster(&demand, start_seconds);
    let capacity = ServiceCapacity {
        min_replicas: 5,
        lead_seconds: start_seconds,
        lag_seconds: 15,
        margin_seconds: 60,
        cost_under: 4.0,
        classes: [(EventClass::Custom, Costs { cost_under: match_cost, cost_over: 1.0 })].into(),
        ..ServiceCapacity::per_replica(alone.replica_per_second * 60.0 * 0.7)
    };
    let steep = Cluster { hpa: alone.hpa.clone().with_steep_rises(), ..alone.clone() };
    let context = Context {
        calendar: Arc::new(calendar),
        service: "site".into(),
        horizon: Duration::days(2),
        signals: Vec::new(),
    };
    let history = Series::from_counts(&before, first);
    let mut floors = Predictive::new(model, context, capacity, history, 1).unwrap();
    let planned = run(&demand, &steep, Policy::Predictive(&mut floors), &kick_offs).unwrap();
    assert!(floors.taken().iter().all(|step| !step.reason.is_empty()));
    let reactive = run(&demand, &alone, Policy::Reactive, &kick_offs).unwrap();
    told(&format!("reactive, starts of {start_seconds} s"), &reactive);
    told(&format!("planned by {}", model.name()), &planned);
    eprintln!(
        "{:+.1} % replica-hours; {} of {} kick-offs hit instead of {}; {:.1} false pre-scales a week",
        (planned.cost_ratio(&reactive) - 1.0) * 100.0,
        planned.events_hit,
        planned.events,
        reactive.events_hit,
        planned.false_pre_scales_per_week(),
    );
    for short in &planned.shortages {
        eprintln!("  short from {} for {} s", short.start, short.seconds);
    }
    [reactive, planned]
}

#[test]
fn plans_with_the_kick_offs_are_hardly_ever_short() {
    let Some(directory) = recorded::directory() else { return };
    for model in models() {
        let [reactive, planned] = replay(model.as_ref(), &minutes(&directory), 300, MATCH_COST);
        let (name, short) = (model.name(), planned.under_provisioned_seconds);
        assert!(short <= 120, "{name}: {short} s");
        assert!(planned.cost_ratio(&reactive) <= 1.1, "{name}: {}", planned.cost_ratio(&reactive));
        assert_eq!(planned.events_hit, planned.events, "{name}");
    }
}

/// The figures of the benchmarks' page: start times at one cost, costs at one start time.
#[test]
#[ignore = "minutes long; for the figures of docs/benchmarks.md"]
fn start_times_and_costs() {
    let Some(directory) = recorded::directory() else { return };
    let minutes = minutes(&directory);
    for model in models() {
        for start in [15, 30, 60, 90, 180, 300] {
            replay(model.as_ref(), &minutes, start, MATCH_COST);
        }
        for cost in [9.0, 19.0, 99.0, 199.0] {
            eprintln!("a request unserved in a match costs {cost} idle ones:");
            replay(model.as_ref(), &minutes, 300, cost);
        }
    }
}
