//! Two nodes in one group, each with a log of its own.

use headroom_store::testing;

use crate::support::{cluster, node, produce, source, span, stored};

#[tokio::test(flavor = "multi_thread")]
async fn a_partition_that_moves_to_another_node_is_read_on_from_where_it_was() {
    let cluster = cluster(&[("spans", 4)]);
    let brokers = cluster.bootstrap_servers();
    let store = testing::store().await;
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let config = source(&brokers, serde_json::json!({"max_batch_messages": 50}));
    produce(&brokers, "spans", 4, (0..1000).map(span).collect()).await;
    let first = node(a.path(), &store, &config).await;
    first.until(|spans, _| spans == 1000).await;
    // Nothing is committed yet; that happens when partitions go to the second node.
    let second = node(b.path(), &store, &config).await;
    let mut sent = 1000;
    while second.ingest.status().accepted.traces == 0 {
        produce(&brokers, "spans", 4, (sent..sent + 40).map(span).collect()).await;
        sent += 40;
        assert!(sent < 20_000, "the group is not balanced");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    let both = || {
        let accepted = |node: &crate::support::Node| node.ingest.status().accepted.traces;
        accepted(&first) + accepted(&second)
    };
    second.until(|_, _| both() >= sent).await;
    first.settled().await;
    second.settled().await;
    assert_eq!(stored(&store).await, (sent, sent));
    // The first goes in good order; the second reads everything.
    let of_first = first.ingest.status().accepted.traces;
    first.drain().await;
    produce(&brokers, "spans", 4, (sent..sent + 400).map(span).collect()).await;
    second.until(|spans, _| of_first + spans >= sent + 400).await;
    second.settled().await;
    assert_eq!(stored(&store).await, (sent + 400, sent + 400));
    second.drain().await;
}
