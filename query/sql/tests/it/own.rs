//! Headroom's own functions, against published figures and the pages' arithmetic.

use headroom_query::latency::Buckets;
use headroom_sql::{SqlConfig, SqlDoor};
use serde_json::Value;

use crate::data::{self, who};

async fn ask(door: &SqlDoor, sql: &str) -> Vec<Vec<Value>> {
    door.query_json(&who("acme"), sql, None).await.unwrap_or_else(|error| panic!("{sql}: {error}")).rows
}

async fn number(door: &SqlDoor, sql: &str) -> Option<f64> {
    ask(door, sql).await[0][0].as_f64()
}

fn near(found: Option<f64>, expected: f64) {
    let found = found.unwrap_or(f64::NAN);
    assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{found} is not {expected}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn functions_of_headroom_give_what_is_published() {
    let store = data::store().await;
    let door = SqlDoor::new(store.clone(), SqlConfig::default()).unwrap();

    // Microsoft's example of XIRR.
    let payments = "(VALUES ('2008-01-01', -10000), ('2008-03-01', 2750), ('2008-10-30', 4250), ('2009-02-15', 3250), ('2009-04-01', 2750)) AS p(d, a)";
    let rate = number(&door, &format!("SELECT xirr(CAST(d AS TIMESTAMP), a) FROM {payments}")).await;
    assert!((rate.unwrap() - 0.373_362_535).abs() < 1e-8, "{rate:?}");
    assert_eq!(
        number(&door, &format!("SELECT xirr(CAST(d AS TIMESTAMP), abs(a)) FROM {payments}")).await,
        None
    );

    // Ten per cent, and ten per cent of what is there after a deposit.
    let days = "(VALUES ('2026-01-01', 100.0, 0, 0), ('2026-01-02', 110.0, 0, 0), ('2026-01-03', 176.0, 50, 0)) AS d(d, v, i, o)";
    near(number(&door, &format!("SELECT twr(CAST(d AS TIMESTAMP), v, i, o) FROM {days}")).await, 0.21);

    // New York opened at 14:30 UTC on that Friday, for six and a half hours.
    near(number(&door, "SELECT session_phase('2026-11-20T15:00:00Z', 'XNYS')").await, 0.5 / 6.5);
    assert_eq!(number(&door, "SELECT session_phase('2026-11-21T15:00:00Z', 'XNYS')").await, None);
    let unknown = door.query_json(&who("acme"), "SELECT session_phase(ts, 'NOPE') FROM spans", None).await;
    assert!(unknown.unwrap_err().to_string().contains("NOPE"));

    near(number(&door, "SELECT burn_rate(9856, 10000, 0.999)").await, 14.4);
    near(number(&door, "SELECT error_budget(9990, 10000, 0.999)").await, 0.0);
    assert_eq!(number(&door, "SELECT burn_rate(0, 0, 0.999)").await, None);
    assert_eq!(
        number(&door, "SELECT sum(burn_rate(good, total, 0.99)) FROM slo_slices WHERE total = 0").await,
        None
    );

    let rows = ask(&door, "SELECT bucket, sum(spans) FROM latency_buckets GROUP BY bucket").await;
    let count = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap();
    let buckets: Buckets = rows.iter().map(|row| (row[0].as_i64().unwrap() as i16, count(&row[1]))).collect();
    for q in [0.5, 0.99] {
        let sql = format!("SELECT latency_quantile({q}, bucket, spans) FROM latency_buckets");
        near(number(&door, &sql).await, buckets.quantile(q).unwrap().value_ns);
    }
    let by_service = ask(&door, "SELECT service, latency_quantile(0.9, bucket, spans) AS p90 FROM latency_buckets GROUP BY service ORDER BY p90 DESC").await;
    assert!(by_service.len() == 7 && by_service[0][1].as_f64() > by_service[6][1].as_f64(), "{by_service:?}");
    assert_eq!(
        number(
            &door,
            "SELECT latency_quantile(0.9, bucket, spans) FROM latency_buckets WHERE service = 'nobody'"
        )
        .await,
        None
    );
}
