//! When there is no room: a partition waits, and loses nothing.

use std::time::Duration;

use chrono::TimeDelta;
use headroom_ingest::{IngestConfig, Limits};
use headroom_kafka::KafkaSources;
use headroom_store::testing;

use crate::support::{Node, cluster, ingest, ingest_config, produce, source, span, stored};

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_over_its_rate_is_paused_and_resumed() {
    let cluster = cluster(&[("spans", 2)]);
    let brokers = cluster.bootstrap_servers();
    let store = testing::store().await;
    let dir = tempfile::tempdir().unwrap();
    produce(&brokers, "spans", 2, (0..2000).map(span).collect()).await;
    let limits = Limits { records_per_second: 100, burst_s: 1, ..Limits::default() };
    let config = IngestConfig { limits, ..ingest_config(dir.path()) };
    let (ingest, clock) = ingest(config, &store).await;
    let reading = source(&brokers, &serde_json::json!({"max_batch_messages": 100}));
    let sources = KafkaSources::start(&[reading], &ingest.intake(), "acme").unwrap();
    let node = Node { sources, ingest, clock };
    // The clock stands still: once the rate is used up nothing is taken.
    node.until(|spans, _| spans >= 100).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = node.ingest.status().accepted.traces;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(node.ingest.status().accepted.traces, before);
    assert!(before < 1000, "{before}");
    while node.ingest.status().accepted.traces < 2000 {
        node.clock.advance(TimeDelta::seconds(10));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    node.settled().await;
    assert_eq!(stored(&store).await, (2000, 2000));
    node.drain().await;
}
