//! A TCP proxy in front of the store that can be told to misbehave.

use std::io;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

/// How the proxy treats its connections, those that are open too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behaviour {
    /// Everything goes through at once.
    Pass,
    /// Connections are closed, new ones too.
    Refuse,
    /// Requests go through at so many bytes a second, and each answer is held back so long.
    Slow { bytes_per_second: u32, answer_after: Duration },
    /// One request in four is passed on in part, and one in four as a whole, but its answer is never
    /// seen: in both cases the connection is closed.
    Cut,
}

/// What has gone wrong on purpose so far.
#[derive(Debug, Default)]
pub(crate) struct Cuts {
    /// Requests of which the store got a part.
    pub(crate) requests: AtomicU64,
    /// Answers that were swallowed.
    pub(crate) answers: AtomicU64,
}

/// The proxy. It serves as long as its runtime lives.
#[derive(Debug)]
pub(crate) struct Proxy {
    port: u16,
    behaviour: watch::Sender<Behaviour>,
    cuts: Arc<Cuts>,
}

impl Proxy {
    /// A proxy in front of `target` (host and port). What it leaves to chance follows from `seed`.
    pub(crate) async fn start(target: &str, seed: u64, behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, receiver) = watch::channel(behaviour);
        let cuts = Arc::new(Cuts::default());
        let dice = Arc::new(Mutex::new(StdRng::seed_from_u64(seed)));
        let (target, counted) = (target.to_owned(), cuts.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (behaviour, dice, cuts) = (receiver.clone(), dice.clone(), counted.clone());
                let way = Way { behaviour, dice, cuts, fate: AtomicU8::new(UNDECIDED) };
                let target = target.clone();
                // Its errors are those of either side, which sees them itself.
                tokio::spawn(async move { way.carry(client, &target).await.ok() });
            }
        });
        Self { port, behaviour: sender, cuts }
    }

    /// The address to reach the store at.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Behaves like this from now on.
    pub(crate) fn set(&self, behaviour: Behaviour) {
        self.behaviour.send_replace(behaviour);
    }

    /// What has gone wrong on purpose so far: requests cut, answers swallowed.
    pub(crate) fn cuts(&self) -> (u64, u64) {
        (self.cuts.requests.load(Ordering::Relaxed), self.cuts.answers.load(Ordering::Relaxed))
    }
}

/// What becomes of the request that a connection carries.
const UNDECIDED: u8 = 0;
const WHOLE: u8 = 1;
const CUT: u8 = 2;
const UNANSWERED: u8 = 3;

/// What a connection needs to know.
struct Way {
    behaviour: watch::Receiver<Behaviour>,
    dice: Arc<Mutex<StdRng>>,
    cuts: Arc<Cuts>,
    fate: AtomicU8,
}

impl Way {
    async fn carry(&self, mut client: TcpStream, target: &str) -> io::Result<()> {
        let mut behaviour = self.behaviour.clone();
        if *behaviour.borrow() == Behaviour::Refuse {
            return Ok(());
        }
        let mut server = TcpStream::connect(target).await?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let ((from_client, to_client), (from_server, to_server)) = (client.split(), server.split());
        // Whatever ends first ends the connection.
        tokio::select! {
            ended = self.requests(from_client, to_server) => ended,
            ended = self.answers(from_server, to_client) => ended,
            _ = behaviour.wait_for(|now| *now == Behaviour::Refuse) => Ok(()),
        }
    }

    fn now(&self) -> Behaviour {
        *self.behaviour.borrow()
    }

    /// The fate of the request under way, decided with its first bytes.
    fn fate(&self) -> u8 {
        if self.now() != Behaviour::Cut {
            return WHOLE;
        }
        if self.fate.load(Ordering::Relaxed) == UNDECIDED {
            let fate = match self.dice.lock().unwrap().random_range(0..4) {
                0 => CUT,
                1 => UNANSWERED,
                _ => WHOLE,
            };
            self.fate.store(fate, Ordering::Relaxed);
        }
        self.fate.load(Ordering::Relaxed)
    }

    async fn requests(&self, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> io::Result<()> {
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let n = from.read(&mut buffer).await?;
            if n == 0 {
                return Ok(());
            }
            if self.fate() == CUT {
                to.write_all(&buffer[..n / 2]).await?;
                self.cuts.requests.fetch_add(1, Ordering::Relaxed);
                return Ok(());
            }
            if let Behaviour::Slow { bytes_per_second, .. } = self.now() {
                sleep(Duration::from_secs_f64(n as f64 / f64::from(bytes_per_second))).await;
            }
            to.write_all(&buffer[..n]).await?;
        }
    }

    async fn answers(&self, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> io::Result<()> {
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let n = from.read(&mut buffer).await?;
            if n == 0 {
                return Ok(());
            }
            if self.fate() == UNANSWERED {
                self.cuts.answers.fetch_add(1, Ordering::Relaxed);
                return Ok(());
            }
            self.fate.store(UNDECIDED, Ordering::Relaxed);
            if let Behaviour::Slow { answer_after, .. } = self.now() {
                sleep(answer_after).await;
            }
            to.write_all(&buffer[..n]).await?;
        }
    }
}
