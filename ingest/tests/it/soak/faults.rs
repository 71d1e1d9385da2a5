//! What goes wrong, when, and for how long.

use std::fmt;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use headroom_store::engine::Supervisor;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};

use super::disk::Disk;
use super::process::Receiver;
use super::tail::tear;
use crate::proxy::{Behaviour, Proxy};

/// One thing that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The ingester is ended with SIGKILL and started again.
    KilledIngester,
    /// The engine is ended with SIGKILL; its supervisor starts it again.
    KilledEngine,
    /// The engine stands still (SIGSTOP) and goes on: inserts run into their timeout, are tried again,
    /// and then both go through.
    StandingEngine,
    /// The store takes no connections, until the log is full and requests are refused.
    StoreAway,
    /// The store takes long to read and to answer.
    SlowStore,
    /// Connections to the store are closed in the middle of inserts, and behind them before the answer.
    CutConnections,
    /// The log's disk is full.
    FullDisk,
    /// The ingester is killed, and the log's newest file has a torn tail.
    TornTail,
    /// The ingester's clock is set back by hours, and forward again.
    WrongClock,
}

impl Fault {
    const ALL: [Self; 9] = [
        Self::KilledIngester,
        Self::KilledEngine,
        Self::StandingEngine,
        Self::StoreAway,
        Self::SlowStore,
        Self::CutConnections,
        Self::FullDisk,
        Self::TornTail,
        Self::WrongClock,
    ];
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KilledIngester => "kill -9 of the ingester",
            Self::KilledEngine => "kill -9 of the engine",
            Self::StandingEngine => "the engine stands still",
            Self::StoreAway => "the store is away",
            Self::SlowStore => "the store is slow",
            Self::CutConnections => "connections to the store are cut",
            Self::FullDisk => "the log's disk is full",
            Self::TornTail => "kill -9 and a torn tail",
            Self::WrongClock => "the clock is wrong",
        })
    }
}

/// How long something may take to show its effect.
const PATIENCE: Duration = Duration::from_mins(1);

/// Everything that faults are made with.
pub(super) struct Platform {
    pub(super) receiver: Receiver,
    pub(super) engine: Supervisor,
    pub(super) proxy: Proxy,
    pub(super) disk: Disk,
    rng: StdRng,
    begun: Instant,
}

impl Platform {
    pub(super) fn new(receiver: Receiver, engine: Supervisor, proxy: Proxy, disk: Disk, seed: u64) -> Self {
        Self { receiver, engine, proxy, disk, rng: StdRng::seed_from_u64(seed), begun: Instant::now() }
    }

    /// Every fault once, in any order, again and again until `length` is over.
    pub(super) fn misbehave(&mut self, length: Duration) {
        self.begun = Instant::now();
        for round in 1.. {
            let mut faults = Fault::ALL.to_vec();
            faults.shuffle(&mut self.rng);
            faults.retain(|fault| *fault != Fault::FullDisk || self.disk.is_small());
            for fault in faults {
                self.rest(300, 1_500);
                if round > 1 && self.begun.elapsed() > length {
                    return;
                }
                self.inject(fault);
            }
        }
    }

    pub(super) fn say(&self, what: impl fmt::Display) {
        println!("{:7.1} s  {what}", self.begun.elapsed().as_secs_f64());
    }

    /// Says where the ingester stands.
    pub(super) fn tell_status(&mut self) {
        let status = self.receiver.status();
        let field = |name: &str| status[name].to_string();
        self.say(format_args!(
            "accepting: {}, bytes in the log: {}, not in the store: {} in {} slices, rows stored: {}, last error: {}",
            field("accepting"),
            field("log_bytes"),
            field("backlog_bytes"),
            field("backlog_slices"),
            field("inserted_rows"),
            field("last_error")
        ));
    }

    /// Waits for a while, in milliseconds.
    fn rest(&mut self, from: u64, to: u64) {
        sleep(Duration::from_millis(self.rng.random_range(from..to)));
    }

