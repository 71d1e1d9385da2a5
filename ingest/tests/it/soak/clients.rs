//! The load: clients that send all signals the whole time, and try again as SDKs do.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use headroom_load::{Compression, LoadError, Mix, Options, RunId, RunReport, Target, run};
use tokio::task::JoinSet;

/// Longer than any fault: whatever is not acknowledged by then never will be.
const GIVE_UP_AFTER: Duration = Duration::from_mins(10);

/// How long one run lasts; then the client begins another, until it is told to stop.
const RUN: Duration = Duration::from_secs(10);

/// How many runs of one client may be under way.
const RUNS_AT_ONCE: usize = 2;

/// Clients that send until they are told to stop.
pub(super) struct Clients {
    stop: Arc<AtomicBool>,
    tasks: JoinSet<Vec<Sent>>,
}

/// One run of a client.
pub(super) struct Sent {
    pub(super) report: RunReport,
    pub(super) ledger: PathBuf,
}

impl Clients {
    /// Starts four clients, over both transports with and without compression, that together send
    /// `rate` records a second; their ledgers go to `folder`.
    pub(super) fn start((grpc, http): (SocketAddr, SocketAddr), rate: f64, folder: &Path) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        let kinds = [
            ("http", http, Compression::None),
            ("http", http, Compression::Gzip),
            ("grpc", grpc, Compression::None),
            ("grpc", grpc, Compression::Zstd),
        ];
        for (n, (scheme, address, compression)) in kinds.into_iter().enumerate() {
            let target: Target = format!("{scheme}://{address}").parse().unwrap();
            let mut options = Options::new(target);
            options.token = Some("acme-token".to_owned());
            options.compression = compression;
            options.rate = Some(rate / 4.0);
            options.duration = Some(RUN);
            options.records_per_body = 100;
            options.mix = Mix { traces: 4, logs: 2, events: 1, metrics: 1 };
            options.timeout = Duration::from_secs(10);
            options.give_up_after = GIVE_UP_AFTER;
            // Those that wait because they were refused must not end the load.
            options.in_flight = 8;
            tasks.spawn(one(options, folder.join(format!("client-{n}")), stop.clone()));
        }
        Self { stop, tasks }
    }

    /// Lets the clients end what they have begun, and calls `meanwhile` every ten seconds.
    pub(super) async fn stop(self, mut meanwhile: impl FnMut()) -> Vec<Sent> {
        self.stop.store(true, Ordering::Relaxed);
        let mut ticks = tokio::time::interval(Duration::from_secs(10));
        let ended = self.tasks.join_all();
        tokio::pin!(ended);
        loop {
            tokio::select! {
                sent = &mut ended => return sent.into_iter().flatten().collect(),
                _ = ticks.tick() => meanwhile(),
            }
        }
    }
}

/// A client: a new run whenever the time of the one before is over. What that one is still trying
/// to deliver goes on meanwhile, so that the load does not become lighter by being refused; but only
/// so much of it, for real clients are not more and more either.
async fn one(options: Options, folder: PathBuf, stop: Arc<AtomicBool>) -> Vec<Sent> {
    std::fs::create_dir(&folder).unwrap();
    let (mut runs, mut sent, mut begun) = (JoinSet::new(), Vec::new(), 0);
    while !stop.load(Ordering::Relaxed) {
        if runs.len() < RUNS_AT_ONCE {
            let ledger = folder.join(format!("{begun}.jsonl"));
            runs.spawn(one_run(Options { ledger: Some(ledger), run: RunId::random(), ..options.clone() }));
            begun += 1;
        }
        tokio::time::sleep(RUN).await;
        while let Some(ended) = runs.try_join_next() {
            sent.push(ended.expect("a run does not fail"));
        }
    }
    sent.extend(runs.join_all().await);
    sent
}

async fn one_run(options: Options) -> Sent {
    let begun = Instant::now();
    let report = loop {
        match run(&options, |_| {}).await {
            Ok(report) => break report,
            // The ingester is dead at the moment.
            Err(LoadError::Connect { .. }) if begun.elapsed() < GIVE_UP_AFTER => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(error) => panic!("the load cannot be sent: {error}"),
        }
    };
    Sent { report, ledger: options.ledger.expect("each run has a ledger") }
}
