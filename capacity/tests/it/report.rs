//! The assessment of a platform with limits.

use chrono::{DateTime, Utc};
use headroom_capacity::assess::document;
use headroom_capacity::money::Figure;
use headroom_capacity::money::incident::incident;
use headroom_capacity::walls::CapacityConfig;
use headroom_query::TimeRange;
use headroom_query::slo::{SloSet, slices};
use headroom_store::{Store, testing};

use crate::support::{TENANT, answers, climbing, fill};

const PRICES: &str = r#"
currency = "USD"
[classes.small]
vcpu = 2
memory_gib = 4
per_hour = "0.05"
[services.gateway]
class = "small"
[services.order]
class = "small"
"#;

/// 95 of 100 requests to `order` succeed.
const OBJECTIVE: &str = "
apiVersion: openslo/v1
kind: SLO
metadata: {name: orders, displayName: Orders}
spec:
  service: order
  indicator:
    spec:
      ratioMetric:
        counter: true
        good: {metricSource: {type: headroom, spec: {operation: POST /orders, kind: server, status: not_error}}}
        total: {metricSource: {type: headroom, spec: {operation: POST /orders, kind: server}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.95}]
";

/// What being short costs.
const INCIDENT: &str = "
[incident]
currency = 'USD'
per_transaction = '0.50'
worth = 'margin'
sla_credits = '1000'
";

/// Stores a forecast of `order` whose second minute is the highest: its 0.95 quantile is 900 requests a minute.
async fn forecast(store: &Store, now: DateTime<Utc>) {
    let sql = format!(
        "INSERT INTO {} (tenant, metric, service, made_at, ts, q50, q80, q90, q95, q99, q999, events, model) SELECT \
         '{TENANT}', 'requests_per_minute', 'order', toDateTime64({at}, 3, 'UTC'), \
         toDateTime64({at} + 3600 + number * 60, 0, 'UTC'), 400 * part, 600 * part, 700 * part, 900 * part, \
         1200 * part, 2000 * part, [], 'm' FROM (SELECT number, if(number = 1, 1, 0.5) AS part FROM numbers(3))",
        store.table("forecasts"),
        at = now.timestamp()
    );
    store.execute(&sql).await.unwrap();
}

/// Counts the objective's minutes as the alerts' ticks would; beside it stands one that nothing was measured of.
async fn measured(store: &Store, range: TimeRange) -> SloSet {
    let other =
        OBJECTIVE.replace("name: orders", "name: refunds").replace("service: order", "service: refund");
    let set = SloSet::parse([("orders.yaml", OBJECTIVE), ("refunds.yaml", other.as_str())]).unwrap();
    let now = range.to;
    let (from, to) = (range.from.timestamp(), slices::due_until(now));
    assert!(
        slices::refresh(store, TENANT, &[(&set.slos[0], slices::Stretch { from, to })], None, now)
            .await
            .unwrap()
            .slices()
            > 20
    );
    set
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_section_is_there_in_both_formats_and_says_where_it_is_from() {
    let store = testing::store().await;
    let limits = "pool.order = { size = 4, hold_ms = 400, timeout_ms = 10000 }";
    let range = fill(&store, climbing(limits, 2.0, 8.0, 30, Utc::now())).await;
    let dir = tempfile::tempdir().unwrap();
    let prices = dir.path().join("prices.toml");
    std::fs::write(&prices, PRICES).unwrap();
    let config: CapacityConfig = toml::from_str(INCIDENT).unwrap();
    let config = CapacityConfig { prices: Some(prices), ..config };
    forecast(&store, range.to).await;
    let slos = measured(&store, range).await;
    let found = answers(&store, config).assessment(TENANT, range, &slos).await.unwrap();
    let report = document(&found);
    let html = report.to_html();
    for heading in [
        "In short",
        "Walls",
        "Bottlenecks",
        "Roadmap by growth",
        "Objectives",
        "Delivery",
        "Warning signs",
        "Cost",
        "How to read this",
    ] {
        assert!(html.contains(&format!(">{heading}<")) || html.contains(heading), "no section {heading}");
    }
    assert!(html.contains("order/connections/orders") && html.contains("GET /api/v1/capacity/walls?from="));
    assert!(html.contains("USD"), "costs by the price table");
    let history = &found.slo_history[0].series;
    assert!(
        history.len() >= 20 && history.iter().any(|point| point.budget_remaining.is_some()),
        "{history:?}"
    );
    assert!(html.contains("Objectives over the range") && html.contains("Error budgets over time"));
    assert!(html.contains("<code>refunds</code> has no history: nothing has been measured yet."));
    let Figure::Known(incidents) = &found.incidents else { panic!("{:?}", found.incidents) };
    let order = incidents.iter().find(|of| of.service == "order").unwrap().weighed.known().unwrap();
    let wall = found.walls.walls.iter().find(|wall| wall.id == order.wall).unwrap();
    assert!((order.input.capacity_without - wall.limit.per_second * 60.0).abs() < 0.01, "{order:?}");
    assert_eq!(
        order.peak_at.timestamp(),
        range.to.timestamp() + 3_660,
        "the highest of the forecast's moments"
    );
    assert_eq!(order.input.demand[3].demand, 900.0);
    assert_eq!(incident(&order.input).unwrap(), order.comparison, "as the API answers");
    assert!(html.contains("What changes cost against the incidents they avoid"));
    assert!(
        html.contains("POST /api/v1/capacity/incident") && html.contains("A lost request counts 0.50 USD")
    );
    let pdf = report.to_pdf().unwrap();
    assert!(pdf.starts_with(b"%PDF-") && pdf.len() > 20_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_measured_is_said_and_not_zero() {
    let store = testing::store().await;
    let now = Utc::now();
    let range = TimeRange { from: now - chrono::TimeDelta::days(1), to: now };
    let answers = answers(&store, CapacityConfig::default());
    let found = answers.assessment(TENANT, range, &SloSet::default()).await.unwrap();
    let html = document(&found).to_html();
    assert!(html.contains("No wall can be told from what was measured"));
    assert!(html.contains("no bill and no price table is configured"));
    assert!(html.contains("what being short costs is not configured: give [capacity.incident]"));
    let walls = answers.walls(TENANT, range, &headroom_capacity::walls::WhatIf::default()).await.unwrap();
    assert!(walls.walls.is_empty() && walls.text().contains("no wall can be told from this data"));
}
