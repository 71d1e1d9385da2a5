//! The assessment of a platform with limits.

use chrono::Utc;
use headroom_capacity::assess::document;
use headroom_capacity::walls::CapacityConfig;
use headroom_query::slo::SloSet;
use headroom_store::testing;

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_section_is_there_in_both_formats_and_says_where_it_is_from() {
    let store = testing::store().await;
    let limits = "pool.order = { size = 4, hold_ms = 400, timeout_ms = 10000 }";
    let range = fill(&store, climbing(limits, 2.0, 8.0, 30, Utc::now())).await;
    let dir = tempfile::tempdir().unwrap();
    let prices = dir.path().join("prices.toml");
    std::fs::write(&prices, PRICES).unwrap();
    let config = CapacityConfig { prices: Some(prices), ..CapacityConfig::default() };
    let found = answers(&store, config).assessment(TENANT, range, &SloSet::default()).await.unwrap();
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
    let pdf = report.to_pdf().unwrap();
    assert!(pdf.starts_with(b"%PDF-") && pdf.len() > 20_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_measured_is_said_and_not_zero() {
    let store = testing::store().await;
    let now = Utc::now();
    let range = headroom_query::TimeRange { from: now - chrono::TimeDelta::days(1), to: now };
    let answers = answers(&store, CapacityConfig::default());
    let found = answers.assessment(TENANT, range, &SloSet::default()).await.unwrap();
    let html = document(&found).to_html();
    assert!(html.contains("No wall can be told from what was measured"));
    assert!(html.contains("no bill and no price table is configured"));
    let walls = answers.walls(TENANT, range, &headroom_capacity::walls::WhatIf::default()).await.unwrap();
    assert!(walls.walls.is_empty() && walls.text().contains("no wall can be told from this data"));
}