    fn inject(&mut self, fault: Fault) {
        self.say(fault);
        assert!(self.receiver.is_running(), "between faults the ingester runs");
        match fault {
            Fault::KilledIngester => {
                self.receiver.kill();
                self.rest(0, 1_000);
                self.receiver.start();
            }
            Fault::KilledEngine => {
                self.signal_engine("KILL");
                self.during(500, 2_500);
            }
            Fault::StandingEngine => {
                let pid = self.signal_engine("STOP");
                self.during(4_000, 7_000);
                signal(pid, "CONT");
            }
            Fault::StoreAway => {
                self.proxy.set(Behaviour::Refuse);
                self.until_refused(|_| {});
                self.during(500, 1_500);
                self.proxy.set(Behaviour::Pass);
            }
            Fault::SlowStore => {
                let answer_after = Duration::from_millis(self.rng.random_range(200..1_500));
                self.proxy.set(Behaviour::Slow { bytes_per_second: 200_000, answer_after });
                self.during(2_000, 4_000);
                self.proxy.set(Behaviour::Pass);
            }
            Fault::CutConnections => self.cut_connections(),
            Fault::FullDisk => self.fill_disk(),
            Fault::TornTail => {
                self.receiver.kill();
                let what = tear(&self.disk.path().join("log"), &mut self.rng);
                self.say(format_args!("  the tail is {what}"));
                self.receiver.start();
            }
            Fault::WrongClock => {
                let seconds = -self.rng.random_range(3_600..6 * 3_600);
                self.say(format_args!("  by {seconds} s"));
                self.receiver.set_clock(seconds);
                self.during(1_000, 3_000);
                self.receiver.set_clock(0);
            }
        }
    }

    /// Waits for a while in which something else is wrong; every second time the ingester is killed
    /// in the middle of it.
    fn during(&mut self, from: u64, to: u64) {
        self.rest(from / 2, to / 2);
        if self.rng.random_ratio(1, 2) {
            self.say("  kill -9 of the ingester at the same time");
            self.receiver.kill();
            self.receiver.start();
        }
        self.rest(from / 2, to / 2);
    }

    fn signal_engine(&mut self, name: &str) -> u32 {
        let begun = Instant::now();
        let pid = loop {
            if let Some(pid) = self.engine.pid() {
                break pid;
            }
            assert!(begun.elapsed() < PATIENCE, "the engine is not started again within {PATIENCE:?}");
            sleep(Duration::from_millis(20));
        };
        signal(pid, name);
        pid
    }

    /// Waits until the ingester refuses requests, and does `meanwhile` again and again.
    fn until_refused(&mut self, meanwhile: impl Fn(&Self)) {
        let begun = Instant::now();
        loop {
            meanwhile(self);
            let status = self.receiver.status();
            if status["accepting"] == false {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "nothing is refused within {PATIENCE:?}: {status}");
            sleep(Duration::from_millis(50));
        }
    }

    fn cut_connections(&mut self) {
        let (begun, (requests, answers)) = (Instant::now(), self.proxy.cuts());
        self.proxy.set(Behaviour::Cut);
        self.during(1_500, 3_000);
        loop {
            let now = self.proxy.cuts();
            if now.0 > requests && now.1 > answers {
                break;
            }
            assert!(begun.elapsed() < PATIENCE, "no insert could be cut within {PATIENCE:?}");
            sleep(Duration::from_millis(50));
        }
        self.proxy.set(Behaviour::Pass);
    }

    /// Takes all space, for so long that requests are refused; what the log frees meanwhile too.
    fn fill_disk(&mut self) {
        self.until_refused(|platform| platform.disk.fill());
        let end = Instant::now() + Duration::from_millis(self.rng.random_range(500..2_000));
        while Instant::now() < end {
            self.disk.fill();
            self.rest(20, 100);
        }
        if self.rng.random_ratio(1, 2) {
            self.receiver.kill();
            let started = self.receiver.try_start();
            let how = if started { "starts" } else { "waits for space" };
            self.say(format_args!("  kill -9 of the ingester at the same time: it {how}"));
            self.rest(200, 1_000);
        }
        self.disk.free();
        if !self.receiver.is_running() {
            self.receiver.start();
        }
    }
}

/// Sends a signal by name.
fn signal(pid: u32, name: &str) {
    let status = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status().unwrap();
    assert!(status.success(), "SIG{name} does not reach process {pid}");
}
