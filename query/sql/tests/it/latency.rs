//! The view `latency`: percentiles that ClickHouse reads from the buckets are those of the pages.

use headroom_query::latency::Buckets;
use headroom_sql::{SqlConfig, SqlDoor};
use serde_json::Value;

use crate::data::{self, START, who};

/// Durations of every size, the shortest too, in few minutes: some buckets hold many, some one.
async fn busy(store: &headroom_store::Store) {
    let sql = format!(
        "INSERT INTO {} (tenant, service, operation, kind, status, ts, duration_ns, trace_id, span_id) SELECT 'acme', \
         ['busy','calm'][number % 2 + 1], concat('op', toString(number % 3)), ['server','consumer','client'][number % 5 % 3 + 1], \
         ['ok','unset','error'][number % 7 % 3 + 1], fromUnixTimestamp64Nano(toInt64({START} + number * 20000000), 'UTC'), \
         if(number % 50 < 3, number % 50, toUInt64(exp2(10 + cityHash64(number) % 250000 / 10000))), \
         unhex(leftPad(hex(number), 32, '0')), unhex(leftPad(hex(number + 1), 16, '0')) FROM numbers(20000)",
        store.table("spans")
    );
    store.execute(&sql).await.unwrap();
}

fn count(value: &Value) -> u64 {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn percentiles_of_a_minute_are_those_of_its_buckets() {
    let store = data::store().await;
    busy(&store).await;
    let door = SqlDoor::new(store.clone(), SqlConfig::default()).unwrap();
    let ask = async |sql: &str| {
        door.query_json(&who("acme"), sql, None).await.unwrap_or_else(|error| panic!("{sql}: {error}")).rows
    };
    let rows =
        ask("SELECT * FROM latency WHERE service IN ('busy', 'calm') ORDER BY service, operation, minute")
            .await;
    assert_eq!(rows.len(), 2 * 3 * 7, "services, operations, minutes");
    for row in &rows {
        let of = format!(
            "FROM latency_buckets WHERE service = '{}' AND operation = '{}' AND minute = '{}' AND kind IN ('server', 'consumer')",
            row[0].as_str().unwrap(),
            row[1].as_str().unwrap(),
            row[2].as_str().unwrap()
        );
        let counted = ask(&format!("SELECT bucket, sum(spans) {of} GROUP BY bucket")).await;
        let buckets: Buckets =
            counted.iter().map(|row| (row[0].as_i64().unwrap() as i16, count(&row[1]))).collect();
        let failed = ask(&format!("SELECT coalesce(sum(spans), 0) {of} AND status = 'error'")).await;
        assert_eq!((count(&row[3]), count(&row[4])), (buckets.count(), count(&failed[0][0])), "{row:?}");
        for (q, told) in [(0.5, &row[5]), (0.9, &row[6]), (0.95, &row[7]), (0.99, &row[8]), (1.0, &row[9])] {
            let (told, known) = (told.as_f64().unwrap(), buckets.quantile(q).unwrap());
            assert!((told - known.value_ns).abs() <= 1e-9 * known.value_ns, "p{q} {told}: {known:?}");
        }
    }
    // Percentiles of all minutes together are read from all buckets, and are not the mean of the minutes'.
    let whole = "SELECT latency_quantile(0.99, bucket, spans) FROM latency_buckets WHERE service = 'busy' AND kind IN ('server', 'consumer')";
    let mean = ask("SELECT avg(p99_ns) FROM latency WHERE service = 'busy'").await[0][0].as_f64().unwrap();
    assert!((ask(whole).await[0][0].as_f64().unwrap() / mean - 1.0).abs() > 1e-3);
    let other =
        door.query_json(&who("other"), "SELECT * FROM latency WHERE service = 'busy'", None).await.unwrap();
    assert_eq!(other.row_count, 0, "of another tenant");
}
