//! The child process: started, asked whether it answers, and started again when it dies.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::SupervisorConfig;
use crate::engine::run::{INHERITED, TOKEN_VARIABLE};
use crate::error::{Result, StoreError};

/// Longest wait for the first answer.
const START_LIMIT: Duration = Duration::from_mins(1);
/// Longest wait for an orderly end before the child is killed.
const STOP_LIMIT: Duration = Duration::from_secs(20);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// A child that lived this long was well: the next pause is the first one again.
const WELL_AFTER: Duration = Duration::from_secs(30);

/// The child and what it is started with: shared by the supervisor and the thread that
/// watches the child.
#[derive(Debug)]
pub(super) struct Shared {
    config: SupervisorConfig,
    address: SocketAddr,
    listener: TcpListener,
    token: String,
    pid: AtomicU32,
    restarts: AtomicU64,
    stopping: AtomicBool,
    /// Open as long as the child shall live.
    leash: Mutex<Option<ChildStdin>>,
    /// The child's last words, for the message when it does not start.
    last_words: Mutex<String>,
}

impl Shared {
    /// Takes the port and makes up a token; no child yet.
    pub(super) fn new(config: SupervisorConfig) -> Result<Self> {
        let fail = |error| StoreError::io(format!("engine port {}", config.port), error);
        let listener = TcpListener::bind(("127.0.0.1", config.port)).map_err(fail)?;
        let address = listener.local_addr().map_err(fail)?;
        Ok(Self {
            config,
            address,
            listener,
            token: hex::encode(rand::random::<[u8; 32]>()),
            pid: AtomicU32::new(0),
            restarts: AtomicU64::new(0),
            stopping: AtomicBool::new(false),
            leash: Mutex::new(None),
            last_words: Mutex::new(String::new()),
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn token(&self) -> &str {
        &self.token
    }

    pub(super) fn pid(&self) -> Option<u32> {
        Some(self.pid.load(Ordering::SeqCst)).filter(|pid| *pid != 0)
    }

    pub(super) fn restarts(&self) -> u64 {
        self.restarts.load(Ordering::SeqCst)
    }

    /// Has the child end, and no other one started after it.
    pub(super) fn let_go(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        lock(&self.leash).take();
    }

    /// Starts a child.
    pub(super) fn spawn(self: &Arc<Self>) -> Result<Child> {
        let config = &self.config;
        let socket =
            self.listener.try_clone().map_err(|error| StoreError::io("socket of the engine", error))?;
        let mut command = Command::new(&config.program);
        command
            .args(&config.args)
            .arg("--data")
            .arg(&config.data)
            .args(["--listen", INHERITED])
            .args(["--connections", &config.connections.to_string()])
            .env(TOKEN_VARIABLE, &self.token)
            // A group of its own: Ctrl-C is for the parent, which drains first and stops the engine last.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::from(OwnedFd::from(socket)))
            .stderr(Stdio::piped());
        if let Some(libchdb) = &config.libchdb {
            command.arg("--libchdb").arg(libchdb);
        }
        if config.ephemeral {
            command.arg("--ephemeral");
        }
        let mut child = command
            .spawn()
            .map_err(|error| StoreError::io(format!("engine program {}", config.program.display()), error))?;
        *lock(&self.leash) = child.stdin.take();
        self.pid.store(child.id(), Ordering::SeqCst);
        if let Some(stderr) = child.stderr.take() {
            let shared = Arc::clone(self);
            std::thread::spawn(move || {
                for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                    tracing::info!(target: "headroom_store::engine::child", "{line}");
                    if !line.trim().is_empty() {
                        *lock(&shared.last_words) = line;
                    }
                }
            });
        }
        Ok(child)
    }

    /// Waits until the first child answers; an error says why it does not.
    pub(super) fn wait_for_answer(&self, child: &mut Child) -> Result<()> {
        let begun = Instant::now();
        loop {
            if self.answers() {
                return Ok(());
            }
            if let Ok(Some(status)) = child.try_wait() {
                // Its last words may still be on their way.
                std::thread::sleep(Duration::from_millis(50));
                let words = lock(&self.last_words).clone();
                return Err(StoreError::Engine(format!("did not start ({status}): {words}")));
            }
            if begun.elapsed() > START_LIMIT {
                let _ = child.kill();
                let _ = child.wait();
                return Err(StoreError::Engine(format!("gave no answer within {} s", START_LIMIT.as_secs())));
            }
        }
    }

    /// Whether `/ping` is answered, within a moment.
    fn answers(&self) -> bool {
        let moment = Duration::from_millis(200);
        let ask = || -> std::io::Result<bool> {
            let mut stream = TcpStream::connect_timeout(&self.address, moment)?;
            stream.set_read_timeout(Some(moment))?;
            stream.write_all(b"GET /ping HTTP/1.0\r\nHost: engine\r\n\r\n")?;
            let mut answer = [0u8; 12];
            stream.read_exact(&mut answer)?;
            Ok(answer.ends_with(b" 200"))
        };
        ask().unwrap_or(false)
    }

    /// Waits for the child to end, and starts another one unless that was wanted.
    pub(super) fn keep_alive(self: &Arc<Self>, mut child: Child) {
        let mut pause = FIRST_PAUSE;
        loop {
            let begun = Instant::now();
            let ended = self.wait_for_end(&mut child);
            self.pid.store(0, Ordering::SeqCst);
            if self.stopping.load(Ordering::SeqCst) {
                return;
            }
            if begun.elapsed() > WELL_AFTER {
                pause = FIRST_PAUSE;
            }
            tracing::error!(%ended, pause_ms = pause.as_millis(), "engine died and is started again");
            loop {
                std::thread::sleep(pause);
                pause = (pause * 2).min(LONGEST_PAUSE);
                if self.stopping.load(Ordering::SeqCst) {
                    return;
                }
                match self.spawn() {
                    Ok(next) => {
                        child = next;
                        break;
                    }
                    Err(error) => tracing::error!(%error, "engine cannot be started again"),
                }
            }
            self.restarts.fetch_add(1, Ordering::SeqCst);
            metrics::counter!("headroom_engine_restarts_total").increment(1);
            // A stop that came while the child was being started found no leash to drop.
            if self.stopping.load(Ordering::SeqCst) {
                lock(&self.leash).take();
            }
        }
    }

    fn wait_for_end(&self, child: &mut Child) -> String {
        let mut asked: Option<Instant> = None;
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return status.to_string(),
                Ok(None) => {}
                Err(error) => return error.to_string(),
            }
            if self.stopping.load(Ordering::SeqCst) {
                let since = *asked.get_or_insert_with(Instant::now);
                if since.elapsed() > STOP_LIMIT {
                    tracing::error!("engine did not end in order and is killed");
                    let _ = child.kill();
                }
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
