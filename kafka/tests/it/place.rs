//! Places that are not there any more.

use headroom_ingest::Signal;
use headroom_ingest::log::Position;
use headroom_store::testing;

use crate::support::broker::broker;
use crate::support::{cluster, ingest, ingest_config, metrics, node, produce, source, span, stored};

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_ends_before_the_logs_position_is_read_from_its_beginning() {
    metrics::keep();
    let cluster = cluster(&[("anew", 1)]);
    let brokers = cluster.bootstrap_servers();
    let store = testing::store().await;
    let dir = tempfile::tempdir().unwrap();
    let (ingest, _) = ingest(ingest_config(dir.path()), &store).await;
    let old = Position {
        source: "kafka/kafka/readers",
        topic: "anew",
        partition: 0,
        from_offset: 0,
        to_offset: 1000,
    };
    ingest.intake().take("acme", Signal::Traces, Vec::new(), Some(&old)).await.unwrap();
    ingest.drain().await;
    produce(&brokers, "anew", 1, (0..5).map(span).collect()).await;
    let config =
        source(&brokers, &serde_json::json!({"topics": [{"name": "anew", "content": "otlp_traces"}]}));
    let node = node(dir.path(), &store, &config).await;
    node.until("the topic is read from its beginning", |spans, _| spans == 5).await;
    node.settled().await;
    assert_eq!(stored(&store).await, (5, 5));
    assert_eq!(node.next("readers", "anew", 0), 5);
    assert_eq!(metrics::value("headroom_kafka_topics_made_anew_total", &["topic=\"anew\""]), Some(1.0));
    node.drain().await;
}

/// The mock keeps 5 MB of a partition.
#[tokio::test(flavor = "multi_thread")]
async fn messages_that_were_deleted_before_they_were_read_are_counted_as_lost() {
    metrics::keep();
    let cluster = cluster(&[("short", 1)]);
    let brokers = cluster.bootstrap_servers();
    let store = testing::store().await;
    let dir = tempfile::tempdir().unwrap();
    let config = source(
        &brokers,
        &serde_json::json!({
            "topics": [{"name": "short", "content": "otlp_traces"}], "dead_letter_topic": null,
        }),
    );
    produce(&brokers, "short", 1, (0..10).map(span).collect()).await;
    let first = node(dir.path(), &store, &config).await;
    first.until("the first messages are taken", |spans, _| spans == 10).await;
    first.drain().await;
    // These are too many for the partition while nobody reads.
    let padding = |n: u64| [span(n), span(n).repeat(8_000)].concat();
    for n in 10..30 {
        produce(&brokers, "short", 1, vec![padding(n)]).await;
    }
    let node = node(dir.path(), &store, &config).await;
    node.until("what is left of the topic is taken", |_, _| node.next("readers", "short", 0) == 30).await;
    let lost = metrics::value("headroom_kafka_lost_messages_total", &["topic=\"short\""]).unwrap();
    assert!((1.0..20.0).contains(&lost), "{lost}");
    node.settled().await;
    let (_, distinct) = stored(&store).await;
    assert_eq!(distinct as f64, 30.0 - lost, "what was not counted as lost is stored");
    node.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_real_broker_a_topic_is_deleted_and_made_anew() {
    metrics::keep();
    let Some(broker) = broker() else { return };
    let topic = broker.topic("deleted", 1).await;
    let store = testing::store().await;
    let dir = tempfile::tempdir().unwrap();
    let config = source(
        &broker.address,
        &serde_json::json!({"group": topic, "topics": [{"name": topic, "content": "otlp_traces"}]}),
    );
    produce(&broker.address, &topic, 1, (0..100).map(span).collect()).await;
    let first = node(dir.path(), &store, &config).await;
    first.until("the old topic is read", |spans, _| spans == 100).await;
    first.drain().await;
    broker.delete(&topic).await;
    broker.make(&topic, 1).await;
    produce(&broker.address, &topic, 1, (100..150).map(span).collect()).await;
    let second = node(dir.path(), &store, &config).await;
    second.until("the new topic is read from its beginning", |spans, _| spans == 50).await;
    second.settled().await;
    assert_eq!(stored(&store).await, (150, 150));
    assert_eq!(second.next(&topic, &topic, 0), 50);
    second.drain().await;
}
