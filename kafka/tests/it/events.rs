//! JSON events, and OTLP in JSON.

use headroom_store::testing;

use crate::support::{cluster, node, now, produce, source};

#[tokio::test(flavor = "multi_thread")]
async fn events_and_otlp_json_are_stored() {
    let cluster = cluster(&[("orders", 2), ("logs", 1)]);
    let brokers = cluster.bootstrap_servers();
    let store = testing::store().await;
    let dir = tempfile::tempdir().unwrap();
    let event = |n: u32| {
        format!(
            r#"{{"name":"order.placed","time":"{}","service":"orders",
                "attributes":{{"order.id":"o-{n}","customer.id":"c-1","price":101.25,"quantity":{n}}}}}"#,
            now().to_rfc3339()
        )
    };
    let messages = [event(1), format!("[{},{}]", event(2), event(3)), "{".to_owned()];
    produce(&brokers, "orders", 2, messages.map(String::into_bytes).to_vec()).await;
    let log = format!(
        r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"timeUnixNano":"{}","body":{{"stringValue":"x"}}}}]}}]}}]}}"#,
        now().timestamp_nanos_opt().unwrap()
    );
    produce(&brokers, "logs", 1, vec![log.into_bytes()]).await;
    let topics = serde_json::json!({"topics": [
        {"name": "orders", "content": "json_events", "tenant": "shop"},
        {"name": "logs", "content": "otlp_logs", "encoding": "json"},
    ]});
    let node = node(dir.path(), &store, &source(&brokers, &topics)).await;
    node.until("all records are taken", |_, logs| logs == 4).await;
    node.settled().await;
    let sql = format!(
        "SELECT tenant, name, ifNull(toString(price), ''), ifNull(toString(quantity), '') FROM {} ORDER BY quantity",
        store.table("events")
    );
    let rows = store.rows::<(String, String, String, String)>(&sql).await.unwrap();
    let rows: Vec<_> = rows.iter().map(|(t, name, price, n)| format!("{t} {name} {price} {n}")).collect();
    assert_eq!(rows, [1, 2, 3].map(|n| format!("shop order.placed 101.25 {n}")));
    let sql = format!("SELECT tenant, body FROM {} WHERE body = 'x'", store.table("logs"));
    assert_eq!(store.rows::<(String, String)>(&sql).await.unwrap(), [("acme".to_owned(), "x".to_owned())]);
    assert_eq!(std::fs::read_dir(dir.path().join("dead")).unwrap().count(), 1);
    node.drain().await;
}
