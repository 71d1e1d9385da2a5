//! Migrations are resumable, idempotent and only add.

use headroom_store::migrate::Migrator;
use headroom_store::schema::{self, Form, Retention};
use headroom_store::testing;

fn migrator(store: &headroom_store::Store, retention: Retention) -> Migrator {
    Migrator::new(store, Form::Server, retention)
}

#[tokio::test]
async fn a_second_run_does_nothing() {
    let store = testing::store().await;
    let migrator = migrator(&store, Retention::default());
    assert_eq!(migrator.plan().await.unwrap(), []);
    assert_eq!(migrator.run(|_, _, _| {}).await.unwrap(), 0);
}

#[tokio::test]
async fn an_interrupted_run_goes_on() {
    let store = testing::empty_store();
    let migrator = migrator(&store, Retention::default());
    let plan = migrator.plan().await.unwrap();
    let half = plan.len() / 2;
    for step in &plan[..half] {
        migrator.apply(step).await.unwrap();
    }
    // Killed after the statement and before its record.
    store.execute(&plan[half].sql).await.unwrap();
    let mut seen = Vec::new();
    let ran = migrator.run(|_, _, step| seen.push(step.id.clone())).await.unwrap();
    assert_eq!(ran, plan.len() - half);
    assert_eq!(seen[0], plan[half].id);
    assert_eq!(migrator.plan().await.unwrap(), []);
}

#[tokio::test]
async fn what_went_missing_is_made_again() {
    let store = testing::store().await;
    let migrator = migrator(&store, Retention::default());
    for sql in [
        format!("DROP TABLE {} SYNC", store.table("plans")),
        format!("ALTER TABLE {} DROP COLUMN trace_state", store.table("spans")),
    ] {
        store.execute(&sql).await.unwrap();
    }
    let ids: Vec<_> = migrator.plan().await.unwrap().into_iter().map(|step| step.id).collect();
    assert_eq!(ids, ["column/spans/trace_state", "table/plans"]);
    migrator.run(|_, _, _| {}).await.unwrap();
    assert_eq!(migrator.plan().await.unwrap(), []);
}

#[tokio::test]
async fn views_of_an_earlier_schema_go() {
    let store = testing::store().await;
    let migrator = migrator(&store, Retention::default());
    let (view, source) = (store.table("span_minute_mv"), store.table("spans"));
    let target = store.table("span_minute");
    let sql = format!("CREATE MATERIALIZED VIEW {view} TO {target} AS SELECT tenant, service FROM {source}");
    store.execute(&sql).await.unwrap();
    let ids: Vec<_> = migrator.plan().await.unwrap().into_iter().map(|step| step.id).collect();
    assert_eq!(ids, ["drop/view/span_minute_mv"]);
    migrator.run(|_, _, _| {}).await.unwrap();
    assert_eq!(migrator.plan().await.unwrap(), []);
}

#[tokio::test]
async fn a_rollup_that_came_later_is_filled_from_what_was_there() {
    let store = testing::store().await;
    let migrator = migrator(&store, Retention::default());
    let [events, journal] = ["events", "schema_migrations"].map(|table| store.table(table));
    let now = "now64(9) - toIntervalHour(1)";
    for sql in [
        format!("INSERT INTO {journal} VALUES (4, 'table/events', '', now64(3))"),
        format!(
            "INSERT INTO {events} (tenant, name, ts, event_id, portfolio_id, symbol, price, currency, attributes) VALUES ('acme', 'order.filled', {now}, 'e1', 'pf-1', 'ACME', 12.5, 'USD', map('lots', 'e0', 'venue', 'XNYS')), ('acme', 'price.updated', {now}, 'e2', '', 'ACME', 13, 'USD', map()), ('acme', 'fx.updated', {now}, 'e3', '', '', NULL, '', map('base', 'EUR', 'quote', 'USD', 'rate', '1.08'))"
        ),
    ] {
        store.execute(&sql).await.unwrap();
    }
    let ids: Vec<_> = migrator.plan().await.unwrap().into_iter().map(|step| step.id).collect();
    assert!(ids.len() == 5 && ids.iter().all(|id| id.starts_with("fill/")), "{ids:?}");
    migrator.run(|_, _, _| {}).await.unwrap();
    assert_eq!(migrator.plan().await.unwrap(), []);
    let bookings =
        format!("SELECT event_id, toString(price), toString(attributes) FROM {}", store.table("bookings"));
    let booked = store.rows::<(String, Option<String>, String)>(&bookings).await.unwrap();
    assert_eq!(booked, [("e1".to_owned(), Some("12.5".to_owned()), "{'lots':'e0'}".to_owned())]);
    for table in ["quotes_1m", "quotes_1d"] {
        let sql = format!("SELECT kind, symbol, toString(price) FROM {} ORDER BY kind", store.table(table));
        let quotes = store.rows::<(String, String, String)>(&sql).await.unwrap();
        let texts = |row: [&str; 3]| row.map(str::to_owned).into();
        assert_eq!(quotes, [texts(["price", "ACME", "13"]), texts(["rate", "EUR", "1.08"])], "{table}");
    }
}

