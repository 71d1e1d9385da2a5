//! Two nodes in one group, each with a log of its own.

use std::time::Duration;

use headroom_store::testing;

use crate::support::{Node, cluster, node, produce, real_broker, source, span, stored};

/// Reads with one node, then with two, then with the second alone. With `meanwhile`, messages
/// are sent while the group is balanced, and nothing is committed but for that.
async fn moves(brokers: &str, topic: &str, meanwhile: bool) {
    let store = testing::store().await;
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let config = source(
        brokers,
        &serde_json::json!({
            "group": topic, "topics": [{"name": topic, "content": "otlp_traces"}],
            "max_batch_messages": 50, "commit_interval_ms": if meanwhile { 3_600_000 } else { 20 },
        }),
    );
    let mut sent = 0;
    let mut send = async |count: u64| {
        produce(brokers, topic, 4, (sent..sent + count).map(span).collect()).await;
        sent += count;
        sent
    };
    send(1000).await;
    let first = node(a.path(), &store, &config).await;
    first.until(|spans, _| spans == 1000).await;
    let accepted = |node: &Node| node.ingest.status().accepted.traces;
    if !meanwhile {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let second = node(b.path(), &store, &config).await;
    if !meanwhile {
        tokio::time::sleep(Duration::from_secs(12)).await;
    }
    let mut all = send(40).await;
    let begin = std::time::Instant::now();
    while accepted(&second) == 0 {
        assert!(begin.elapsed() < Duration::from_mins(1), "the group is not balanced");
        tokio::time::sleep(Duration::from_millis(200)).await;
        all = send(40).await;
    }
    second.until(|_, _| accepted(&first) + accepted(&second) >= all).await;
    first.settled().await;
    second.settled().await;
    assert_eq!(stored(&store).await, (all, all));
    // The first goes in good order; the second reads everything.
    let of_first = accepted(&first);
    first.drain().await;
    all = send(400).await;
    second.until(|spans, _| of_first + spans >= all).await;
    second.settled().await;
    assert_eq!(stored(&store).await, (all, all));
    second.drain().await;
}

/// The mock refuses commits while a group is balanced, which brokers do not: so everything is
/// committed before.
#[tokio::test(flavor = "multi_thread")]
async fn a_partition_that_moves_to_another_node_is_read_on_from_where_it_was() {
    let cluster = cluster(&[("spans", 4)]);
    moves(&cluster.bootstrap_servers(), "spans", false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_real_broker_what_was_taken_is_committed_before_it_moves() {
    let Some((brokers, topic)) = real_broker("moves", 4).await else { return };
    moves(&brokers, &topic, true).await;
}
