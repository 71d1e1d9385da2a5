//! The drivers that notebooks use: ADBC, and over it pyarrow, pandas and polars.

use std::path::{Path, PathBuf};

use chrono::Utc;
use headroom_control::Role;
use headroom_sql::SqlConfig;
use tokio::process::Command;

use super::{front, front_of};
use crate::postgres::PASSWORD;
use crate::psql::{certificate, out};
use crate::tools;

/// Says so on the terminal when there is none: a test that did not run must be seen.
fn python() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = tools::python(&root, "requirements-sql");
    if python.is_none() {
        eprintln!(
            "SKIPPED: no Python with ADBC, the Flight SQL front was not tried with it; `make test-tools` installs it"
        );
    }
    python
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notebooks_read_answers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let Some(python) = tools::python(&root, "requirements-sql") else {
        eprintln!(
            "SKIPPED: no Python with ADBC; `make test-tools` installs it, the Flight SQL front was not tried with it"
        );
        return;
    };
    let front = front(SqlConfig::default()).await;
    let token = front.accounts.control.create_token("notebook", Role::Analyst, "acme", Utc::now()).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/flight/adbc.py");
    let output = Command::new(python)
        .args([script, &front.addr.to_string(), "analyst", PASSWORD, &token])
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    insta::assert_snapshot!("adbc", out(&output));
    front.stopped().await;
}

/// Off loopback a client that checks the certificate comes in, and one in clear text does not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_is_demanded() {
    const ASK: &str = "
import sys, adbc_driver_flightsql.dbapi as flightsql
address, password, roots = sys.argv[1:]
login = {'username': 'analyst', 'password': password}
if roots:
    login['adbc.flight.sql.client_option.tls_root_certs'] = open(roots).read()
with flightsql.connect(address, login, autocommit=True) as connection, connection.cursor() as cursor:
    cursor.execute('SELECT count(*) FROM spans')
    print(cursor.fetchone())
";
    let Some(python) = python() else { return };
    let dir = tempfile::tempdir().unwrap();
    let Some(tls) = certificate(dir.path()).await else { return };
    let roots = tls.cert.display().to_string();
    let front =
        front_of("0.0.0.0:0", SqlConfig { tls: Some(tls), ..SqlConfig::default() }, |door| door).await;
    let port = front.addr.port();
    let ask = async |scheme: &str, roots: &str| {
        let address = format!("{scheme}://localhost:{port}");
        out(&Command::new(&python).args(["-c", ASK, &address, PASSWORD, roots]).output().await.unwrap())
    };
    assert_eq!(ask("grpc+tls", &roots).await, "(300,)");
    let strange = ask("grpc+tls", "").await;
    assert!(strange.contains("certificate"), "an authority that the client does not know: {strange}");
    let clear = ask("grpc", "").await;
    assert!(clear.starts_with("FAILED"), "{clear}");
    front.stopped().await;
}
