//! The drivers that notebooks use: ADBC, and over it pyarrow, pandas and polars.

use std::path::Path;

use chrono::Utc;
use headroom_control::Role;
use headroom_sql::SqlConfig;
use tokio::process::Command;

use super::front;
use crate::postgres::PASSWORD;
use crate::psql::out;
use crate::tools;

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
