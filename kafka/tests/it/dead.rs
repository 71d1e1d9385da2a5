//! Messages that can never be stored.

use std::time::Duration;

use headroom_store::testing;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Headers as _, Message as _};
use rdkafka::mocking::MockCoordinator;
use rdkafka::types::RDKafkaRespErr;

use crate::support::{
    Cluster, LONGEST, cluster, cluster_of, metrics, node, produce, source, span, stored, until,
};

/// Messages of the dead-letter topic, once there are `count`: key, bytes, headers.
fn letters(cluster: &Cluster, topic: &str, count: usize) -> Vec<String> {
    let reader: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", cluster.bootstrap_servers())
        .set("group.id", "undertaker")
        .set("auto.offset.reset", "earliest")
        .create()
        .unwrap();
    reader.subscribe(&[topic]).unwrap();
    let begin = std::time::Instant::now();
    let mut shown = Vec::new();
    // A moment longer than it takes to get them all, for those that should not be there.
    let mut enough = None;
    while enough.is_none_or(|at: std::time::Instant| at.elapsed() < Duration::from_secs(1)) {
        assert!(begin.elapsed() < LONGEST, "{count} dead letters do not come, only {shown:?}");
        match reader.poll(Duration::from_millis(100)) {
            None => {}
            Some(Err(error)) => eprintln!("the reader of dead letters: {error}"),
            Some(Ok(message)) => {
                let headers: Vec<_> = message
                    .headers()
                    .unwrap()
                    .iter()
                    .map(|h| format!("{}={}", h.key, String::from_utf8_lossy(h.value.unwrap())))
                    .collect();
                let (key, bytes) = (message.key(), message.payload().unwrap());
                shown.push(format!("{key:?} {bytes:?} {}", headers.join(", ")));
            }
        }
        if shown.len() >= count && enough.is_none() {
            enough = Some(std::time::Instant::now());
        }
    }
    shown.sort();
    shown
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
    node.until("all but the bad ones are taken", |spans, _| {
        spans == 20 && node.next("readers", "spans", 0) == 23
    })
    .await;
    node.settled().await;
    assert_eq!(stored(&store).await, (20, 20));
    assert_eq!(std::fs::read_dir(dir.path().join("dead")).unwrap().count(), 0);
    let shown = tokio::task::block_in_place(|| letters(&cluster, "dead", 2));
    insta::assert_snapshot!(shown.join("\n"), @r"
    Some([107, 101, 121]) [10, 2, 8, 1] headroom.reason=malformed, headroom.detail=it is not a protobuf request for traces: resource_spans[0].resource: field 1 is varint, expected length-delimited at byte 2, headroom.topic=spans, headroom.partition=0, headroom.offset=10
    Some([107, 101, 121]) [10, 99, 1] headroom.reason=malformed, headroom.detail=it is not a protobuf request for traces: a length of 99 runs past the end (1 left) at byte 1, headroom.topic=spans, headroom.partition=0, headroom.offset=5
    ");
    node.drain().await;
}

/// Reads good and bad messages with a dead-letter topic that answers `error`, or with none; the
/// bad ones have to be in the folder.
async fn buried(group: &str, error: Option<RDKafkaRespErr>) {
    let cluster = cluster(&[("spans", 1), ("dead", 1)]);
    let brokers = cluster.bootstrap_servers();
    let store = testing::store().await;
    produce(&brokers, "spans", 1, mixed()).await;
    let mut change = serde_json::json!({"group": group});
    if let Some(error) = error {
        cluster.topic_error("dead", error).unwrap();
        change["dead_letter_topic"] = "dead".into();
    }
    let dir = tempfile::tempdir().unwrap();
    let node = node(dir.path(), &store, &source(&brokers, &change)).await;
    node.until("all but the bad ones are taken", |spans, _| {
        spans == 20 && node.next(group, "spans", 0) == 23
    })
    .await;
    let mut dead: Vec<_> = std::fs::read_dir(dir.path().join("dead"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    dead.sort();
    assert_eq!(dead, [10, 5].map(|offset| format!("kafka-kafka-{group}-spans-0-{offset}.bin")));
    node.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_such_a_topic_or_when_it_refuses_them_the_folder_has_them() {
    buried("alone", None).await;
    buried("refused", Some(RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)).await;
}

/// librdkafka waits half a minute for a topic to appear.
#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_topic_that_does_not_exist_stops_no_partition_for_ever() {
    buried("missing", Some(RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)).await;
}

/// The dead-letter topic is on a broker of its own.
#[tokio::test(flavor = "multi_thread")]
async fn while_the_topic_cannot_be_reached_the_partition_waits_and_others_go_on() {
    metrics::keep();
    let cluster = cluster_of(2, &[("waits", 2), ("dead", 1)]);
    let brokers = cluster.bootstrap_servers();
    cluster.coordinator(MockCoordinator::Group("readers".into()), 1).unwrap();
    for partition in 0..2 {
        cluster.partition_leader("waits", partition, Some(1)).unwrap();
    }
    cluster.partition_leader("dead", 0, Some(2)).unwrap();
    cluster.broker_down(2).unwrap();
    let store = testing::store().await;
    let dir = tempfile::tempdir().unwrap();
    let config = source(
        &brokers,
        &serde_json::json!({
            "topics": [{"name": "waits", "content": "otlp_traces"}], "dead_letter_topic": "dead",
        }),
    );
    // Partition 0 has a bad message between two good ones, partition 1 only good ones.
    let bad = b"\x0a\x63\x01".to_vec();
    produce(&brokers, "waits", 2, vec![span(0), span(1), bad, span(2), span(3), span(4)]).await;
    let node = node(dir.path(), &store, &config).await;
    let paused = || metrics::value("headroom_kafka_paused", &["topic=\"waits\"", "partition=\"0\""]);
    until("the partition is paused", || paused() == Some(1.0)).await;
    // Longer than a message may be under way.
    for n in 0..12 {
        produce(&brokers, "waits", 2, vec![span(100 + 2 * n), span(101 + 2 * n)]).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    // The first message may have been taken alone; the bad one is the second.
    assert!(node.next("readers", "waits", 0) <= 1, "nothing is passed over");
    node.until("the other partition goes on", |_, _| node.next("readers", "waits", 1) == 15).await;
    assert_eq!(std::fs::read_dir(dir.path().join("dead")).unwrap().count(), 0);
    cluster.broker_up(2).unwrap();
    node.until("the partition goes on", |_, _| node.next("readers", "waits", 0) == 15).await;
    until("it is shown as not paused", || paused() == Some(0.0)).await;
    node.settled().await;
    assert_eq!(stored(&store).await, (29, 29));
    let shown = tokio::task::block_in_place(|| letters(&cluster, "dead", 1));
    assert_eq!(shown.len(), 1, "{shown:?}");
    assert!(shown[0].contains("headroom.topic=waits, headroom.partition=0, headroom.offset=1"), "{shown:?}");
    let counted = metrics::value("headroom_kafka_dead_letters_total", &["topic=\"waits\"", "to=\"topic\""]);
    assert_eq!(counted, Some(1.0));
    node.drain().await;
}
