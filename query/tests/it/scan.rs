//! What the generator writes, ClickHouse understands the same way.

use chrono::TimeDelta;
use clickhouse::Row;
use headroom_query::scan::{Aggregate, Compare, Expr, Filter, Function, Key, Literal, ScanQuery};
use serde::Deserialize;

use crate::fixture::{SpanSeed, TENANT, base, insert_spans, span, store};

#[derive(Debug, Row, Deserialize, PartialEq)]
struct Every {
    hour: i64,
    at: i64,
    note: String,
    rows: u64,
    ids: u64,
    total: u64,
    mean: f64,
    last: String,
    slow: u64,
    services: Vec<String>,
}

#[tokio::test]
async fn every_part_of_a_query_runs() {
    let store = store().await;
    let start = base() + TimeDelta::nanoseconds(123_456_789);
    let nasty = "it's `a` \\ \"test\"; -- \n";
    let spans: Vec<SpanSeed> = (1..=4)
        .map(|i| SpanSeed {
            duration_ns: i * 10,
            attributes: vec![("note", "string", nasty)],
            ..span(start, 1, i)
        })
        .collect();
    insert_spans(&store, &spans).await;
    let column = |name: &str| Expr::Column(name.to_owned());
    let ts = || "ts".to_owned();
    let scan = ScanQuery::aggregate(TENANT, "spans")
        .key(Key::bucket("ts", 3600, "hour"))
        .key(Key::new(Expr::Nanos(ts()), "at"))
        .key(Key::map_value("attributes", "note", "note"))
        .aggregates([
            Aggregate::count("rows"),
            Aggregate::new(Function::CountDistinct(column("span_id")), "ids"),
            Aggregate::sum("duration_ns", "total"),
            Aggregate::new(Function::Avg(column("duration_ns")), "mean"),
            Aggregate::new(Function::ArgMax(Expr::Hex("span_id".to_owned()), column("duration_ns")), "last"),
            Aggregate::sum("duration_ns", "slow").only(Filter::compare(
                "duration_ns",
                Compare::Greater,
                Literal::UInt(1000),
            )),
            Aggregate::new(Function::Distinct(column("service"), 3), "services"),
        ])
        .filter(Filter::compare("ts", Compare::Eq, Literal::Time(start)))
        .filter(Filter::TupleIn(
            vec!["service".to_owned(), ts()],
            vec![vec![Literal::Text("order".to_owned()), Literal::Time(start)]],
        ))
        .filter(Filter::Or(vec![
            Filter::Prefix("operation".to_owned(), "POST ".to_owned()),
            Filter::Or(vec![]),
        ]))
        .filter(Filter::IsNotNull("service".to_owned()))
        .filter(Filter::map_eq("attributes", "note", nasty))
        .filter(Filter::ids("span_id", ["0000000000000001", "0000000000000002", "0000000000000004", "zz"]))
        .descending("rows");
    let rows: Vec<Every> = scan.fetch(&store).await.unwrap();
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!(row.hour, base().timestamp_nanos_opt().unwrap());
    assert_eq!(row.at, start.timestamp_nanos_opt().unwrap());
    assert_eq!((row.note.as_str(), row.rows, row.ids), (nasty, 3, 3));
    assert_eq!((row.total, row.slow, row.last.as_str()), (70, 0, "0000000000000004"));
    assert!((row.mean - 70.0 / 3.0).abs() < 1e-9);
    assert_eq!(row.services, ["order"]);
}

#[derive(Debug, Row, Deserialize)]
struct Total {
    total: u64,
}

#[tokio::test]
async fn nothing_sums_to_zero() {
    let store = store().await;
    let scan = ScanQuery::aggregate(TENANT, "spans").aggregates([Aggregate::sum("duration_ns", "total")]);
    let rows: Vec<Total> = scan.fetch(&store).await.unwrap();
    assert_eq!(rows[0].total, 0);
}
