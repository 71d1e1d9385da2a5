//! What is forecast beside the requests of services: metrics and business events.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use headroom_models::{Calendar, ForecastLoop, ModelsConfig, Subject, read};
use headroom_query::TimeRange;
use headroom_store::clock::ManualClock;
use headroom_store::testing::{self, TestStore};
use headroom_store::{Clock, Store};

use crate::platform::{self, at};

const CONFIG: &str = r#"
venues = []
builtin_events = false
horizon_days = 1

[series.orders]
event = "order.placed"
service = "gateway"

[series.turnover]
event = "order.placed"
value = "amount"
attributes = { symbol = "AAPL" }

[series.swing]
event = "price.updated"
value = "price"
aggregation = "move"

[series.busy]
metric = "pool.busy"

[series.most]
metric = "pool.busy"
aggregation = "max"

[series.all]
metric = "pool.busy"
aggregation = "sum"
attributes = { "service.name" = "order" }

[series.bytes]
metric = "net.bytes"
aggregation = "rate"

[series.profit]
metric = "profit"
"#;

fn config() -> ModelsConfig {
    let config: ModelsConfig = toml::from_str(CONFIG).unwrap();
    config.validate().unwrap();
    config
}

async fn run(store: &Store, table: &str, columns: &str, select: &str) {
    let sql = format!("INSERT INTO {} (tenant, {columns}) SELECT 'acme', {select}", store.table(table));
    store.execute(&sql).await.unwrap();
}

