//! What a minute of the loop costs: services whose requests are forecast and planned, and series of metrics beside them,
//! on the embedded store.
//!
//! ```sh
//! cargo bench -p headroom-models --bench minute -- --services 1000 --series 100 --days 8 --minutes 5
//! ```
//!
//! The first rounds fit everything, each for half of its interval at most. Then minutes are measured in which nothing is
//! fitted: every service and series takes in its newest minute, is planned anew (services), and has its next four hours
//! stored anew. CPU seconds are those of this program; the engine's are its own. A last minute is one in which every fit is
//! due.
#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Duration, Utc};
use headroom_models::{ForecastLoop, ModelsConfig, TickReport};
use headroom_store::clock::ManualClock;
use headroom_store::{Clock, Store, testing};

const TENANT: &str = "acme";

#[tokio::main]
async fn main() {
    let [services, series, days, minutes] =
        [("--services", 1000), ("--series", 100), ("--days", 8), ("--minutes", 5)]
            .map(|(name, usual)| argument(name, usual));
    let store = testing::store().await;
    let begin: DateTime<Utc> = "2026-12-01T14:00:00Z".parse().unwrap();
    let mut now = begin + Duration::days(days);
    for day in 0..days {
        let from = begin + Duration::days(day);
        fill(&store, services, series, from, from + Duration::days(1)).await;
    }
    println!("{services} services and {series} series of {days} days at one minute are stored");

    let clock = Arc::new(ManualClock::new(now));
    let config = Arc::new(config(services, series));
    let calendar = Arc::new(config.calendar().unwrap());
    let shared = Arc::clone(&clock) as Arc<dyn Clock>;
    let mut forecasts = ForecastLoop::new(store.clone(), TENANT, config, calendar, shared).unwrap();
    for round in 1.. {
        let (report, seconds, cpu) = tick(&mut forecasts).await;
        let (fitted, waiting) = (report.forecast.len(), report.unavailable.len());
        println!("fits, round {round}: {seconds:.1} s, {cpu:.1} CPU-s, {fitted} fitted, {waiting} wait");
        if waiting == 0 {
            break;
        }
    }
    for _ in 0..minutes {
        fill(&store, services, series, now, now + Duration::minutes(1)).await;
        now += Duration::minutes(1);
        clock.set(now);
        tell("minute", &tick(&mut forecasts).await);
    }
    now += Duration::hours(1);
    fill(&store, services, series, now - Duration::hours(1), now).await;
    clock.set(now);
    tell("all fits due", &tick(&mut forecasts).await);
    println!("peak memory {} MB", peak_megabytes());
}

fn config(services: i64, series: i64) -> ModelsConfig {
    use std::fmt::Write as _;
    let mut text = String::from("venues = [\"XNYS\"]\nhorizon_days = 14\n");
    for service in 0..services {
        let _ = writeln!(text, "[services.s{service}]\nrequests_per_minute = 100");
    }
    for pod in 0..series {
        let _ =
            writeln!(text, "[series.pool{pod}]\nmetric = \"pool.busy\"\nattributes = {{ pod = \"{pod}\" }}");
    }
    toml::from_str(&text).unwrap()
}

/// A day's course with noise, by service and pod.
async fn fill(store: &Store, services: i64, series: i64, from: DateTime<Utc>, to: DateTime<Utc>) {
    let minutes = (to - from).num_minutes();
    let at = |column: &str| format!("{} + intDiv(number, {column}) * 60", from.timestamp());
    let course = "(300 + 250 * sin((ts % 86400) / 86400 * 6.2832) + cityHash64(name, ts) % 60)";
    let spans = format!(
        "INSERT INTO {} (tenant, service, operation, kind, status, version, region, m, calls, errors, dur_sum, dur_max) \
         SELECT '{TENANT}', name, 'op', 'server', 'ok', '1', 'eu', toDateTime64(ts, 0, 'UTC'), toUInt64({course}), 0, 1, 1 \
         FROM (SELECT concat('s', toString(number % {services})) AS name, {} AS ts FROM numbers({minutes} * {services}))",
        store.table("span_minute"),
        at(&services.to_string())
    );
    store.execute(&spans).await.unwrap();
    if series > 0 {
        let points = format!(
            "INSERT INTO {} (tenant, service, name, ts, value, attributes) \
             SELECT '{TENANT}', 'order', 'pool.busy', toDateTime64(ts, 9, 'UTC'), {course}, map('pod', name) \
             FROM (SELECT toString(number % {series}) AS name, {} AS ts FROM numbers({minutes} * {series}))",
            store.table("metric_gauge"),
            at(&series.to_string())
        );
        store.execute(&points).await.unwrap();
    }
}

async fn tick(forecasts: &mut ForecastLoop) -> (TickReport, f64, f64) {
    let (begun, cpu) = (Instant::now(), cpu_seconds());
    let report = forecasts.tick().await.unwrap();
    (report, begun.elapsed().as_secs_f64(), cpu_seconds() - cpu)
}

fn tell(what: &str, (report, seconds, cpu): &(TickReport, f64, f64)) {
    let rows: usize = report.forecast.values().chain(report.planned.values()).sum();
    let whole = report.forecast.values().filter(|rows| **rows > 240).count();
    println!(
        "{what}: {seconds:.2} s, {cpu:.2} CPU-s; {} forecast, {} planned, {whole} fitted anew, {rows} rows",
        report.forecast.len(),
        report.planned.len()
    );
}

fn argument(name: &str, usual: i64) -> i64 {
    let mut all = std::env::args().skip_while(|argument| argument != name).skip(1);
    all.next().map_or(usual, |value| value.parse().unwrap())
}

/// User and system time of this process.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let ticks = |field: usize| after.split_whitespace().nth(field).and_then(|text| text.parse().ok());
    (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) / 100.0
}

fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}
