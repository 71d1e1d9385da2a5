//! The real psql against the front.

use std::path::Path;
use std::process::{Output, Stdio};

use headroom_sql::SqlConfig;
use headroom_tls::TlsFiles;
use tokio::process::Command;

use crate::postgres::{Front, PASSWORD, front};

/// Says so on the terminal when there is no psql: a test that did not run must be seen.
pub(crate) fn psql_is_missing() -> bool {
    let missing = std::process::Command::new("psql").arg("--version").stdout(Stdio::null()).status().is_err();
    if missing {
        eprintln!("SKIPPED: psql is not installed, the Postgres front was not tried with it");
    }
    missing
}

pub(crate) fn psql(front: &Front, user: &str, password: &str) -> Command {
    let mut command = Command::new("psql");
    let url = format!("postgresql://{user}@{}/headroom?connect_timeout=20", front.addr);
    command
        .args(["-X", "-A", "-t", "-v", "VERBOSITY=verbose", &url])
        .env("PGPASSWORD", password)
        .env("PGOPTIONS", "")
        .kill_on_drop(true);
    command
}

pub(crate) async fn run(front: &Front, user: &str, args: &[&str]) -> Output {
    psql(front, user, PASSWORD).args(args).output().await.unwrap()
}

pub(crate) fn out(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
    if output.status.success() {
        text
    } else {
        format!("FAILED {text}{}", String::from_utf8_lossy(&output.stderr))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_analyst_asks() {
    if psql_is_missing() {
        return;
    }
    let front = front(SqlConfig::default()).await;
    let ask = async |sql: &str| out(&run(&front, "analyst", &["-c", sql]).await);
    assert_eq!(ask("SELECT count(*) FROM spans").await, "300");
    assert_eq!(
        ask("SELECT service, count(*) FROM spans WHERE service LIKE 'pay%' GROUP BY 1").await,
        "pay é|43"
    );
    assert_eq!(
        ask("SELECT ts, ts::text AS exact, fee, quantity, customer_id, NULL, true, 1.5::double FROM events WHERE event_id = 'acme1'").await,
        "2030-05-01 00:01:01.000000+00|2030-05-01T00:01:01.000000001Z|12345678901234567890123456.789000000000|0.125000000000|c1||t|1.5"
    );
    assert_eq!(ask("SELECT NULL").await, "");
    assert_eq!(
        ask("SELECT 18446744073709551615, 18446744073709551615 + 1, sum(9223372036854775807), max(duration_ns), 0 * max(duration_ns) FROM spans").await,
        "18446744073709551615|18446744073709551616|2767011611056432742100|88804000|0"
    );
    let wrapped = ask("SELECT 9223372036854775807 + 1").await;
    assert!(
        wrapped.contains("22003") && wrapped.contains("out of range: 9223372036854775807 + 1"),
        "{wrapped}"
    );
    assert_eq!(ask("SELECT current_user").await, "analyst");
    assert_eq!(ask("SHOW server_version").await, "16.6");
    assert_eq!(ask("SET application_name = 'x'").await, "SET");
    assert!(ask("SHOW TABLES").await.contains("headroom|public|spans"));

    let several = run(
        &front,
        "analyst",
        &["-c", "BEGIN", "-c", "SELECT 1", "-c", "COMMIT", "-c", "DISCARD ALL", "-c", "SELECT 2"],
    )
    .await;
    assert_eq!(out(&several), "BEGIN\n1\nCOMMIT\nDISCARD ALL\n2");
    let failed = run(
        &front,
        "analyst",
        &["-c", "BEGIN", "-c", "SELECT 1/0", "-c", "SELECT 1", "-c", "ROLLBACK", "-c", "SELECT 3"],
    )
    .await;
    let text = format!("{}{}", out(&failed), String::from_utf8_lossy(&failed.stderr));
    assert!(text.contains("22000") && text.contains("25P02") && text.contains("ROLLBACK\n3"), "{text}");
}

/// `psql -c 'a; b'` sends one text with several statements.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_statements_of_one_text_are_answered_in_turn() {
    if psql_is_missing() {
        return;
    }
    // One statement at once: a second that ran beside the first would wait for it for ever.
    let front = front(SqlConfig { concurrent: 1, ..SqlConfig::default() }).await;
    let ask = async |sql: &str| out(&run(&front, "analyst", &["-c", sql]).await);
    assert_eq!(ask("SELECT 1; SELECT count(*) FROM spans; SELECT 'a;b' AS \"c;d\";").await, "1\n300\na;b");
    assert_eq!(ask("BEGIN; SET statement_timeout = '5s'; SELECT 2; COMMIT").await, "BEGIN\nSET\n2\nCOMMIT");
    for (text, state) in [
        ("SELECT 'first'; SELECT nothing; SELECT 'third'", "42703"),
        ("SELECT 'first'; SELECT 1/0; SELECT 'third'", "22000"),
        ("SELECT 'first'; DROP TABLE spans", "25006"),
        ("SELECT 'first'; COPY spans TO STDOUT", "42601"),
    ] {
        let told = ask(text).await;
        let first = told.starts_with("FAILED first");
        assert!(first && told.contains(state) && !told.contains("third"), "{text}: {told}");
    }
    assert_eq!(ask("SELECT 4").await, "4", "the door is free again");
}

/// The extended protocol with parameters and binary results, by the library that psql and
/// psycopg use.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prepared_statements_and_binary_results_work() {
    let front = front(SqlConfig::default()).await;
    let url = format!("postgresql://analyst@{}/headroom", front.addr);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/libpq.py");
    let output = Command::new("python3").args([script, &url]).env("PGPASSWORD", PASSWORD).output().await;
    let Ok(output) = output else {
        eprintln!("SKIPPED: python3 is not installed, prepared statements were not tried");
        return;
    };
    if output.status.code() == Some(77) {
        eprintln!("SKIPPED: libpq is not installed, prepared statements were not tried");
        return;
    }
    insta::assert_snapshot!("prepared", out(&output));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_come_in() {
    if psql_is_missing() {
        return;
    }
    let front = front(SqlConfig::default()).await;
    let count = ["-c", "SELECT count(*) FROM spans"];
    assert_eq!(out(&run(&front, "sre", &count).await), "300");
    assert_eq!(out(&run(&front, "boss", &count).await), "40", "another tenant sees its own rows");
    let agent = out(&run(&front, "agent", &count).await);
    assert!(agent.contains("FATAL") && agent.contains("may not ask in SQL"), "{agent}");
    for (user, password) in [("analyst", "wrong password"), ("nobody", PASSWORD), ("analyst", "")] {
        let refused = psql(&front, user, password).arg("-w").args(count).output().await.unwrap();
        assert!(!refused.status.success());
        let text = out(&refused);
        assert!(!text.contains("300"), "{text}");
        if !password.is_empty() {
            assert!(text.contains("assword authentication failed"), "{text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_carry_their_code_and_a_hint() {
    if psql_is_missing() {
        return;
    }
    let front = front(SqlConfig { postgres_rows: 200, ..SqlConfig::default() }).await;
    for (sql, words) in [
        ("SELECT * FROM nothing", ["42P01", "available tables: spans, logs"]),
        ("SELECT servce FROM spans", ["42703", "available columns: ts, service"]),
        ("DROP TABLE spans", ["25006", "use SELECT"]),
        ("SELECT 1; COPY spans TO STDOUT", ["42601", "several statements"]),
        ("SELECT * FROM spans", ["54000", "add LIMIT"]),
        ("SHOW nothing_like_it", ["42704", "unrecognized"]),
        ("COPY spans TO '/tmp/x'", ["25006", "STDOUT"]),
    ] {
        let text = out(&run(&front, "analyst", &["-c", sql]).await);
        for word in words {
            assert!(text.contains(word), "{sql}: {text}");
        }
    }
    assert_eq!(
        out(&run(&front, "analyst", &["-c", "SELECT count(*) FROM (SELECT * FROM spans LIMIT 200) AS s"])
            .await),
        "200"
    );
}

pub(crate) const ENDLESS: &str = "SELECT count(*) FROM generate_series(1, 100000000000)";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deadline_cancel_and_stop_reach_a_running_statement() {
    if psql_is_missing() {
        return;
    }
    let mut front = front(SqlConfig::default()).await;
    let late = out(&run(&front, "analyst", &["-c", "SET statement_timeout = '200ms'", "-c", ENDLESS]).await);
    assert!(late.contains("57014") && late.contains("took longer"), "{late}");
    let rows = "SELECT value FROM generate_series(1, 100000000000)";
    let many = out(&run(&front, "analyst", &["-c", "SET statement_timeout = '200ms'", "-c", rows]).await);
    assert!(many.contains("57014") || many.contains("54000"), "{}", &many[many.len().saturating_sub(300)..]);

    // psql sends a cancel request when it is interrupted.
    let child = psql(&front, "analyst", PASSWORD)
        .args(["-c", ENDLESS])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = child.id().unwrap().to_string();
    let interrupts = tokio::spawn(async move {
        // Early ones may come before the statement runs; psql survives them only then.
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        let _ = Command::new("kill").args(["-INT", &pid]).status().await;
    });
    let cancelled = out(&child.wait_with_output().await.unwrap());
    interrupts.await.unwrap();
    assert!(cancelled.contains("57014") && cancelled.contains("cancelled"), "{cancelled}");

    // The end of the program ends every connection.
    let child = psql(&front, "analyst", PASSWORD)
        .args(["-c", ENDLESS])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    front.stop.cancel();
    front.server.take().unwrap().stopped().await;
    assert!(!child.wait_with_output().await.unwrap().status.success());
}

/// A certificate of this machine, which signs itself.
pub(crate) async fn certificate(dir: &Path) -> Option<TlsFiles> {
    let (cert, key) = (dir.join("cert.pem"), dir.join("key.pem"));
    let kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];
    let names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
    let mut openssl = Command::new("openssl");
    let made =
        openssl.args(["req", "-x509"]).args(kind).args(names).arg("-out").arg(&cert).arg("-keyout").arg(&key);
    if !made.stderr(Stdio::null()).status().await.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: openssl is not installed, TLS was not tried");
        return None;
    }
    Some(TlsFiles { cert, key, client_ca: None })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_is_offered_and_demanded() {
    if psql_is_missing() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let Some(tls) = certificate(dir.path()).await else { return };
    let config = SqlConfig { tls: Some(tls), ..SqlConfig::default() };
    let store = crate::data::store().await;
    let door = headroom_sql::SqlDoor::new(store.clone(), config).unwrap();
    let stop = tokio_util::sync::CancellationToken::new();
    let server = door
        .serve_postgres("0.0.0.0:0".parse().unwrap(), crate::postgres::users(), stop.clone())
        .await
        .unwrap();
    let port = server.addr().port();
    let ask = async |mode: &str| {
        let url = format!("postgresql://analyst@127.0.0.1:{port}/headroom?sslmode={mode}");
        let mut psql = Command::new("psql");
        out(&psql
            .args(["-X", "-A", "-t", &url, "-c", "SELECT 40 + 2"])
            .env("PGPASSWORD", PASSWORD)
            .output()
            .await
            .unwrap())
    };
    assert_eq!(ask("require").await, "42");
    let clear = ask("disable").await;
    assert!(clear.contains("TLS only"), "{clear}");
    stop.cancel();
    server.stopped().await;
}
