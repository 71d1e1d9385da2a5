//! Senders that are programs of their own: SDKs of other languages, and a forwarder.

use std::io::Read as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::tools::python;

/// Spans, and as many log records, a second of each sender.
pub(super) const RATE: u64 = 50;

/// How long a program may take to deliver what it holds and to end.
const PATIENCE: Duration = Duration::from_secs(90);

/// How a user lets the SDKs outlast an outage. docs/senders.md says what each does.
const SETTINGS: [(&str, &str); 6] = [
    ("OTEL_BSP_MAX_QUEUE_SIZE", "20000"),
    ("OTEL_BSP_SCHEDULE_DELAY", "500"),
    ("OTEL_BSP_EXPORT_TIMEOUT", "60000"),
    ("OTEL_BLRP_MAX_QUEUE_SIZE", "20000"),
    ("OTEL_BLRP_SCHEDULE_DELAY", "500"),
    ("OTEL_BLRP_EXPORT_TIMEOUT", "60000"),
];

/// A program that sends until its standard input is closed.
pub(super) struct Program {
    child: Child,
}

impl Program {
    /// The Python SDK, if it is installed.
    pub(super) fn python(protocol: &str, endpoint: &str, token: &str) -> Option<Self> {
        let list = if protocol == "http-json" { "requirements-json" } else { "requirements" };
        let mut command = Command::new(python(root(), list)?);
        // Python counts this in seconds.
        command.arg(root().join("tests/sdk/python/stream.py")).env("OTEL_EXPORTER_OTLP_TIMEOUT", "60");
        Some(Self::stream(command, [protocol, endpoint, token]))
    }

    /// The Node SDK, if it is installed.
    pub(super) fn node(protocol: &str, endpoint: &str, token: &str) -> Option<Self> {
        let folder = root().join("tests/sdk/node");
        if !folder.join("node_modules").exists() {
            return None;
        }
        let mut command = Command::new("node");
        command.arg(folder.join("stream.mjs")).env("OTEL_EXPORTER_OTLP_TIMEOUT", "60000");
        Some(Self::stream(command, [protocol, endpoint, token]))
    }

    fn stream(mut command: Command, arguments: [&str; 3]) -> Self {
        command.args(arguments).arg(RATE.to_string()).envs(SETTINGS);
        Self { child: command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap() }
    }

    /// Lets it deliver what it holds; how many spans its SDK was given, and as many log records.
    pub(super) fn finish(mut self) -> u64 {
        drop(self.child.stdin.take());
        let begun = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            assert!(begun.elapsed() < PATIENCE, "a sender does not end within {PATIENCE:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
        assert!(self.child.wait().unwrap().success(), "a sender fails");
        let mut given = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut given).unwrap();
        given.trim().parse().unwrap_or_else(|_| panic!("a sender says {given:?} at its end"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended already, or the test has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The forwarder rotel. It acknowledges at once and keeps what it has in memory.
pub(super) struct Rotel {
    child: Child,
    grpc: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Rotel {
    /// Starts one that exports to `endpoint`, if it is installed.
    pub(super) fn start(protocol: &str, endpoint: &str, token: &str) -> Option<Self> {
        let agent = python(root(), "requirements-rotel")?.parent()?.parent()?.join("lib");
        let agent = std::fs::read_dir(agent).ok()?.flatten().map(|version| version.path());
        let agent =
            agent.map(|version| version.join("site-packages/rotel/rotel-agent")).find(|a| a.exists())?;
        let folder = tempfile::tempdir().unwrap();
        let [grpc, http] = crate::support::free_ports().map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        let child = Command::new(agent)
            .arg("start")
            .args(["--otlp-grpc-endpoint", &grpc.to_string(), "--otlp-http-endpoint", &http.to_string()])
            .args(["--exporter", "otlp", "--otlp-exporter-endpoint", endpoint])
            .args(["--otlp-exporter-protocol", protocol])
            .args(["--otlp-exporter-custom-headers", &format!("authorization=Bearer {token}")])
            .args(["--otlp-exporter-retry-initial-backoff", "1s", "--otlp-exporter-retry-max-backoff", "5s"])
            .arg("--pid-file")
            .arg(folder.path().join("pid"))
            .stdin(Stdio::null())
            .stdout(std::fs::File::create(folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while std::net::TcpStream::connect(grpc).is_err() {
            assert!(begun.elapsed() < PATIENCE, "rotel does not listen within {PATIENCE:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(Self { child, grpc, _folder: folder })
    }

    /// Where it receives OTLP over gRPC.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.grpc)
    }
}

impl Drop for Rotel {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
