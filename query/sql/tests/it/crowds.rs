//! Nobody keeps others out: not by connecting, not by staying, and not by leaving rows unread.

use std::process::Stdio;
use std::time::{Duration, Instant};

use headroom_sql::SqlConfig;
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;

use crate::postgres::{PASSWORD, front};
use crate::psql::{ENDLESS, out, psql, psql_is_missing, run};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sockets_that_never_log_in_are_hung_up_on() {
    if psql_is_missing() {
        return;
    }
    let front = front(SqlConfig { connections: 2, login_timeout_s: 3, ..SqlConfig::default() }).await;
    let started = Instant::now();
    let mut idle = Vec::new();
    for _ in 0..2 {
        idle.push(tokio::net::TcpStream::connect(front.addr).await.unwrap());
    }
    tokio::time::sleep(SECOND / 10).await;
    let refused = out(&run(&front, "analyst", &["-c", "SELECT 1"]).await);
    assert!(refused.contains("too many logins at once"), "{refused}");
    for mut socket in idle {
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(20 * SECOND, socket.read_to_end(&mut rest)).await;
        closed.expect("the server hangs up").unwrap();
    }
    assert!(started.elapsed() >= 3 * SECOND);
    assert_eq!(out(&run(&front, "analyst", &["-c", "SELECT 1"]).await), "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_user_and_one_tenant_leave_room_for_others() {
    if psql_is_missing() {
        return;
    }
    let config = SqlConfig {
        connections: 3,
        connections_per_tenant: 2,
        connections_per_user: 1,
        login_timeout_s: 2,
        ..SqlConfig::default()
    };
    let front = front(config).await;
    let stay = |user: &'static str| {
        let mut stays = psql(&front, user, PASSWORD);
        stays.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let ask = async |user: &str| out(&run(&front, user, &["-c", "SELECT 1"]).await);
    let mut analyst = stay("analyst");
    // Longer than a login may take: who has logged in may stay.
    tokio::time::sleep(4 * SECOND).await;
    let refused = ask("analyst").await;
    assert!(refused.contains("too many connections: user \"analyst\" has 1 already"), "{refused}");
    assert_eq!(ask("sre").await, "1");
    let mut sre = stay("sre");
    tokio::time::sleep(SECOND).await;
    assert!(ask("sre").await.contains("too many connections"));
    assert_eq!(ask("boss").await, "1", "of another tenant");
    analyst.kill().await.unwrap();
    sre.kill().await.unwrap();
    tokio::time::sleep(SECOND).await;
    assert_eq!(ask("analyst").await, "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_left_unread_do_not_keep_a_place() {
    if psql_is_missing() {
        return;
    }
    let config = SqlConfig {
        concurrent: 1,
        unread_timeout_s: 2,
        postgres_rows: 1_000_000_000,
        result_bytes: usize::MAX,
        ..SqlConfig::default()
    };
    let front = front(config).await;
    let wide = format!("SELECT value, '{}' FROM generate_series(1, 100000000)", "x".repeat(2_000));
    let mut reader = psql(&front, "analyst", PASSWORD);
    let reader = reader.args(["-c", &wide]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let pid = reader.id().unwrap().to_string();
    let signal =
        async |name: &str| assert!(Command::new("kill").args([name, &pid]).status().await.unwrap().success());
    tokio::time::sleep(2 * SECOND).await;
    signal("-STOP").await;
    let started = Instant::now();
    assert_eq!(out(&run(&front, "sre", &["-c", "SELECT 1"]).await), "1");
    assert!(started.elapsed() < 20 * SECOND, "{:?}", started.elapsed());
    signal("-CONT").await;
    let ended = String::from_utf8_lossy(&reader.wait_with_output().await.unwrap().stderr).into_owned();
    assert!(ended.contains("57014") && ended.contains("left unread for 2 seconds"), "{ended}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn planning_waits_for_a_place_too() {
    if psql_is_missing() {
        return;
    }
    let front = front(SqlConfig { concurrent: 1, ..SqlConfig::default() }).await;
    let mut busy = psql(&front, "analyst", PASSWORD);
    let mut busy = busy.args(["-c", ENDLESS]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    tokio::time::sleep(2 * SECOND).await;
    let unknown = "SELECT * FROM nothing";
    let waited = out(&run(&front, "sre", &["-c", "SET statement_timeout = '500ms'", "-c", unknown]).await);
    assert!(waited.contains("57014"), "{waited}");
    busy.kill().await.unwrap();
    let planned = out(&run(&front, "sre", &["-c", unknown]).await);
    assert!(planned.contains("42P01"), "{planned}");
}
