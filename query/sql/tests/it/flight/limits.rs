//! What one client may take, and that it gives it back.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::{Duration, Instant};

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use futures::StreamExt as _;
use headroom_sql::{Ledger, Principal, SqlConfig, SqlDoor};
use tokio::io::AsyncReadExt as _;
use tokio_util::sync::CancellationToken;

use super::{Accounts, Front, ask, front, front_of, read, table, words};
use crate::data::who;
use crate::postgres::PASSWORD;

const SECOND: Duration = Duration::from_secs(1);

/// More than a client that does not read will ever have buffered.
const LONG: &str =
    "SELECT value, repeat_x FROM generate_series(1, 100000000) CROSS JOIN (SELECT 'XXXX' AS repeat_x)";

fn long() -> String {
    LONG.replace("XXXX", &"x".repeat(2_000))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_has_an_end() {
    let config = SqlConfig { postgres_rows: 100, deadline_s: 2, ..SqlConfig::default() };
    let front = front(config).await;
    let client = &mut front.client("analyst").await;
    let rows = ask(client, "SELECT * FROM generate_series(1, 100)").await.unwrap();
    assert_eq!(rows.iter().map(RecordBatch::num_rows).sum::<usize>(), 100);
    let said = table(client, "SELECT * FROM generate_series(1, 101)").await;
    assert!(
        said.contains("the answer has more than 100 rows; add LIMIT") && said.contains("54000"),
        "{said}"
    );
    let said = table(client, crate::psql::ENDLESS).await;
    assert!(said.contains("longer than 2 seconds"), "{said}");
    front.stopped().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_answers_come_in_messages_of_a_megabyte() {
    let front = front(SqlConfig { result_bytes: 20 << 20, ..SqlConfig::default() }).await;
    let client = &mut front.client("analyst").await;
    let wide =
        |rows: usize| format!("SELECT value, '{}' AS x FROM generate_series(1, {rows})", "x".repeat(10_000));
    let batches = ask(client, &wide(1_500)).await.unwrap();
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 1_500);
    assert!(batches.len() >= 15, "{} messages", batches.len());
    let said = table(client, &wide(5_000)).await;
    assert!(said.contains("the answer is larger than 20971520 bytes"), "{said}");
    front.stopped().await;
}

/// The place of a statement is free again, as one that needs it shows.
async fn place_is_free(front: &Front) {
    let started = Instant::now();
    let mut other = front.client("sre").await;
    assert!(ask(&mut other, "SELECT 1").await.is_ok());
    assert!(started.elapsed() < 10 * SECOND, "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_goes_away_or_does_not_read_loses_the_place() {
    let config = SqlConfig {
        concurrent: 1,
        unread_timeout_s: 2,
        postgres_rows: 1_000_000_000,
        result_bytes: usize::MAX,
        ..SqlConfig::default()
    };
    let front = front(config).await;
    let mut client = front.client("analyst").await;
    let start = async |client: &mut super::Client| {
        let info = client.execute(long(), None).await.unwrap();
        let mut rows = client.do_get(info.endpoint[0].ticket.clone().unwrap()).await.unwrap();
        rows.next().await.unwrap().unwrap();
        rows
    };
    // The stream is dropped, the connection stays.
    drop(start(&mut client).await);
    place_is_free(&front).await;
    // The stream stays, and nobody reads it.
    let mut rows = start(&mut client).await;
    tokio::time::sleep(4 * SECOND).await;
    place_is_free(&front).await;
    let mut ended = None;
    while let Some(batch) = rows.next().await {
        ended = batch.err();
    }
    let said = words(&ended.unwrap());
    assert!(said.contains("left unread for 2 seconds"), "{said}");

    // Both ends are on record, as this door's.
    let sql = "SELECT DISTINCT door, error FROM queries WHERE actor = 'analyst' AND statement LIKE 'SELECT value, repeat_x%' AND error IS NOT NULL ORDER BY 2";
    let wanted = r#"[["flight","the rows were left unread for 2 seconds and the statement was stopped"],["flight","the statement was cancelled"]]"#;
    let mut rows = String::new();
    for _ in 0..50 {
        rows = serde_json::to_string(&front.door.query_json(&who("acme"), sql, None).await.unwrap().rows)
            .unwrap();
        if rows == wanted {
            break;
        }
        tokio::time::sleep(SECOND / 10).await;
    }
    assert_eq!(rows, wanted);
    front.stopped().await;
}

/// Takes down one statement, with its values, and no more.
struct OnePage;

impl Ledger for OnePage {
    fn asked(&self, by: &Principal, door: &str, statement: &str) -> Result<(), String> {
        let first = "analyst by flight: SELECT ? AS x\n-- $1 = \"c1\"";
        let told = format!("{} by {door}: {statement}", by.name);
        if told == first { Ok(()) } else { Err(format!("there is no room for {told}")) }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_recorded_is_not_run() {
    let recording = |door: SqlDoor| door.recording(Arc::new(OnePage));
    let front = front_of("127.0.0.1:0", SqlConfig::default(), recording).await;
    let client = &mut front.client("analyst").await;
    let mut prepared = client.prepare("SELECT ? AS x".to_owned(), None).await.unwrap();
    let value: ArrayRef = Arc::new(StringArray::from(vec!["c1"]));
    prepared.set_parameters(RecordBatch::try_from_iter([("x", value)]).unwrap()).unwrap();
    let info = prepared.execute().await.unwrap();
    assert_eq!(read(client, &info).await.unwrap()[0].num_rows(), 1, "it is on record as it ran");
    let said = table(client, "SELECT 1").await;
    assert!(said.starts_with("Unavailable: the statement was not run"), "{said}");
    front.stopped().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_tickets_and_prepared_statements_make_room() {
    let front = front(SqlConfig::default()).await;
    let client = &mut front.client("analyst").await;
    let mut kept = front.client("sre").await;
    let others = kept.execute("SELECT 1".to_owned(), None).await.unwrap();
    let first = client.execute("SELECT 1".to_owned(), None).await.unwrap();
    let mut prepared = client.prepare("SELECT 1".to_owned(), None).await.unwrap();
    let mut last = None;
    for n in 0..256 {
        last = Some(client.execute(format!("SELECT {n}"), None).await.unwrap());
        client.prepare(format!("SELECT {n}"), None).await.unwrap();
    }
    assert!(read(client, &first).await.unwrap_err().contains("made room for newer ones"));
    assert!(words(&prepared.execute().await.unwrap_err()).contains("made room for newer ones"));
    assert!(read(client, &last.unwrap()).await.is_ok());
    assert!(read(&mut kept, &others).await.is_ok(), "another's are none of it");
    front.stopped().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_counted_and_idle_strangers_hung_up_on() {
    let config = SqlConfig {
        connections: 3,
        connections_per_tenant: 2,
        connections_per_user: 1,
        login_timeout_s: 2,
        ..SqlConfig::default()
    };
    let front = front(config).await;
    let mut analyst = front.client("analyst").await;
    let said = words(&front.stranger().await.handshake("analyst", PASSWORD).await.unwrap_err());
    assert!(said.contains("too many connections: user \"analyst\" has 1 already"), "{said}");
    let sre = front.client("sre").await;
    let boss = front.client("boss").await;
    drop(sre);

    let started = Instant::now();
    let mut idle = Vec::new();
    for _ in 0..3 {
        idle.push(tokio::net::TcpStream::connect(front.addr).await.unwrap());
    }
    for mut socket in idle {
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(20 * SECOND, socket.read_to_end(&mut rest)).await;
        let _ = closed.expect("the server hangs up");
    }
    assert!(started.elapsed() >= 2 * SECOND, "{:?}", started.elapsed());
    assert!(ask(&mut analyst, "SELECT 1").await.is_ok(), "who has signed in may stay");
    drop(boss);
    front.stopped().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_and_values_have_a_size() {
    let front = front(SqlConfig::default()).await;
    let client = &mut front.client("analyst").await;
    let said = table(client, &format!("SELECT '{}'", "x".repeat(300 << 10))).await;
    assert!(said.contains("more than 262144 bytes"), "{said}");
    let said = table(client, &format!("SELECT '{}'", "x".repeat(2 << 20))).await;
    assert!(said.contains("decoded message length too large"), "{said}");
    front.stopped().await;
}

#[tokio::test]
async fn off_loopback_there_is_no_front_without_tls() {
    let everywhere: SocketAddr = "0.0.0.0:0".parse().unwrap();
    let store = headroom_store::Store::connect(&headroom_store::StoreConfig::default()).unwrap();
    let door = SqlDoor::new(store, SqlConfig::default()).unwrap();
    let control = headroom_control::Control::in_memory().unwrap();
    let accounts = Arc::new(Accounts { control, hours: AtomicI64::new(0) });
    let refused = door.serve_flight(everywhere, accounts, CancellationToken::new()).await;
    let said = refused.map(|_| ()).unwrap_err().to_string();
    assert!(
        said.contains("the flight sql front will not listen on 0.0.0.0:0 without TLS; set [sql.tls]"),
        "{said}"
    );
}
