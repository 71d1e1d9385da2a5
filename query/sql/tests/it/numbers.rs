//! Numbers are right, or the statement fails: nothing wraps around.

use headroom_sql::{SqlConfig, SqlDoor};
use serde_json::{Value, json};

use crate::data::{self, who};

const MAX: &str = "9223372036854775807";
const MIN: &str = "(-9223372036854775808)";

async fn door() -> (headroom_store::testing::TestStore, SqlDoor) {
    let store = data::store().await;
    let door = SqlDoor::new(store.clone(), SqlConfig::default()).unwrap();
    (store, door)
}

async fn ask(door: &SqlDoor, sql: &str) -> Result<Vec<Vec<Value>>, String> {
    let answer = door.query_json(&who("acme"), sql, None).await;
    answer.map(|answer| answer.rows).map_err(|error| format!("{} {error}", error.sqlstate()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_fit_is_an_error() {
    let (_store, door) = door().await;
    let mut wrong = Vec::new();
    for sql in [
        format!("SELECT {MAX} + 1"),
        format!("SELECT 1 + {MAX}"),
        format!("SELECT {MIN} - 1"),
        format!("SELECT {MAX} * 2"),
        format!("SELECT {MIN} * -1"),
        format!("SELECT -{MIN}"),
        format!("SELECT - -{MIN}"),
        format!("SELECT {MIN} / -1"),
        format!("SELECT abs({MIN})"),
        format!("SELECT count(*) + {MAX} FROM spans"),
        format!("SELECT int_value + {MAX} FROM metrics"),
        format!("SELECT int_value * {MAX} FROM metrics"),
        format!("SELECT max(int_value) * {MAX} FROM metrics GROUP BY service"),
        format!("SELECT service, count(*) FROM metrics GROUP BY service, int_value + {MAX}"),
        format!("SELECT service FROM metrics GROUP BY service HAVING max(int_value) + {MAX} > 0"),
        format!("SELECT service FROM metrics WHERE int_value + {MAX} > 0"),
        format!("SELECT service FROM metrics ORDER BY int_value + {MAX}"),
        format!("SELECT lag(int_value + {MAX}) OVER (ORDER BY ts) FROM metrics"),
        format!("SELECT count(*) FROM metrics a JOIN metrics b ON a.int_value + {MAX} = b.int_value"),
        format!("SELECT CASE WHEN int_value > 0 THEN int_value + {MAX} ELSE 0 END FROM metrics"),
        format!("SELECT (SELECT max(m.int_value + {MAX}) FROM metrics m)"),
        format!("WITH w AS (SELECT int_value + {MAX} AS x FROM metrics) SELECT max(x) FROM w"),
        "SELECT CAST(300 AS SMALLINT) * CAST(300 AS SMALLINT) * 9223372036854775807".to_owned(),
        "SELECT CAST(70000 AS SMALLINT)".to_owned(),
        "SELECT CAST(1e19 AS BIGINT)".to_owned(),
        "SELECT CAST(1e30 AS NUMERIC(20, 2))".to_owned(),
        "SELECT sum('99999999999999999999999999999999999999'::decimal(38,0)) FROM (VALUES (1),(2)) AS t(x)"
            .to_owned(),
        "SELECT sum('99999999999999999999999999999999999999'::decimal(38,0)) FROM spans GROUP BY service"
            .to_owned(),
        "SELECT sum('90000000000000000000000000'::decimal(38,12)) OVER (ORDER BY ts) FROM spans".to_owned(),
        "SELECT sum(arrow_cast(9223372036854775807, 'Duration(Nanosecond)')) FROM spans".to_owned(),
        "SELECT '99999999999999999999999999999999999999'::decimal(38,0) * 10".to_owned(),
        format!("SELECT sum(x) FILTER (WHERE x > 0) FROM (SELECT int_value + {MAX} AS x FROM metrics)"),
        format!("SELECT service, sum(int_value * {MAX}) FROM metrics GROUP BY ROLLUP (service)"),
        format!("SELECT DISTINCT int_value + {MAX} FROM metrics"),
        format!("SELECT int_value + {MAX} FROM metrics UNION ALL SELECT 1"),
        format!("SELECT coalesce(NULL, int_value + {MAX}) FROM metrics"),
        format!("SELECT max(duration_ns) - {MAX} * 2 FROM spans"),
        "SELECT CAST(duration_ns - 300000000 AS SMALLINT) FROM spans".to_owned(),
        "SELECT CAST(-1 AS BIGINT UNSIGNED)".to_owned(),
        "SELECT to_timestamp(1e300)".to_owned(),
        "SELECT to_timestamp(9e18 * count(*)) FROM spans".to_owned(),
        format!("SELECT to_timestamp({MAX})"),
        format!("SELECT round({MAX}, -1)"),
        "SELECT to_timestamp_seconds(9223372036854775807) + interval '1 day'".to_owned(),
        "SELECT date_bin(interval '1 day', ts + interval '400 years', ts) FROM spans".to_owned(),
        "SELECT interval '2147483647 months' + interval '2147483647 months'".to_owned(),
        "SELECT ts + arrow_cast(9223372036854775807, 'Duration(Nanosecond)') FROM spans".to_owned(),
        format!("SELECT to_timestamp_seconds({MAX})"),
        "SELECT CAST('2100-01-01' AS timestamp) + interval '1000 years'".to_owned(),
        "SELECT avg(x) FROM (VALUES ('90000000000000000000000000'::decimal(38,12))) AS t(x)".to_owned(),
    ] {
        match ask(&door, &sql).await {
            Err(error) if error.starts_with("22003 out of range") => {}
            Err(error) => wrong.push(format!("{sql}: {error}")),
            Ok(rows) => wrong.push(format!("{sql}: {:?}", rows.first())),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fits_is_right() {
    let (_store, door) = door().await;
    let mut wrong = Vec::new();
    for (sql, expected) in [
        (
            "SELECT 9223372036854775806 + 1, 2 - 3, 6 * 7, 7 / 2, -7 / 2, -7 % 3, -(5)",
            json!(["9223372036854775807", -1, 42, 3, -3, -1, -5]),
        ),
        (
            "SELECT sum(x) FROM (VALUES (9223372036854775807), (9223372036854775807), (1)) AS t(x)",
            json!(["18446744073709551615"]),
        ),
        ("SELECT sum(x) FROM (VALUES (-9223372036854775808), (-1)) AS t(x)", json!(["-9223372036854775809"])),
        (
            "SELECT sum(DISTINCT x) FROM (VALUES (9223372036854775807), (9223372036854775807), (2)) AS t(x)",
            json!(["9223372036854775809"]),
        ),
        (
            "SELECT max(s) FROM (SELECT sum(x) OVER (ORDER BY x) AS s FROM (VALUES (9223372036854775806), (9223372036854775807)) AS t(x)) AS u",
            json!(["18446744073709551613"]),
        ),
        (
            "SELECT max(s) FROM (SELECT sum(x) OVER (ORDER BY x ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS s FROM (VALUES (9223372036854775806), (9223372036854775807)) AS t(x)) AS u",
            json!(["18446744073709551613"]),
        ),
        ("SELECT sum(x), avg(x), count(x) FROM (VALUES (1), (2), (NULL)) AS t(x)", json!([3, 1.5, 2])),
        ("SELECT sum(x), avg(x) FROM (VALUES (1.5), (2.5)) AS t(x)", json!([4.0, 2.0])),
        ("SELECT sum(x) FROM (VALUES (1)) AS t(x) WHERE x > 1", json!([null])),
        (
            "SELECT avg(x) FROM (VALUES (9223372036854775807), (9223372036854775807)) AS t(x)",
            json!([9.223_372_036_854_776e18]),
        ),
        (
            "SELECT sum(x) FROM (VALUES ('90000000000000000000000000.000000000001'::decimal(38,12)), (-1)) AS t(x)",
            json!(["89999999999999999999999999.000000000001"]),
        ),
        (
            "SELECT median(x) FROM (VALUES (9223372036854775807), (9223372036854775805)) AS t(x)",
            json!([9.223_372_036_854_776e18]),
        ),
        (
            "SELECT 18446744073709551615 - 1, 1 - 18446744073709551615, 18446744073709551615 / 2, 18446744073709551615 % 10, 18446744073709551615 * 2",
            json!([
                "18446744073709551614",
                "-18446744073709551614",
                "9223372036854775807",
                5,
                "36893488147419103230"
            ]),
        ),
        (
            "SELECT a.r - b.r FROM (SELECT row_number() OVER () AS r FROM (VALUES (1))) a, (SELECT row_number() OVER () + 1 AS r FROM (VALUES (1))) b",
            json!([-1]),
        ),
        (
            "SELECT min(r - n), max(r - n) FROM (SELECT int_value AS n, row_number() OVER (ORDER BY int_value) AS r FROM metrics WHERE type = 'gauge' AND int_value < 9)",
            json!([-3, 0]),
        ),
        ("SELECT CASE WHEN false THEN 9223372036854775807 + 1 ELSE 5 END", json!([5])),
        (
            "SELECT arrow_typeof(sum(arrow_cast(5, 'Duration(Nanosecond)'))), arrow_cast(sum(arrow_cast(5, 'Duration(Nanosecond)')), 'Int64'), arrow_cast(avg(arrow_cast(5, 'Duration(Nanosecond)')), 'Int64') FROM (VALUES (1), (2))",
            json!(["Duration(ns)", 10, 5]),
        ),
        ("SELECT sum(1 + 1), 3 * sum(2) FROM (VALUES (1), (2))", json!([4, 12])),
        (
            "SELECT power(2, 10), abs(-5), round(2.5), gcd_free FROM (VALUES (7)) AS t(gcd_free)",
            json!([1024.0, 5, 3.0, 7]),
        ),
        (
            "SELECT CASE WHEN max(duration_ns) > 0 THEN min(duration_ns) ELSE -1 END, count(*) - 1 FROM spans",
            json!([0, 299]),
        ),
        (
            "SELECT sum(x) / count(*), sum(x) * 1.5, -sum(x) FROM (VALUES (1), (2)) AS t(x)",
            json!(["1.5000", 4.5, -3]),
        ),
        (
            "SELECT to_timestamp(1.5), to_timestamp(1)",
            json!(["1970-01-01T00:00:01.500Z", "1970-01-01T00:00:01Z"]),
        ),
        (
            "SELECT arrow_cast(mean(arrow_cast(9223372036854775807, 'Duration(Nanosecond)')), 'Int64') FROM spans",
            json!(["9223372036854775807"]),
        ),
        (
            "SELECT sum(x) OVER (PARTITION BY y), -x, x - 5 FROM (VALUES (1, 2)) AS t(x, y)",
            json!([1, -1, -4]),
        ),
        (
            "SELECT date_trunc('day', ts) + interval '1 day' - ts > interval '0 seconds' FROM spans LIMIT 1",
            json!([true]),
        ),
        (
            "SELECT DATE '2030-05-02' - DATE '2030-05-01' IS NOT NULL, NULL + 1, 1 + NULL",
            json!([true, null, null]),
        ),
        ("SELECT count(*) FROM (SELECT 1 FROM spans LIMIT 9223372036854775807 OFFSET 1)", json!([299])),
        ("SELECT count(*) FROM generate_series(9223372036854775805, 9223372036854775807)", json!([3])),
        ("SELECT (1 + 2) * 3 AS a, sum(1) AS a2 FROM (VALUES (1)) GROUP BY 1 + 1", json!([9, 1])),
        ("SELECT TRY_CAST('x' AS BIGINT), TRY_CAST(1e30 AS BIGINT)", json!([null, null])),
    ] {
        match ask(&door, sql).await {
            Ok(rows) if json!(rows[0]) == expected => {}
            other => wrong.push(format!("{sql}: {other:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
