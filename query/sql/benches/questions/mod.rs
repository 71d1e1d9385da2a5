//! What is asked, and the same in other words.

/// A question. `{spans}` and the like stand for tables, `{day}` for the day's condition.
pub(crate) struct Question {
    pub(crate) what: &'static str,
    /// Through the door.
    pub(crate) door: &'static str,
    /// For ClickHouse.
    pub(crate) by_hand: &'static str,
    /// Over the rows of `spans` in a file, where DataFusion and DuckDB have words for it.
    pub(crate) parquet: Option<&'static str>,
}

pub(crate) const QUESTIONS: [Question; 9] = [
    Question {
        what: "spans of the day",
        door: "SELECT count(*) FROM spans WHERE {day}",
        by_hand: "SELECT count() FROM (SELECT 1 FROM {spans} WHERE {ts} {once})",
        parquet: Some("SELECT count(*) FROM spans WHERE {day}"),
    },
    Question {
        what: "failed requests of a service by the hour",
        door: "SELECT date_trunc('hour', ts) AS hour, count(*) FROM spans WHERE {day} AND service = 'gateway' AND status = 'error' GROUP BY hour",
        by_hand: "SELECT toStartOfHour(ts) AS hour, count() FROM (SELECT ts, status FROM {spans} WHERE {ts} AND service = 'gateway' {once}) WHERE status = 'error' GROUP BY hour",
        parquet: Some(
            "SELECT date_trunc('hour', ts) AS hour, count(*) FROM spans WHERE {day} AND service = 'gateway' AND status = 'error' GROUP BY hour",
        ),
    },
    Question {
        what: "operations of a service, mean and worst",
        door: "SELECT operation, count(*), avg(duration_ns), max(duration_ns) FROM spans WHERE {day} AND service = 'gateway' GROUP BY operation",
        by_hand: "SELECT operation, count(), avg(duration_ns), max(duration_ns) FROM (SELECT operation, duration_ns FROM {spans} WHERE {ts} AND service = 'gateway' {once}) GROUP BY operation",
        parquet: Some(
            "SELECT operation, count(*), avg(duration_ns), max(duration_ns) FROM spans WHERE {day} AND service = 'gateway' GROUP BY operation",
        ),
    },
    Question {
        what: "the slowest spans of a service",
        door: "SELECT ts, operation, duration_ns, trace_id FROM spans WHERE {day} AND service = 'svc-3' ORDER BY duration_ns DESC LIMIT 20",
        by_hand: "SELECT ts, operation, duration_ns, lower(hex(trace_id)) FROM (SELECT ts, operation, duration_ns, trace_id FROM {spans} WHERE {ts} AND service = 'svc-3' {once}) ORDER BY duration_ns DESC LIMIT 20",
        parquet: Some(
            "SELECT ts, operation, duration_ns, trace_id FROM spans WHERE {day} AND service = 'svc-3' ORDER BY duration_ns DESC LIMIT 20",
        ),
    },
    Question {
        what: "customers of a service",
        door: "SELECT count(DISTINCT customer_id) FROM spans WHERE {day} AND service = 'gateway'",
        by_hand: "SELECT uniqExact(customer_id) FROM (SELECT customer_id FROM {spans} WHERE {ts} AND service = 'gateway' {once}) WHERE customer_id != ''",
        parquet: Some("SELECT count(DISTINCT customer_id) FROM spans WHERE {day} AND service = 'gateway'"),
    },
    Question {
        what: "calls and errors of all services by the hour",
        door: "SELECT service, date_trunc('hour', minute) AS hour, sum(calls), sum(errors) FROM services WHERE {day_minute} GROUP BY service, hour",
        by_hand: "SELECT service, toStartOfHour(m) AS hour, sum(calls), sum(errors) FROM {span_minute} WHERE {m} AND kind IN ('server', 'consumer') GROUP BY service, hour",
        parquet: Some(
            "SELECT service, date_trunc('hour', ts) AS hour, count(*), count(*) FILTER (WHERE status = 'error') FROM spans WHERE {day} AND kind IN ('server', 'consumer') GROUP BY service, hour",
        ),
    },
    Question {
        what: "latency buckets of a service",
        door: "SELECT bucket, sum(spans) FROM latency_buckets WHERE {day_minute} AND service = 'gateway' GROUP BY bucket",
        by_hand: "SELECT b, sum(n) FROM {latency_buckets_1m} WHERE {m} AND service = 'gateway' GROUP BY b",
        parquet: Some(
            "SELECT CAST(ceil(log2(CAST(duration_ns AS DOUBLE)) * 16) AS INT) - 1 AS b, count(*) FROM spans WHERE {day} AND service = 'gateway' GROUP BY b",
        ),
    },
    Question {
        what: "percentiles of a service by the minute",
        door: "SELECT operation, minute, requests, p50_ns, p99_ns FROM latency WHERE {day_minute} AND service = 'svc-3'",
        by_hand: "SELECT operation, m, sum(n), quantilesExactWeighted(0.5, 0.99)(b, n) FROM {latency_buckets_1m} WHERE {m} AND service = 'svc-3' AND kind IN ('server', 'consumer') GROUP BY operation, m",
        parquet: Some(
            "SELECT operation, date_trunc('minute', ts) AS m, count(*), quantile_cont(duration_ns, 0.5), quantile_cont(duration_ns, 0.99) FROM spans WHERE {day} AND service = 'svc-3' AND kind IN ('server', 'consumer') GROUP BY operation, m",
        ),
    },
    Question {
        what: "requests by an attribute",
        door: "SELECT attr(attributes, 'venue') AS venue, count(*) FROM spans WHERE {day} AND service = 'svc-3' GROUP BY venue",
        by_hand: "SELECT attributes['venue'] AS venue, count() FROM (SELECT attributes FROM {spans} WHERE {ts} AND service = 'svc-3' {once}) GROUP BY venue",
        parquet: None,
    },
];
