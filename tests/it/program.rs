//! Starting and stopping the program.

use serde_json::Value;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a start may take: a debug build loading a 540 MB library on a busy machine.
const PATIENCE: Duration = Duration::from_mins(3);

/// The binary under test.
pub(crate) const HEADROOM: &str = env!("CARGO_BIN_EXE_headroom");

/// The project's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Seven free ports in a row.
pub(crate) fn free_ports() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let spread = u16::try_from(std::process::id() % 300).unwrap() * 60;
    for _ in 0..100 {
        let first = 21_000 + spread + NEXT.fetch_add(7, Ordering::Relaxed);
        if (first..first + 7).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok()) {
            return first;
        }
    }
    panic!("no seven free ports in a row");
}

/// One demo at a time: each takes both cores of a small machine when it is loaded.
static TURN: Mutex<()> = Mutex::new(());

/// A running `headroom demo`.
pub(crate) struct Demo {
    child: Child,
    folder: tempfile::TempDir,
    ports: u16,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    /// `demo.json`.
    pub(crate) description: Value,
    _turn: MutexGuard<'static, ()>,
}

impl Demo {
    /// Starts a demo with these further arguments and waits until it is ready.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_with(arguments, &[])
    }

    /// The same with environment variables.
    pub(crate) fn start_with(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::start_at(free_ports(), arguments, environment)
    }

    /// The same on seven ports of which the first is given: there the pages are.
    pub(crate) fn start_at(ports: u16, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = tempfile::tempdir().unwrap();
        let arguments: Vec<String> = arguments.iter().map(|a| (*a).to_owned()).collect();
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let environment: Vec<_> = environment.iter().map(owned).collect();
        let child = spawn(folder.path(), ports, &arguments, &environment);
        let mut demo =
            Self { child, folder, ports, arguments, environment, description: Value::Null, _turn: turn };
        demo.wait();
        demo
    }

    fn wait(&mut self) {
        let path = self.folder.path().join("demo.json");
        let started = Instant::now();
        while !path.exists() {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("the demo ended with {status}: {}", self.log());
            }
            assert!(started.elapsed() < PATIENCE, "the demo was not ready in time: {}", self.log());
            std::thread::sleep(Duration::from_millis(100));
        }
        self.description = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    }

    /// What the program wrote to standard error.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log.txt")).unwrap_or_default()
    }

    /// A string of `demo.json`, by its JSON pointer.
    pub(crate) fn get(&self, pointer: &str) -> String {
        self.description
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("demo.json has no {pointer}"))
            .to_owned()
    }

    /// The folder of everything the demo writes.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`, then a start on the same folder.
    pub(crate) fn kill_and_restart(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        // A killed program cannot take its file back; a start does.
        self.child = spawn(self.folder.path(), self.ports, &self.arguments, &self.environment);
        std::thread::sleep(Duration::from_secs(1));
        self.wait();
    }

    /// SIGTERM, and how it ended.
    pub(crate) fn terminate(mut self) -> std::process::ExitStatus {
        signal(self.child.id(), "TERM");
        self.child.wait().unwrap()
    }

    /// SIGTERM; the folder of what it wrote stays as long as the answer.
    pub(crate) fn stop(mut self) -> tempfile::TempDir {
        signal(self.child.id(), "TERM");
        self.child.wait().unwrap();
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }

    /// An answer of the API as JSON with its status.
    pub(crate) async fn api(&self, role: &str, path: &str) -> (u16, Value) {
        let token = self.get(&format!("/credentials/{role}/token"));
        let url = format!("{}{path}", self.get("/web"));
        let answer = reqwest::Client::new().get(url).bearer_auth(token).send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// Rows of a statement over HTTP.
    pub(crate) async fn sql(&self, sql: &str) -> Value {
        let token = self.get("/credentials/analyst/token");
        let url = format!("{}/api/v1/sql", self.get("/web"));
        let answer = reqwest::Client::new()
            .post(url)
            .bearer_auth(token)
            .json(&serde_json::json!({"sql": sql}))
            .send()
            .await
            .unwrap();
        let status = answer.status();
        let body: Value = answer.json().await.unwrap();
        assert!(status.is_success(), "{sql}: {body}");
        body["rows"].clone()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- log of the demo ---\n{}", self.log());
        }
        signal(self.child.id(), "TERM");
        let started = Instant::now();
        while self.child.try_wait().ok().flatten().is_none() {
            if started.elapsed() > Duration::from_secs(30) {
                let _ = self.child.kill();
                let _ = self.child.wait();
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

fn spawn(folder: &Path, ports: u16, arguments: &[String], environment: &[(String, String)]) -> Child {
    let log = std::fs::File::options().create(true).append(true).open(folder.join("log.txt")).unwrap();
    let _ = std::fs::remove_file(folder.join("demo.json"));
    Command::new(HEADROOM)
        .args(["demo", "--data"])
        .arg(folder)
        .args(["--ports-from", &ports.to_string()])
        .args(arguments)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap()
}

/// Sends a signal by name.
pub(crate) fn signal(pid: u32, name: &str) {
    let _ = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).stderr(Stdio::null()).status();
}

/// Processes whose parent is `pid`.
pub(crate) fn children(pid: u32) -> Vec<u32> {
    let listed = Command::new("ps").args(["-o", "pid=", "--ppid", &pid.to_string()]).output().unwrap();
    String::from_utf8(listed.stdout).unwrap().split_whitespace().filter_map(|p| p.parse().ok()).collect()
}

/// Runs the program to its end.
pub(crate) fn headroom(arguments: &[&str], folder: &Path) -> Output {
    Command::new(HEADROOM).args(arguments).current_dir(folder).stdin(Stdio::null()).output().unwrap()
}

/// Standard error as text.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
