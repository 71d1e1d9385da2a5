#![allow(clippy::unwrap_used)]
use chrono::{DateTime, TimeZone, Utc};
use proptest::prelude::*;

use super::*;
use crate::range::TimeRange;

fn at(second: i64) -> DateTime<Utc> {
    Utc.timestamp_opt(second, 10).unwrap()
}

fn hour() -> TimeRange {
    TimeRange::new(at(1_000_000_000), at(1_000_003_600)).unwrap()
}

#[test]
fn a_series_of_calls() {
    let scan = ScanQuery::aggregate("acme", "span_minute")
        .filter(Filter::eq("service", "order"))
        .filter(Filter::one_of("kind", ["server", "consumer"]))
        .filter(Filter::within("m", &hour()))
        .key(Key::bucket("m", 60, "at"))
        .aggregates([
            Aggregate::sum("calls", "calls"),
            Aggregate::sum("calls", "slow").only(Filter::compare(
                "dur_max",
                Compare::Greater,
                Literal::UInt(5),
            )),
        ])
        .descending("calls")
        .limit(10);
    insta::assert_snapshot!(scan.sql("`headroom`.`span_minute`"), @"SELECT fromUnixTimestamp64Nano(intDiv(toInt64(t.`m`), 60) * 60000000000, 'UTC') AS `at`, sum(t.`calls`) AS `calls`, sumIf(t.`calls`, t.`dur_max` > 5) AS `slow` FROM `headroom`.`span_minute` AS t WHERE t.`tenant` = 'acme' AND t.`service` = 'order' AND t.`kind` IN ('server', 'consumer') AND (t.`m` >= fromUnixTimestamp64Nano(1000000000000000010,'UTC') AND t.`m` < fromUnixTimestamp64Nano(1000003600000000010,'UTC')) GROUP BY intDiv(toInt64(t.`m`), 60) ORDER BY sum(t.`calls`) DESC LIMIT 10 SETTINGS aggregate_functions_null_for_empty = 0");
    assert_eq!(scan.output(), ["at", "calls", "slow"]);
}

#[test]
fn rows_once_each() {
    let scan = ScanQuery::rows("acme", "spans")
        .filter(Filter::id("trace_id", "0af7651916cd43dd8448eb211c80319c"))
        .key(Key::hex("span_id", "span_id"))
        .columns(["ts", "attributes"])
        .ascending("ts")
        .once_by(["span_id"])
        .limit(3);
    insta::assert_snapshot!(scan.sql("`headroom`.`spans`"), @"SELECT lower(hex(t.`span_id`)) AS `span_id`, t.`ts` AS `ts`, t.`attributes` AS `attributes` FROM `headroom`.`spans` AS t WHERE t.`tenant` = 'acme' AND t.`trace_id` = unhex('0af7651916cd43dd8448eb211c80319c') ORDER BY t.`ts` ASC LIMIT 1 BY t.`span_id` LIMIT 3 SETTINGS aggregate_functions_null_for_empty = 0");
}

#[test]
fn numbers_of_any_column_and_hashes() {
    let number = Expr::MapNumber { column: "attributes".to_owned(), key: "it's".to_owned() };
    let scan = ScanQuery::rows("acme", "t")
        .key(Key::new(number, "number"))
        .key(Key::new(Expr::Float("count".to_owned()), "count"))
        .key(Key::new(Expr::Hash(vec!["service".to_owned(), "attributes".to_owned()]), "part"))
        .key(Key::new(
            Expr::Where {
                condition: Box::new(Filter::eq("temporality", "cumulative")),
                value: Box::new(Expr::Column("start_ts".to_owned())),
            },
            "started",
        ))
        .key(Key::new(Expr::Length("counts".to_owned()), "length"));
    let sql = scan.sql("t");
    assert!(
        sql.starts_with(
            "SELECT toFloat64OrNull(t.`attributes`['it\\'s']) AS `number`, toFloat64(t.`count`) AS `count`, \
             cityHash64(t.`service`, t.`attributes`) AS `part`, if(t.`temporality` = 'cumulative', t.`start_ts`, \
             defaultValueOfArgumentType(t.`start_ts`)) AS `started`, length(t.`counts`) AS `length` FROM t AS t WHERE"
        ),
        "{sql}"
    );
}

