//! Messages that can never be stored.

use std::time::Duration;

use headroom_store::testing;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Headers as _, Message as _};
use rdkafka::types::RDKafkaRespErr;

use crate::support::{Node, cluster, node, produce, source, span, stored};

fn next(node: &Node) -> u64 {
    node.ingest.intake().position("kafka/kafka/readers", "spans", 0).unwrap().unwrap_or(0)
}

/// Good spans with two bad messages between them: bytes that are no protobuf, and protobuf that
/// is no request.
fn mixed() -> Vec<Vec<u8>> {
    let mut messages: Vec<_> = (0..20).map(span).collect();
    messages.insert(5, b"\x0a\x63\x01".to_vec());
    messages.insert(10, b"\x0a\x02\x08\x01".to_vec());
    messages.push(Vec::new());
    messages
}

#[tokio::test(flavor = "multi_thread")]
async fn they_go_to_the_dead_letter_topic_with_their_origin() {
    let cluster = cluster(&[("spans", 1), ("dead", 1)]);
    let brokers = cluster.bootstrap_servers();
    let store = testing::store().await;
    let dir = tempfile::tempdir().unwrap();
    produce(&brokers, "spans", 1, mixed()).await;
    let config = source(&brokers, &serde_json::json!({"dead_letter_topic": "dead"}));
    let node = node(dir.path(), &store, &config).await;
    // The last one has no payload and is passed over.
    node.until(|spans, _| spans == 20 && next(&node) == 23).await;
    node.settled().await;
    assert_eq!(stored(&store).await, (20, 20));
    assert_eq!(std::fs::read_dir(dir.path().join("dead")).unwrap().count(), 0);
    let reader: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &brokers)
        .set("group.id", "undertaker")
        .set("auto.offset.reset", "earliest")
        .create()
        .unwrap();
    reader.subscribe(&["dead"]).unwrap();
    let mut shown = Vec::new();
    while shown.len() < 2 {
        let message = reader.poll(Duration::from_secs(30));
        let Some(message) = message else { continue };
        let message = message.unwrap();
        let headers: Vec<_> = message
            .headers()
            .unwrap()
            .iter()
            .map(|h| format!("{}={}", h.key, String::from_utf8_lossy(h.value.unwrap())))
            .collect();
        shown.push(format!("{:?} {:?} {}", message.key(), message.payload().unwrap(), headers.join(", ")));
    }
    shown.sort();
    insta::assert_snapshot!(shown.join("\n"), @r"
    Some([107, 101, 121]) [10, 2, 8, 1] headroom.reason=malformed, headroom.detail=it is not a protobuf request for traces: resource_spans[0].resource: field 1 is varint, expected length-delimited at byte 2, headroom.topic=spans, headroom.partition=0, headroom.offset=10
    Some([107, 101, 121]) [10, 99, 1] headroom.reason=malformed, headroom.detail=it is not a protobuf request for traces: a length of 99 runs past the end (1 left) at byte 1, headroom.topic=spans, headroom.partition=0, headroom.offset=5
    ");
    node.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_such_a_topic_or_when_it_takes_nothing_the_folder_has_them() {
    let cluster = cluster(&[("spans", 1), ("dead", 1)]);
    let brokers = cluster.bootstrap_servers();
    cluster.topic_error("dead", RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED).unwrap();
    let store = testing::store().await;
    produce(&brokers, "spans", 1, mixed()).await;
    for (group, change) in [
        ("alone", serde_json::json!({"group": "alone"})),
        ("refused", serde_json::json!({"group": "refused", "dead_letter_topic": "dead"})),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let node = node(dir.path(), &store, &source(&brokers, &change)).await;
        node.until(|spans, _| spans == 20).await;
        let mut dead: Vec<_> = std::fs::read_dir(dir.path().join("dead"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        dead.sort();
        assert_eq!(dead, [10, 5].map(|offset| format!("kafka-kafka-{group}-spans-0-{offset}.bin")));
        node.drain().await;
    }
}
