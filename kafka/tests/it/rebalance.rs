//! Two members of one group.

use std::time::{Duration, Instant};

use headroom_kafka::KafkaSources;
use headroom_store::testing;

use crate::support::broker::broker;
use crate::support::{
    LONGEST, Node, cluster, committed, ingest, ingest_config, metrics, node, produce, source, span, stored,
    until,
};

fn reading(brokers: &str, topic: &str, change: &serde_json::Value) -> headroom_kafka::KafkaConfig {
    let mut all = serde_json::json!({
        "group": topic, "topics": [{"name": topic, "content": "otlp_traces"}], "max_batch_messages": 50,
    });
    all.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    source(brokers, &all)
}

/// Partitions that the source called `name` reads in the group `topic`.
fn partitions(name: &str, topic: &str) -> f64 {
    let label = format!("source=\"kafka/{name}/{topic}\"");
    metrics::value("headroom_kafka_partitions", &[&label]).unwrap_or_default()
}

/// Reads with one node, then with two, then with the second alone; each has a log of its own.
/// With `meanwhile`, messages are sent while the group is balanced, and nothing is committed
/// but for that.
async fn moves(brokers: &str, topic: &str, meanwhile: bool) {
    metrics::keep();
    let store = testing::store().await;
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let interval = if meanwhile { 3_600_000 } else { 20 };
    let of = |name: &str| {
        reading(brokers, topic, &serde_json::json!({"name": name, "commit_interval_ms": interval}))
    };
    let mut sent = 0;
    let mut send = async |count: u64| {
        produce(brokers, topic, 4, (sent..sent + count).map(span).collect()).await;
        sent += count;
        sent
    };
    let mut all = send(1000).await;
    let first = node(a.path(), &store, &of("first")).await;
    first.until("the first node takes everything", |spans, _| spans == 1000).await;
    if !meanwhile {
        until("it is committed", || committed(brokers, topic, topic, 4) == 1000).await;
    }
    let second = node(b.path(), &store, &of("second")).await;
    let begin = Instant::now();
    while (partitions("first", topic), partitions("second", topic)) != (2.0, 2.0) {
        assert!(begin.elapsed() < LONGEST, "the group is not balanced");
        if meanwhile {
            all = send(40).await;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    all = send(400).await.max(all);
    second.until("both together take everything", |spans, _| first.spans() + spans >= all).await;
    first.settled().await;
    second.settled().await;
    assert_eq!(stored(&store).await, (all, all));
    assert!(second.spans() > 0);
    // The first goes in good order; the second reads everything.
    let of_first = first.spans();
    first.drain().await;
    all = send(400).await;
    second.until("the second takes what is left", |spans, _| of_first + spans >= all).await;
    second.settled().await;
    assert_eq!(stored(&store).await, (all, all));
    second.drain().await;
}

/// The mock refuses commits while a group is balanced, which brokers do not: so everything is
/// committed before.
#[tokio::test(flavor = "multi_thread")]
async fn a_partition_that_moves_to_another_node_is_read_on_from_where_it_was() {
    let cluster = cluster(&[("moves", 4)]);
    moves(&cluster.bootstrap_servers(), "moves", false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_real_broker_what_was_taken_is_committed_before_it_moves() {
    let Some(broker) = broker() else { return };
    let topic = broker.topic("moves", 4).await;
    moves(&broker.address, &topic, true).await;
}

/// Two members feed one log; one crashes again and again, and nothing is ever committed. What
/// one has taken is known to the other.
async fn two_members(brokers: &str, topic: &str, messages: u64) {
    let store = testing::store().await;
    let dir = tempfile::tempdir().unwrap();
    let (ingest, clock) = ingest(ingest_config(dir.path()), &store).await;
    let config = reading(brokers, topic, &serde_json::json!({}));
    let start = || KafkaSources::start(std::slice::from_ref(&config), &ingest.intake(), "acme").unwrap();
    let steady = start();
    let mut sent = 0;
    for _ in 0..3 {
        let crashing = start();
        let begin = Instant::now();
        // Enough time for the group to be balanced, and messages for both all the while.
        while begin.elapsed() < Duration::from_secs(8) {
            let to = messages.min(sent + messages / 240);
            produce(brokers, topic, 4, (sent..to).map(span).collect()).await;
            sent = to;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let killed = tokio::task::spawn_blocking(move || drop(crashing));
        tokio::time::timeout(LONGEST, killed).await.expect("it does not even die").unwrap();
    }
    produce(brokers, topic, 4, (sent..messages).map(span).collect()).await;
    let node = Node { sources: steady, ingest, clock };
    node.until("everything is taken", |_, _| node.taken(topic, 4) == messages).await;
    node.settled().await;
    assert_eq!(node.spans(), messages, "what reached the log");
    assert_eq!(stored(&store).await, (messages, messages));
    node.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_members_with_one_log_lose_nothing_and_take_nothing_twice_when_one_crashes() {
    let cluster = cluster(&[("members", 4)]);
    two_members(&cluster.bootstrap_servers(), "members", 6000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_members_on_a_real_broker() {
    let Some(broker) = broker() else { return };
    let topic = broker.topic("members", 4).await;
    two_members(&broker.address, &topic, 1500).await;
}

/// What `docs/kafka.md` says of a node that is killed while another one has a log of its own.
/// How many messages come twice, if nothing or everything was committed when it was killed.
async fn twice(topic: &str, interval_ms: u64) -> u64 {
    let cluster = cluster(&[(topic, 4)]);
    let brokers = cluster.bootstrap_servers();
    let store = testing::store().await;
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let config = reading(&brokers, topic, &serde_json::json!({"commit_interval_ms": interval_ms}));
    produce(&brokers, topic, 4, (0..1000).map(span).collect()).await;
    let first = node(a.path(), &store, &config).await;
    first.until("the first node takes everything", |spans, _| spans == 1000).await;
    if interval_ms < 1000 {
        until("it is committed", || committed(&brokers, topic, topic, 4) == 1000).await;
    }
    first.settled().await;
    first.kill().await;
    produce(&brokers, topic, 4, (1000..1200).map(span).collect()).await;
    let second = node(b.path(), &store, &config).await;
    second.until("the second node takes the rest", |_, _| second.taken(topic, 4) == 1200).await;
    second.settled().await;
    let (all, distinct) = stored(&store).await;
    assert_eq!(distinct, 1200, "nothing is lost");
    second.drain().await;
    all - distinct
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_killed_node_only_what_was_not_committed_comes_twice_to_another_node() {
    assert_eq!(twice("committed", 20).await, 0);
    assert_eq!(twice("uncommitted", 3_600_000).await, 1000);
}

/// Otherwise the next owner of a partition on which nothing is sent would take it all again.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_committed_before_a_crash_is_committed_after_it() {
    let cluster = cluster(&[("behind", 4)]);
    let brokers = cluster.bootstrap_servers();
    let store = testing::store().await;
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let config =
        |interval: u64| reading(&brokers, "behind", &serde_json::json!({"commit_interval_ms": interval}));
    produce(&brokers, "behind", 4, (0..1000).map(span).collect()).await;
    let first = node(a.path(), &store, &config(3_600_000)).await;
    first.until("everything is taken", |spans, _| spans == 1000).await;
    first.kill().await;
    assert_eq!(committed(&brokers, "behind", "behind", 4), 0);
    let again = node(a.path(), &store, &config(20)).await;
    until("it is committed", || committed(&brokers, "behind", "behind", 4) == 1000).await;
    again.kill().await;
    produce(&brokers, "behind", 4, (1000..1100).map(span).collect()).await;
    let other = node(b.path(), &store, &config(20)).await;
    other.until("another node takes the rest", |_, _| other.taken("behind", 4) == 1100).await;
    other.settled().await;
    assert_eq!(other.spans(), 100);
    assert_eq!(stored(&store).await, (1100, 1100));
    other.drain().await;
}
