//! A thousand connections at once to each door of SQL: each is answered or refused, others still get in, and the node's
//! memory stays where it was.

use crate::program::Demo;
use arrow_flight::sql::client::FlightSqlServiceClient;
use futures::StreamExt as _;
use futures::future::join_all;
use serde_json::json;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_postgres::NoTls;
use tokio_postgres::error::SqlState;
use tonic::transport::{Channel, Endpoint};

const CROWD: usize = 1_000;
/// Clients of each kind that ask for much and read nothing: as many as one user may have statements at once.
const SLOW: usize = 4;
/// Clients over HTTP that ask for much and read nothing, and as many that go away.
const GONE: usize = 100;
/// Whatever a door says, it says it by then: a debug build on two busy cores.
const PATIENCE: Duration = Duration::from_mins(3);
const ROUNDS: usize = 3;
/// Memory after the last round over that after the first: an allocator keeps pages that it may need again.
const FLAT: f64 = 1.15;

/// Much more than any buffer on the way.
fn wide() -> String {
    format!("SELECT value, '{}' FROM generate_series(1, 100000000)", "x".repeat(2_000))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_connections_are_answered_or_refused_and_memory_stays_flat() {
    let demo = Demo::start(&["--no-sample"]);
    let mut resident = Vec::new();
    // What is made when it is first needed (the catalog that clients browse, threads, pools) is there before it counts.
    for round in 0..=ROUNDS {
        postgres(&demo).await;
        flight(&demo).await;
        http(&demo).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        resident.push(kilobytes(demo.pid(), "VmRSS"));
        assert_eq!(demo.sql("SELECT 1").await, json!([[1]]), "round {round}");
    }
    let (first, last) = (resident[1], resident[ROUNDS]);
    let most = kilobytes(demo.pid(), "VmHWM");
    println!("kilobytes after each round: {resident:?}, at most {most}");
    assert!((last as f64) < first as f64 * FLAT, "{resident:?}");
    // What is bounded apart: statements' memory (512 MiB), and answers of a few statements at once (256 MiB each).
    assert!(most < 2 << 20, "{most} KiB at most, {resident:?}");
}

/// A figure of `/proc`, in KiB.
fn kilobytes(pid: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

async fn in_time<T>(what: &str, work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(|_| panic!("{what}: no answer in {PATIENCE:?}"))
}

/// Of a crowd of one user some stay, the others are told why not; somebody else gets in beside them.
async fn postgres(demo: &Demo) {
    let address = demo.get("/postgres");
    let sockets = join_all((0..CROWD).map(|_| tokio_postgres::connect(&address, NoTls)));
    let (mut staying, mut refused, mut told) = (Vec::new(), 0, 0);
    for outcome in in_time("the Postgres door", sockets).await {
        match outcome {
            Ok((client, connection)) => staying.push((client, Box::pin(connection))),
            Err(error) => {
                told += usize::from(error.code() == Some(&SqlState::TOO_MANY_CONNECTIONS));
                refused += 1;
            }
        }
    }
    assert!((1..=16).contains(&staying.len()) && staying.len() + refused == CROWD, "{} stay", staying.len());
    // A socket that is closed while its greeting is on the way may lose the words.
    assert!(told * 2 > refused, "{told} of {refused} were told why");
    let mut slow = Vec::new();
    for (client, mut connection) in staying.drain(..).take(SLOW) {
        let sql = wide();
        let asked = {
            // The socket is read until rows come, and then no more.
            let mut rows = Box::pin(client.simple_query_raw(&sql));
            tokio::select! {
                rows = &mut rows => rows.is_ok(),
                ended = &mut connection => panic!("{ended:?}"),
                () = tokio::time::sleep(Duration::from_secs(2)) => true,
            }
        };
        assert!(asked);
        slow.push((client, connection));
    }
    let other = address
        .replacen("analyst", "sre", 1)
        .replace(&demo.get("/credentials/analyst/password"), &demo.get("/credentials/sre/password"));
    let (client, connection) = in_time("another user", tokio_postgres::connect(&other, NoTls)).await.unwrap();
    tokio::spawn(connection);
    let answer = in_time("another user's question", client.query_one("SELECT 40 + 2", &[])).await.unwrap();
    assert_eq!(answer.get::<_, i64>(0), 42);
    // They go in the middle of their statements.
    drop(slow);
}

/// Sockets over which nobody signs in are hung up on; of the calls over others each has an answer.
async fn flight(demo: &Demo) {
    let address = demo.get("/flight_sql").replace("grpc://", "http://");
    let token = demo.get("/credentials/analyst/token");
    let idle = join_all((0..CROWD).map(|_| TcpStream::connect(address.replace("http://", ""))));
    let idle: Vec<TcpStream> = in_time("the Flight door", idle).await.into_iter().flatten().collect();
    assert!(idle.len() > CROWD / 2, "{} sockets", idle.len());
    drop(idle);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let calls = join_all((0..CROWD).map(|_| ask_flight(&address, &token)));
    let outcomes = in_time("calls of the Flight door", calls).await;
    let answered: Vec<_> = outcomes.into_iter().flatten().collect();
    assert!((1..=16).contains(&answered.len()), "{} of {CROWD} answered, all others refused", answered.len());
    let mut slow = Vec::new();
    for mut client in answered.into_iter().take(SLOW) {
        let Ok(Ok(info)) = tokio::time::timeout(Duration::from_secs(5), client.execute(wide(), None)).await
        else {
            // Its user has as many statements at once as it may have.
            continue;
        };
        let ticket = info.endpoint[0].ticket.clone().unwrap();
        if let Ok(Ok(mut rows)) = tokio::time::timeout(Duration::from_secs(5), client.do_get(ticket)).await {
            let _ = tokio::time::timeout(Duration::from_secs(2), rows.next()).await;
            slow.push((client, rows));
        }
    }
    assert!(!slow.is_empty(), "somebody reads slowly");
}

async fn ask_flight(address: &str, token: &str) -> Result<FlightSqlServiceClient<Channel>, String> {
    let endpoint = Endpoint::from_shared(address.to_owned()).unwrap();
    let channel = endpoint.connect().await.map_err(|error| format!("transport: {error:?}"))?;
    let mut client = FlightSqlServiceClient::new(channel);
    client.set_token(token.to_owned());
    let info = client.execute("SELECT 1".to_owned(), None).await.map_err(|error| error.to_string())?;
    assert_eq!(info.endpoint.len(), 1);
    Ok(client)
}

/// Each request is answered, whoever reads slowly or went away.
async fn http(demo: &Demo) {
    let (web, token) = (demo.get("/web"), demo.get("/credentials/analyst/token"));
    let body = json!({"sql": "SELECT value, repeat_ FROM (SELECT value, 'xxxxxxxxxxxxxxxx' AS repeat_ FROM generate_series(1, 10000))"}).to_string();
    let head = |length: usize| {
        format!(
            "POST /api/v1/sql HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        )
    };
    let raw = async || {
        let mut socket = TcpStream::connect(web.replace("http://", "")).await.unwrap();
        socket.write_all(format!("{}{body}", head(body.len())).as_bytes()).await.unwrap();
        socket
    };
    let slow: Vec<TcpStream> = join_all((0..GONE).map(|_| raw())).await;
    drop(join_all((0..GONE).map(|_| raw())).await);
    // No connection is used twice.
    let client = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
    let ask = || {
        let request =
            client.post(format!("{web}/api/v1/sql")).bearer_auth(&token).json(&json!({"sql": "SELECT 1"}));
        async { request.send().await.map(|answer| answer.status().as_u16()) }
    };
    let answers = in_time("the HTTP door", join_all((0..CROWD).map(|_| ask()))).await;
    let of = |status: u16| {
        answers.iter().filter(|answer| answer.as_ref().is_ok_and(|told| *told == status)).count()
    };
    // 408, 429 and 503 are refusals for want of a place or of time.
    let refused = of(408) + of(429) + of(503) + of(504);
    assert!(of(200) > 0 && of(200) + refused == CROWD, "{} answered, {refused} refused of {CROWD}", of(200));
    drop(slow);
}
