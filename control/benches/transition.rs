//! What it costs to keep the control state: an alert's transition with its message, a delivery, a token, a deed.
//!
//! `cargo bench -p headroom-control --bench transition [-- TIMES]` measures a SQLite file in the target folder, then a
//! PostgreSQL server on this machine that syncs each commit there too (`deploy/throwaway-postgres`), each from one node
//! and transitions from two nodes at once. CPU is that of this process, and of the server with all its processes.
#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use headroom_control::{Alert, AlertState, Control, Decision, Form, NewMessage, Role, Server};
use serde_json::json;

fn main() {
    let times = std::env::args().skip(1).find_map(|text| text.parse().ok()).unwrap_or(2_000);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("transition-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    println!(
        "| where | what | p50 ms | p95 ms | per s | CPU µs here | CPU µs of the server |\n|---|---|---|---|---|---|---|"
    );
    let file = folder.join("control.db");
    Bench { name: "SQLite", times, server: None }.run(|| Control::open(&file).unwrap());

    let server = Throwaway::start(&folder.join("postgres"));
    let to = Server::new(&server.url, None, 4).unwrap();
    Bench { name: "PostgreSQL", times, server: Some(server.pid()) }.run(|| Control::connect(&to).unwrap());
    drop(server);
    std::fs::remove_dir_all(folder).unwrap();
}

/// A server that goes with this.
struct Throwaway {
    folder: PathBuf,
    url: String,
}

impl Throwaway {
    fn start(folder: &Path) -> Self {
        let started = tool("start", folder).arg(std::process::id().to_string()).output().unwrap();
        assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
        Self { folder: folder.to_owned(), url: String::from_utf8(started.stdout).unwrap().trim().to_owned() }
    }

    fn pid(&self) -> u32 {
        let text = std::fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap();
        text.lines().next().unwrap().parse().unwrap()
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        assert!(tool("stop", &self.folder).status().unwrap().success());
    }
}

fn tool(verb: &str, folder: &Path) -> Command {
    let mut command = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/throwaway-postgres"));
    command.arg(verb).arg(folder).env("THROWAWAY_FSYNC", "on");
    command
}

struct Bench {
    name: &'static str,
    times: usize,
    server: Option<u32>,
}

impl Bench {
    fn run(&self, open: impl Fn() -> Control) {
        let control = open();
        self.measure("transition with its message, one transaction", |n| transition(&control, "one", n));
        let send = || {
            let leased = control.lease(now(), TimeDelta::minutes(1)).unwrap();
            leased.iter().for_each(|delivery| control.delivered(delivery.id, now()).unwrap());
            leased.len()
        };
        while send() > 0 {}
        self.measure("message queued, leased, reported, three transactions", |n| {
            assert_eq!(control.enqueue(&[message(&format!("queued-{n}"))], now()).unwrap(), 1);
            assert_eq!(send(), 1);
        });
        let token = control.create_token("bench", Role::Ingest, "acme", now()).unwrap();
        self.measure("token looked up", |_| assert!(control.verify_token(&token, now()).unwrap().is_some()));
        self.measure("deed put on record", |n| {
            control.audit("ada", "lookup.reveal", "c-1", "ticket", &json!({"n": n}), now()).unwrap();
        });
        let nodes = [open(), open()];
        let begin = Instant::now();
        std::thread::scope(|scope| {
            for (name, node) in ["left", "right"].into_iter().zip(&nodes) {
                scope.spawn(move || (0..self.times / 2).for_each(|n| transition(node, name, n)));
            }
        });
        let rate = self.times as f64 / begin.elapsed().as_secs_f64();
        println!("| {} | transitions of two nodes at once | | | {rate:.0} | | |", self.name);
    }

    fn measure(&self, what: &str, mut work: impl FnMut(usize)) {
        let (begin, here, there) = (Instant::now(), cpu(std::process::id()), self.server_cpu());
        let mut took: Vec<Duration> = (0..self.times)
            .map(|n| {
                let begin = Instant::now();
                work(n);
                begin.elapsed()
            })
            .collect();
        let (wall, each) = (begin.elapsed().as_secs_f64(), 1e6 / self.times as f64);
        let (here, there) = ((cpu(std::process::id()) - here) * each, (self.server_cpu() - there) * each);
        took.sort_unstable();
        let ms = |share: f64| took[(took.len() as f64 * share) as usize].as_secs_f64() * 1e3;
        let (p50, p95, rate) = (ms(0.5), ms(0.95), self.times as f64 / wall);
        println!("| {} | {what} | {p50:.2} | {p95:.2} | {rate:.0} | {here:.0} | {there:.0} |", self.name);
    }

    /// CPU seconds of the server's processes.
    fn server_cpu(&self) -> f64 {
        let Some(server) = self.server else { return 0.0 };
        let listed = Command::new("ps").args(["-o", "pid=", "--ppid", &server.to_string()]).output().unwrap();
        let children = String::from_utf8(listed.stdout).unwrap();
        cpu(server) + children.split_whitespace().map(|pid| cpu(pid.parse().unwrap())).sum::<f64>()
    }
}

/// CPU seconds of a process and of its children that have ended.
fn cpu(pid: u32) -> f64 {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { return 0.0 };
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ended = if pid == std::process::id() { 0..2 } else { 0..4 };
    ended.map(|n| fields[11 + n].parse::<f64>().unwrap()).sum::<f64>() / 100.0
}

fn now() -> DateTime<Utc> {
    Utc::now()
}

/// What an evaluation stores when something begins to fire: the alert, what the routing remembers, a message.
fn transition(control: &Control, name: &str, n: usize) {
    let id = format!("{name}-{n}");
    let alert = Alert {
        id: id.clone(),
        tenant: "acme".to_owned(),
        slo: "orders-accepted".to_owned(),
        service: "order".to_owned(),
        severity: "page".to_owned(),
        state: AlertState::Firing,
        started_at: now(),
        resolved_at: None,
        summary: "the budget of orders-accepted burns 14 times too fast".to_owned(),
        detail: json!({"burn_short": 14.4, "burn_long": 14.1}),
        acknowledged_by: None,
        acknowledged_at: None,
    };
    let state = Some(json!({"groups": "x".repeat(2_000)}).to_string());
    let messages = vec![message(&id)];
    let decision = Decision { alerts: vec![alert], state, messages, ..Decision::default() };
    assert_eq!(control.route("acme", now(), |_| Ok(decision)).unwrap(), 1);
}

fn message(id: &str) -> NewMessage {
    NewMessage {
        group: id.to_owned(),
        channel: "pager".to_owned(),
        dedup_key: id.to_owned(),
        form: Form::Notification,
        body: json!({"text": "x".repeat(1_000)}).to_string(),
        due: now(),
    }
}
