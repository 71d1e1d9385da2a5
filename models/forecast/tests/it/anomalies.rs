//! Anomalies against the labelled windows of the Numenta benchmark's series.
//!
//! A window is hit when something is told within it. Windows are long (a tenth of each series), so the hits alone say
//! little: what is told in them must also be several times as frequent as outside.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use flate2::read::GzDecoder;
use headroom_calendar::Calendar;
use headroom_forecast::anomaly::{Anomaly, Detector};
use headroom_forecast::{CalendarModel, Context, Forecaster, PhaseCalendar, Series};

use crate::recorded;

/// The share of a series before which nothing is told, as the benchmark has it.
const PROBATION: f64 = 0.15;

type Window = (DateTime<Utc>, DateTime<Utc>);

#[test]
fn most_labelled_windows_hold_an_anomaly_and_few_lie_outside() {
    let Some(directory) = recorded::directory() else { return };
    let (mut hit, mut all, mut inside, mut outside) = (0, 0, Rate::default(), Rate::default());
    for (name, step) in [
        ("nyc_taxi", 30),
        ("Twitter_volume_AAPL", 5),
        ("ec2_request_latency_system_failure", 5),
        ("elb_request_count_8c0756", 5),
        ("rds_cpu_utilization_e47b3b", 5),
    ] {
        let series = read(&directory.join(format!("ops/nab_{name}.csv.gz")), step);
        let windows = windows(&directory.join("ops/nab_labels.json"), name);
        let from = series.start + (series.end() - series.start) * (PROBATION * 100.0) as i32 / 100;
        let found: Vec<Anomaly> = watch(&series).into_iter().filter(|a| a.ts >= from).collect();
        let within = |w: &Window, a: &Anomaly| w.0 <= a.ts && a.ts <= w.1;
        let hits = windows.iter().filter(|w| found.iter().any(|a| within(w, a))).count();
        let (labelled, other): (Vec<&Anomaly>, Vec<&Anomaly>) =
            found.iter().partition(|a| windows.iter().any(|w| within(w, a)));
        let weeks =
            |from: DateTime<Utc>, to: DateTime<Utc>| (to - from).num_minutes().max(0) as f64 / 10_080.0;
        let in_windows: f64 = windows.iter().map(|w| weeks(w.0.max(from), w.1)).sum();
        let here = Rate { count: other.len(), weeks: weeks(from, series.end()) - in_windows };
        eprintln!("{name}: {hits} of {} windows, {:.2} false alarms a week", windows.len(), here.a_week());
        for anomaly in &found {
            let mark = if labelled.contains(&anomaly) { "*" } else { " " };
            eprintln!("  {mark} {} {:?} {:.1}: {}", anomaly.ts, anomaly.kind, anomaly.score, anomaly.reason);
        }
        hit += hits;
        all += windows.len();
        inside.add(&Rate { count: labelled.len(), weeks: in_windows });
        outside.add(&here);
    }
    let (within, without) = (inside.a_week(), outside.a_week());
    eprintln!(
        "all: {hit} of {all} windows, {within:.2} a week in them, {without:.2} false alarms a week outside"
    );
    // Measured: 13 of 16, 1.5 false alarms a week, five times as many in the windows.
    assert!(hit >= 11, "{hit} of {all}");
    assert!(without <= 2.0, "{without} false alarms a week");
    assert!(within >= 3.0 * without, "{within} a week in the windows, {without} outside");
}

#[derive(Default)]
struct Rate {
    count: usize,
    weeks: f64,
}

impl Rate {
    fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.weeks += other.weeks;
    }

    fn a_week(&self) -> f64 {
        self.count as f64 / self.weeks
    }
}

/// What a detector tells with the calendar model by the clock, fitted anew each day from the second on.
fn watch(series: &Series) -> Vec<Anomaly> {
    let model = CalendarModel::new(PhaseCalendar::Clock);
    let calendar = Arc::new(Calendar::new(Vec::new(), false));
    let context =
        Context { calendar, service: "metric".into(), horizon: Duration::days(2), signals: Vec::new() };
    let mut detector = Detector::new(series.step_minutes, None);
    let mut found = Vec::new();
    let mut day = series.start + Duration::days(2);
    while day < series.end() {
        let known = series.before(day);
        let recent = known.since(day - Duration::days(28));
        let fit = model.fit(&recent, &context).unwrap();
        for (index, value) in series.since(day).before(day + Duration::days(1)).values.iter().enumerate() {
            let ts = day + Duration::minutes(index as i64 * i64::from(series.step_minutes));
            found.extend(value.and_then(|value| detector.observe(value, &fit.predict(ts))));
        }
        day += Duration::days(1);
    }
    found
}

fn read(path: &Path, step: u32) -> Series {
    let file = BufReader::new(GzDecoder::new(std::fs::File::open(path).unwrap()));
    let points: Vec<(DateTime<Utc>, f64)> = file
        .lines()
        .skip(1)
        .map(|line| {
            let line = line.unwrap();
            let (ts, value) = line.split_once(',').unwrap();
            let ts = NaiveDateTime::parse_from_str(ts, "%Y-%m-%d %H:%M:%S").unwrap();
            (ts.and_utc(), value.trim().parse().unwrap())
        })
        .collect();
    Series::from_points(step, &points)
}

/// The labelled windows of a series; the labels' names are the files', cut short.
fn windows(path: &Path, name: &str) -> Vec<Window> {
    let labels: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let instant = |v: &serde_json::Value| {
        NaiveDateTime::parse_from_str(v.as_str().unwrap(), "%Y-%m-%d %H:%M:%S%.f").unwrap().and_utc()
    };
    let labels =
        labels.as_object().unwrap().iter().find(|(key, _)| name.starts_with(key.as_str())).unwrap().1;
    labels.as_array().unwrap().iter().map(|w| (instant(&w[0]), instant(&w[1]))).collect()
}
