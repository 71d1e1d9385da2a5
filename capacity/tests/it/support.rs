//! A store with the sample platform's telemetry in it.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use headroom_capacity::Answers;
use headroom_capacity::walls::CapacityConfig;
use headroom_ingest::{AuthRefusal, Authenticator, Ingest, IngestConfig};
use headroom_query::TimeRange;
use headroom_sample_data::{Limits, Ramp, SampleConfig};
use headroom_store::testing::TestStore;
use headroom_store::{Store, SystemClock};
use tokio_util::sync::CancellationToken;

pub(crate) const TENANT: &str = "acme";

struct Anyone;

impl Authenticator for Anyone {
    fn tenant(&self, _: Option<&str>) -> Result<String, AuthRefusal> {
        Ok(TENANT.to_owned())
    }
}

/// The sample platform with limits, its demand climbing from one rate to another over so many minutes before now.
pub(crate) fn climbing(limits: &str, from: f64, to: f64, minutes: u64, now: DateTime<Utc>) -> SampleConfig {
    let over = Duration::from_secs(60 * minutes);
    SampleConfig {
        backfill: Some(over),
        live: false,
        limits: Limits::parse("limits.toml", limits).unwrap(),
        ramp: Some(Ramp { from, to, steps: None, over }),
        incidents: false,
        ..SampleConfig::new("http://127.0.0.1:4317", now)
    }
}

/// Sends the platform's telemetry over OTLP into the store, and waits until it is all there.
pub(crate) async fn fill(store: &Store, config: SampleConfig) -> TimeRange {
    let dir = tempfile::tempdir().unwrap();
    let ingest = IngestConfig {
        grpc_listen: "127.0.0.1:0".parse().unwrap(),
        http_listen: "127.0.0.1:0".parse().unwrap(),
        data_dir: dir.path().to_owned(),
        ..IngestConfig::default()
    };
    let ingest = Ingest::start(ingest, store.clone(), Arc::new(Anyone), Arc::new(SystemClock)).await.unwrap();
    let range = TimeRange { from: config.start(), to: config.now };
    let endpoint = format!("http://{}", ingest.grpc_addr());
    let sent =
        headroom_sample_data::run(SampleConfig { endpoint, ..config }, |_| {}, CancellationToken::default())
            .await;
    assert!(sent.unwrap().spans > 0);
    for _ in 0..6_000 {
        if ingest.status().backlog_bytes == 0 {
            ingest.drain().await;
            return range;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the store does not catch up: {}", ingest.status().summary());
}

pub(crate) fn answers(store: &TestStore, config: CapacityConfig) -> Answers {
    Answers::new((**store).clone(), TENANT, Arc::new(config), Arc::new(SystemClock))
}
