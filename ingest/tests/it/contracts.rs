//! Events that break their contract: kept apart, told, and sent again.

use std::path::Path;

use base64::Engine as _;
use chrono::TimeDelta;
use headroom_ingest::{ContractsConfig, Enforcement, IngestConfig, ReplayOrder, Replayed};
use headroom_store::Store;
use opentelemetry_proto::tonic::collector::logs::v1::logs_service_client::LogsServiceClient;
use opentelemetry_proto::tonic::collector::logs::v1::{ExportLogsServiceRequest, ExportLogsServiceResponse};
use opentelemetry_proto::tonic::common::v1::{InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message as _;

use crate::support::{Running, config, count, now, now_ns, start, store, text};

const PROTOBUF: &str = "application/x-protobuf";

fn judged(dir: &Path, breach: Enforcement, own: Option<&Path>) -> IngestConfig {
    let contracts = ContractsConfig { breach, dir: own.map(Path::to_owned) };
    IngestConfig { contracts, ..config(dir) }
}

fn event(name: &str, attributes: Vec<KeyValue>) -> LogRecord {
    LogRecord { event_name: name.into(), time_unix_nano: now_ns(), attributes, ..LogRecord::default() }
}

fn order(n: u32, quantity: &str) -> Vec<KeyValue> {
    let (id, order) = (format!("evt-{n}"), format!("ord-{n}"));
    vec![text("event.id", &id), text("order.id", &order), text("quantity", quantity), text("price", "10.25")]
}

fn request(log_records: Vec<LogRecord>) -> ExportLogsServiceRequest {
    ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs {
            resource: Some(Resource {
                attributes: vec![text("service.name", "orders")],
                ..Resource::default()
            }),
            scope_logs: vec![ScopeLogs {
                scope: Some(InstrumentationScope { name: "desk".into(), ..InstrumentationScope::default() }),
                log_records,
                ..ScopeLogs::default()
            }],
            ..ResourceLogs::default()
        }],
    }
}

async fn send(r: &Running, log_records: Vec<LogRecord>) -> (i64, String) {
    let body = request(log_records).encode_to_vec();
    let response = r.post("/v1/logs", PROTOBUF, body).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let answer = ExportLogsServiceResponse::decode(response.bytes().await.unwrap()).unwrap();
    let partial = answer.partial_success.unwrap_or_default();
    (partial.rejected_log_records, partial.error_message)
}

