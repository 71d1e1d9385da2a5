//! Killed again and again: every message is stored once.

use std::time::Duration;

use headroom_ingest::Signal;
use headroom_ingest::log::Position;
use headroom_store::testing;

use crate::support::{cluster, node, produce, real_broker, source, span, stored};

const MESSAGES: u64 = 10_000;

/// Reads all messages with crashes in between, in which nothing was committed to the group.
async fn crashes(brokers: &str, topic: &str, partitions: i32) {
    let store = testing::store().await;
    let dir = tempfile::tempdir().unwrap();
    let config = source(
        brokers,
        &serde_json::json!({
            "group": topic, "topics": [{"name": topic, "content": "otlp_traces"}],
            // Small batches, so that a crash finds some of them taken and some not.
            "max_batch_messages": 100,
        }),
    );
    produce(brokers, topic, partitions, (0..MESSAGES / 2).map(span).collect()).await;
    for round in 0..3_u64 {
        let node = node(dir.path(), &store, &config).await;
        if round == 1 {
            produce(brokers, topic, partitions, (MESSAGES / 2..MESSAGES).map(span).collect()).await;
        }
        node.until(|spans, _| spans > 500 * round).await;
        drop(node);
    }
    let node = node(dir.path(), &store, &config).await;
    node.until(|_, _| node.taken(topic, partitions) == MESSAGES).await;
    // Nothing comes a second time.
    tokio::time::sleep(Duration::from_millis(500)).await;
    node.settled().await;
    assert_eq!(stored(&store).await, (MESSAGES, MESSAGES));
    // An orderly stop commits, and the next start has nothing to read.
    node.drain().await;
    let node = crate::support::node(dir.path(), &store, &config).await;
    produce(brokers, topic, partitions, vec![span(MESSAGES)]).await;
    node.until(|spans, _| spans == 1).await;
    node.settled().await;
    assert_eq!(stored(&store).await, (MESSAGES + 1, MESSAGES + 1));
    node.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_messages_and_three_crashes() {
    let cluster = cluster(&[("spans", 3)]);
    crashes(&cluster.bootstrap_servers(), "spans", 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_on_a_real_broker() {
    let Some((brokers, topic)) = real_broker("crashes", 3).await else { return };
    crashes(&brokers, &topic, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_was_made_anew_is_read_from_its_beginning() {
    let cluster = cluster(&[("spans", 1)]);
    let brokers = cluster.bootstrap_servers();
    let store = testing::store().await;
    let dir = tempfile::tempdir().unwrap();
    let (ingest, _) = crate::support::ingest(crate::support::ingest_config(dir.path()), &store).await;
    let old = Position {
        source: "kafka/kafka/readers",
        topic: "spans",
        partition: 0,
        from_offset: 0,
        to_offset: 1000,
    };
    ingest.intake().take("acme", Signal::Traces, Vec::new(), Some(&old)).await.unwrap();
    ingest.drain().await;
    produce(&brokers, "spans", 1, (0..5).map(span).collect()).await;
    let node = node(dir.path(), &store, &source(&brokers, &serde_json::json!({}))).await;
    node.until(|spans, _| spans == 5).await;
    node.settled().await;
    assert_eq!(stored(&store).await, (5, 5));
    assert_eq!(node.ingest.intake().position("kafka/kafka/readers", "spans", 0), Ok(Some(5)));
    node.drain().await;
}
