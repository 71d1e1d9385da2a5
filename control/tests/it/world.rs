//! Where a test's control state lies: a SQLite file, or a database of its own on a real PostgreSQL server.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use headroom_control::{Control, Server};
use tokio_postgres::NoTls;

/// A control state that several nodes can open.
pub(crate) enum World {
    File(tempfile::TempDir),
    Server { cluster: Cluster, database: String },
}

impl World {
    pub(crate) fn sqlite() -> Self {
        Self::File(tempfile::tempdir().unwrap())
    }

    /// A new database on the server that all tests share; none if this machine has no server.
    pub(crate) fn postgres() -> Option<Self> {
        static SHARED: OnceLock<Option<Cluster>> = OnceLock::new();
        Some(SHARED.get_or_init(|| Cluster::start("shared")).clone()?.world())
    }

    /// Another node's handle, with connections of its own.
    pub(crate) fn open(&self) -> Control {
        match self {
            Self::File(_) => Control::open(self.file()).unwrap(),
            Self::Server { .. } => Control::connect(&self.server()).unwrap(),
        }
    }

    pub(crate) fn file(&self) -> PathBuf {
        let Self::File(folder) = self else { panic!("it is no file") };
        folder.path().join("control.db")
    }

    pub(crate) fn url(&self) -> String {
        let Self::Server { cluster, database } = self else { panic!("it is no server") };
        cluster.url(database)
    }

    pub(crate) fn server(&self) -> Server {
        Server::new(&self.url(), None, 4).unwrap()
    }

    /// Runs SQL behind the program's back.
    pub(crate) fn behind_the_back(&self, sql: &str) -> Result<(), String> {
        match self {
            Self::File(_) => {
                let file = rusqlite::Connection::open(self.file()).unwrap();
                file.execute_batch(sql).map_err(|error| error.to_string())
            }
            Self::Server { .. } => run(&self.url(), sql),
        }
    }
}

/// A PostgreSQL server that goes when the tests end.
#[derive(Clone)]
pub(crate) struct Cluster {
    pub(crate) folder: PathBuf,
    address: String,
}

impl Cluster {
    /// A server of its own, for a test that does it harm.
    pub(crate) fn start(name: &str) -> Option<Self> {
        let folder = std::env::temp_dir().join(format!("headroom-postgres-{}-{name}", std::process::id()));
        let started = tool("start", &folder, &[&std::process::id().to_string()]);
        let said = String::from_utf8_lossy(&started.stderr);
        if started.status.code() == Some(3) {
            eprintln!("SKIPPED: {said}");
            return None;
        }
        assert!(started.status.success(), "{said}");
        let url = String::from_utf8(started.stdout).unwrap();
        let address = url.trim().strip_suffix("/postgres").unwrap().to_owned();
        Some(Self { folder, address })
    }

    pub(crate) fn url(&self, database: &str) -> String {
        format!("{}/{database}", self.address)
    }

    pub(crate) fn world(&self) -> World {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let database = format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed));
        run(&self.url("postgres"), &format!("CREATE DATABASE {database}")).unwrap();
        World::Server { cluster: self.clone(), database }
    }

    /// `kill -9` of the server with all it runs.
    pub(crate) fn kill(&self) {
        assert!(tool("kill", &self.folder, &[]).status.success());
    }

    /// Starts the server that was killed.
    pub(crate) fn again(&self) {
        let started = tool("again", &self.folder, &[]);
        assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
    }
}

fn tool(verb: &str, folder: &Path, more: &[&str]) -> Output {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/throwaway-postgres");
    Command::new(path).arg(verb).arg(folder).args(more).output().unwrap()
}

/// Runs SQL over a connection of its own.
pub(crate) fn run(url: &str, sql: &str) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(connection);
        let ran = client.batch_execute(sql).await;
        ran.map_err(|error| error.as_db_error().map_or(error.to_string(), |said| said.message().to_owned()))
    })
}

/// Each of these tests, on SQLite and on PostgreSQL.
macro_rules! on_both {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[test] fn $test() { super::$test(&$crate::world::World::sqlite()) })*
        }
        mod postgres {
            $(#[test] fn $test() {
                if let Some(world) = $crate::world::World::postgres() {
                    super::$test(&world);
                }
            })*
        }
    };
}
pub(crate) use on_both;
