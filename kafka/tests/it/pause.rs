//! When there is no room: a partition waits, and loses nothing.

mod gate;

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use headroom_ingest::{IngestConfig, Limits};
use headroom_kafka::KafkaSources;
use headroom_store::{Store, StoreConfig, testing};

use crate::support::{
    LONGEST, Node, cluster, ingest, ingest_config, metrics, node, produce, source, span, stored, until,
};
use gate::Gate;

/// A node whose tenant may send 100 records, and no more until its clock goes on.
async fn slow_node(dir: &std::path::Path, store: &Store, reading: headroom_kafka::KafkaConfig) -> Node {
    let limits = Limits { records_per_second: 100, burst_s: 1, ..Limits::default() };
    let (ingest, clock) = ingest(IngestConfig { limits, ..ingest_config(dir) }, store).await;
    let sources = KafkaSources::start(&[reading], &ingest.intake(), "acme").unwrap();
    Node { sources, ingest, clock }
}

/// Lets time go on until `count` spans are taken.
async fn catch_up(node: &Node, count: u64) {
    let begin = Instant::now();
    while node.spans() < count {
        assert!(begin.elapsed() < LONGEST, "not resumed: {} of {count}", node.spans());
        node.clock.advance(TimeDelta::seconds(10));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn paused(topic: &str) -> f64 {
    metrics::value("headroom_kafka_paused", &[&format!("topic=\"{topic}\"")]).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_over_its_rate_is_paused_and_resumed() {
    metrics::keep();
    let cluster = cluster(&[("rate", 2)]);
    let brokers = cluster.bootstrap_servers();
    let store = testing::store().await;
    let dir = tempfile::tempdir().unwrap();
    produce(&brokers, "rate", 2, (0..2000).map(span).collect()).await;
    let reading = source(
        &brokers,
        &serde_json::json!({
            "topics": [{"name": "rate", "content": "otlp_traces"}], "max_batch_messages": 100,
        }),
    );
    let node = slow_node(dir.path(), &store, reading).await;
    // The clock stands still: once the rate is used up nothing is taken.
    node.until("the rate is used up", |spans, _| spans >= 100).await;
    until("both partitions are paused", || paused("rate") == 2.0).await;
    let before = node.spans();
    assert!(before < 1000, "{before}");
    let lag = || metrics::value("headroom_kafka_lag", &["topic=\"rate\""]);
    until("the lag is what is not taken", || lag() == Some(2000.0 - before as f64)).await;
    assert_eq!(node.spans(), before);
    catch_up(&node, 2000).await;
    until("no partition is paused", || paused("rate") == 0.0).await;
    until("nothing lags", || lag() == Some(0.0)).await;
    node.settled().await;
    assert_eq!(stored(&store).await, (2000, 2000));
    assert_eq!(metrics::value("headroom_kafka_messages_total", &["topic=\"rate\""]), Some(2000.0));
    let refused = ["transport=\"intake\"", "reason=\"records_per_second\"", "tenant=\"acme\""];
    assert!(metrics::value("headroom_ingest_refused_total", &refused).unwrap() > 0.0);
    for line in ["# TYPE headroom_kafka_lag gauge", "# TYPE headroom_kafka_messages_total counter"] {
        assert!(metrics::page().lines().any(|of| of == line), "{line}");
    }
    node.drain().await;
}

/// librdkafka keeps a partition paused that is taken away and given back.
#[tokio::test(flavor = "multi_thread")]
async fn a_paused_partition_that_comes_back_is_read_on() {
    let cluster = cluster(&[("back", 1), ("aside", 1)]);
    let brokers = cluster.bootstrap_servers();
    let store = testing::store().await;
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let topics = serde_json::json!({"topics": [{"name": "back", "content": "otlp_traces"}],
        "max_batch_messages": 100, "commit_interval_ms": 20});
    metrics::keep();
    produce(&brokers, "back", 1, (0..1000).map(span).collect()).await;
    let slow = slow_node(dir.path(), &store, source(&brokers, &topics)).await;
    slow.until("the rate is used up", |spans, _| spans >= 100).await;
    until("the partition is paused", || paused("back") == 1.0).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    // A second member reads another topic: the partition is taken away and comes back.
    let aside = serde_json::json!({"topics": [{"name": "aside", "content": "otlp_traces"}]});
    let second = node(other.path(), &store, &source(&brokers, &aside)).await;
    until("the group is balanced", || paused("back") == 0.0).await;
    let waiting = slow.spans();
    assert!(waiting < 1000, "{waiting}");
    catch_up(&slow, 1000).await;
    second.drain().await;
    slow.settled().await;
    assert_eq!(stored(&store).await, (1000, 1000));
    slow.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_log_pauses_until_the_store_is_back() {
    metrics::keep();
    let cluster = cluster(&[("full", 2)]);
    let brokers = cluster.bootstrap_servers();
    let real = testing::store().await;
    let gate = Gate::new().await;
    let gated = Store::connect(&StoreConfig { url: gate.url(), ..real.config().clone() }).unwrap();
    let dir = tempfile::tempdir().unwrap();
    produce(&brokers, "full", 2, (0..10_000).map(span).collect()).await;
    let config = IngestConfig { max_log_bytes: 256 * 1024, ..ingest_config(dir.path()) };
    let (ingest, clock) = ingest(config, &gated).await;
    let reading = source(
        &brokers,
        &serde_json::json!({
            "topics": [{"name": "full", "content": "otlp_traces"}], "max_batch_messages": 100,
        }),
    );
    let sources = KafkaSources::start(&[reading], &ingest.intake(), "acme").unwrap();
    let node = Node { sources, ingest, clock };
    until("both partitions are paused", || paused("full") == 2.0).await;
    let before = node.spans();
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(node.spans(), before, "nothing is taken without room");
    assert!((1..10_000).contains(&before), "{before}");
    let refused = ["transport=\"intake\"", "reason=\"log_full\"", "tenant=\"acme\""];
    assert!(metrics::value("headroom_ingest_refused_total", &refused).unwrap() > 0.0);
    gate.open(&real.config().url);
    node.until("all is taken once there is room", |spans, _| spans == 10_000).await;
    until("no partition is paused", || paused("full") == 0.0).await;
    node.settled().await;
    assert_eq!(stored(&real).await, (10_000, 10_000));
    node.drain().await;
}
