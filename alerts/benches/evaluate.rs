//! What an evaluation costs with everything: the count of the newest minutes, the slices of all windows, burn rates, alerts.
//!
//! ```sh
//! cargo bench -p headroom-alerts --bench evaluate -- --objectives 100 --days 7 --services 50
//! ```
//!
//! Objectives of 30 days, of which so many days are stored by the minute (100 x 7 days are a million slices); every fifth
//! is about durations. The first evaluation after a start reads the windows; it is told by itself. Then ten minutes
//! pass, each with requests of every service, four evaluations to the minute as in a running program. CPU seconds are those
//! of this program and of the embedded engine that it started.
#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_alerts::{AlertsConfig, Evaluator};
use headroom_control::Control;
use headroom_query::slo::SloSet;
use headroom_store::clock::ManualClock;
use headroom_store::{Clock as _, Store, literal, testing};

const TENANT: &str = "acme";

#[tokio::main]
async fn main() {
    let [objectives, days, services] =
        [("--objectives", 100), ("--days", 7), ("--services", 50)].map(|(name, usual)| argument(name, usual));
    let store = testing::counting_store().await;
    let now: DateTime<Utc> = "2026-12-08T12:00:00Z".parse().unwrap();
    let set = Arc::new(objectives_of(objectives, services));
    store_slices(&store, &set, now, days).await;
    requests(&store, now - TimeDelta::minutes(10), 10, services).await;
    println!("{objectives} objectives of {services} services, {} slices", objectives * days * 1_440);

    let clock = Arc::new(ManualClock::new(now));
    let config = AlertsConfig::default();
    let mut evaluator =
        Evaluator::new(config, set, store.clone(), Control::in_memory().unwrap(), clock.clone(), TENANT);
    let (begun, cpu) = (Instant::now(), cpu_seconds());
    let tick = evaluator.tick().await.unwrap();
    assert_eq!(tick.failed, Vec::<String>::new());
    tell("first evaluation", begun, cpu, 1);

    let mut spent = (0.0, [0.0, 0.0]);
    let mut ticks = 0;
    for _ in 0..10 {
        requests(&store, clock.now(), 1, services).await;
        for _ in 0..4 {
            clock.advance(TimeDelta::seconds(15));
            let (begun, cpu) = (Instant::now(), cpu_seconds());
            evaluator.tick().await.unwrap();
            let after = cpu_seconds();
            spent.0 += begun.elapsed().as_secs_f64();
            spent.1 = [spent.1[0] + after[0] - cpu[0], spent.1[1] + after[1] - cpu[1]];
            ticks += 1;
        }
    }
    let mean = |seconds: f64| seconds * 1e3 / f64::from(ticks);
    println!(
        "an evaluation, mean of {ticks}: {:.0} ms, {:.0} CPU-ms here, {:.0} CPU-ms in the engine",
        mean(spent.0),
        mean(spent.1[0]),
        mean(spent.1[1])
    );
}

fn objectives_of(objectives: i64, services: i64) -> SloSet {
    let one = |n: i64| {
        let good = if n % 5 == 0 { "latency_below: 250ms" } else { "status: not_error" };
        format!(
            "apiVersion: openslo/v1\nkind: SLO\nmetadata: {{name: o{n}}}\nspec:\n  service: s{}\n  indicator: {{spec: {{ratioMetric: {{counter: true, \
             good: {{metricSource: {{type: headroom, spec: {{kind: server, {good}}}}}}}, total: {{metricSource: {{type: headroom, spec: {{kind: server}}}}}}}}}}}}\n  \
             timeWindow: [{{duration: 30d, isRolling: true}}]\n  budgetingMethod: Occurrences\n  objectives: [{{target: 0.999}}]\n",
            n % services
        )
    };
    let text = (0..objectives).map(one).collect::<Vec<_>>().join("---\n");
    SloSet::parse([("objectives.yaml", text.as_str())]).unwrap()
}

/// Slices as an evaluator has written them, up to two minutes before now.
async fn store_slices(store: &Store, set: &SloSet, now: DateTime<Utc>, days: i64) {
    for slo in &set.slos {
        let sql = format!(
            "INSERT INTO {} (tenant, slo, objective, generation, slice, good, total, coverage, measured_at) \
             SELECT '{TENANT}', {}, 0, {}, {} - toIntervalMinute(number + 2), 10, 10, 1, {} FROM numbers({})",
            store.table("slo_slices"),
            literal::string(&slo.id),
            literal::string(&slo.generation),
            literal::ts(now),
            literal::ts(now),
            days * 1_440,
        );
        store.execute(&sql).await.unwrap();
    }
}

/// Ten requests a minute of each service.
async fn requests(store: &Store, from: DateTime<Utc>, minutes: i64, services: i64) {
    let sql = format!(
        "INSERT INTO {} (tenant, service, operation, kind, status, ts, duration_ns, trace_id, span_id) \
         SELECT '{TENANT}', concat('s', toString(number % {services})), 'GET /', 'server', 'ok', \
         {} + toIntervalSecond(intDiv(number, 10 * {services}) * 60 + number % 60), 20000000, \
         unhex(leftPad(hex(cityHash64(number, {salt})), 32, '0')), unhex(leftPad(hex(cityHash64(number, {salt}, 1)), 16, '0')) \
         FROM numbers({})",
        store.table("spans"),
        literal::ts(from),
        minutes * 10 * services,
        salt = from.timestamp(),
    );
    store.execute(&sql).await.unwrap();
}

fn tell(what: &str, begun: Instant, before: [f64; 2], of: u32) {
    let (after, wall) = (cpu_seconds(), begun.elapsed().as_secs_f64());
    let of = f64::from(of);
    println!(
        "{what}: {:.0} ms, {:.0} CPU-ms here, {:.0} CPU-ms in the engine",
        wall * 1e3 / of,
        (after[0] - before[0]) * 1e3 / of,
        (after[1] - before[1]) * 1e3 / of
    );
}

fn argument(name: &str, usual: i64) -> i64 {
    let mut all = std::env::args().skip_while(|argument| argument != name).skip(1);
    all.next().map_or(usual, |value| value.parse().unwrap())
}

/// User and system time of this process and of those it started.
fn cpu_seconds() -> [f64; 2] {
    let of = |pid: &str| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let after = stat.rsplit_once(')').map_or("", |(_, after)| after).to_owned();
        let ticks = |field: usize| after.split_whitespace().nth(field).and_then(|text| text.parse().ok());
        (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) / 100.0
    };
    let tasks = std::fs::read_dir("/proc/self/task")
        .unwrap()
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("children")).ok());
    let children: String = tasks.collect::<Vec<_>>().join(" ");
    [of("self"), children.split_whitespace().map(of).sum()]
}
