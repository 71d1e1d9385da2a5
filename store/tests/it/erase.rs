//! The right to erasure, read back.

use headroom_store::Store;
use headroom_store::erase::erase;
use headroom_store::testing;

/// Two customers of one name, a row that names nobody, and the same customer's number in another tenant.
async fn fill(store: &Store) {
    let personal =
        "map('customer.email', 'Ada@example.com', 'customer.name', 'Ada Love', 'x', '1', 'note', 'Ada Love')";
    let types = "map('customer.email', 'string', 'x', 'int')";
    let other = "map('customer.email', 'ada.two@example.com', 'customer.name', 'Ada Love')";
    for (table, text) in [("events", ", body"), ("logs", ", body"), ("spans", "")] {
        let rows = [
            ("acme", "cus-1", personal, "hello ada love"),
            ("acme", "cus-2", other, "hello Ada Love"),
            ("acme", "", "map('to', 'Ada@example.com', 'y', '2')", "sent to ada@EXAMPLE.com"),
            ("other", "cus-1", personal, "hello ada love"),
        ];
        for (tenant, customer, attributes, body) in rows {
            let body = if text.is_empty() { String::new() } else { format!(", '{body}'") };
            let sql = format!(
                "INSERT INTO {} (tenant, customer_id, ts, attributes, attribute_types{text}) VALUES ('{tenant}', '{customer}', now64(9), {attributes}, {types}{body})",
                store.table(table)
            );
            store.execute(&sql).await.unwrap();
        }
    }
    let spans = store.table("spans");
    let sql = format!(
        "INSERT INTO {spans} (tenant, customer_id, ts, events_attributes) VALUES ('acme', 'cus-1', now64(9), [map('user.email', 'Ada@example.com', 'z', '3')])"
    );
    store.execute(&sql).await.unwrap();
    for (customer, value) in [("cus-1", "ada@example.com"), ("cus-2", "ada.two@example.com")] {
        let sql = format!(
            "INSERT INTO {} (tenant, value, key, ts, customer_id) VALUES ('acme', '{value}', 'customer.email', now64(9), '{customer}')",
            store.table("key_index")
        );
        store.execute(&sql).await.unwrap();
    }
    let sql = format!(
        "INSERT INTO {} (tenant, id, ts, statement) VALUES ('acme', '1', now64(3), 'SELECT ''ada@example.com''')",
        store.table("queries")
    );
    store.execute(&sql).await.unwrap();
    let sql = format!(
        "INSERT INTO {} (tenant, ts, payload) VALUES ('acme', now64(3), 'bytes Ada@example.com bytes')",
        store.table("rejected")
    );
    store.execute(&sql).await.unwrap();
}

async fn texts(store: &Store, sql: String) -> Vec<String> {
    store.rows::<String>(&sql).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_taken_out_of_every_table_and_nobody_else() {
    let store = testing::store().await;
    fill(&store).await;
    let dry = erase(&store, "acme", "cus-1", true).await.unwrap();
    let told: Vec<_> = dry.iter().map(|one| (one.table.as_str(), one.rows, one.left)).collect();
    let expected = [
        ("events", 2, 2),
        ("logs", 2, 2),
        ("spans", 3, 3),
        ("key_index", 1, 1),
        ("rejected", 1, 1),
        ("queries", 1, 1),
    ];
    assert_eq!(told, expected);
    assert!(dry.iter().all(|one| one.parts > 0), "{dry:?}");

    let done = erase(&store, "acme", "cus-1", false).await.unwrap();
    let told: Vec<_> = done.iter().map(|one| (one.table.as_str(), one.rows, one.left)).collect();
    assert_eq!(told, expected.map(|(table, rows, _)| (table, rows, 0)));
    assert_eq!(erase(&store, "acme", "cus-1", false).await.unwrap(), [], "another run finds nothing");

    // By hand, over whole rows as text.
    for table in ["events", "logs", "spans", "key_index", "rejected", "queries"] {
        let table = store.table(table);
        let rows =
            texts(&store, format!("SELECT formatRow('JSONEachRow', *) FROM {table} WHERE tenant = 'acme'"))
                .await;
        for row in &rows {
            let gone = !row.to_lowercase().contains("ada@example.com");
            let named = row.to_lowercase().contains("ada love");
            assert!(gone && (!named || row.contains("cus-2")), "{table}: {row}");
        }
    }
    for table in ["events", "logs", "spans"] {
        let target = store.table(table);
        let kept = texts(
            &store,
            format!(
                "SELECT toString((attributes, attribute_types)) FROM {target} WHERE tenant = 'acme' AND customer_id = 'cus-1' AND notEmpty(attributes)"
            ),
        );
        assert_eq!(kept.await, ["({'x':'1'},{'x':'int'})"], "{table}: what happened stays");
        let others = texts(
            &store,
            format!(
                "SELECT attributes['customer.name'] FROM {target} WHERE customer_id = 'cus-2' OR tenant = 'other'"
            ),
        );
        assert_eq!(others.await, ["Ada Love", "Ada Love"], "{table}: rows of others");
    }
    let bodies = texts(
        &store,
        format!("SELECT body FROM {} WHERE tenant = 'acme' ORDER BY customer_id", store.table("events")),
    );
    assert_eq!(bodies.await, ["[erased]", "[erased]", "hello Ada Love"]);
    let in_spans = texts(
        &store,
        format!(
            "SELECT toString(events_attributes) FROM {} WHERE notEmpty(events_attributes)",
            store.table("spans")
        ),
    );
    assert_eq!(in_spans.await, ["[{'z':'3'}]"]);
    let index = texts(&store, format!("SELECT value FROM {}", store.table("key_index")));
    assert_eq!(index.await, ["ada.two@example.com"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_found_of_somebody_who_is_not_there() {
    let store = testing::store().await;
    fill(&store).await;
    assert_eq!(erase(&store, "acme", "cus'1", false).await.unwrap(), []);
    assert_eq!(erase(&store, "nobody", "cus-1", false).await.unwrap(), []);
}
