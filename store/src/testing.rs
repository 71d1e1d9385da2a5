//! A store for tests: a fresh, migrated database, dropped at the end.
//!
//! By default the tests of a process share one embedded engine, whose data goes away with
//! the process. With `HEADROOM_TEST_CLICKHOUSE` (an HTTP address) they use that server.
//! The engine program is the one in `HEADROOM_BIN` (run as `$HEADROOM_BIN engine`), or
//! `headroom-engine` beside the tests, which is built when it is missing or older than
//! its source.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

use crate::client::Store;
use crate::config::StoreConfig;
use crate::engine::{Supervisor, SupervisorConfig, library};
use crate::literal::ident;
use crate::migrate::Migrator;
use crate::schema::{self, Form, Retention};

/// A store with a database of its own.
#[derive(Debug)]
pub struct TestStore {
    store: Store,
}

impl Deref for TestStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

impl Drop for TestStore {
    fn drop(&mut self) {
        let config = self.store.config().clone();
        let on_cluster = config
            .cluster
            .as_deref()
            .map_or_else(String::new, |cluster| format!(" ON CLUSTER {}", ident(cluster)));
        let sql = format!("DROP DATABASE IF EXISTS {}{on_cluster} SYNC", ident(&config.database));
        // The test's runtime cannot be waited for here, and its connections need it: a
        // thread with its own of both.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            let store = Store::connect(&config).ok()?;
            runtime.block_on(store.execute(&sql)).ok()
        });
        let _ = dropped.join();
    }
}

/// A store on a fresh database with all tables.
///
/// # Panics
///
/// When there is no engine or server; the message says what to do.
pub async fn store() -> TestStore {
    let store = empty_store();
    let form = if server_url().is_some() { Form::Server } else { Form::Embedded };
    Migrator::new(&store, form, Retention::default())
        .run(|_, _, _| {})
        .await
        .unwrap_or_else(|error| panic!("the test database cannot be made: {error}"));
    store
}

/// A store like [`store`] that counts rollups itself, by views, as the ingester would: for tests
/// that insert raw rows.
///
/// # Panics
///
/// When there is no engine or server, or it refuses.
pub async fn counting_store() -> TestStore {
    let store = store().await;
    count_rollups(&store, "").await;
    store
}

/// Makes views that count rollups, in a cluster on every node (`suffix` is `_local`).
///
/// # Panics
///
/// When the store refuses.
pub async fn count_rollups(store: &Store, suffix: &str) {
    for (number, rollup) in schema::rollups().into_iter().enumerate() {
        let on_cluster = store.config().cluster.as_deref();
        let on_cluster = on_cluster.map_or_else(String::new, |name| format!(" ON CLUSTER {}", ident(name)));
        let table = |name: &str| store.table(&format!("{name}{suffix}"));
        let sql = format!(
            "CREATE MATERIALIZED VIEW {}{on_cluster} TO {} AS {}",
            store.table(&format!("counts_{number}")),
            table(rollup.table),
            rollup.select.replace("{source}", &table(rollup.source))
        );
        store.execute(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

/// A store whose database does not exist yet.
pub fn empty_store() -> TestStore {
    let database = format!("test_{:012x}", rand::random::<u64>() >> 16);
    let config = match server_url() {
        Some(url) => StoreConfig { url, database, ..StoreConfig::default() },
        None => engine().store_config(&database),
    };
    let store = Store::connect(&config).unwrap_or_else(|error| panic!("{error}"));
    TestStore { store }
}

/// A test store on any configuration; its database is dropped at the end.
pub fn store_of(config: &StoreConfig) -> TestStore {
    TestStore { store: Store::connect(config).unwrap_or_else(|error| panic!("{error}")) }
}

/// The server that tests shall use instead of the engine.
pub fn server_url() -> Option<String> {
    std::env::var("HEADROOM_TEST_CLICKHOUSE").ok().filter(|url| !url.is_empty())
}

/// The engine that the tests of this process share.
pub fn engine() -> &'static Supervisor {
    static ENGINE: OnceLock<Supervisor> = OnceLock::new();
    ENGINE.get_or_init(|| {
        Supervisor::start_blocking(engine_config(&scratch_folder()))
            .unwrap_or_else(|error| panic!("the embedded engine cannot be started: {error}"))
    })
}

/// How to start an engine of a test's own on `data`, which it removes at its end.
pub fn engine_config(data: &Path) -> SupervisorConfig {
    if let Err(error) = library::find(None) {
        panic!("tests need the embedded ClickHouse: {error}");
    }
    let mut config = match std::env::var_os("HEADROOM_BIN") {
        Some(program) => SupervisorConfig::new(program, &["engine"], data),
        None => SupervisorConfig::new(engine_program(), &[], data),
    };
    config.ephemeral = true;
    config
}

fn scratch_folder() -> PathBuf {
    let name = format!("headroom-test-{}-{:08x}", std::process::id(), rand::random::<u32>());
    std::env::temp_dir().join(name)
}

/// `headroom-engine` of this build.
fn engine_program() -> PathBuf {
    let test = std::env::current_exe().unwrap_or_else(|error| panic!("own path: {error}"));
    // Tests are in target/<profile>/deps, doc tests elsewhere below it.
    let program = test
        .ancestors()
        .skip(1)
        .take(3)
        .map(|dir| dir.join("headroom-engine"))
        .find(|program| program.is_file())
        .or_else(|| Some(test.parent()?.parent()?.join("headroom-engine")))
        .unwrap_or_else(|| panic!("{} has no folder above", test.display()));
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let newest = newest(&manifest.join("src"));
    let built = std::fs::metadata(&program).and_then(|file| file.modified()).ok();
    if built.is_none() || built < newest {
        build(manifest, &program);
    }
    program
}

/// The latest change of a file below `dir`.
fn newest(dir: &Path) -> Option<SystemTime> {
    let entries = std::fs::read_dir(dir).ok()?;
    entries
        .flatten()
        .filter_map(|entry| {
            let meta = entry.metadata().ok()?;
            if meta.is_dir() { newest(&entry.path()) } else { meta.modified().ok() }
        })
        .max()
}

/// Builds the engine program into the target folder that the tests run from.
fn build(manifest: &Path, program: &Path) {
    let release = program.parent().is_some_and(|dir| dir.ends_with("release"));
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--bin", "headroom-engine", "--manifest-path"]);
    cargo.arg(manifest.join("Cargo.toml"));
    if release {
        cargo.arg("--release");
    }
    if let Some(target) = program.parent().and_then(Path::parent) {
        cargo.env("CARGO_TARGET_DIR", target);
    }
    let status = cargo.status();
    assert!(
        status.as_ref().is_ok_and(std::process::ExitStatus::success) && program.is_file(),
        "{} cannot be built ({status:?}): run `cargo build -p headroom-store`",
        program.display()
    );
    // Cargo leaves a program alone that is up to date: mark it as such.
    if let Ok(file) = std::fs::File::options().append(true).open(program) {
        let _ = file.set_modified(SystemTime::now());
    }
}
