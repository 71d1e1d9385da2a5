#![allow(clippy::unwrap_used)]
use super::*;

const MINUTE: i64 = 60_000_000_000;

fn number(name: &str, instance: &str, at: i64, value: f64) -> NumberRow {
    NumberRow {
        service: "order".into(),
        name: name.into(),
        at: at * MINUTE,
        instance: instance.into(),
        pod: String::new(),
        container: String::new(),
        host: String::new(),
        pool: String::new(),
        pool_before: String::new(),
        pool_of_micrometer: String::new(),
        state: String::new(),
        state_before: String::new(),
        mode: String::new(),
        mean: value,
    }
}

fn counter(mode: &str, at: i64, seconds: f64) -> CounterRow {
    CounterRow {
        service: "order".into(),
        name: "process.cpu.time".into(),
        at: at * MINUTE,
        instance: "a".into(),
        pod: String::new(),
        container: String::new(),
        host: String::new(),
        state_before: String::new(),
        mode: mode.into(),
        temporality: "cumulative".into(),
        most: seconds,
        total: seconds,
        started: 1,
    }
}

fn used(series: &ResourceSeries) -> Vec<f64> {
    series.points.iter().map(|point| point.used).collect()
}

#[test]
fn shares_count_in_instances_and_the_better_metric_wins() {
    let rows =
        [number("process.cpu.utilization", "a", 0, 0.3), number("process.cpu.utilization", "b", 0, 0.5)];
    let found = fold::fold(&rows, &[counter("user", 0, 100.0), counter("user", 1, 160.0)], &[], 60);
    let [cpu] = &found[..] else { panic!("{found:?}") };
    let told = (cpu.metric.as_str(), cpu.unit.as_str(), cpu.capacity);
    assert_eq!(told, ("process.cpu.utilization", "instance", Some(2.0)));
    assert_eq!(used(cpu), [0.8]);
}

#[test]
fn modes_are_parts_and_instances_are_told_apart_by_what_there_is() {
    let mode = |mode: &str, pod: &str, value| NumberRow {
        mode: mode.into(),
        pod: pod.into(),
        ..number("process.cpu.utilization", "", 0, value)
    };
    let rows = [
        mode("user", "x", 0.6),
        mode("system", "x", 0.2),
        mode("user", "y", 0.1),
        mode("user", "y", f64::NAN),
    ];
    let found = fold::fold(&rows, &[], &[], 60);
    assert_eq!((found[0].instances, found[0].points[0].most), (2, 0.8));
    assert!((used(&found[0])[0] - 0.9).abs() < 1e-12);
}

#[test]
fn a_counter_is_its_growth_and_a_restart_is_no_growth() {
    let restarted = CounterRow { started: 2, ..counter("user", 2, 3.0) };
    let rows = [
        counter("user", 0, 10.0),
        counter("system", 0, 1.0),
        counter("user", 1, 40.0),
        counter("system", 1, 7.0),
        restarted,
    ];
    let found = fold::fold(&[], &rows, &[], 60);
    assert_eq!((used(&found[0]), found[0].unit.as_str(), found[0].capacity), (vec![0.6], "core", None));
    let delta = CounterRow { temporality: "delta".into(), ..counter("user", 0, 30.0) };
    assert_eq!(used(&fold::fold(&[], &[delta], &[], 60)[0]), [0.5]);
}

#[test]
fn only_connections_in_use_count_and_the_pools_stay_apart() {
    let state = |pool: &str, state: &str, value| NumberRow {
        pool: pool.into(),
        state: state.into(),
        ..number("db.client.connection.count", "a", 0, value)
    };
    let most = NumberRow { pool: "orders".into(), ..number("db.client.connection.max", "a", 0, 20.0) };
    let waiting =
        NumberRow { pool: "orders".into(), ..number("db.client.connection.pending_requests", "a", 0, 3.0) };
    let rows = [
        state("orders", "used", 4.0),
        state("orders", "idle", 16.0),
        state("audit", "used", 1.0),
        most,
        waiting,
    ];
    let found = fold::fold(&rows, &[], &[], 60);
    let names: Vec<_> = found.iter().map(|s| (s.resource.name.as_str(), used(s), s.capacity)).collect();
    assert_eq!(names, [("audit", vec![1.0], None), ("orders", vec![4.0], Some(20.0))]);
    assert_eq!(found[1].points[0].waiting, Some(3.0));
}

#[test]
fn how_long_connections_were_held_beats_a_sample() {
    let held = |instance: &str, at: i64, seconds| HistogramRow {
        service: "order".into(),
        name: "db.client.connection.use_time".into(),
        at: at * MINUTE,
        instance: instance.into(),
        pod: String::new(),
        container: String::new(),
        host: String::new(),
        pool: "orders".into(),
        pool_before: String::new(),
        temporality: "cumulative".into(),
        most: Some(seconds),
        total: Some(seconds),
    };
    let sample = NumberRow {
        pool: "orders".into(),
        state: "used".into(),
        ..number("db.client.connection.count", "a", 1, 0.0)
    };
    let most = NumberRow { pool: "orders".into(), ..number("db.client.connection.max", "a", 1, 8.0) };
    let rows =
        [held("a", 0, 10.0), held("b", 0, 0.0), held("a", 1, 160.0), held("b", 1, 30.0), held("a", 2, 4.0)];
    let found = fold::fold(&[sample, most], &[], &rows, 60);
    assert_eq!((used(&found[0]), found[0].capacity), (vec![3.0], Some(8.0)));
    assert_eq!(found[0].metric, "db.client.connection.use_time");
}
