//! World Cup 98: requests a minute to the tournament's web site, 10 June to 12 July.
//!
//! The vectors are those of the project's own measurement with an independent simulator in steps of 15 s: 50
//! replicas serve the peak at full utilisation, the target is 70 %, never fewer than 5 replicas.

use std::io::Read;
use std::path::Path;

use std::sync::Arc;

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use headroom_calendar::Calendar;
use headroom_forecast::{CalendarModel, Context, PhaseCalendar, Series};
use headroom_plan::ServiceCapacity;
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

/// The calendar of kick-offs.
fn kick_offs() -> Calendar {
    let mut calendar = Calendar::default();
    calendar.add_toml("worldcup98.toml", include_str!("../data/worldcup98.toml")).unwrap();
    calendar
}

#[test]
fn plans_with_the_kick_offs_are_rarely_short() {
    let Some(directory) = recorded::directory() else { return };
    let minutes = minutes(&directory);
    let demand = tournament(&minutes);
    let first = demand.start();
    let before: Vec<_> = minutes.into_iter().filter(|(ts, _)| *ts < first).collect();
    let history = Series::from_counts(&before, first);
    let calendar = kick_offs();
    let events: Vec<_> =
        calendar.events(first, first + Duration::days(33), first).iter().map(|e| e.start).collect();
    assert_eq!(events.len(), 56);
    let context =
        Context { calendar: Arc::new(calendar), service: "site".into(), horizon: Duration::days(2) };
    let model = CalendarModel::new(PhaseCalendar::Clock);
    let steep = |start: u32| {
        let c = cluster(&demand, start);
        Cluster { hpa: c.hpa.clone().with_steep_rises(), ..c }
    };
    let every: u32 = std::env::var("EVERY").ok().and_then(|v| v.parse().ok()).unwrap_or(1);
    let cu: f64 = std::env::var("CU").ok().and_then(|v| v.parse().ok()).unwrap_or(19.0);
    let conc: u32 = std::env::var("CONC").ok().and_then(|v| v.parse().ok()).unwrap_or(8);
    let cue: f64 = std::env::var("CUE").ok().and_then(|v| v.parse().ok()).unwrap_or(19.0);
    let capacity = ServiceCapacity {
        min_replicas: 5,
        lead_seconds: 300,
        lag_seconds: 15,
        margin_seconds: 0,
        cost_under: cu,
        stabilisation_minutes: std::env::var("STAB").ok().and_then(|v| v.parse().ok()).unwrap_or(15),
        concurrency: conc,
        classes: [(
            headroom_calendar::EventClass::Custom,
            headroom_plan::Costs { cost_under: cue, cost_over: 1.0 },
        )]
        .into(),
        ..ServiceCapacity::per_replica(steep(300).replica_per_second * 60.0 * 0.7)
    };
    let t = std::time::Instant::now();
    let mut floors = Predictive::new(&model, context, capacity, history, every).unwrap();
    let planned = run(&demand, &steep(300), Policy::Predictive(&mut floors), &events).unwrap();
    let reactive = run(&demand, &cluster(&demand, 300), Policy::Reactive, &events).unwrap();
    told("reactive", &reactive);
    told("planned", &planned);
    eprintln!(
        "{:.3} {} of {} hit (reactive {}), {} of {} pre-scales false, took {:?}",
        planned.cost_ratio(&reactive),
        planned.events_hit,
        planned.events,
        reactive.events_hit,
        planned.false_pre_scales,
        planned.pre_scales,
        t.elapsed()
    );
    let mut parts = [0.0; 6];
    for (p, r) in planned.samples.iter().zip(&reactive.samples) {
        let within = |before: i64, after: i64| {
            events
                .iter()
                .any(|e| p.ts >= *e - Duration::minutes(before) && p.ts < *e + Duration::minutes(after))
        };
        let i = if within(25, 0) {
            0
        } else if within(0, 60) {
            1
        } else if within(0, 120) {
            2
        } else if within(0, 180) {
            3
        } else if p.replicas <= 8 {
            4
        } else {
            5
        };
        parts[i] += (f64::from(p.replicas) - f64::from(r.replicas)) * 15.0 / 3600.0;
    }
    let mut days = vec![[0.0; 3]; 33];
    for (p, r) in planned.samples.iter().zip(&reactive.samples) {
        let d = &mut days[(p.ts - first).num_days() as usize];
        d[0] += (f64::from(p.replicas) - f64::from(r.replicas)) * 15.0 / 3600.0;
        d[1] += f64::from(r.replicas) * 15.0 / 3600.0;
    }
    for (i, d) in days.iter().enumerate() {
        eprint!("{i}: {:.0}/{:.0} ", d[0], d[1]);
    }
    eprintln!(
        "\nexcess before {:.0}, first hour {:.0}, second hour {:.0}, hour after {:.0}, rest small {:.0}, rest {:.0}",
        parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]
    );
    for s in &planned.shortages {
        eprintln!("   {} {} s {:.0}", s.start, s.seconds, s.unserved);
    }
    if std::env::var("STEPS").is_ok() {
        for step in floors.taken() {
            eprintln!("  {} {}", step.ts, step.reason);
        }
    }
}
