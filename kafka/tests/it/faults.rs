//! A cluster with faults: messages are late, and neither lost nor stored twice.

use std::time::Duration;

use headroom_store::testing;
use rdkafka::mocking::MockCoordinator;
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

use crate::support::{Cluster, cluster_of, committed, node, produce, source, span, stored, until};

/// Reads 3000 messages, with `fault` after the first third and `end` of it after the second.
async fn with_fault(topic: &str, fault: impl Fn(&Cluster), end: impl Fn(&Cluster)) {
    let cluster = cluster_of(2, &[(topic, 4)]);
    let brokers = cluster.bootstrap_servers();
    cluster.coordinator(MockCoordinator::Group(topic.into()), 1).unwrap();
    let store = testing::store().await;
    let dir = tempfile::tempdir().unwrap();
    let config = source(
        &brokers,
        &serde_json::json!({
            "group": topic, "topics": [{"name": topic, "content": "otlp_traces"}],
            "max_batch_messages": 50, "commit_interval_ms": 50,
        }),
    );
    produce(&brokers, topic, 4, (0..1000).map(span).collect()).await;
    let node = node(dir.path(), &store, &config).await;
    node.until("messages are taken", |spans, _| spans >= 500).await;
    fault(&cluster);
    tokio::time::sleep(Duration::from_secs(3)).await;
    end(&cluster);
    produce(&brokers, topic, 4, (1000..2000).map(span).collect()).await;
    node.until("messages are taken afterwards", |_, _| node.taken(topic, 4) == 2000).await;
    until("they are committed", || committed(&brokers, topic, topic, 4) == 2000).await;
    node.settled().await;
    assert_eq!(node.spans(), 2000);
    assert_eq!(stored(&store).await, (2000, 2000));
    node.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn brokers_are_down_for_a_while() {
    let both = |cluster: &Cluster, down: bool| {
        for broker in 1..=2 {
            if down { cluster.broker_down(broker) } else { cluster.broker_up(broker) }.unwrap();
        }
    };
    with_fault("down", |cluster| both(cluster, true), |cluster| both(cluster, false)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_while_the_cluster_is_away_ends_and_nothing_comes_twice_after_it() {
    let cluster = cluster_of(1, &[("away", 2)]);
    let brokers = cluster.bootstrap_servers();
    let store = testing::store().await;
    let dir = tempfile::tempdir().unwrap();
    let config = source(
        &brokers,
        &serde_json::json!({"group": "away", "topics": [{"name": "away", "content": "otlp_traces"}]}),
    );
    produce(&brokers, "away", 2, (0..500).map(span).collect()).await;
    let first = node(dir.path(), &store, &config).await;
    first.until("messages are taken", |spans, _| spans == 500).await;
    cluster.broker_down(1).unwrap();
    let begin = std::time::Instant::now();
    first.drain().await;
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
    cluster.broker_up(1).unwrap();
    produce(&brokers, "away", 2, (500..600).map(span).collect()).await;
    let second = node(dir.path(), &store, &config).await;
    second.until("the rest is taken", |_, _| second.taken("away", 2) == 600).await;
    second.settled().await;
    assert_eq!(second.spans(), 100);
    assert_eq!(stored(&store).await, (600, 600));
    second.drain().await;
}

/// librdkafka waits for ever for a commit that it put off because the group has no coordinator.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_with_everything_still_to_commit_ends_without_a_coordinator() {
    let cluster = cluster_of(1, &[("uncommitted", 2)]);
    let brokers = cluster.bootstrap_servers();
    let store = testing::store().await;
    let dir = tempfile::tempdir().unwrap();
    let topics = serde_json::json!([{"name": "uncommitted", "content": "otlp_traces"}]);
    let config = source(
        &brokers,
        &serde_json::json!({"group": "uncommitted", "commit_interval_ms": 600_000, "topics": topics}),
    );
    produce(&brokers, "uncommitted", 2, (0..100).map(span).collect()).await;
    let node = node(dir.path(), &store, &config).await;
    node.until("messages are taken", |spans, _| spans == 100).await;
    cluster.broker_down(1).unwrap();
    // The client must have noticed: a commit is put off only then.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let drained = tokio::time::timeout(Duration::from_secs(30), node.drain()).await;
    assert!(drained.is_ok(), "a stop waits for a cluster that is away");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_groups_coordinator_moves() {
    let group = || MockCoordinator::Group("coordinator".into());
    with_fault(
        "coordinator",
        |cluster| cluster.coordinator(group(), 2).unwrap(),
        |cluster| cluster.broker_down(1).and_then(|()| cluster.broker_up(1)).unwrap(),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_fail() {
    use RDKafkaRespErr::{
        RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS as LOADING,
        RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION as ILLEGAL_GENERATION,
        RD_KAFKA_RESP_ERR_NOT_COORDINATOR as NOT_COORDINATOR,
        RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION as NOT_LEADER,
        RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS as BALANCING,
        RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT as TIMED_OUT,
        RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID as UNKNOWN_MEMBER,
    };
    with_fault(
        "errors",
        |cluster| {
            cluster.request_errors(RDKafkaApiKey::Fetch, &[NOT_LEADER, TIMED_OUT, NOT_LEADER]);
            cluster.request_errors(RDKafkaApiKey::OffsetCommit, &[LOADING, NOT_COORDINATOR, BALANCING]);
            cluster.request_errors(RDKafkaApiKey::Heartbeat, &[UNKNOWN_MEMBER, ILLEGAL_GENERATION]);
            cluster.request_errors(RDKafkaApiKey::OffsetFetch, &[LOADING, NOT_COORDINATOR]);
            cluster.request_errors(RDKafkaApiKey::JoinGroup, &[LOADING, UNKNOWN_MEMBER]);
        },
        |_| {},
    )
    .await;
}