#[tokio::test]
async fn a_sorting_key_takes_what_it_has_not_and_keeps_its_rows() {
    let store = testing::store().await;
    let migrator = migrator(&store, Retention::default());
    let buckets = store.table("latency_buckets_1m");
    let table = schema::tables().into_iter().find(|table| table.name == "latency_buckets_1m").unwrap();
    let create = migrator.renderer().create_table(&table);
    let before = create.replace(", b, version, region)", ", b)");
    let before =
        before.replace(",\n    `version` LowCardinality(String),\n    `region` LowCardinality(String)", "");
    assert!(before.len() < create.len() - 60, "{before}");
    let insert = |n: u64, more: &str, values: &str| {
        format!(
            "INSERT INTO {buckets} (tenant, service, m, b, n{more}) VALUES ('acme', 'order', toStartOfHour(now()), 7, {n}{values})"
        )
    };
    for sql in [format!("DROP TABLE {buckets} SYNC"), before, insert(1, "", "")] {
        store.execute(&sql).await.unwrap();
    }
    let ids: Vec<_> = migrator.plan().await.unwrap().into_iter().map(|step| step.id).collect();
    assert_eq!(ids, ["key/latency_buckets_1m"]);
    migrator.run(|_, _, _| {}).await.unwrap();
    assert_eq!(migrator.plan().await.unwrap(), []);
    for (version, n) in [("1.0", 1), ("1.1", 2), ("1.1", 3)] {
        store.execute(&insert(n, ", version, region", &format!(", '{version}', 'eu'"))).await.unwrap();
    }
    store.execute(&format!("OPTIMIZE TABLE {buckets} FINAL")).await.unwrap();
    let sql = format!("SELECT version, n FROM {buckets} ORDER BY version");
    let rows = store.rows::<(String, u64)>(&sql).await.unwrap();
    let row = |version: &str, n: u64| (version.to_owned(), n);
    assert_eq!(rows, [row("", 1), row("1.0", 1), row("1.1", 5)], "merged by the longer key");
}

#[tokio::test]
async fn retention_is_changed_only_where_it_differs() {
    let store = testing::store().await;
    let retention = Retention { event_days: 3650, ..Retention::default() };
    let migrator = migrator(&store, retention);
    let ids: Vec<_> = migrator.plan().await.unwrap().into_iter().map(|step| step.id).collect();
    let kept_as_events = ["events", "bookings", "quotes_1d", "portfolio_moves", "cohort_moves"];
    assert_eq!(ids, kept_as_events.map(|table| format!("ttl/{table}")));
    migrator.run(|_, _, _| {}).await.unwrap();
    assert_eq!(migrator.plan().await.unwrap(), []);
}

#[tokio::test]
async fn two_migrators_at_once_make_one_schema() {
    let store = testing::empty_store();
    let (a, b) = (migrator(&store, Retention::default()), migrator(&store, Retention::default()));
    let (a, b) = tokio::join!(a.run(|_, _, _| {}), b.run(|_, _, _| {}));
    let (a, b) = (a.unwrap(), b.unwrap());
    assert!(a.min(b) == 0 && a.max(b) > 20, "{a} {b}");
}

#[tokio::test]
async fn a_newer_database_is_left_alone() {
    let store = testing::store().await;
    store
        .execute(&format!(
            "INSERT INTO {} (version, step, checksum, applied_at) VALUES (999, 'x', 'x', now64(3))",
            store.table("schema_migrations")
        ))
        .await
        .unwrap();
    let error = migrator(&store, Retention::default()).plan().await.unwrap_err();
    assert!(error.to_string().contains("update the program"), "{error}");
}
