//! Groups that are kept by the day: the same answer as computed anew, whatever was written in between.

use std::sync::Arc;

use headroom_sql::{SqlConfig, SqlDoor};
use headroom_store::testing::{self, TestStore};
use serde_json::Value;

use crate::data::who;

const QUESTIONS: [&str; 6] = [
    "SELECT date_trunc('hour', ts) AS hour, service, count(*), max(duration_ns) FROM spans GROUP BY hour, service ORDER BY hour, service",
    "SELECT date_bin(INTERVAL '15 minutes', ts) AS step, count(*) FROM spans WHERE ts >= '2031-03-02T10:00:00Z' AND ts < '2031-03-05T09:00:00Z' GROUP BY step ORDER BY step",
    "SELECT date_trunc('day', ts) AS day, count(DISTINCT customer_id) FROM spans WHERE service = 'a' GROUP BY day ORDER BY day",
    "SELECT date_trunc('day', minute) AS day, service, sum(calls) FROM span_minute WHERE minute >= '2031-03-02' GROUP BY day, service ORDER BY day, service",
    "SELECT count(*), max(n) FROM (SELECT date_trunc('hour', minute) AS hour, sum(spans) AS n FROM latency_buckets GROUP BY hour) AS hours",
    "SELECT date_trunc('hour', ts) AS hour, count(*) FROM spans WHERE ts < '2031-03-03' OR service = 'b' GROUP BY hour ORDER BY hour",
];

/// Rows of `tenant`, one an hour, on days of March 2031, and what rollups have of them.
async fn write(store: &TestStore, tenant: &str, service: &str, days: std::ops::Range<u32>) {
    for day in days {
        let ts = format!("toDateTime64('2031-03-{day:02} 00:07:00', 9, 'UTC') + toIntervalHour(number)");
        let insert = [
            format!(
                "INSERT INTO {} (tenant, service, operation, kind, status, ts, duration_ns, trace_id, span_id, customer_id) \
                 SELECT '{tenant}', '{service}', 'op', 'server', 'ok', {ts}, number * 1000, toFixedString(toString(number), 16), \
                 toFixedString('{service}', 8), toString(number % 5) FROM numbers(24)",
                store.table("spans")
            ),
            format!(
                "INSERT INTO {} (tenant, service, operation, kind, status, version, region, m, calls, errors, dur_sum, dur_max) \
                 SELECT '{tenant}', '{service}', 'op', 'server', 'ok', '', '', toDateTime({ts}, 'UTC'), 3, 1, 5, 9 FROM numbers(24)",
                store.table("span_minute")
            ),
            format!(
                "INSERT INTO {} (tenant, service, operation, kind, status, version, region, m, b, n) \
                 SELECT '{tenant}', '{service}', 'op', 'server', 'ok', '', '', toDateTime({ts}, 'UTC'), 300, number FROM numbers(24)",
                store.table("latency_buckets_1m")
            ),
        ];
        for sql in insert {
            store.client().query_raw(&sql).execute().await.unwrap();
        }
    }
}

async fn ask(door: &SqlDoor, tenant: &str, sql: &str) -> Vec<Vec<Value>> {
    door.query_json(&who(tenant), sql, None).await.unwrap().rows
}

/// Every question, asked of the door that keeps days, twice, and of one that keeps none.
async fn agree(keeps: &SqlDoor, anew: &SqlDoor, when: &str) {
    for tenant in ["acme", "other"] {
        for sql in QUESTIONS {
            let fresh = ask(anew, tenant, sql).await;
            assert!(!fresh.is_empty() || tenant == "other", "{when}: {sql}");
            for time in ["first", "second"] {
                assert_eq!(
                    ask(keeps, tenant, sql).await,
                    fresh,
                    "{when}, the {time} time, of {tenant}: {sql}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kept_days_are_never_told_from_computed_ones() {
    let store = testing::counting_store().await;
    let keeps = SqlDoor::new(store.clone(), SqlConfig::default()).unwrap();
    let anew = SqlDoor::new(store.clone(), SqlConfig { cache_bytes: 0, ..SqlConfig::default() }).unwrap();
    write(&store, "acme", "a", 1..6).await;
    agree(&keeps, &anew, "as written").await;
    let plan = ask(&keeps, "acme", &format!("EXPLAIN {}", QUESTIONS[0])).await;
    assert!(format!("{plan:?}").contains("days kept"), "{plan:?}");

    write(&store, "acme", "b", 3..4).await;
    agree(&keeps, &anew, "late rows of a day that was over").await;
    write(&store, "other", "a", 2..8).await;
    agree(&keeps, &anew, "rows of another tenant, and new days").await;
    store
        .client()
        .query_raw(&format!("ALTER TABLE {} DROP PARTITION '2031-03-02'", store.table("spans")))
        .execute()
        .await
        .unwrap();
    agree(&keeps, &anew, "a day that is gone").await;
    let erased = format!(
        "ALTER TABLE {} DELETE WHERE service = 'b' SETTINGS mutations_sync = 2",
        store.table("spans")
    );
    store.client().query_raw(&erased).execute().await.unwrap();
    agree(&keeps, &anew, "rows that were erased").await;
    store
        .client()
        .query_raw(&format!("OPTIMIZE TABLE {} FINAL", store.table("latency_buckets_1m")))
        .execute()
        .await
        .unwrap();
    agree(&keeps, &anew, "merged").await;
}

/// While rows come in, an answer is never older than the rows that were there before it was asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_there_before_is_in_the_answer() {
    let store = Arc::new(testing::store().await);
    let door = SqlDoor::new((**store).clone(), SqlConfig::default()).unwrap();
    let counted = "SELECT date_trunc('hour', minute) AS hour, sum(calls) AS n FROM span_minute GROUP BY hour";
    let sum = format!("SELECT CAST(sum(n) AS BIGINT) FROM ({counted}) AS h");
    for round in 1..=20_i64 {
        write(&store, "acme", "a", 4..5).await;
        let (one, two) = tokio::join!(ask(&door, "acme", &sum), ask(&door, "acme", &sum));
        assert_eq!(one[0][0], round * 72, "round {round}");
        assert_eq!(one, two);
    }
}