async fn names(store: &Store) -> Vec<String> {
    let sql = format!("SELECT concat(name, ' ', order_id) FROM {} ORDER BY order_id", store.table("events"));
    store.rows::<String>(&sql).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_breach_goes_to_quarantine_and_the_rest_of_the_request_does_not() {
    let (store, dir) = (store().await, tempfile::tempdir().unwrap());
    let r = start(judged(dir.path(), Enforcement::Quarantine, None), &store).await;
    let records = vec![
        event("", vec![text("note", "a log record like any other")]),
        event("order.placed", order(1, "many")),
        event("OrderPlaced", order(2, "3")),
        LogRecord { trace_id: vec![1], ..event("order.placed", order(3, "4")) },
        event("order.placed", order(4, "-1")),
        event("order.placed", order(5, "5")),
        event("lunch.ordered", order(6, "many")),
    ];
    let (rejected, message) = send(&r, records).await;
    assert_eq!(rejected, 3);
    assert_eq!(message, "trace_id: trace_id has 1 bytes, must have 16 or none (and 3 more)");
    r.settled().await;
    // An alias is stored as the event that it stands for; a name without a contract passes.
    assert_eq!(names(&store).await, ["order.placed ord-2", "order.placed ord-5", "lunch.ordered ord-6"]);
    assert_eq!(count(&store, "logs").await, 4);
    let sql = format!(
        "SELECT detail, payload FROM {} WHERE reason = 'contract' ORDER BY detail",
        store.table("rejected")
    );
    let kept = store.rows::<(String, String)>(&sql).await.unwrap();
    let details: Vec<_> = kept.iter().map(|(detail, _)| detail.as_str()).collect();
    insta::assert_snapshot!(details.join("\n"), @r#"
    order.placed: quantity must be a decimal number such as 187.25, of at most 28 digits, 12 after the point, found the text "many"
    order.placed: quantity must be above 0, found the text "-1"
    "#);
    // What is kept is a request of its own, with where it came from.
    let bytes = base64::engine::general_purpose::STANDARD.decode(&kept[0].1).unwrap();
    let whole = ExportLogsServiceRequest::decode(&bytes[..]).unwrap();
    assert_eq!(whole, request(vec![event("order.placed", order(1, "many"))]));
    let tenant = &r.ingest.status().tenants[0];
    let rejected: Vec<_> = tenant.rejected.iter().map(|one| (one.reason.as_str(), one.count)).collect();
    assert_eq!(rejected, [("contract", 2), ("trace_id", 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warning_takes_the_event_and_off_says_nothing() {
    for (breach, noted) in [(Enforcement::Warn, 1), (Enforcement::Off, 0)] {
        let (store, dir) = (store().await, tempfile::tempdir().unwrap());
        let r = start(judged(dir.path(), breach, None), &store).await;
        let attributes = vec![text("order.id", "ord-1"), text("side", "short")];
        let (rejected, message) = send(&r, vec![event("order.placed", attributes)]).await;
        assert_eq!((rejected, message.is_empty()), (0, noted == 0), "{message}");
        r.settled().await;
        assert_eq!(names(&store).await, ["order.placed ord-1"]);
        assert_eq!(count(&store, "rejected").await, noted);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_quarantined_is_sent_again_once_the_contract_allows_it() {
    let (store, dir) = (store().await, tempfile::tempdir().unwrap());
    let own = tempfile::tempdir().unwrap();
    let contract = |bound: &str| {
        let folder = own.path().join("desk.order");
        std::fs::create_dir_all(&folder).unwrap();
        let quantity = format!(
            r#"{{"type": ["string", "integer"], "format": "decimal", "description": "Pieces."{bound}}}"#
        );
        std::fs::write(
            folder.join("1.json"),
            format!(
                r#"{{"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:x:desk.order:1",
                "title": "DeskOrder", "description": "A desk's order.", "type": "object",
                "properties": {{"quantity": {quantity}}}, "required": ["quantity"]}}"#
            ),
        )
        .unwrap();
    };
    contract(r#", "maximum": 100"#);
    let order_of = |dry_run| ReplayOrder {
        tenant: "acme".into(),
        reason: "contract".into(),
        from: now() - TimeDelta::hours(1),
        to: now() + TimeDelta::hours(1),
        limit: 100,
        dry_run,
    };
    let r = start(judged(dir.path(), Enforcement::Quarantine, Some(own.path())), &store).await;
    // Twice the same, and one that stays wrong.
    for _ in 0..2 {
        let records = vec![event("desk.order", order(1, "500")), event("desk.order", order(2, "x"))];
        assert_eq!(send(&r, records).await.0, 2);
        r.clock.advance(TimeDelta::minutes(11));
    }
    r.settled().await;
    let report = r.ingest.replay().run(&order_of(false)).await.unwrap();
    assert_eq!((report.found, report.taken, report.refused), (2, 0, 2));
    assert!(report.first_refusal.unwrap().starts_with("contract: desk.order: quantity must be"), "why");
    drop(r);

    contract("");
    let r = start(judged(dir.path(), Enforcement::Quarantine, Some(own.path())), &store).await;
    let would = r.ingest.replay().run(&order_of(true)).await.unwrap();
    let did = r.ingest.replay().run(&order_of(false)).await.unwrap();
    assert_eq!((would.taken, did.taken, did.refused), (1, 1, 1));
    r.settled().await;
    assert_eq!(names(&store).await, ["desk.order ord-1"]);
    let again = r.ingest.replay().run(&order_of(false)).await.unwrap();
    assert_eq!(again, Replayed { found: 1, refused: 1, ..again.clone() });
    r.settled().await;
    assert_eq!((names(&store).await.len(), count(&store, "rejected").await), (1, 4));
    let error = r.ingest.replay().run(&ReplayOrder { reason: "decimal".into(), ..order_of(true) }).await;
    assert!(error.unwrap_err().to_string().contains("must be one of contract, time"));
}

#[tokio::test(flavor = "multi_thread")]
async fn contracts_that_are_wrong_keep_the_ingester_from_starting() {
    let (dir, own) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::create_dir_all(own.path().join("desk.order")).unwrap();
    std::fs::write(own.path().join("desk.order/1.json"), "{}").unwrap();
    let config = judged(dir.path(), Enforcement::Warn, Some(own.path()));
    let clock = std::sync::Arc::new(headroom_store::SystemClock);
    let tokens = std::sync::Arc::new(crate::support::Tokens);
    let started = headroom_ingest::Ingest::start(config, crate::support::no_store(), tokens, clock).await;
    let error = started.err().unwrap().to_string();
    assert!(error.starts_with("ingest.contracts.dir: ") && error.contains("desk.order/1.json"), "{error}");
}

/// The same event in ten different requests over both transports, the newest first.
#[tokio::test(flavor = "multi_thread")]
async fn one_event_sent_ten_times_is_one_event() {
    let (store, dir) = (store().await, tempfile::tempdir().unwrap());
    let r = start(judged(dir.path(), Enforcement::Quarantine, None), &store).await;
    let mut grpc = LogsServiceClient::connect(format!("http://{}", r.ingest.grpc_addr())).await.unwrap();
    for n in (0..10).rev() {
        let records = vec![event("order.placed", order(100 + n, "1")), event("order.placed", order(7, "2"))];
        if n % 2 == 0 {
            assert_eq!(send(&r, records).await.0, 0);
        } else {
            let mut request = tonic::Request::new(request(records));
            request.metadata_mut().insert("authorization", "Bearer acme-token".parse().unwrap());
            assert!(grpc.export(request).await.unwrap().into_inner().partial_success.is_none());
        }
    }
    r.settled().await;
    // As every reader of events counts them.
    let sql = format!(
        "SELECT count(), sum(quantity) FROM (SELECT * FROM {} ORDER BY received_at LIMIT 1 BY tenant, event_id)",
        store.table("events")
    );
    let sql = sql.replace("sum(quantity)", "toString(sum(assumeNotNull(quantity)))");
    assert_eq!(store.rows::<(u64, String)>(&sql).await.unwrap(), [(11, "12".to_owned())]);
}
