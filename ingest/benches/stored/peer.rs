//! rotel in front of the same ClickHouse server, with the same bodies.
//!
//! Its table is the one its own set-up program makes (attributes as maps): sorted by service, name and
//! time, with bloom filters on trace ids and attributes, and a view that keeps when each trace was.
//! Batches are as large as its makers advise for throughput; it acknowledges from memory.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use headroom_load::{Options, RunReport, run};
use headroom_store::{Store, StoreConfig};

const MAP: &str = "Map(LowCardinality(String), String)";

/// A running rotel; killed at the end.
struct Rotel(Child);

impl Drop for Rotel {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Sends the bodies of `options` through the program at `rotel` into the server at `url`, whose process is
/// watched too. Prints the report.
pub(crate) async fn measure(rotel: &str, url: &str, server: Option<u32>, options: Options) -> RunReport {
    let config = StoreConfig { url: url.to_owned(), database: "peer".to_owned(), ..StoreConfig::default() };
    let store = Store::connect(&config).expect("the server's address");
    for statement in tables() {
        store.execute(&statement).await.expect("the peer's tables");
    }
    let port = free_port();
    let mut command = Command::new(rotel);
    command.args(["start", "--otlp-http-endpoint", &format!("127.0.0.1:{port}")]);
    command.args(["--otlp-grpc-endpoint", &format!("127.0.0.1:{}", free_port())]);
    command.args(["--exporter", "clickhouse", "--clickhouse-exporter-endpoint", url]);
    command.args(["--clickhouse-exporter-database", "peer", "--clickhouse-exporter-async-insert", "false"]);
    command.args(["--batch-max-size", "102400", "--batch-timeout", "1s"]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().expect("rotel starts");
    let child = Rotel(child);
    for _ in 0..100 {
        if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let options = Options {
        target: format!("http://127.0.0.1:{port}").parse().expect("an address"),
        watch: [Some(child.0.id()), server].into_iter().flatten().collect(),
        ledger: None,
        ..options
    };
    let report = run(&options, |_| {}).await.expect("the load runs");
    println!("{report}");
    let sql = "SELECT count(), uniqExact(SpanId) FROM peer.otel_traces";
    let stored = store.rows::<(u64, u64)>(sql).await.expect("the server answers");
    let sql = "SELECT sum(bytes_on_disk) / sum(rows) FROM system.parts WHERE active AND database = 'peer' AND table = 'otel_traces'";
    let bytes = store.rows::<f64>(sql).await.expect("the server answers");
    println!(
        "rotel: {} rows and {} spans stored, {:.1} bytes a span on disk",
        stored[0].0, stored[0].1, bytes[0]
    );
    store.execute("DROP DATABASE peer SYNC").await.expect("the peer's tables go");
    report
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it is bound").port()
}

fn tables() -> [String; 5] {
    let zstd = "CODEC(ZSTD(1))";
    let text = format!("String {zstd}");
    let word = format!("LowCardinality(String) {zstd}");
    let map = format!("{MAP} {zstd}");
    let filter = |name: &str, on: &str, share: &str| {
        format!("INDEX {name} {on} TYPE bloom_filter({share}) GRANULARITY 1")
    };
    let spans = [
        "Timestamp DateTime64(9) CODEC(Delta, ZSTD(1))".to_owned(),
        format!("TraceId {text}, SpanId {text}, ParentSpanId {text}, TraceState {text}"),
        format!("SpanName {word}, SpanKind {word}, ServiceName {word}, ResourceAttributes {map}"),
        format!("ScopeName {text}, ScopeVersion {text}, SpanAttributes {map}, Duration UInt64 {zstd}"),
        format!("StatusCode {word}, StatusMessage {text}"),
        format!(
            "Events Nested (Timestamp DateTime64(9), Name LowCardinality(String), Attributes {MAP}) {zstd}"
        ),
        format!("Links Nested (TraceId String, SpanId String, TraceState String, Attributes {MAP}) {zstd}"),
        filter("idx_trace_id", "TraceId", "0.001"),
        filter("idx_res_attr_key", "mapKeys(ResourceAttributes)", "0.01"),
        filter("idx_res_attr_value", "mapValues(ResourceAttributes)", "0.01"),
        filter("idx_span_attr_key", "mapKeys(SpanAttributes)", "0.01"),
        filter("idx_span_attr_value", "mapValues(SpanAttributes)", "0.01"),
        "INDEX idx_duration Duration TYPE minmax GRANULARITY 1".to_owned(),
    ];
    let end = "SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1";
    let columns = "TraceId String, Start DateTime64(9), End DateTime64(9)";
    [
        "DROP DATABASE IF EXISTS peer SYNC".to_owned(),
        "CREATE DATABASE peer".to_owned(),
        format!(
            "CREATE TABLE peer.otel_traces ({}) ENGINE = MergeTree PARTITION BY toDate(Timestamp) \
             ORDER BY (ServiceName, SpanName, Timestamp) {end}",
            spans.join(", ")
        ),
        format!(
            "CREATE TABLE peer.otel_traces_trace_id_ts (TraceId {text}, Start DateTime64(9) CODEC(Delta, ZSTD(1)), \
             End DateTime64(9) CODEC(Delta, ZSTD(1)), {}) ENGINE = MergeTree PARTITION BY toDate(Start) \
             ORDER BY (TraceId, Start) {end}",
            filter("idx_trace_id", "TraceId", "0.01")
        ),
        format!(
            "CREATE MATERIALIZED VIEW peer.otel_traces_trace_id_ts_mv TO peer.otel_traces_trace_id_ts ({columns}) AS \
             SELECT TraceId, min(Timestamp) AS Start, max(Timestamp) AS End FROM peer.otel_traces \
             WHERE TraceId != '' GROUP BY TraceId"
        ),
    ]
}
