//! Killed again and again: every message is stored once.

use std::time::Duration;

use headroom_store::testing;

use crate::support::broker::broker;
use crate::support::{cluster, metrics, node, produce, source, span, stored};

/// Reads all messages with crashes in between, in which nothing was committed to the group.
async fn crashes(brokers: &str, topic: &str, partitions: i32, messages: u64) {
    metrics::keep();
    let store = testing::store().await;
    let dir = tempfile::tempdir().unwrap();
    let config = source(
        brokers,
        &serde_json::json!({
            "group": topic, "topics": [{"name": topic, "content": "otlp_traces"}],
            // Small batches, so that a crash finds some of them taken and some not.
            "max_batch_messages": 50,
        }),
    );
    produce(brokers, topic, partitions, (0..messages / 2).map(span).collect()).await;
    for round in 0..3_u64 {
        let node = node(dir.path(), &store, &config).await;
        if round == 1 {
            produce(brokers, topic, partitions, (messages / 2..messages).map(span).collect()).await;
        }
        // A fast round may have left less than that to this one.
        let sent = if round == 0 { messages / 2 } else { messages };
        node.until("some messages are taken before the crash", |spans, _| {
            spans > messages / 20 * round || node.taken(topic, partitions) == sent
        })
        .await;
        node.kill().await;
    }
    let node = node(dir.path(), &store, &config).await;
    node.until("all messages are taken", |_, _| node.taken(topic, partitions) == messages).await;
    // Nothing comes a second time.
    tokio::time::sleep(Duration::from_millis(500)).await;
    node.settled().await;
    assert_eq!(stored(&store).await, (messages, messages));
    // The group had no offset: reading went on from the log, and nothing was even delivered again.
    let label = format!("topic=\"{topic}\"");
    assert_eq!(metrics::value("headroom_kafka_known_messages_total", &[&label]), None);
    assert_eq!(metrics::value("headroom_kafka_lost_messages_total", &[&label]), None);
    assert_eq!(metrics::value("headroom_kafka_missing_offsets_total", &[&label]), None);
    let taken = metrics::value("headroom_kafka_messages_total", &[&label]).unwrap();
    assert!(taken <= messages as f64, "{taken} are counted");
    // An orderly stop commits, and the next start has nothing to read.
    node.drain().await;
    let node = crate::support::node(dir.path(), &store, &config).await;
    produce(brokers, topic, partitions, vec![span(messages)]).await;
    node.until("the one new message is taken", |spans, _| spans == 1).await;
    node.settled().await;
    assert_eq!(stored(&store).await, (messages + 1, messages + 1));
    node.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_messages_and_three_crashes() {
    let cluster = cluster(&[("crashes", 3)]);
    crashes(&cluster.bootstrap_servers(), "crashes", 3, 10_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_on_a_real_broker() {
    let Some(broker) = broker() else { return };
    let topic = broker.topic("crashes", 3).await;
    crashes(&broker.address, &topic, 3, 900).await;
}
