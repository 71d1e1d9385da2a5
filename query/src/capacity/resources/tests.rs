#![allow(clippy::unwrap_used)]
use super::*;

const MINUTE: i64 = 60_000_000_000;

fn number(name: &str, instance: &str, at: i64, value: f64) -> NumberRow {
    NumberRow {
        service: "order".into(),
        name: name.into(),
        at: at * MINUTE,
        instance: instance.into(),
        pool: String::new(),
        pool_before: String::new(),
        pool_of_micrometer: String::new(),
        state: String::new(),
        state_before: String::new(),
        mean: value,
        most: value,
        started: 1,
    }
}

fn used(series: &ResourceSeries) -> Vec<f64> {
    series.points.iter().map(|point| point.used).collect()
}

#[test]
fn shares_count_in_instances_and_the_better_metric_wins() {
    let rows = [
        number("process.cpu.utilization", "a", 0, 0.3),
        number("process.cpu.utilization", "b", 0, 0.5),
        number("process.cpu.time", "a", 0, 100.0),
        number("process.cpu.time", "a", 1, 160.0),
    ];
    let found = fold::fold(&rows, &[], 60);
    let [cpu] = &found[..] else { panic!("{found:?}") };
    assert_eq!(
        (cpu.metric.as_str(), cpu.unit.as_str(), cpu.capacity),
        ("process.cpu.utilization", "instance", Some(2.0))
    );
    assert_eq!(used(cpu), [0.8]);
}

#[test]
fn a_counter_is_its_growth_and_a_restart_is_no_growth() {
    let user = |at, seconds| NumberRow {
        state_before: "user".into(),
        ..number("process.cpu.time", "a", at, seconds)
    };
    let system = |at, seconds| NumberRow {
        state_before: "system".into(),
        ..number("process.cpu.time", "a", at, seconds)
    };
    let restarted = NumberRow { started: 2, ..user(2, 3.0) };
    let rows = [user(0, 10.0), system(0, 1.0), user(1, 40.0), system(1, 7.0), restarted];
    let found = fold::fold(&rows, &[], 60);
    assert_eq!((used(&found[0]), found[0].unit.as_str(), found[0].capacity), (vec![0.6], "core", None));
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
    let found = fold::fold(&rows, &[], 60);
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
    let found = fold::fold(&[sample, most], &rows, 60);
    assert_eq!((used(&found[0]), found[0].capacity), (vec![3.0], Some(8.0)));
    assert_eq!(found[0].metric, "db.client.connection.use_time");
}
