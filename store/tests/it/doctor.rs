//! The doctor sees what is wrong.

use headroom_store::doctor::{self, Status};
use headroom_store::schema::{Form, Retention};
use headroom_store::testing;

use crate::spans;

#[tokio::test]
async fn a_healthy_store_passes() {
    let store = testing::counting_store().await;
    store.insert_block("spans", &spans::block(1, &[1, 2, 3], 1), "t").await.unwrap();
    let report = doctor::examine(&store, Form::Server, Retention::default()).await.unwrap();
    for check in &report.checks {
        if check.name != "disk" {
            assert_eq!(check.status, Status::Ok, "{check:?}");
        }
    }
    let spans = report.tables.iter().find(|table| table.name == "spans").unwrap();
    assert_eq!((spans.rows, spans.parts), (3, 1));
    assert!(spans.bytes > 0);
    let json: serde_json::Value = serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap();
    assert_eq!(json["checks"][0]["status"], "ok");
}

#[tokio::test]
async fn a_removed_table_and_another_retention_are_found() {
    let store = testing::store().await;
    for sql in [
        format!("DROP TABLE {} SYNC", store.table("forecasts")),
        format!(
            "CREATE MATERIALIZED VIEW {} TO {} AS SELECT tenant, service, operation FROM {}",
            store.table("exemplars_mv"),
            store.table("exemplars"),
            store.table("spans")
        ),
        format!("ALTER TABLE {} MODIFY SETTING non_replicated_deduplication_window = 0", store.table("logs")),
    ] {
        store.execute(&sql).await.unwrap();
    }
    let retention = Retention { hour_days: 500, ..Retention::default() };
    let report = doctor::examine(&store, Form::Server, retention).await.unwrap();
    assert_eq!(report.status(), Status::Fail);
    let found = |name: &str| {
        let check = report.check(name).unwrap();
        (check.status, check.detail.as_str())
    };
    assert_eq!(found("tables"), (Status::Fail, "forecasts is missing"));
    assert_eq!(
        found("views"),
        (Status::Fail, "exemplars_mv is of an earlier schema and counts everything a second time")
    );
    assert_eq!(found("deduplication"), (Status::Fail, "logs remembers 0 inserts"));
    assert_eq!(
        found("retention"),
        (
            Status::Warn,
            "latency_buckets_1h keeps toDateTime(m) + toIntervalDay(400), configured is toDateTime(m) + toIntervalDay(500), quotes_1m keeps toDateTime(m) + toIntervalDay(400), configured is toDateTime(m) + toIntervalDay(500)"
        )
    );
}

#[tokio::test]
async fn what_tables_keep_is_read_from_them() {
    let store = testing::counting_store().await;
    store.insert_block("spans", &spans::block(1, &[1, 2, 3], 1), "t").await.unwrap();
    store.execute(&format!("ALTER TABLE {} REMOVE TTL", store.table("plans"))).await.unwrap();
    let retention = Retention { event_days: 500, ..Retention::default() };
    let tables = doctor::kept(&store, Form::Server, retention).await.unwrap();
    let of = |name: &str| {
        let kept = tables.iter().find(|kept| kept.table == name).unwrap();
        (kept.days, kept.configured_days, kept.rows)
    };
    assert_eq!(of("spans"), (Some(30), Some(30), 3));
    assert_eq!(of("events"), (Some(2557), Some(500), 0));
    assert_eq!(of("plans"), (None, Some(400), 0));
    assert_eq!(tables.len(), headroom_store::schema::tables().len());
}
