//! A stored series that runs ahead of a service's demand moves what is forecast of it.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use headroom_models::{Calendar, ForecastLoop, ModelsConfig, read};
use headroom_query::TimeRange;
use headroom_store::Clock;
use headroom_store::clock::ManualClock;
use headroom_store::testing;

use crate::platform::{self, at, gateway};

/// An hour of turmoil begins every eleven hours.
const EVERY: i64 = 11 * 60;

/// Minutes since the last turmoil began.
fn into_turmoil(ts: DateTime<Utc>) -> i64 {
    (ts - at("2026-11-23T05:00:00Z")).num_minutes().rem_euclid(EVERY)
}

/// Demand trebles ten minutes after the index rises.
fn demand(ts: DateTime<Utc>) -> u64 {
    let noise = (ts.timestamp() as u64 / 60).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 60;
    let busy = (10..70).contains(&into_turmoil(ts));
    if busy { 600 + 3 * noise } else { 200 + noise }
}

/// The median stored for twelve minutes ahead, with and without an index that leads the gateway.
async fn foreseen(leads: &str, now: DateTime<Utc>) -> f64 {
    let store = testing::store().await;
    let from = now - Duration::days(21);
    platform::fill(&store, from, now, demand).await;
    let index = format!(
        "INSERT INTO {} (tenant, service, name, ts, value) SELECT 'acme', 'market', 'index', \
         toDateTime64({} + number * 60, 9, 'UTC'), if((number * 60 + {}) % {} < 3600, 30, 10) FROM numbers({})",
        store.table("metric_gauge"),
        from.timestamp(),
        into_turmoil(from) * 60,
        EVERY * 60,
        (now - from).num_minutes(),
    );
    store.execute(&index).await.unwrap();
    let config = format!(
        "venues = []\nbuiltin_events = false\nhorizon_days = 1\n[services.gateway]\nrequests_per_minute = 100.0\n\
         [series.index]\nmetric = \"index\"\naggregation = \"max\"\n{leads}"
    );
    let config: ModelsConfig = toml::from_str(&config).unwrap();
    config.validate().unwrap();
    let clock = Arc::new(ManualClock::new(now)) as Arc<dyn Clock>;
    let mut forecasts =
        ForecastLoop::new(store.clone(), "acme", Arc::new(config), Arc::new(Calendar::default()), clock)
            .unwrap();
    forecasts.tick().await.unwrap();
    let soon = TimeRange::new(now, now + Duration::minutes(20)).unwrap();
    let body = read::forecast(&store, "acme", &gateway(), soon).await.unwrap();
    assert_eq!(body.unavailable, None);
    body.points.iter().find(|point| point.ts == now + Duration::minutes(12)).unwrap().q50
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_rises_first_raises_what_is_stored() {
    // Three minutes into turmoil: the index has risen, demand has not.
    let now = at("2026-12-07T08:00:00Z");
    let begun = now - Duration::minutes(into_turmoil(now)) + Duration::minutes(4);
    let alone = foreseen("", begun).await;
    let led = foreseen("leads = [\"gateway\"]\n", begun).await;
    assert!((150.0..320.0).contains(&alone), "{alone}");
    assert!(led > 1.8 * alone, "{led} with the index, {alone} without it");
}
