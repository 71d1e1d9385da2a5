//! What the ingester counts is what the schema says a rollup is a sum of.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use prost::Message as _;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use headroom_store::{Store, schema};

use crate::support::{attribute, config, now_ns, start, store, text};

const QUOTES: &str = "tenant, kind, symbol, quote, m, max(ts), argMax(price,ts), argMax(currency,ts), argMax(venue,ts), argMax(asset_class,ts), argMax(sector,ts)";

/// Per table: its rows merged, and what must be equal of them.
const MERGED: [(&str, &str); 9] = [
    (
        schema::SPAN_MINUTE,
        "tenant, service, operation, kind, status, version, region, m, sum(calls), sum(errors), sum(dur_sum), max(dur_max)",
    ),
    (schema::LATENCY_BUCKETS_1M, "tenant, service, operation, kind, status, m, b, version, region, sum(n)"),
    (schema::LATENCY_BUCKETS_1H, "tenant, service, operation, kind, status, m, b, version, region, sum(n)"),
    (schema::EXEMPLARS, "tenant, service, operation, m, octave, max(duration_ns)"),
    (schema::TRACE_BOUNDS, "tenant, trace_id, min(start), max(end), sum(spans)"),
    (schema::KEY_INDEX, "tenant, value, key, source, customer_id, trace_id, 1"),
    (
        schema::BOOKINGS,
        "tenant, portfolio_id, ts, event_id, name, customer_id, symbol, side, currency, quantity, price, amount, fee, any(toString(attributes)), 1",
    ),
    (schema::QUOTES_1M, QUOTES),
    (schema::QUOTES_1D, QUOTES),
];

/// Spans of forty traces over two hours, from four services with two versions each.
fn request(random: &mut StdRng) -> ExportTraceServiceRequest {
    let resource_spans = (0..4)
        .map(|_| {
            let service = random.random_range(0..4);
            let attributes = vec![
                text("service.name", &format!("svc-{service}")),
                text("service.version", &format!("1.{}", random.random_range(0..2))),
                text("cloud.region", ["eu", "ap"][random.random_range(0..2)]),
            ];
            let spans = (0..50).map(|_| span(random)).collect();
            ResourceSpans {
                resource: Some(Resource { attributes, ..Resource::default() }),
                scope_spans: vec![ScopeSpans { spans, ..ScopeSpans::default() }],
                ..ResourceSpans::default()
            }
        })
        .collect();
    ExportTraceServiceRequest { resource_spans }
}

fn span(random: &mut StdRng) -> Span {
    let trace = random.random_range(1..=40_u128);
    let start = now_ns() - random.random_range(0..7_200_000_000_000_u64);
    let mut attributes = Vec::new();
    if random.random_bool(0.6) {
        attributes.push(text("order.id", &format!("ord-{}", trace % 7)));
    }
    if random.random_bool(0.3) {
        attributes.push(attribute("payment.id", Value::IntValue(random.random_range(0..3))));
    }
    if random.random_bool(0.3) {
        attributes
            .push(text(["customer.id", "user.id"][random.random_range(0..2)], &format!("c-{}", trace % 5)));
    }
    if random.random_bool(0.2) {
        attributes.push(text("customer.email", ["a@b.example", ""][random.random_range(0..2)]));
    }
    Span {
        trace_id: trace.to_be_bytes().to_vec(),
        span_id: random.random::<[u8; 8]>().to_vec(),
        name: format!("op {}", random.random_range(0..3)),
        kind: random.random_range(0..7),
        start_time_unix_nano: start,
        end_time_unix_nano: start + (1_u64 << random.random_range(0..30)) - random.random_range(0..2),
        status: Some(Status { code: random.random_range(0..3), message: String::new() }),
        attributes,
        ..Span::default()
    }
}

fn logs(random: &mut StdRng) -> ExportLogsServiceRequest {
    let mut log_records: Vec<_> = (0..60)
        .map(|n| LogRecord {
            time_unix_nano: now_ns() - n,
            event_name: ["", "order.placed"][random.random_range(0..2)].into(),
            attributes: vec![
                text("order.id", &format!("ord-{n}")),
                text("session.id", &format!("s-{}", n % 4)),
                text("customer.id", &format!("c-{}", n % 3)),
            ],
            trace_id: if n % 2 == 0 { vec![7; 16] } else { vec![] },
            ..LogRecord::default()
        })
        .collect();
    log_records.extend((0..60).map(|n| booking(random, n)));
    log_records.extend((0..300).map(|n| quote(random, n)));
    let scope_logs = vec![ScopeLogs { log_records, ..ScopeLogs::default() }];
    ExportLogsServiceRequest { resource_logs: vec![ResourceLogs { scope_logs, ..ResourceLogs::default() }] }
}

