//! The contract of the archive: whether old days are in ClickHouse or in files, the answers are the same.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_archive::{Archive, ArchiveConfig, Keeper, Place, Round};
use headroom_sql::{SqlConfig, SqlDoor, StoreSource};
use headroom_store::schema::Retention;
use headroom_store::testing::TestStore;
use headroom_store::{Clock, ManualClock};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore as _, ObjectStoreExt as _, PutPayload};

use crate::data::{self, who};
use crate::differential::{CONDITIONS, sorted};
use crate::unplugged::Unplugged;

/// The first day that is not archived.
const BOUNDARY: &str = "2030-05-04T00:00:00Z";
const ARCHIVED: [&str; 5] = ["spans", "logs", "events", "metric_gauge", "metric_sum"];

/// A store with five days of data, an archive, and a clock that shows a time at which three of the days are archived.
struct Bench {
    store: TestStore,
    place: Place,
    clock: Arc<ManualClock>,
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

impl Bench {
    async fn new() -> Self {
        let store = data::store().await;
        for table in ARCHIVED {
            let table = store.table(table);
            let id = if table.contains("events") {
                ", concat(event_id, '-', toString(n)) AS event_id"
            } else {
                ""
            };
            // The same rows on the days after, with nanoseconds just before and at the boundary among them.
            let days = format!(
                "INSERT INTO {table} SELECT * EXCEPT (n) REPLACE (ts + INTERVAL n DAY AS ts{id}) FROM {table} \
                 CROSS JOIN (SELECT arrayJoin([1, 2, 3, 4]) AS n) AS d"
            );
            run(&store, &days).await;
            let id = if table.contains("events") { ", concat('edge', toString(n)) AS event_id" } else { "" };
            let edges = format!(
                "INSERT INTO {table} SELECT * EXCEPT (n) REPLACE (toDateTime64('{}', 9, 'UTC') + toIntervalNanosecond(n) AS ts{id}) \
                 FROM (SELECT * FROM {table} WHERE tenant = 'acme' LIMIT 1) AS r CROSS JOIN (SELECT arrayJoin([-1, 0, 1]) AS n) AS d",
                &BOUNDARY[..19].replace('T', " ")
            );
            run(&store, &edges).await;
        }
        let clock = Arc::new(ManualClock::new(at(BOUNDARY) + TimeDelta::days(7) + TimeDelta::hours(1)));
        Self { store, place: Place::on(Arc::new(InMemory::new())), clock }
    }

    fn door(&self) -> SqlDoor {
        let archive = Arc::new(Archive::new(self.place.clone(), ArchiveConfig::default().after_days));
        SqlDoor::archived((*self.store).clone(), SqlConfig::default(), archive, self.clock.clone()).unwrap()
    }

    async fn round(&self) -> Round {
        let source = StoreSource::new((*self.store).clone(), Retention::default());
        let round = Keeper::new(self.place.clone(), ArchiveConfig::default(), source);
        let round = round.round(self.clock.now(), &|| true).await;
        assert_eq!(round.failures, Vec::<String>::new());
        round
    }

