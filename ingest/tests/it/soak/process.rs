//! The ingester as a process of its own: killed, started again, told what time it is.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{Receiver as Lines, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use headroom_ingest::{Ingest, IngestConfig};
use headroom_store::{Clock, Store, StoreConfig};
use serde_json::Value;

use crate::support::Tokens;

/// The variable that makes the test [`super::child`] such a process.
const CHILD: &str = "HEADROOM_SOAK_CHILD";

/// How long a start, an answer or an end may take: a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// The machine's clock, set wrong by some seconds.
#[derive(Debug)]
struct WrongClock(AtomicI64);

impl Clock for WrongClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::seconds(self.0.load(Ordering::Relaxed))
    }
}

/// The process: receives until its standard input ends, then drains.
pub(super) fn child() {
    let Ok(settings) = std::env::var(CHILD) else { return };
    let settings: Value = serde_json::from_str(&settings).unwrap();
    let config: IngestConfig = serde_json::from_value(settings["ingest"].clone()).unwrap();
    let store: StoreConfig = serde_json::from_value(settings["store"].clone()).unwrap();
    let clock = Arc::new(WrongClock(AtomicI64::new(settings["clock"].as_i64().unwrap())));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Store::connect(&store).unwrap();
        let ingest = match Ingest::start(config, store, Arc::new(Tokens), clock.clone()).await {
            Ok(ingest) => ingest,
            Err(error) => {
                eprintln!("the ingester does not start: {error}");
                std::process::exit(2);
            }
        };
        println!("\nlistening");
        let status = ingest.watch();
        let told = tokio::task::spawn_blocking(move || {
            for line in std::io::stdin().lines().map_while(Result::ok) {
                match line.split_once(' ') {
                    Some(("clock", seconds)) => clock.0.store(seconds.parse().unwrap(), Ordering::Relaxed),
                    _ => println!("status {}", serde_json::to_string(&status()).unwrap()),
                }
            }
        });
        told.await.unwrap();
        ingest.drain().await;
    });
    // Nothing of the test harness is wanted behind this.
    std::process::exit(0);
}

/// The ingester's process, which may be dead.
pub(super) struct Receiver {
    ingest: IngestConfig,
    store: StoreConfig,
    clock: i64,
    running: Option<Running>,
}

struct Running {
    child: Child,
    /// What ends it when it is closed.
    stdin: Option<ChildStdin>,
    lines: Lines<String>,
}

impl Receiver {
    /// A process that is not started yet.
    pub(super) fn new(ingest: IngestConfig, store: StoreConfig) -> Self {
        Self { ingest, store, clock: 0, running: None }
    }

    /// Starts it. Whether it listens: on a full disk it may be unable to.
    pub(super) fn try_start(&mut self) -> bool {
        assert!(self.running.is_none(), "the ingester runs already");
        let mut store = serde_json::to_value(&self.store).unwrap();
        store["password"] = self.store.password.clone().into();
        let settings = serde_json::json!({"ingest": self.ingest, "store": store, "clock": self.clock});
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "soak::child", "--nocapture", "--test-threads=1"])
            .env(CHILD, settings.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            let lines = BufReader::new(stdout).lines().map_while(Result::ok);
            lines.for_each(|line| drop(sender.send(line)));
        });
        let mut running = Running { child, stdin, lines };
        let listens = running.wait_for("listening").is_some();
        if listens {
            self.running = Some(running);
        } else {
            running.child.wait().unwrap();
        }
        listens
    }

    /// Starts it, and again while it cannot.
    pub(super) fn start(&mut self) {
        let begun = Instant::now();
        while !self.try_start() {
            assert!(begun.elapsed() < PATIENCE, "the ingester does not start within {PATIENCE:?}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Whether it runs. A process that ended by itself is a fault.
    pub(super) fn is_running(&mut self) -> bool {
        let Some(running) = &mut self.running else { return false };
        if let Some(status) = running.child.try_wait().unwrap() {
            panic!("the ingester ended by itself: {status}");
        }
        true
    }

    /// Ends it with SIGKILL.
    pub(super) fn kill(&mut self) {
        assert!(self.is_running(), "there is nothing to kill");
        let mut running = self.running.take().unwrap();
        running.child.kill().unwrap();
        running.child.wait().unwrap();
    }

    /// Sets its clock wrong by so many seconds, also for processes to come.
    pub(super) fn set_clock(&mut self, seconds: i64) {
        self.clock = seconds;
        if self.is_running() {
            self.tell(&format!("clock {seconds}"));
        }
    }

    /// Where the ingester stands.
    pub(super) fn status(&mut self) -> Value {
        assert!(self.is_running(), "there is nobody to ask");
        self.tell("status");
        let status = self.running.as_mut().unwrap().wait_for("status ");
        serde_json::from_str(&status.expect("the ingester ended while it was asked")).unwrap()
    }

    fn tell(&mut self, line: &str) {
        let running = self.running.as_mut().unwrap();
        writeln!(running.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Waits until the store has everything, then ends it in order. Where it stood before the end.
    pub(super) fn finish(mut self) -> Value {
        let begun = Instant::now();
        let status = loop {
            let status = self.status();
            if status["backlog_bytes"] == 0 {
                break status;
            }
            assert!(begun.elapsed() < 2 * PATIENCE, "the store does not catch up: {status}");
            std::thread::sleep(Duration::from_millis(100));
        };
        let mut running = self.running.take().expect("it was asked just now");
        running.stdin = None;
        let begun = Instant::now();
        while running.child.try_wait().unwrap().is_none() {
            assert!(begun.elapsed() < PATIENCE, "the ingester does not drain within {PATIENCE:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(running.child.wait().unwrap().success(), "draining is an ordinary end");
        status
    }

    /// Where it receives.
    pub(super) fn addresses(&self) -> (SocketAddr, SocketAddr) {
        (self.ingest.grpc_listen, self.ingest.http_listen)
    }
}

impl Running {
    /// The rest of the next line that begins with `word`; `None` when the process has ended.
    fn wait_for(&mut self, word: &str) -> Option<String> {
        let begun = Instant::now();
        loop {
            match self.lines.recv_timeout(PATIENCE.saturating_sub(begun.elapsed())) {
                Ok(line) => {
                    if let Some(rest) = line.strip_prefix(word) {
                        return Some(rest.to_owned());
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {
                    panic!("the ingester does not say {word:?} within {PATIENCE:?}")
                }
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, or the test has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
