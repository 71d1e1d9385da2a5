//! What statements may cost, by role, and what EXPLAIN tells of it.

use headroom_sql::{Principal, RoleLimits, SqlConfig, SqlDoor, SqlError};

use crate::data::{self, who};

fn sre() -> Principal {
    Principal { role: "sre".to_owned(), ..who("acme") }
}

/// The data has 300 spans of `acme`, all in a few granules: the estimate is of granules, never less than the rows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_reads_too_much_is_refused_before_it_runs() {
    let store = data::store().await;
    let analyst = RoleLimits { read_rows: Some(100), rows: Some(3), ..RoleLimits::default() };
    let config = SqlConfig { roles: [("analyst".to_owned(), analyst)].into(), ..SqlConfig::default() };
    let door = SqlDoor::new(store.clone(), config).unwrap();
    let ask = async |by: &Principal, sql: &str| door.query_json(by, sql, None).await;

    let by_minute = "SELECT service, count(*) FROM spans WHERE ts > '2030-01-01' GROUP BY service";
    let refused = ask(&who("acme"), by_minute).await.expect_err("too much");
    assert!(
        matches!(&refused, SqlError::TooMuchToRead { most: 100, grouped: true, reads } if reads.ends_with("rows of spans")),
        "{refused:?}"
    );
    assert!(refused.hint().unwrap().contains("span_minute"), "{refused:?}");
    assert_eq!(refused.sqlstate(), "54000");
    let single =
        "SELECT max(duration_ns) FROM spans s JOIN logs l USING (trace_id) WHERE s.customer_id = 'c1'";
    let refused = ask(&who("acme"), single).await.expect_err("too much");
    assert!(matches!(&refused, SqlError::TooMuchToRead { grouped: false, .. }), "{refused:?}");
    assert!(refused.to_string().contains("rows of logs and ") && refused.hint().unwrap().contains("EXPLAIN"));

    // What is named instead answers, and so does what finds few rows by the index.
    assert!(ask(&who("acme"), "SELECT service, sum(calls) FROM span_minute GROUP BY service").await.is_ok());
    assert!(ask(&who("acme"), "SELECT count(*) FROM spans WHERE ts < '2001-01-01'").await.is_ok());
    assert!(
        ask(&who("acme"), "SELECT * FROM spans WHERE service = 'order' LIMIT 2").await.is_ok(),
        "a look at some rows"
    );
    assert_eq!(
        ask(&sre(), "SELECT count(*) FROM spans").await.unwrap().rows[0][0],
        300,
        "another role's limit"
    );

    let explained = ask(&who("acme"), &format!("EXPLAIN {by_minute}")).await.unwrap();
    let last = explained.rows.last().unwrap();
    assert_eq!(last[0], "cost");
    assert!(last[1].as_str().unwrap().starts_with("reads about "), "{last:?}");
    let nothing = ask(&who("acme"), "EXPLAIN SELECT sum(calls) FROM services").await.unwrap();
    assert_eq!(nothing.rows.last().unwrap()[1], "reads about no rows of spans, logs, metrics or events");

    let many =
        ask(&who("acme"), "SELECT service, sum(calls) FROM span_minute GROUP BY service").await.unwrap();
    assert!(many.truncated && many.row_count == 3, "{} rows", many.row_count);
    assert!(ask(&sre(), "SELECT service FROM span_minute GROUP BY service").await.unwrap().row_count > 3);
}