    /// What the retention does, sooner or later.
    async fn expire(&self) {
        for table in ARCHIVED {
            let table = self.store.table(table);
            let sql = format!(
                "ALTER TABLE {table} DELETE WHERE ts < '{}' SETTINGS mutations_sync = 2",
                &BOUNDARY[..19].replace('T', " ")
            );
            run(&self.store, &sql).await;
        }
    }
}

async fn run(store: &TestStore, sql: &str) {
    store.execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

async fn count(door: &SqlDoor, sql: &str) -> i64 {
    let answer =
        door.query_json(&who("acme"), sql, None).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    answer.rows[0][0].as_i64().unwrap()
}

async fn plan(door: &SqlDoor, sql: &str) -> String {
    let answer = door.query_json(&who("acme"), &format!("EXPLAIN {sql}"), None).await.unwrap();
    answer.rows.iter().map(|row| row[1].as_str().unwrap().to_owned()).collect::<Vec<_>>().join("\n")
}

/// Questions to each view: every condition that may be pushed, and times around the boundary.
fn questions() -> Vec<String> {
    let mut questions = Vec::new();
    for (view, conditions) in
        CONDITIONS.iter().filter(|(view, _)| ["spans", "logs", "events", "metrics"].contains(view))
    {
        for condition in *conditions {
            questions.push(format!("SELECT * FROM {view} WHERE {condition}"));
        }
        for ts in [
            format!("ts >= '{BOUNDARY}'"),
            format!("ts > '{BOUNDARY}'"),
            format!("ts < '{BOUNDARY}'"),
            format!("ts <= '{BOUNDARY}'"),
            format!("ts = '{BOUNDARY}'"),
            "ts = '2030-05-03T23:59:59.999999999Z'".to_owned(),
            "ts BETWEEN '2030-05-03T23:59:59.999999999Z' AND '2030-05-04T00:00:00.000000001Z'".to_owned(),
            "ts >= '2030-05-02T02:00:00Z' AND ts < '2030-05-02T03:00:00Z'".to_owned(),
            format!("ts IN ('{BOUNDARY}', '2030-05-03T23:59:59.999999999Z')"),
            format!("ts < '2030-05-01T01:00:00Z' OR ts > '{BOUNDARY}'"),
        ] {
            questions.push(format!("SELECT * FROM {view} WHERE {ts}"));
            questions.push(format!("SELECT count(*) FROM {view} WHERE {ts}"));
        }
        questions.push(format!("SELECT * FROM {view}"));
        questions.push(format!("SELECT count(*), min(ts), max(ts) FROM {view}"));
        questions.push(format!("SELECT date_trunc('day', ts), count(*) FROM {view} GROUP BY 1"));
        questions.push(format!("SELECT ts FROM {view} ORDER BY ts DESC LIMIT 7 OFFSET 2"));
        questions.push(format!("SELECT ts FROM {view} ORDER BY ts LIMIT 700"));
        questions.push(format!("SELECT count(*) FROM (SELECT ts FROM {view} LIMIT 1234)"));
    }
    questions.extend([
        "SELECT service, count(*), sum(duration_ns), avg(duration_ns), min(ts), max(ts) FROM spans GROUP BY service",
        "SELECT attr(attributes, 'k'), count(*) FROM spans GROUP BY 1",
        "SELECT name, currency, sum(amount), sum(fee), avg(amount), count(DISTINCT symbol) FROM events GROUP BY name, currency",
        "SELECT count(*) FROM spans WHERE trace_id IN (SELECT trace_id FROM logs WHERE severity > 20)",
        "SELECT a.service, count(*) FROM spans a JOIN spans b ON a.trace_id = b.trace_id AND a.ts = b.ts GROUP BY 1",
        "SELECT (SELECT count(*) FROM spans), (SELECT count(*) FROM events WHERE amount > 3)",
        "SELECT type, count(*), min(int_value), max(int_value) FROM metrics GROUP BY type",
        "WITH d AS (SELECT date_trunc('day', ts) AS day, service FROM logs) SELECT day, service, count(*) FROM d GROUP BY 1, 2",
    ].map(str::to_owned));
    questions
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn archived_or_stored_the_answers_are_the_same() {
    let bench = Bench::new().await;
    let questions = questions();
    // Seven thousand rows at once are more than one answer may have.
    let config = SqlConfig { http_rows: 100_000, ..SqlConfig::default() };
    let stored = SqlDoor::new((*bench.store).clone(), config.clone()).unwrap();
    let mut before = Vec::new();
    for sql in &questions {
        before.push(sorted(&stored, sql).await);
    }
    let round = bench.round().await;
    assert_eq!((round.days, round.renewed), (4 * 3 * 2, 0), "four views, three days, two tenants");
    let archive = Arc::new(Archive::new(bench.place.clone(), 7));
    let door = SqlDoor::archived((*bench.store).clone(), config, archive, bench.clock.clone()).unwrap();
    for expired in [false, true] {
        if expired {
            bench.expire().await;
        }
        for (sql, before) in questions.iter().zip(&before) {
            assert_eq!(&sorted(&door, sql).await, before, "expired: {expired}: {sql}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_condition_on_ts_leaves_one_side_alone() {
    let bench = Bench::new().await;
    bench.round().await;
    let door = bench.door();
    let young =
        plan(&door, &format!("SELECT service, count(*) FROM spans WHERE ts >= '{BOUNDARY}' GROUP BY 1"))
            .await;
    assert!(!young.contains("ArchiveExec") && young.contains("GROUP BY"), "groups are pushed: {young}");
    let old = plan(&door, &format!("SELECT * FROM spans WHERE ts < '{BOUNDARY}'")).await;
    assert!(old.contains("ArchiveExec") && old.contains("files=3") && !old.contains("ScanExec"), "{old}");
    let day = plan(&door, "SELECT ts FROM spans WHERE ts >= '2030-05-02T00:00:00Z' AND ts < '2030-05-03T00:00:00Z' AND service = 'order'").await;
    assert!(
        day.contains("files=1, days=2030-05-02 to 2030-05-02") && day.contains("columns=[ts, service]"),
        "{day}"
    );
    let both = plan(&door, "SELECT ts FROM spans").await;
    assert!(both.contains("ArchiveExec") && both.contains("ScanExec"), "{both}");
    // A view of sums has no archive.
    let sums = plan(&door, "SELECT * FROM span_minute").await;
    assert!(!sums.contains("ArchiveExec"), "{sums}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn late_rows_are_seen_after_the_next_round() {
    let bench = Bench::new().await;
    bench.round().await;
    let all = count(&bench.door(), "SELECT count(*) FROM logs").await;
    let logs = bench.store.table("logs");
    run(&bench.store, &format!("INSERT INTO {logs} (tenant, service, ts, body) VALUES ('acme', 's', '2030-05-02 23:00:00', 'late')")).await;
    run(&bench.store, &format!("INSERT INTO {logs} (tenant, service, ts, body) VALUES ('acme', 's', '2030-04-20 23:00:00', 'later')")).await;
    let round = bench.round().await;
    assert_eq!((round.days, round.renewed), (1, 1));
    bench.expire().await;
    let door = bench.door();
    assert_eq!(count(&door, "SELECT count(*) FROM logs").await, all + 2);
    assert_eq!(count(&door, "SELECT count(*) FROM logs WHERE body LIKE 'late%'").await, 2);
    // The store has lost what the archive has: it stays.
    assert_eq!(bench.round().await.renewed, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_is_sent_again_days_later_counts_once() {
    let bench = Bench::new().await;
    let events = bench.store.table("events");
    let again = format!(
        "INSERT INTO {events} SELECT * EXCEPT (n) REPLACE (ts + INTERVAL n DAY AS ts, toDecimal128(n, 12) AS amount) FROM \
         (SELECT * FROM {events} WHERE tenant = 'acme' AND ts < '2030-05-01 01:00:00' AND name = 'order.filled') AS e \
         CROSS JOIN (SELECT arrayJoin([1, 2, 4]) AS n) AS d"
    );
    let stored = SqlDoor::new((*bench.store).clone(), SqlConfig::default()).unwrap();
    let all = count(&stored, "SELECT count(*) FROM events").await;
    run(&bench.store, &again).await;
    assert_eq!(count(&stored, "SELECT count(*) FROM events").await, all);
    bench.round().await;
    bench.expire().await;
    let door = bench.door();
    assert_eq!(count(&door, "SELECT count(*) FROM events").await, all);
    // Which of them is seen does not depend on what is asked: the first.
    let first = "SELECT count(*) FROM events WHERE name = 'order.filled' AND ts < '2030-05-01T01:00:00Z'";
    let some = count(&door, first).await;
    assert!(some > 10);
    let with =
        |condition: &str| format!("SELECT count(*) FROM events WHERE name = 'order.filled' AND {condition}");
    let (one, other) = ("amount > 1", "(amount <= 1 OR amount IS NULL)");
    let sum = count(&door, &with(one)).await + count(&door, &with(other)).await;
    assert_eq!(sum, count(&door, &with("true")).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_tenant_reads_its_own_days() {
    let bench = Bench::new().await;
    bench.round().await;
    bench.expire().await;
    let door = bench.door();
    let ask = async |tenant: &str, sql: &str| {
        let answer = door.query_json(&who(tenant), sql, None).await.unwrap();
        answer.rows[0][0].as_i64().unwrap()
    };
    // Five days of 300 and of 40 rows, and the edges.
    assert_eq!(ask("acme", "SELECT count(*) FROM logs").await, 5 * 300 + 3);
    assert_eq!(ask("other", "SELECT count(*) FROM logs").await, 5 * 40);
    assert_eq!(ask("nobody", "SELECT count(*) FROM logs").await, 0);
    for name in ["acme/../acme", "tenant=acme", "Acme", "acme%2f"] {
        assert_eq!(ask(name, "SELECT count(*) FROM logs").await, 0, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_missing_or_damaged_fails_the_statement_and_names_the_day() {
    let bench = Bench::new().await;
    bench.round().await;
    let store = bench.place.store().clone();
    let all: Vec<_> = futures::StreamExt::collect::<Vec<_>>(store.list(None)).await;
    let path = all.into_iter().map(|meta| meta.unwrap().location).find(|path| {
        let text = path.to_string();
        text.starts_with("v1/spans/tenant=acme/day=2030-05-02") && text.ends_with(".parquet")
    });
    let path: Path = path.unwrap();
    let whole = store.get(&path).await.unwrap().bytes().await.unwrap();
    let mut broken = whole.to_vec();
    broken[whole.len() / 2] ^= 1;
    for (bytes, word) in [(Some(broken), "damaged"), (None, "missing")] {
        match bytes {
            Some(bytes) => drop(store.put(&path, PutPayload::from(bytes)).await.unwrap()),
            None => store.delete(&path).await.unwrap(),
        }
        let door = bench.door();
        let error = door.query_json(&who("acme"), "SELECT * FROM spans", None).await.unwrap_err();
        assert_eq!(error.sqlstate(), "58030", "{error}");
        assert!(error.to_string().contains("2030-05-02") && error.to_string().contains(word), "{error}");
        assert!(count(&door, "SELECT count(*) FROM spans WHERE ts < '2030-05-02T00:00:00Z'").await > 0);
        assert!(count(&door, &format!("SELECT count(*) FROM spans WHERE ts >= '{BOUNDARY}'")).await > 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_place_young_rows_are_still_read() {
    let bench = Bench::new().await;
    bench.round().await;
    let unplugged = Place::on(Arc::new(Unplugged));
    let archive = Arc::new(Archive::new(unplugged, 7));
    let door = SqlDoor::archived((*bench.store).clone(), SqlConfig::default(), archive, bench.clock.clone())
        .unwrap();
    assert!(count(&door, &format!("SELECT count(*) FROM spans WHERE ts >= '{BOUNDARY}'")).await > 0);
    let error = door.query_json(&who("acme"), "SELECT count(*) FROM spans", None).await.unwrap_err();
    assert!(error.to_string().contains("does not answer"), "{error}");
    assert_eq!(
        count(&door, "SELECT count(*) FROM span_minute WHERE calls < 0").await,
        0,
        "others do not need it"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_keeps_the_boundary_with_which_it_began() {
    let bench = Bench::new().await;
    bench.round().await;
    let door = bench.door();
    let all = count(&door, "SELECT count(*) FROM logs").await as usize;
    let sql = "SELECT ts, body, attributes FROM logs UNION ALL SELECT ts, body, attributes FROM logs";
    let mut answer = door.export(&who("acme"), sql).await.unwrap();
    let mut rows = answer.next().await.unwrap().unwrap().num_rows();
    // Meanwhile a row comes late, its day gets another file, and one more day is archived.
    let logs = bench.store.table("logs");
    let late = "(tenant, service, ts, body) VALUES ('acme', 's', '2030-05-02 23:00:00', 'late')";
    run(&bench.store, &format!("INSERT INTO {logs} {late}")).await;
    bench.clock.advance(TimeDelta::days(1));
    let round = bench.round().await;
    assert_eq!((round.days, round.renewed), (4 * 2, 1));
    while let Some(batch) = answer.next().await.unwrap() {
        rows += batch.num_rows();
    }
    assert_eq!(rows, 2 * all);
    assert_eq!(count(&bench.door(), "SELECT count(*) FROM logs").await as usize, all + 1);
}
