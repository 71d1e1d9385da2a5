//! What tools do on connecting and browsing: psql's commands, the statements of BI tools, and real drivers.

use std::process::Stdio;

use headroom_sql::SqlConfig;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::postgres::{Front, PASSWORD, front};
use crate::psql::{out, psql, psql_is_missing, run};
use crate::tools;

/// psql with its own table layout.
async fn browse(front: &Front, command: &str) -> String {
    let mut shown = psql(front, "analyst", PASSWORD);
    shown.args(["-P", "format=aligned", "-P", "tuples_only=off", "-c", command]);
    out(&shown.output().await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn psql_browses() {
    if psql_is_missing() {
        return;
    }
    let front = front(SqlConfig::default()).await;
    let mut all = String::new();
    for command in ["\\dn", "\\l", "\\dv", "\\di", "\\du", "\\dp quotes", "\\df", "\\dT"] {
        let shown = browse(&front, command).await;
        assert!(!shown.contains("ERROR"), "{command}: {shown}");
    }
    for command in ["\\d", "\\dt", "\\d services", "\\d+ services"] {
        let shown = browse(&front, command).await;
        let lines: Vec<_> = shown.lines().map(str::trim_end).collect();
        all += &format!("{command}\n{}\n\n", lines.join("\n"));
    }
    insta::assert_snapshot!("psql_browses", all);
    assert!(browse(&front, "\\d nothing").await.contains("Did not find any relation"));
    let timed = run(&front, "analyst", &["-c", "\\timing", "-c", "SELECT 1"]).await;
    assert!(out(&timed).contains("Time: "), "{}", out(&timed));
}

/// The statements of `startups.sql`, each with the rows it must have.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tools_find_their_way() {
    if psql_is_missing() {
        return;
    }
    let front = front(SqlConfig::default()).await;
    let (mut asked, mut wrong) = (0, Vec::new());
    let mut told = None;
    for line in include_str!("startups.sql").lines() {
        if let Some(comment) = line.strip_prefix("-- ") {
            told = comment.split_once(':').map(|(who, _)| who.to_owned());
            continue;
        }
        let Some(who) = told.take().filter(|_| !line.is_empty()) else { continue };
        let answer = out(&run(&front, "analyst", &["-c", line]).await);
        let rows = answer.lines().count();
        let right = match who.rsplit(' ').next() {
            Some("0") => answer.is_empty(),
            Some("1") => rows == 1 && !answer.starts_with("FAILED"),
            _ => rows > 1 && !answer.starts_with("FAILED"),
        };
        asked += 1;
        if !right {
            wrong.push(format!("{who}: {line}\n{answer}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(asked >= 35, "{asked} statements were found");
}

/// Nothing of the catalog leads to data, and nothing of the data is rewritten.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_catalog_is_asked_on_its_own() {
    if psql_is_missing() {
        return;
    }
    let front = front(SqlConfig::default()).await;
    let ask = async |sql: &str| out(&run(&front, "analyst", &["-c", sql]).await);
    let mixed = ask("SELECT count(*) FROM spans, pg_catalog.pg_class").await;
    assert!(mixed.contains("0A000") && mixed.contains("pg_catalog is asked on its own"), "{mixed}");
    let hidden = ask("SELECT (SELECT max(service) FROM spans) FROM pg_catalog.pg_class").await;
    assert!(hidden.contains("0A000"), "{hidden}");
    // The rows of a view stay what they are, whatever words the statement has.
    assert_eq!(ask("SELECT count(*) FROM spans WHERE service <> 'pg_class'").await, "300");
    assert_eq!(ask("SELECT count(*) FROM spans s WHERE EXISTS (SELECT 1 FROM services pg_x WHERE pg_x.service = s.service)").await, "300");
    let mistaken = ask("SELECT pg_sleep(10)").await;
    assert!(mistaken.contains("42883") || mistaken.contains("42000"), "{mistaken}");
    for function in [
        "pg_read_file('/etc/passwd')",
        "lo_import('/etc/passwd')",
        "pg_ls_dir('/')",
        "repeat('x', 1000000000)",
    ] {
        let refused = ask(&format!("SELECT {function} FROM pg_catalog.pg_class")).await;
        assert!(refused.starts_with("FAILED"), "{function}: {refused}");
    }
    // What a call gives is bounded here as it is of data.
    let (letters, longer) = ("a".repeat(60_000), "b".repeat(60_000));
    for large in [
        format!("SELECT length(replace('{letters}', 'a', relname || '{longer}')) FROM pg_catalog.pg_class"),
        format!("SELECT array_to_string(ARRAY[relname, relname], '{letters}') FROM pg_catalog.pg_class"),
        "SELECT length(array_to_string(ARRAY['a', 'b'], relname)) FROM pg_catalog.pg_class".to_owned(),
    ] {
        let refused = ask(&large).await;
        let (words, code) = (refused.chars().take(300).collect::<String>(), ["54000", "0A000", "53200"]);
        assert!(code.iter().any(|code| refused.contains(code)), "{words}");
    }
    let crossed = ask("SET statement_timeout = '2s'; ").await;
    assert_eq!(crossed, "SET");
    assert_eq!(ask("SELECT has_table_privilege('spans', 'select')").await, "t");
}

/// `COPY`, cursors and `jsonb` as psql sees them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_leave_as_files_and_in_portions() {
    if psql_is_missing() {
        return;
    }
    let front = front(SqlConfig::default()).await;
    let ask = async |sql: &[&str]| {
        let args: Vec<&str> = sql.iter().flat_map(|one| ["-c", one]).collect();
        let output = run(&front, "analyst", &args).await;
        format!("{}{}", out(&output), String::from_utf8_lossy(&output.stderr))
    };
    let copied =
        ask(&["COPY (SELECT 'a,\"b' AS \"x,y\", NULL AS n, '' AS e) TO STDOUT WITH (FORMAT csv, HEADER)"])
            .await;
    assert_eq!(copied, "\"x,y\",n,e\n\"a,\"\"b\",,\"\"");
    assert_eq!(ask(&["COPY (SELECT E'a\\tb\\\\c', NULL) TO STDOUT"]).await, "a\\tb\\\\c\t\\N");
    let refused = ask(&["COPY spans FROM STDIN"]).await;
    assert!(refused.contains("25006"), "{refused}");
    let portions = ask(&[
        "BEGIN",
        "DECLARE c CURSOR FOR SELECT span_id FROM spans ORDER BY span_id",
        "FETCH 2 FROM c",
        "MOVE 296 IN c",
        "FETCH ALL FROM c",
        "FETCH NEXT FROM c",
        "COMMIT",
        "FETCH 1 FROM c",
    ])
    .await;
    assert!(portions.starts_with("FAILED BEGIN\nDECLARE CURSOR\n"), "{portions}");
    assert!(portions.contains("MOVE 296") && portions.contains("34000"), "{portions}");
    assert_eq!(
        portions.lines().filter(|line| line.len() == 16 && line.starts_with('0')).count(),
        4,
        "{portions}"
    );
    let held = ask(&["DECLARE h CURSOR WITH HOLD FOR SELECT 7", "FETCH ALL h", "CLOSE h", "CLOSE h"]).await;
    assert!(held.contains("DECLARE CURSOR\n7\nCLOSE CURSOR") && held.contains("34000"), "{held}");
    let question = "SELECT attributes, attributes::text AS t, coalesce(attributes, '') AS c, min(event_names) AS m, \
        CASE WHEN service = 'x' THEN attributes ELSE 'x' END AS w FROM spans GROUP BY attributes, service \\gdesc";
    let mut shown = psql(&front, "analyst", PASSWORD);
    shown.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut shown = shown.spawn().unwrap();
    shown.stdin.take().unwrap().write_all(question.as_bytes()).await.unwrap();
    let kinds = out(&shown.wait_with_output().await.unwrap());
    assert_eq!(kinds, "attributes|jsonb\nt|text\nc|text\nm|text\nw|text");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn python_clients_connect_browse_and_ask() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let Some(python) = tools::python(&root, "requirements-sql") else {
        eprintln!(
            "SKIPPED: deploy/fetch-test-tools has no Python environment, the Python clients were not tried"
        );
        return;
    };
    let front = front(SqlConfig::default()).await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/clients.py");
    let output =
        Command::new(python).args([script, &front.addr.to_string(), PASSWORD]).output().await.unwrap();
    insta::assert_snapshot!("python_clients", out(&output));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pgjdbc_connects_browses_and_asks() {
    const DRIVER: &str = "/usr/share/java/postgresql.jar";
    let java = std::process::Command::new("javac").arg("-version").stdout(Stdio::null()).status().is_ok();
    if !java || !std::path::Path::new(DRIVER).exists() {
        eprintln!("SKIPPED: there is no javac or no {DRIVER}, pgjdbc was not tried");
        return;
    }
    let front = front(SqlConfig::default()).await;
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/Clients.java");
    let address = front.addr.to_string();
    let output =
        Command::new("java").args(["-cp", DRIVER, source, &address, PASSWORD]).output().await.unwrap();
    insta::assert_snapshot!("pgjdbc", out(&output));
}
