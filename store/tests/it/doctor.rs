//! The doctor sees what is wrong.

use headroom_store::doctor::{self, Status};
use headroom_store::schema::{self, Form, Retention};
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
            "latency_buckets_1h keeps toDateTime(m) + toIntervalDay(400), configured is toDateTime(m) + toIntervalDay(500)"
        )
    );
}

/// What the hint of `drift` says a person can do on a server.
#[tokio::test]
async fn a_past_day_of_a_rollup_is_put_right_by_hand() {
    let store = testing::counting_store().await;
    store.insert_block("spans", &spans::block(1, &[1, 2, 3], 1), "t").await.unwrap();
    let fixed = store.table("fixed");
    let day = format!("toDate(fromUnixTimestamp64Nano({}, 'UTC'))", spans::base_ns());
    let sql = format!("SELECT toString({day})");
    let partition = store.rows::<String>(&sql).await.unwrap().pop().unwrap();
    for (name, count) in [(schema::SPAN_MINUTE, "sum(calls)"), (schema::LATENCY_BUCKETS_1M, "sum(n)")] {
        let rollup = store.table(name);
        let counted = format!("SELECT {count} FROM {rollup}");
        store
            .execute(&format!("INSERT INTO {rollup} SETTINGS insert_deduplicate = 0 SELECT * FROM {rollup}"))
            .await
            .unwrap();
        assert_eq!(store.rows::<u64>(&counted).await.unwrap(), [6], "{name} is off");
        let sum = schema::rollups().into_iter().find(|rollup| rollup.table == name).unwrap();
        let spans = format!("(SELECT * FROM {} WHERE toDate(ts) = {day})", store.table(sum.source));
        for sql in [
            format!("CREATE TABLE {fixed} AS {rollup}"),
            format!("INSERT INTO {fixed} {}", sum.select.replace("{source}", &spans)),
            format!("ALTER TABLE {rollup} REPLACE PARTITION '{partition}' FROM {fixed}"),
            format!("DROP TABLE {fixed} SYNC"),
        ] {
            store.execute(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        }
        assert_eq!(store.rows::<u64>(&counted).await.unwrap(), [3], "{name} is right again");
    }
}