#[test]
fn what_samples_and_groups_are_made_of() {
    let event = |key: &str| Expr::EventValue { event: "exception".to_owned(), key: key.to_owned() };
    let message = Expr::First(vec![Expr::Column("said".to_owned()), event("exception.message")]);
    let scan = ScanQuery::aggregate("acme", "t")
        .key(Key::is(Filter::Has("events_name".to_owned(), Literal::Text("exception".to_owned())), "thrown"))
        .key(Key::new(Expr::WithoutNumbers(Box::new(message)), "rough"))
        .key(Key::new(Expr::First(Vec::new()), "nothing"))
        .key(Key::new(
            Expr::Pairs { column: "attributes".to_owned(), without: vec!["it's".to_owned()] },
            "pair",
        ))
        .aggregates([Aggregate::new(Function::Any(Expr::LatencyBucket("duration_ns".to_owned())), "b")])
        .filter(Filter::Not(Box::new(Filter::Part("trace_id".to_owned(), 3, 65_536))));
    insta::assert_snapshot!(scan.sql("t"), @r##"SELECT toUInt8(has(t.`events_name`, 'exception')) AS `thrown`, replaceRegexpAll(arrayFirst(text -> text != '', [toString(t.`said`), toString(t.`events_attributes`[indexOf(t.`events_name`, 'exception')]['exception.message'])]), '[0-9A-Za-z_-]*[0-9][0-9A-Za-z_-]*', '#') AS `rough`, '' AS `nothing`, arrayJoin(CAST(mapFilter((k, v) -> k NOT IN ('it\'s'), t.`attributes`), 'Array(Tuple(String, String))')) AS `pair`, any(if(t.`duration_ns` = 0, toInt16(-1), toInt16(ceil(log2(t.`duration_ns`) * 16) - 1))) AS `b` FROM t AS t WHERE t.`tenant` = 'acme' AND (NOT cityHash64(t.`trace_id`) % 65536 < 3) GROUP BY toUInt8(has(t.`events_name`, 'exception')), replaceRegexpAll(arrayFirst(text -> text != '', [toString(t.`said`), toString(t.`events_attributes`[indexOf(t.`events_name`, 'exception')]['exception.message'])]), '[0-9A-Za-z_-]*[0-9][0-9A-Za-z_-]*', '#'), '', arrayJoin(CAST(mapFilter((k, v) -> k NOT IN ('it\'s'), t.`attributes`), 'Array(Tuple(String, String))')) SETTINGS aggregate_functions_null_for_empty = 0"##);
}

#[test]
fn every_function_and_filter() {
    let column = |name: &str| Expr::Column(name.to_owned());
    let functions = [
        Function::Count,
        Function::CountDistinct(column("a")),
        Function::Sum(column("a")),
        Function::Min(column("a")),
        Function::Max(column("a")),
        Function::Avg(column("a")),
        Function::ArgMax(Expr::Text("a".to_owned()), column("b")),
        Function::ArgMin(Expr::HexArray("a".to_owned()), column("b")),
        Function::Distinct(Expr::Nanos("a".to_owned()), 7),
    ];
    let scan = ScanQuery::aggregate("acme", "t")
        .keys([Key::bucket("ts", 3600, "hour"), Key::map_value("attributes", "k'", "v")])
        .aggregates(functions.map(|function| Aggregate::new(function, "x")))
        .filter(Filter::Or(vec![
            Filter::IsNull("a".to_owned()),
            Filter::And(vec![
                Filter::IsNotNull("b".to_owned()),
                Filter::Prefix("c".to_owned(), "p%".to_owned()),
            ]),
        ]))
        .filter(Filter::OneIn("trace_id".to_owned(), 7))
        .filter(Filter::MapCompare(
            "attributes".to_owned(),
            "k".to_owned(),
            Compare::NotEq,
            Literal::Text(String::new()),
        ))
        .filter(Filter::TupleIn(
            vec!["name".to_owned(), "ts".to_owned()],
            vec![vec![Literal::Text("n".to_owned()), Literal::Time(at(1))]],
        ))
        .filter(Filter::In(
            "n".to_owned(),
            vec![
                Literal::Int(-1),
                Literal::Float(0.5),
                Literal::Bool(true),
                Literal::Decimal("1.25".parse().unwrap()),
                Literal::Bytes(vec![0xab]),
            ],
        ))
        .descending("v");
    insta::assert_snapshot!(scan.sql("`t`"), @r"SELECT fromUnixTimestamp64Nano(intDiv(toInt64(t.`ts`), 3600) * 3600000000000, 'UTC') AS `hour`, t.`attributes`['k\''] AS `v`, count() AS `x`, uniqExact(t.`a`) AS `x`, sum(t.`a`) AS `x`, min(t.`a`) AS `x`, max(t.`a`) AS `x`, avg(t.`a`) AS `x`, argMax(toString(t.`a`), t.`b`) AS `x`, argMin(arrayMap(id -> lower(hex(id)), t.`a`), t.`b`) AS `x`, groupUniqArray(7)(toDateTime64(t.`a`, 9, 'UTC')) AS `x` FROM `t` AS t WHERE t.`tenant` = 'acme' AND (t.`a` IS NULL OR (t.`b` IS NOT NULL AND startsWith(t.`c`, 'p%'))) AND cityHash64(t.`trace_id`) % 7 = 0 AND t.`attributes`['k'] != '' AND (t.`name`, t.`ts`) IN (('n', '1970-01-01 00:00:01.000000010')) AND t.`n` IN ((-1), 0.5, true, toDecimal128('1.25',12), unhex('ab')) GROUP BY intDiv(toInt64(t.`ts`), 3600), t.`attributes`['k\''] ORDER BY t.`attributes`['k\''] DESC SETTINGS aggregate_functions_null_for_empty = 0");
}

#[test]
fn nothing_to_match_matches_nothing() {
    for filter in [
        Filter::one_of("a", []),
        Filter::id("a", "not hex"),
        Filter::Or(vec![]),
        Filter::ids("a", ["xyz"]),
        Filter::TupleIn(vec![], vec![]),
    ] {
        let sql = ScanQuery::rows("acme", "t").filter(filter).sql("`t`");
        assert!(sql.contains("AND false"), "{sql}");
    }
    let sql = ScanQuery::rows("acme", "t").filter(Filter::And(vec![])).sql("`t`");
    assert!(sql.starts_with("SELECT 1 AS `one` FROM `t` AS t WHERE t.`tenant` = 'acme' AND true"), "{sql}");
}

/// The SQL with every string literal and quoted name emptied: what is left is its shape.
fn shape(sql: &str) -> String {
    let mut shape = String::new();
    let mut inside = None;
    let mut escaped = false;
    for letter in sql.chars() {
        if let Some(quote) = inside {
            if escaped {
                escaped = false;
            } else if letter == '\\' {
                escaped = true;
            } else if letter == quote {
                inside = None;
                shape.push(letter);
            }
        } else {
            if letter == '\'' || letter == '`' {
                inside = Some(letter);
            }
            shape.push(letter);
        }
    }
    assert!(inside.is_none(), "a literal is left open in {sql}");
    shape
}

fn with_texts(tenant: &str, column: &str, value: &str, key: &str) -> String {
    let event = Expr::EventValue { event: value.to_owned(), key: key.to_owned() };
    let of_bucket = Expr::LatencyBucket(column.to_owned());
    ScanQuery::aggregate(tenant, "t")
        .key(Key::column(column))
        .key(Key::map_value("attributes", key, "v"))
        .key(Key::new(Expr::Pairs { column: column.to_owned(), without: vec![key.to_owned()] }, "pair"))
        .key(Key::new(Expr::First(vec![event.clone(), Expr::WithoutNumbers(Box::new(event))]), "first"))
        .key(Key::is(Filter::Has(column.to_owned(), Literal::Text(value.to_owned())), "has"))
        .filter(Filter::Not(Box::new(Filter::Value(of_bucket, Compare::Eq, Literal::Text(value.to_owned())))))
        .filter(Filter::Part(column.to_owned(), 3, 7))
        .aggregates([Aggregate::count("n").only(Filter::eq("a", value))])
        .filter(Filter::eq(column, value))
        .filter(Filter::one_of("b", [value, key]))
        .filter(Filter::Or(vec![
            Filter::Prefix("c".to_owned(), value.to_owned()),
            Filter::Contains("c".to_owned(), value.to_owned()),
            Filter::map_eq("attributes", key, value),
        ]))
        .descending(column)
        .sql("`t`")
}

proptest! {
    #[test]
    fn no_text_changes_the_shape(tenant in any::<String>(), column in any::<String>(), value in any::<String>(), key in any::<String>()) {
        prop_assert_eq!(shape(&with_texts(&tenant, &column, &value, &key)), shape(&with_texts("a", "b", "c", "d")));
    }

    #[test]
    fn nasty_texts_do_not_either(value in "['`\\\\\\-; \\n)(/*]{0,12}") {
        prop_assert_eq!(shape(&with_texts(&value, &value, &value, &value)), shape(&with_texts("a", "b", "c", "d")));
    }

    #[test]
    fn the_tenant_is_the_first_filter(tenant in "[a-z]{1,8}", value in any::<String>()) {
        let sql = with_texts(&tenant, "b", &value, "d");
        let first = format!("WHERE t.`tenant` = '{tenant}' AND ");
        prop_assert!(sql.contains(&first));
    }
}
