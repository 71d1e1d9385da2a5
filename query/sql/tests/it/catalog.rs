use std::sync::Arc;

use headroom_sql::{SqlConfig, SqlDoor, catalog};

use crate::data::{self, who};

/// Each column of each view arrives with the type that the catalog promises.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_column_can_be_read() {
    let store = data::store().await;
    let door = SqlDoor::new(store.clone(), SqlConfig::default()).unwrap().telling(Arc::new(data::Facts));
    for view in catalog() {
        for column in &view.columns {
            let sql =
                format!("SELECT \"{0}\", arrow_typeof(\"{0}\") FROM {1} LIMIT 2", column.name, view.name);
            let answer = door
                .query_json(&who("acme"), &sql, None)
                .await
                .unwrap_or_else(|error| panic!("{sql}: {error}"));
            assert!(answer.row_count > 0, "{sql}");
            assert_eq!(answer.rows[0][1], column.data_type, "{sql}");
        }
    }
}