/// Something that is booked, or does not say to which portfolio.
fn booking(random: &mut StdRng, n: u64) -> LogRecord {
    let name = schema::BOOKED[random.random_range(0..schema::BOOKED.len())];
    LogRecord {
        time_unix_nano: now_ns() - n,
        event_name: name.into(),
        attributes: vec![
            text("event.id", &format!("evt-{:016x}", random.random::<u64>())),
            text("customer.id", &format!("c-{}", n % 3)),
            text("portfolio.id", if n.is_multiple_of(10) { "" } else { "pf-1" }),
            text("symbol", "ACME"),
            text("side", "buy"),
            text("quantity", ["1.5", "1e-3"][random.random_range(0..2)]),
            text("currency", "USD"),
            text("adviser.id", ["", "adv-1"][random.random_range(0..2)]),
            text("lots", "evt-1:40"),
            text("venue", "XNYS"),
        ],
        ..LogRecord::default()
    }
}

/// A price or an exchange rate, now and then one that says nothing; no two of one time.
fn quote(random: &mut StdRng, n: u64) -> LogRecord {
    let amount = ["12.5", "0", "-1", "", "1e-2"][random.random_range(0..5)];
    let symbol = format!("S{}", random.random_range(0..50));
    let (name, attributes) = if random.random_bool(0.5) {
        let labels =
            [text("venue", "XNYS"), text("asset.class", "equity"), text("sector", &format!("s-{n}"))];
        let price = [text("symbol", &symbol), text("price", amount), text("currency", "USD")];
        ("price.updated", labels.into_iter().chain(price).collect())
    } else {
        ("fx.updated", vec![text("base", &symbol), text("quote", "USD"), text("rate", amount)])
    };
    let back = random.random_range(0..7_200_000_000_u64) * 1000 + n;
    LogRecord {
        time_unix_nano: now_ns() / 1_000_000 * 1_000_000 - back,
        event_name: name.into(),
        attributes,
        ..LogRecord::default()
    }
}

/// The rows of `from` under the columns of `merged`, with the sums made.
async fn rows(store: &Store, from: &str, merged: &str) -> Vec<String> {
    let keys = merged.split(", ").filter(|column| !column.contains('(') && *column != "1");
    let keys = keys.collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SELECT toString(tuple(* EXCEPT k)) AS line FROM (SELECT ({keys}) AS k, {merged} FROM {from} GROUP BY {keys}) ORDER BY line"
    );
    store.rows::<String>(&sql).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn they_are_the_sums_that_the_schema_defines() {
    let store = store().await;
    let dir = tempfile::tempdir().unwrap();
    let r = start(config(dir.path()), &store).await;
    let mut random = StdRng::seed_from_u64(7);
    for _ in 0..5 {
        r.send(&request(&mut random)).await;
        let body = logs(&mut random).encode_to_vec();
        let answer = r.post("/v1/logs", "application/x-protobuf", body).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }
    r.settled().await;
    r.ingest.drain().await;
    for (table, merged) in MERGED {
        let selects: Vec<_> = schema::rollups()
            .into_iter()
            .filter(|rollup| rollup.table == table)
            .map(|rollup| {
                let columns = schema::columns_of(table).join(", ");
                let select = rollup.select.replace("{source}", &store.table(rollup.source));
                format!("(SELECT {columns} FROM ({select}))")
            })
            .collect();
        let wanted = rows(&store, &format!("({})", selects.join(" UNION ALL ")), merged).await;
        let counted = rows(&store, &store.table(table), merged).await;
        assert!(wanted.len() >= 40, "{table} has {} rows", wanted.len());
        let only =
            |a: &[String], b: &[String]| a.iter().filter(|row| !b.contains(row)).cloned().collect::<Vec<_>>();
        assert_eq!((only(&counted, &wanted), only(&wanted, &counted)), (vec![], vec![]), "{table}");
        assert_eq!(counted.len(), wanted.len(), "{table}");
    }
}
