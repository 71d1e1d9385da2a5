use std::sync::Arc;

use headroom_sql::{SqlConfig, SqlDoor, SqlError};
use serde_json::json;

use crate::data::{self, who};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_keep_every_digit_and_repeated_spans_count_once() {
    let store = data::store().await;
    let door = SqlDoor::new(store.clone(), SqlConfig::default()).unwrap();
    let ask = async |sql: &str| {
        door.query_json(&who("acme"), sql, None).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
    };

    let answer = ask("SELECT count(*) AS n FROM spans").await;
    assert_eq!((answer.rows, answer.row_count, answer.truncated), (vec![vec![json!(300)]], 1, false));
    assert_eq!((answer.columns[0].name.as_str(), answer.columns[0].kind.as_str()), ("n", "int8"));

    let answer = ask("SELECT ts, fee, quantity, customer_id, symbol, 9007199254740993 AS big FROM events WHERE event_id = 'acme1'").await;
    let kinds: Vec<_> = answer.columns.iter().map(|column| column.kind.as_str()).collect();
    assert_eq!(kinds, ["timestamptz", "numeric", "numeric", "text", "text", "int8"]);
    assert_eq!(
        answer.rows,
        vec![vec![
            json!("2030-05-01T00:01:01.000000001Z"),
            json!("12345678901234567890123456.789000000000"),
            json!("0.125000000000"),
            json!("c1"),
            json!("MSFT"),
            json!("9007199254740993"),
        ]]
    );

    let answer = ask("SELECT attr(attributes, 'k'), attributes, parent_span_id FROM spans WHERE span_id = '0000000000000002'").await;
    assert_eq!(answer.rows, vec![vec![json!("é"), json!("{\"k\":\"é\"}"), json!("0000000000000001")]]);

    let answer = ask("SELECT min(good), max(good), count(*) FROM slo_slices").await;
    assert_eq!(answer.rows, vec![vec![json!(2), json!(2), json!(30)]], "the newest measurement only");

    for sql in [
        "SHOW TABLES",
        "DESCRIBE spans",
        "SHOW COLUMNS FROM events",
        "EXPLAIN SELECT * FROM spans",
        "VALUES (1, 'a')",
        "SELECT current_user, current_database(), version()",
        "SELECT table_name FROM information_schema.tables",
        "EXPLAIN ANALYZE SELECT count(*) FROM logs",
    ] {
        assert!(ask(sql).await.row_count > 0, "{sql}");
    }
    let plan = ask("EXPLAIN SELECT * FROM spans WHERE service = 'order'").await;
    let plan = serde_json::to_string(&plan.rows).unwrap();
    assert!(plan.contains("filters=[service = ") && plan.contains("sql=SELECT t.`ts` AS c0"), "{plan}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_hold() {
    let store = data::store().await;
    let door = SqlDoor::new(store.clone(), SqlConfig { http_rows: 100, ..SqlConfig::default() }).unwrap();
    let answer = door.query_json(&who("acme"), "SELECT ts FROM spans", None).await.unwrap();
    assert_eq!((answer.row_count, answer.truncated), (100, true));
    let answer = door.query_json(&who("acme"), "SELECT ts FROM spans", Some(7)).await.unwrap();
    assert_eq!((answer.row_count, answer.truncated), (7, true));
    let answer = door.query_json(&who("acme"), "SELECT ts FROM spans LIMIT 7", Some(7)).await.unwrap();
    assert_eq!((answer.row_count, answer.truncated), (7, false));
    let answer = door.query_json(&who("acme"), "SELECT ts FROM spans", Some(1_000_000)).await.unwrap();
    assert_eq!(answer.row_count, 100, "a caller cannot raise the limit");

    let hasty = SqlDoor::new(store.clone(), SqlConfig { deadline_s: 1, ..SqlConfig::default() }).unwrap();
    let late =
        hasty.query_json(&who("acme"), "SELECT count(*) FROM generate_series(1, 100000000000)", None).await;
    assert_eq!(late.unwrap_err(), SqlError::Deadline(1));

    let poor = SqlConfig { memory_bytes: 1 << 20, spill_bytes: 1, ..SqlConfig::default() };
    let poor = SqlDoor::new(store.clone(), poor).unwrap();
    let full = poor
        .query_json(&who("acme"), "SELECT count(DISTINCT value::text) FROM generate_series(1, 3000000)", None)
        .await;
    let error = full.unwrap_err();
    assert_eq!(error.sqlstate(), "53200", "{error}");
}

#[tokio::test]
async fn errors_say_what_there_is() {
    let store = data::store().await;
    let door = SqlDoor::new(store.clone(), SqlConfig::default()).unwrap();
    let fail = async |sql: &str| door.query_json(&who("acme"), sql, None).await.expect_err(sql);
    let unknown = fail("SELECT * FROM span").await;
    assert_eq!(unknown.to_string(), "there is no table \"span\"");
    assert!(unknown.hint().unwrap().contains("spans, logs"), "{unknown:?}");
    let unknown = fail("SELECT servce FROM spans").await;
    assert_eq!(unknown.sqlstate(), "42703");
    assert!(unknown.hint().unwrap().contains("service"), "{unknown:?}");
    for (sql, state) in [
        ("SELEC 1", "42601"),
        ("SELECT nofunc(1)", "42883"),
        ("SELECT 1/0", "22000"),
        ("SELECT 'x'::int", "22000"),
        ("SELECT 9223372036854775807 + 1", "22003"),
        ("SELECT service + 1 FROM spans GROUP BY ts", "42000"),
        ("SELECT tenant FROM spans", "42703"),
    ] {
        let error = fail(sql).await;
        assert_eq!(error.sqlstate(), state, "{sql}: {error:?}");
        assert!(error.is_callers_fault(), "{sql}: {error:?}");
    }
}

#[tokio::test]
async fn a_store_that_is_away_is_said_to_be() {
    let config = headroom_store::StoreConfig { url: "http://127.0.0.1:9".to_owned(), ..Default::default() };
    let door = SqlDoor::new(headroom_store::Store::connect(&config).unwrap(), SqlConfig::default()).unwrap();
    let error = door.query_json(&who("acme"), "SELECT count(*) FROM spans", None).await.unwrap_err();
    assert!(matches!(error, SqlError::Store { .. }) && !error.is_callers_fault(), "{error:?}");
    assert_eq!(door.query_json(&who("acme"), "SELECT 1", None).await.unwrap().row_count, 1);
}

/// Walking an expression takes stack. What is let in must fit the stack of a worker thread,
/// in a debug build too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_deepest_statement_that_is_let_in_can_be_run() {
    let store = data::store().await;
    let door = SqlDoor::new(store.clone(), SqlConfig::default()).unwrap();
    let deepest = [
        format!("SELECT ts{} FROM spans LIMIT 1", " + interval '1 second'".repeat(120)),
        format!("SELECT duration_ns{} FROM spans LIMIT 1", " | duration_ns".repeat(250)),
        format!("SELECT count(*) FROM spans WHERE service = 'x'{}", " OR service = operation".repeat(120)),
        format!(
            "SELECT count(*) FROM spans WHERE service LIKE '%x'{}",
            " AND upper(service) <> 'y'".repeat(120)
        ),
        format!("SELECT 1{}", " UNION ALL SELECT 1".repeat(250)),
        format!("SELECT {}1{}", "abs(".repeat(12), ")".repeat(12)),
        format!("SELECT {}", "NOT ".repeat(45) + "true"),
    ];
    for sql in deepest {
        let answer = door.query_json(&who("acme"), &sql, None).await;
        let text = answer.as_ref().map_or_else(ToString::to_string, |answer| answer.row_count.to_string());
        assert!(
            answer.as_ref().is_ok_and(|answer| answer.row_count > 0) || text.contains("recursion"),
            "{}: {text}",
            &sql[..60]
        );
    }
}

/// What the documentation shows can be asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_example_of_the_documentation_runs() {
    let store = data::store().await;
    let door = SqlDoor::new(store.clone(), SqlConfig::default()).unwrap().telling(Arc::new(data::Facts));
    let text = include_str!("../../../../docs/sql.md");
    let examples: Vec<&str> =
        text.split("```sql\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(examples.len() > 10, "{}", examples.len());
    for sql in examples {
        door.query_json(&who("acme"), sql, None).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}
