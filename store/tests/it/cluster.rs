//! A cluster: `HEADROOM_TEST_CLUSTER` holds the HTTP addresses of its nodes, separated by
//! commas; its name is `headroom` unless `HEADROOM_TEST_CLUSTER_NAME` says otherwise.

use headroom_store::migrate::Migrator;
use headroom_store::schema::{self, Form, Retention};
use headroom_store::{StoreConfig, doctor, testing};

use crate::{blocks, spans};

#[tokio::test]
async fn either_node_sees_all_rows_once() {
    let Some(urls) = std::env::var("HEADROOM_TEST_CLUSTER").ok().filter(|urls| !urls.is_empty()) else {
        eprintln!("SKIPPED: the cluster test, because HEADROOM_TEST_CLUSTER is not set");
        return;
    };
    let name = std::env::var("HEADROOM_TEST_CLUSTER_NAME").unwrap_or_else(|_| "headroom".into());
    let database = format!("test_{:012x}", rand::random::<u64>() >> 16);
    let nodes: Vec<_> = urls
        .split(',')
        .map(|url| {
            testing::store_of(&StoreConfig {
                url: url.trim().to_owned(),
                database: database.clone(),
                cluster: Some(name.clone()),
                ..StoreConfig::default()
            })
        })
        .collect();
    let migrator = Migrator::new(&nodes[0], Form::Server, Retention::default());
    migrator.run(|_, _, _| {}).await.unwrap();
    for node in &nodes {
        let migrator = Migrator::new(node, Form::Server, Retention::default());
        assert_eq!(migrator.plan().await.unwrap(), []);
    }
    testing::count_rollups(&nodes[0], "_local").await;
    let durations: Vec<_> = (1..=1_000).collect();
    let block = spans::block(1, &durations, 1_000_000);
    // The same token through both nodes: each shard keeps its part once.
    for node in nodes.iter().chain(&nodes) {
        node.insert_block(schema::SPANS, &block, "slice").await.unwrap();
    }
    for node in &nodes {
        assert_eq!(blocks::count(node).await, 1000);
        let own = format!("SELECT count() FROM {}", node.table("spans_local"));
        let own = node.rows::<u64>(&own).await.unwrap()[0];
        assert!(own > 0 && own < 1_000, "a shard holds {own} of 1000 rows");
        let report = doctor::examine(node, Form::Server, Retention::default()).await.unwrap();
        for check in ["tables", "columns", "views", "retention", "deduplication", "drift"] {
            let check = report.check(check).unwrap();
            assert_eq!(check.status, doctor::Status::Ok, "{check:?}");
        }
    }
}