/// Minutes of a series of the configuration, those that were not measured as `None`.
async fn minutes(store: &Store, tenant: &str, name: &str, range: TimeRange) -> Vec<Option<f64>> {
    let series = Subject::named(&config(), name).measured(store, tenant, range).await.unwrap();
    assert!(series.values.is_empty() || series.start == range.from, "{name} begins at {}", series.start);
    series.values.iter().map(|value| value.map(|value| (value * 1e6).round() / 1e6)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_and_events_are_measured_by_the_minute() {
    let store = testing::store().await;
    let from = at("2026-12-08T10:00:00Z");
    let range = TimeRange::new(from, from + Duration::minutes(4)).unwrap();
    let time = |seconds: &str| format!("toDateTime64({} + {seconds}, 9, 'UTC')", from.timestamp());

    // Two orders in the first minute, of which one is sent twice; one of another symbol in the third.
    for (second, id, symbol, amount) in
        [(5, "a", "AAPL", "10.5"), (6, "b", "AAPL", "4.5"), (7, "b", "AAPL", "4.5"), (130, "c", "MSFT", "99")]
    {
        let values = format!(
            "'order.placed', {}, '{id}', map('symbol', '{symbol}', 'amount', '{amount}')",
            time(&second.to_string())
        );
        run(&store, "events", "name, ts, event_id, attributes", &values).await;
    }
    assert_eq!(minutes(&store, "acme", "orders", range).await, [Some(2.0), Some(0.0), Some(1.0), Some(0.0)]);
    let turnover = minutes(&store, "acme", "turnover", range).await;
    assert!((turnover[0].unwrap() - 13.0).abs() < 2.1, "a mean of three, twice: {turnover:?}");
    assert_eq!(turnover[2], Some(0.0), "another symbol");
    assert!(minutes(&store, "other", "orders", range).await.is_empty(), "another tenant");

    // A price each minute; from the one before the range to its third.
    let prices = format!(
        "'price.updated', {}, toString(number), map('price', ['100', '101', '101', '99.99'][number + 1]) FROM numbers(4)",
        time("number * 60 - 60")
    );
    run(&store, "events", "name, ts, event_id, attributes", &prices).await;
    let swing = minutes(&store, "acme", "swing", range).await;
    assert_eq!(swing, [Some(99.503_309), Some(0.0), Some(100.503_359), None], "basis points");

    // Pods `a` and `b` of one service, the one twice as often; and another service.
    for (service, pod, value, every) in
        [("order", "a", 4, 15), ("order", "b", 10, 30), ("price", "a", 100, 30)]
    {
        let points = format!(
            "'{service}', 'pool.busy', {}, {value}, map('pod', '{pod}') FROM numbers(intDiv(120, {every}))",
            time(&format!("number * {every}"))
        );
        run(&store, "metric_gauge", "service, name, ts, value, attributes", &points).await;
    }
    assert_eq!(minutes(&store, "acme", "most", range).await, [Some(100.0), Some(100.0), None, None]);
    assert_eq!(minutes(&store, "acme", "busy", range).await[0], Some(29.5), "(4 x 4 + 2 x 10 + 2 x 100) / 8");
    let all = minutes(&store, "acme", "all", range).await;
    assert_eq!(all, [Some(12.0), Some(12.0), None, None], "6 in the mean, of two pods");

    // Two cumulative counters, of which the second begins anew, and a delta one.
    for (pod, temporality, started, values) in [
        ("a", "cumulative", -600, "[1000, 1060, 1060, 1120, 1150]"),
        ("b", "cumulative", -600, "[500, 507, 3, 4, 4]"),
        ("c", "delta", -60, "[9, 1, 1, 1, 1]"),
    ] {
        let points = format!(
            "'order', 'net.bytes', {}, {}, {values}[number + 1], '{temporality}', true, map('pod', '{pod}') FROM numbers(5)",
            time("number * 60 - 60"),
            time(&started.to_string())
        );
        let columns = "service, name, ts, start_ts, value, temporality, is_monotonic, attributes";
        run(&store, "metric_sum", columns, &points).await;
    }
    let rate = minutes(&store, "acme", "bytes", range).await;
    assert_eq!(rate, [Some(68.0), Some(4.0), Some(62.0), Some(31.0)], "60+7+1, 0+3+1, 60+1+1, 30+0+1");
}

/// Four days: orders and the pool rise by day; profit falls below 0.
async fn four_days(from: DateTime<Utc>) -> TestStore {
    let store = testing::store().await;
    let time = |seconds: &str| format!("toDateTime64({} + {seconds}, 9, 'UTC')", from.timestamp());
    let by_day = "(minute % 1440 < 480)";
    let orders = format!(
        "'order.placed', {}, concat(toString(minute), '-', toString(k)), map('symbol', 'AAPL', 'amount', '2.5') \
         FROM (SELECT intDiv(number, 12) AS minute, number % 12 AS k FROM numbers(5760 * 12)) WHERE k < 4 + 6 * {by_day}",
        time("minute * 60 + k")
    );
    run(&store, "events", "name, ts, event_id, attributes", &orders).await;
    let points = |name: &str, value: &str| {
        format!(
            "'order', '{name}', {}, {value} FROM (SELECT number AS minute FROM numbers(5760))",
            time("minute * 60")
        )
    };
    let columns = "service, name, ts, value";
    run(&store, "metric_gauge", columns, &points("pool.busy", &format!("20 + 60 * {by_day} + minute % 5")))
        .await;
    run(&store, "metric_gauge", columns, &points("profit", "toFloat64(minute) - 100")).await;
    platform::fill(&store, from, from + Duration::days(4), |_| 50).await;
    store
}

#[tokio::test(flavor = "multi_thread")]
async fn series_are_forecast_beside_services_back_tested_and_of_their_tenant_alone() {
    let (from, now) = (at("2026-12-06T12:00:00Z"), at("2026-12-10T12:00:00Z"));
    let store = four_days(from).await;
    let clock = Arc::new(ManualClock::new(now));
    let calendar = Arc::new(Calendar::new(Vec::new(), false));
    let shared = Arc::clone(&clock) as Arc<dyn Clock>;
    let mut forecasts =
        ForecastLoop::new(store.clone(), "acme", Arc::new(config()), calendar, shared).unwrap();
    let report = forecasts.tick().await.unwrap();
    for name in ["orders", "turnover", "busy", "most", "all", "gateway"] {
        assert_eq!(report.forecast.get(name), Some(&1440), "{name}: {:?}", report.unavailable);
    }
    assert_eq!(
        report.unavailable["profit"],
        "profit was below 0 in 100 minutes, first at 2026-12-06 12:00 UTC: only what never is can be forecast"
    );
    assert!(report.unavailable.contains_key("swing") && report.unavailable.contains_key("bytes"));

    let range = TimeRange::new(now - Duration::hours(2), now + Duration::hours(24)).unwrap();
    let of = |name: &str| Subject::named(&config(), name);
    let body = read::forecast(&store, "acme", &of("orders"), range).await.unwrap();
    assert_eq!((body.metric.as_str(), body.service.as_str()), ("orders", "gateway"));
    assert_eq!((body.points.len(), body.actual.len()), (1440, 120));
    let busiest = |body: &headroom_models::ForecastBody| {
        body.points.iter().find(|p| p.ts == at("2026-12-10T15:00:00Z")).unwrap().q50
    };
    assert!((busiest(&body) - 10.0).abs() < 1.0, "{}", busiest(&body));
    assert!((body.points[1260].q50 - 4.0).abs() < 1.0, "{:?}", body.points[1260]);
    assert!(body.skill.is_some(), "back-tested");
    let turnover = read::forecast(&store, "acme", &of("turnover"), range).await.unwrap();
    assert_eq!((turnover.metric.as_str(), turnover.service.as_str()), ("turnover", ""));
    assert!((busiest(&turnover) - 25.0).abs() < 2.0, "{}", busiest(&turnover));
    let busy = read::forecast(&store, "acme", &of("busy"), range).await.unwrap();
    assert!((busiest(&busy) - 82.0).abs() < 3.0, "{}", busiest(&busy));

    let subjects = read::subjects(&store, "acme", now).await.unwrap();
    let subjects: Vec<_> = subjects.iter().map(|s| (s.metric.as_str(), s.service.as_str())).collect();
    assert_eq!(
        subjects,
        [
            ("all", ""),
            ("busy", ""),
            ("most", ""),
            ("orders", "gateway"),
            ("requests_per_minute", "gateway"),
            ("turnover", ""),
        ]
    );
    assert!(read::subjects(&store, "other", now).await.unwrap().is_empty());
    let other = read::forecast(&store, "other", &of("orders"), range).await.unwrap();
    assert!(other.points.is_empty() && other.actual.is_empty() && other.skill.is_none());

    // A minute on, nothing is fitted: the next hours are rewritten.
    clock.set(now + Duration::minutes(1));
    let report = forecasts.tick().await.unwrap();
    assert_eq!((report.forecast["orders"], report.forecast["busy"]), (240, 240));
}
