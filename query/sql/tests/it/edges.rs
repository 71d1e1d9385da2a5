//! At the edges of every type the two doors agree: which rows, in which order, and what they add up to.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::json;

use crate::data::{self, who};
use crate::differential::{Both, sorted};

/// A column, and what to compare it with.
type Edge = (&'static str, &'static [&'static str]);

/// Views with the columns that have edges, and what to compare each with.
const EDGES: &[(&str, &[Edge])] = &[
    (
        "spans",
        &[
            ("duration_ns", UNSIGNED),
            (
                "ts",
                &[
                    "'2030-05-01T00:00:00Z'",
                    "'2030-05-01T00:00:00.500000001Z'",
                    "'2030-05-01T00:00:00.500000000Z'",
                    "'2030-05-01T00:00:05.00000001Z'",
                    "'2030-05-01T00:00:07'",
                ],
            ),
            ("status", &["'ok'", "'error'", "''"]),
            ("kind", &["'server'", "'client'"]),
            ("service", &["'é'", "'a/b'", "'a'"]),
            ("status_message", &["''", "'x/y'"]),
            ("attr(attributes, 'k')", &["'first'", "'second'", "''"]),
            ("attr(attributes, 'p')", &["'a/b'", "'a'"]),
            ("attributes", &["'{\"k\":\"first\",\"k\":\"second\",\"p\":\"a/b\"}'", "''"]),
        ],
    ),
    (
        "events",
        &[
            (
                "amount",
                &[
                    "99999999999999999999999999.999999999999::decimal(38,12)",
                    "'99999999999999999999999999.999999999999'::decimal(38,12)",
                    "'-99999999999999999999999999.999999999999'::decimal(38,12)",
                    "0.000000000001",
                    "0",
                    "9223372036854775807",
                    "18446744073709551615",
                ],
            ),
            ("fee", &["-1", "0", "1.5", "-2"]),
            ("quantity", &["0.125", "1", "3.625"]),
            ("symbol", &["'AAPL'", "''"]),
            ("name", &["'order.placed'", "'order.filled'"]),
            ("event_id", &["'e1'", "'e19'"]),
            ("attr(attributes, 'n')", &["'1'", "'30'"]),
        ],
    ),
    (
        "metrics",
        &[
            (
                "int_value",
                &[
                    "-9223372036854775808",
                    "9223372036854775807",
                    "9007199254740993",
                    "-1",
                    "0",
                    "18446744073709551615",
                ],
            ),
            ("value", &["0", "0.0", "-0.0", "0.1", "1e300", "-1e300", "'NaN'::double"]),
            ("ts", &["'2030-05-01T00:00:01.000000002Z'", "'2030-05-01T00:00:01Z'"]),
        ],
    ),
    (
        "slo_slices",
        &[
            (
                "slice",
                &[
                    "'2030-05-01T00:00:05Z'",
                    "'2030-05-01T00:00:05.000000001Z'",
                    "'2030-05-01T00:00:05.5Z'",
                    "'2030-05-01T00:00:04.999999999Z'",
                    "'2030-05-01T00:00:06Z'",
                ],
            ),
            (
                "measured_at",
                &[
                    "'2030-05-01T00:00:01.250Z'",
                    "'2030-05-01T00:00:01.2504Z'",
                    "'2030-05-01T00:00:01.2496Z'",
                    "'2030-05-01T00:00:02Z'",
                ],
            ),
            ("good", UNSIGNED),
            ("total", UNSIGNED),
        ],
    ),
    (
        "portfolios",
        &[
            (
                "opened",
                &[
                    "'2030-05-03T00:00:00Z'",
                    "'2030-05-03T00:00:00.000000001Z'",
                    "'2030-05-03T12:00:00Z'",
                    "'2030-05-04'",
                ],
            ),
            ("trades", &["4294967295", "-1", "9223372036854775807"]),
        ],
    ),
];

const UNSIGNED: &[&str] = &[
    "0",
    "1",
    "-1",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "1.5",
    "1e18",
    "-9223372036854775808",
];

/// One comparison of a column with what is at its edge.
fn atom(columns: &'static [Edge]) -> impl Strategy<Value = String> {
    let shape = proptest::sample::select(vec![
        "{c} = {a}",
        "{c} <> {a}",
        "{c} < {a}",
        "{c} <= {a}",
        "{c} > {a}",
        "{c} >= {a}",
        "{c} IN ({a}, {b})",
        "{c} NOT IN ({a}, {b})",
        "{c} BETWEEN {a} AND {b}",
        "{c} NOT BETWEEN {a} AND {b}",
        "{c} IS NULL",
        "{c} IN ({a}, {b}, NULL)",
        "{c} IS DISTINCT FROM {a}",
        "{a} < {c}",
    ]);
    let column = proptest::sample::select(columns.to_vec());
    (column, shape, any::<[proptest::sample::Index; 2]>()).prop_map(|((name, values), shape, [a, b])| {
        let (a, b) = (values[a.index(values.len())], values[b.index(values.len())]);
        shape.replace("{c}", name).replace("{a}", a).replace("{b}", b)
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn generated_conditions_at_the_edges_agree() {
    let store = data::edges().await;
    let both = Both::over(&store);
    let mut runner = TestRunner::deterministic();
    let mut found = 0;
    for (view, columns) in EDGES {
        assert!(both.agree(view, "true").await > 0, "{view} has no test data");
        let tree = atom(columns).prop_recursive(2, 4, 2, |inner| {
            (inner.clone(), inner, proptest::sample::select(vec!["AND", "OR", "AND NOT", "OR NOT"]))
                .prop_map(|(left, right, with)| format!("({left} {with} ({right}))"))
        });
        for _ in 0..60 {
            let condition = tree.new_tree(&mut runner).unwrap().current();
            found += both.agree(view, &condition).await;
            let [by, of] = any::<[proptest::sample::Index; 2]>().new_tree(&mut runner).unwrap().current();
            let (by, of) = (by.get(columns).0, of.get(columns).0);
            let sql = format!(
                "SELECT {by} AS k, count(*), count(DISTINCT {of}), min({of}), max({of}) FROM {view} WHERE {condition} GROUP BY {by}"
            );
            assert_eq!(sorted(&both.pushed, &sql).await, sorted(&both.kept, &sql).await, "{sql}");
        }
    }
    assert!(found > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn order_sums_and_groups_at_the_edges_agree() {
    let store = data::edges().await;
    let both = Both::over(&store);
    for sql in [
        "SELECT sum(duration_ns), min(duration_ns), max(duration_ns), count(DISTINCT duration_ns) FROM spans WHERE duration_ns >= 1",
        "SELECT status, sum(duration_ns) FROM spans WHERE status = 'error' GROUP BY status",
        "SELECT duration_ns, row_number() OVER (ORDER BY duration_ns DESC, span_id) FROM spans WHERE duration_ns > 9223372036854775807",
        "SELECT span_id FROM spans WHERE kind = 'server' ORDER BY duration_ns DESC, span_id LIMIT 3",
        "SELECT sum(duration_ns - 18446744073709551615) FROM spans WHERE kind = 'client'",
        "SELECT duration_ns / 2, duration_ns % 7, duration_ns * 2, duration_ns + 1 FROM spans WHERE duration_ns <> 0",
        "SELECT duration_ns + 9223372036854775807 FROM spans WHERE duration_ns > 5",
        "SELECT int_value + 1 FROM metrics WHERE int_value > 0",
        "SELECT sum(int_value), sum(int_value) OVER (ORDER BY 1) FROM metrics WHERE int_value > 0 GROUP BY int_value",
        "SELECT sum(amount), sum(fee), sum(quantity) FROM events WHERE fee > -2",
        "SELECT sum(good), sum(total), sum(good - total) FROM slo_slices WHERE good > 1",
        "SELECT name, count(*), sum(fee) FROM events WHERE symbol IS NULL GROUP BY name",
        "SELECT attributes, attr(attributes, 'k'), attr(attributes, 'p') FROM spans WHERE attr(attributes, 'k') = 'first'",
        "SELECT count(*) FROM spans WHERE status = 'ok' LIMIT 1",
        "SELECT approx_percentile_cont(duration_ns, 0.5), median(duration_ns), stddev(duration_ns) FROM spans WHERE duration_ns < 9223372036854775807",
    ] {
        assert_eq!(sorted(&both.pushed, sql).await, sorted(&both.kept, sql).await, "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_at_the_edges_are_right() {
    let store = data::edges().await;
    let both = Both::over(&store);
    for (sql, expected) in [
        (
            "SELECT max(duration_ns), arrow_typeof(max(duration_ns)) FROM spans",
            json!([["18446744073709551615", "UInt64"]]),
        ),
        (
            "SELECT coalesce(max(duration_ns), -1), nullif(max(duration_ns), -1), greatest(max(duration_ns), -1), to_hex(max(duration_ns)) FROM spans",
            json!([[
                "18446744073709551615",
                "18446744073709551615",
                "18446744073709551615",
                "ffffffffffffffff"
            ]]),
        ),
        // Sixty rows were sent: thirty spans, each twice, with another status.
        ("SELECT count(*), count(DISTINCT span_id) FROM spans", json!([[30, 30]])),
        (
            "SELECT (SELECT count(*) FROM spans WHERE status = 'ok') + (SELECT count(*) FROM spans WHERE status = 'error')",
            json!([[30]]),
        ),
        (
            "SELECT count(*) FROM slo_slices WHERE slice IN ('2030-05-01T00:00:05.5Z', '2030-05-01T00:00:06Z')",
            json!([[1]]),
        ),
        ("SELECT count(*) FROM slo_slices WHERE slice = '2030-05-01T00:00:05.5Z'", json!([[0]])),
        (
            "SELECT count(*) FROM portfolios WHERE opened IN ('2030-05-03T12:00:00Z', '2030-05-04T00:00:00Z', '2030-05-05T00:00:01Z', '2030-05-06T00:00:01Z')",
            json!([[1]]),
        ),
        (
            "SELECT DISTINCT attributes, attr(attributes, 'k') FROM spans WHERE attr(attributes, 'p') = 'a/b'",
            json!([["{\"k\":\"first\",\"k\":\"second\",\"p\":\"a/b\"}", "first"]]),
        ),
    ] {
        for door in [&both.pushed, &both.kept] {
            let answer = door
                .query_json(&who("acme"), sql, None)
                .await
                .unwrap_or_else(|error| panic!("{sql}: {error}"));
            assert_eq!(json!(answer.rows), expected, "{sql}");
        }
    }
}
