//! What must not work, whoever asks.

use std::sync::Arc;
use std::time::Duration;

use headroom_sql::{SqlConfig, SqlDoor, catalog};

use crate::data::{self, who};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_but_questions_about_views_gets_through() {
    let store = data::store().await;
    let door = SqlDoor::new(store.clone(), SqlConfig::default()).unwrap();
    for sql in [
        "SELECT * FROM file('/etc/passwd')",
        "SELECT * FROM file('/etc/hostname', 'LineAsString')",
        "SELECT * FROM url('http://127.0.0.1/', 'CSV')",
        "SELECT * FROM remote('127.0.0.1', system.one)",
        "SELECT * FROM s3('x')",
        "SELECT * FROM numbers(10)",
        "SELECT * FROM system.tables",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM \"/etc/passwd\"",
        "SELECT * FROM \"data.csv\"",
        "SELECT * FROM headroom.spans",
        "SELECT * FROM ingest_ledger",
        "SELECT * FROM rejected",
        "SELECT * FROM pg_catalog.pg_authid",
        "SELECT * FROM other_db.public.spans",
        "SELECT file('/etc/passwd')",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_sleep(10)",
        "SELECT getMacro('x')",
        "SELECT dictGet('a', 'b', 1)",
        "INSERT INTO spans SELECT * FROM spans",
        "CREATE TABLE x AS SELECT 1",
        "CREATE VIEW x AS SELECT 1",
        "CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '/etc/passwd'",
        "CREATE FUNCTION f() RETURNS INT RETURN 1",
        "CREATE DATABASE x",
        "CREATE SCHEMA x",
        "DROP TABLE spans",
        "ALTER TABLE spans ADD COLUMN x INT",
        "TRUNCATE spans",
        "DELETE FROM spans",
        "UPDATE spans SET service = 'x'",
        "COPY spans TO '/tmp/x.csv'",
        "COPY spans TO STDOUT",
        "COPY spans FROM PROGRAM 'id'",
        "SET datafusion.catalog.information_schema = false",
        "SET ROLE admin",
        "RESET ALL",
        "USE other",
        "GRANT ALL ON spans TO x",
        "ANALYZE spans",
        "VACUUM",
        "SELECT 1; DROP TABLE spans",
        "SELECT 1; SELECT 2",
        "PREPARE p AS SELECT 1",
        "EXECUTE p(1)",
        "CALL x()",
        "DO $$ $$",
        "LISTEN x",
        "KILL 1",
        "EXPLAIN COPY spans TO '/tmp/x.csv'",
        "EXPLAIN ANALYZE INSERT INTO spans SELECT * FROM spans",
        "WITH x AS (DELETE FROM spans RETURNING *) SELECT * FROM x",
        "SELECT * INTO y FROM spans",
        "SELECT * FROM spans FOR UPDATE",
        "SELECT * FROM spans SETTINGS readonly = 0",
        "SELECT * FROM spans FORMAT CSV",
    ] {
        let refused = door.query_json(&who("acme"), sql, None).await;
        let error = refused.expect_err(sql);
        assert!(error.is_callers_fault(), "{sql}: {error:?}");
    }
    assert_eq!(
        door.query_json(&who("acme"), "SELECT count(*) FROM spans", None).await.unwrap().rows[0][0],
        300
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_view_gives_out_another_tenants_rows() {
    let store = data::store().await;
    let door = SqlDoor::new(store.clone(), SqlConfig::default()).unwrap().telling(Arc::new(data::Facts));
    for view in catalog() {
        // What this test asks is there too, of the tenant that it asks for.
        let rows = if view.name == "queries" {
            "(SELECT * FROM queries WHERE actor = 'eve') AS q"
        } else {
            view.name
        };
        let all = format!("SELECT count(*) FROM {rows}");
        let count = async |tenant: &str, sql: &str| {
            door.query_json(&who(tenant), sql, None).await.unwrap().rows[0][0].as_u64().unwrap()
        };
        let (acme, other) = (count("acme", &all).await, count("other", &all).await);
        assert!(acme > 0 && other > 0, "{}: {acme} {other}", view.name);
        assert_eq!(count("nobody", &all).await, 0, "{}", view.name);
        assert_eq!(count("acme' OR '1' = '1", &all).await, 0, "{}", view.name);
        assert_eq!(count("", &all).await, 0, "{}", view.name);
        // A condition that is always true, pushed with OR, widens nothing.
        let first = view.columns.iter().find(|column| column.data_type == "Utf8").unwrap().name;
        let wide = format!("{all} WHERE {first} = 'x' OR {first} IS NOT NULL OR {first} IS NULL OR true");
        assert_eq!(count("acme", &wide).await, acme, "{}", view.name);
    }
    let answer = door
        .query_json(&who("other"), "SELECT count(*) FROM events WHERE event_id LIKE 'acme%'", None)
        .await
        .unwrap();
    assert_eq!(answer.rows[0][0], 0);
    let joined = "SELECT count(*) FROM spans s JOIN events e ON true WHERE e.event_id LIKE 'acme%'";
    assert_eq!(door.query_json(&who("other"), joined, None).await.unwrap().rows[0][0], 0);
}

/// Statements that would give far more than they take.
const BOMBS: &[&str] = &[
    "SELECT levenshtein('a', 'b')",
    "SELECT array_concat([1], [2])",
    "SELECT [1] || [2]",
    "SELECT map {'a': 1}",
    "SELECT array_transform([1], x -> x)",
    "SELECT arrow_cast(NULL, 'FixedSizeBinary(2000000000)')",
    "SELECT CAST(NULL AS INT[2000000000])",
    "SELECT approx_percentile_cont(duration_ns, 0.5, 1000000000000) FROM spans",
    "SELECT string_agg(service, ',') OVER (ORDER BY ts) FROM spans",
    "SELECT array_agg(service) OVER () FROM spans",
    "SELECT body ~ service FROM logs",
    "SELECT regexp_like('a', body) FROM logs",
    "WITH RECURSIVE r AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM r) SELECT count(*) FROM r",
    "SELECT * FROM (WITH RECURSIVE r AS (SELECT 1 AS x UNION ALL SELECT x FROM r) SELECT * FROM r) AS q",
    "SELECT length(replace(b, 'x', b)) FROM (SELECT string_agg(attributes, 'xx') AS b FROM spans) AS q",
    "SELECT length(string_agg(b, 'x')) FROM (SELECT body || attributes || body AS b FROM logs, generate_series(1, 100)) AS q",
    "SELECT length(regexp_replace(b, '(.*)', '\\1\\1\\1\\1\\1\\1\\1\\1\\1\\1\\1\\1\\1\\1\\1\\1', 'g')) FROM (SELECT string_agg(attributes, 'xx') || string_agg(attributes, 'yy') AS b FROM spans, generate_series(1, 60)) AS q",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn text_that_doubles_is_stopped_and_ordinary_text_is_not() {
    let store = data::store().await;
    let door = SqlDoor::new(store.clone(), SqlConfig::default()).unwrap();
    let doubling = |step: &str, from: &str| {
        let tables: Vec<String> = (1..=40)
            .map(|n| format!("a{n} AS (SELECT {} AS x FROM a{} LIMIT 5)", step.replace("{x}", "x"), n - 1))
            .collect();
        format!(
            "WITH a0 AS (SELECT {from} AS x FROM logs), {} SELECT max(length(x)) FROM a40",
            tables.join(", ")
        )
    };
    for step in [
        "{x} || {x}",
        "concat({x}, {x})",
        "concat_ws({x}, {x}, {x})",
        "replace({x}, 'l', 'll')",
        "translate({x}, 'l', '\u{1F600}') || {x}",
        "regexp_replace({x}, '(.)', '\\1\\1', 'g')",
        "overlay({x} PLACING {x} FROM 1 FOR 0)",
        "upper({x} || {x})",
    ] {
        let sql = doubling(step, "body");
        let answer =
            tokio::time::timeout(Duration::from_secs(25), door.query_json(&who("acme"), &sql, None)).await;
        let refused = answer.expect("stopped before the deadline").expect_err(&sql);
        assert_eq!(refused.sqlstate(), "54000", "{step}: {refused}");
    }
    let lists = doubling("[{x}, {x}]", "body").replace("max(length(x))", "max(cardinality(x))");
    let long = "SELECT length(string_agg(body, ',')) FROM logs, generate_series(1, 100)".to_owned();
    for sql in [lists, long] {
        let refused = door.query_json(&who("acme"), &sql, None).await.expect_err(&sql);
        assert_eq!(refused.sqlstate(), "54000", "{sql}: {refused}");
    }
    // Texts of which each is let in are too much together where there is little memory.
    let columns: Vec<String> =
        (1..100).map(|n| format!("lower(substr(concat(x, value), {n})) AS c{n}")).collect();
    let wide = format!(
        "SELECT {} FROM (SELECT string_agg(attributes, ',') AS x FROM logs) AS a, generate_series(1, 5000) AS s",
        columns.join(", ")
    );
    let little = SqlConfig { memory_bytes: 48 << 20, ..SqlConfig::default() };
    let little = SqlDoor::new(store.clone(), little).unwrap();
    let refused = little.query_json(&who("acme"), &wide, None).await.expect_err("too much");
    assert_eq!(refused.sqlstate(), "53200", "{refused}");
    for (sql, expected) in [
        ("SELECT count(*) FROM (SELECT body || ' ' || service AS x FROM logs) AS q WHERE length(x) > 3", 300),
        ("SELECT count(*) FROM logs WHERE replace(body, 'line', 'LINE ') LIKE 'LINE%'", 300),
        (
            "SELECT count(*) FROM logs WHERE regexp_replace(body, '([0-9]+)', '<\\1>', 'g') LIKE 'line <%'",
            300,
        ),
        (
            "SELECT count(*) FROM logs WHERE upper(body) LIKE 'LINE%' AND to_char(ts, '%Y-%m-%d') LIKE '2030-%'",
            300,
        ),
        (
            "SELECT length('é' || NULL) IS NULL AND 'a' || 1 = 'a1' AND concat('a', NULL, 2) = 'a2' AND overlay('abc' PLACING 'x' FROM 2 FOR 1) = 'axc'",
            1,
        ),
        ("SELECT cardinality(array_agg(service)) FROM spans", 300),
        ("SELECT length(string_agg(DISTINCT status, ',')) FROM spans", 8),
        ("SELECT count(*) FROM (SELECT unnest(string_to_array('a,b', ',')) FROM spans) AS q", 600),
        ("SELECT count(*) FROM logs WHERE body ~ '^line [0-9]+'", 300),
        ("SELECT count(*) FROM generate_series(1, 300)", 300),
    ] {
        let answer =
            door.query_json(&who("acme"), sql, None).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        let found =
            answer.rows[0][0].as_bool().map_or_else(|| answer.rows[0][0].as_i64(), |yes| Some(yes.into()));
        assert_eq!(found, Some(expected), "{sql}: {answer:?}");
    }
    let refused =
        door.query_json(&who("acme"), "SELECT repeat('a', 2)", None).await.expect_err("not offered");
    assert_eq!(
        (refused.sqlstate(), refused.to_string().as_str()),
        ("42883", "the function \"repeat\" is not offered")
    );
    assert!(refused.hint().unwrap().contains("replace, reverse, right"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_makes_much_out_of_little_is_refused_before_it_runs() {
    let store = data::store().await;
    let door = SqlDoor::new(store.clone(), SqlConfig::default()).unwrap();
    let chain = |step: &dyn Fn(usize) -> String| {
        let tables: Vec<String> = (1..=25).map(step).collect();
        format!("WITH a0 AS (SELECT 1 AS x), {} SELECT count(*) FROM a25", tables.join(", "))
    };
    let wide = format!("SELECT {} FROM spans", vec!["service"; 10_000].join(", "));
    let bombs = [
        "SELECT repeat('a', 1000000000)".to_owned(),
        "SELECT length(lpad('a', 2000000000, 'b'))".to_owned(),
        "SELECT rpad('a', 2000000000, 'b')".to_owned(),
        "SELECT array_repeat(1, 2000000000)".to_owned(),
        "SELECT array_resize(make_array(1), 2000000000, 0)".to_owned(),
        "SELECT generate_series(1, 1000000000)".to_owned(),
        "SELECT range(1, 1000000000)".to_owned(),
        chain(&|n| format!("a{n} AS (SELECT l.x FROM a{m} AS l, a{m} AS r)", m = n - 1)),
        chain(&|n| format!("a{n} AS (SELECT * FROM a{m} UNION ALL SELECT * FROM a{m})", m = n - 1)),
        chain(&|n| {
            format!("A{n} AS (SELECT * FROM (SELECT * FROM a{m}) AS i, (SELECT * FROM A{m}) AS j)", m = n - 1)
        }),
        chain(&|n| format!("a{n} AS (SELECT l.x FROM \"a{m}\" AS l, \"a{m}\" AS r)", m = n - 1)),
        wide,
    ];
    for sql in bombs.into_iter().chain(BOMBS.iter().map(|sql| (*sql).to_owned())) {
        let answer =
            tokio::time::timeout(Duration::from_secs(20), door.query_json(&who("acme"), &sql, None)).await;
        let refused = answer.expect("refused at once, not at the deadline").expect_err(&sql);
        assert!(refused.is_callers_fault(), "{refused}");
    }
    // Ordinary use of the same things goes on.
    let sql = "WITH s AS (SELECT service FROM spans), t AS (SELECT service FROM s) SELECT count(*) FROM s, t";
    door.query_json(&who("acme"), sql, None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_that_was_stopped_gives_its_threads_back() {
    let store = data::store().await;
    let config = SqlConfig { deadline_s: 1, ..SqlConfig::default() };
    let door = SqlDoor::new(store.clone(), config).unwrap();
    // Eight thousand million rows compared: minutes of work, of which a second is allowed.
    for condition in
        ["a.duration_ns < b.duration_ns", "a.duration_ns = b.duration_ns + c.duration_ns + 7", "true"]
    {
        let sql = format!("SELECT count(*) FROM spans a, spans b, spans c, spans d WHERE {condition}");
        for _ in 0..3 {
            let stopped = door.query_json(&who("acme"), &sql, None).await.expect_err(&sql);
            assert!(stopped.to_string().contains("took longer than"), "{stopped}");
        }
        // A second may be short for anything on a busy machine, so it may take more than one try.
        let answers = async { while door.query_json(&who("acme"), "SELECT 1", None).await.is_err() {} };
        tokio::time::timeout(Duration::from_secs(20), answers).await.expect("the door still answers");
    }
}
