//! The ingester as a whole: start, status, drain.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::serve::Listener;
use headroom_store::{Clock, Store};
use headroom_tls::{Keys, Refused, TlsListener};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::auth::Authenticator;
use crate::config::IngestConfig;
use crate::error::IngestError;
use crate::intake::Intake;
use crate::log::{Log, LogOptions};
use crate::pipeline::Pipeline;
use crate::receive::Receive;
use crate::replay::Replay;
use crate::status::{IngestStatus, View};

/// The size of a segment, unless the log's bound is small.
const SEGMENT_BYTES: u64 = 64 << 20;

/// The most bytes of requests in a slice.
const SLICE_BYTES: u64 = 64 << 20;

/// How long open connections may take to finish when the service stops.
const CONNECTION_GRACE: Duration = Duration::from_secs(5);

/// How long the store may take to catch up when the service stops; the rest stays in the log.
const FLUSH_GRACE: Duration = Duration::from_secs(20);

/// A running ingester. Dropping it stops everything at once, like a crash: what was
/// acknowledged is in the log and is stored at the next start. [`Ingest::drain`] is the
/// orderly way.
pub struct Ingest {
    // Dropped in this order: no requests, then no workers, then the log.
    servers: Servers,
    pipeline: Pipeline,
    receive: Arc<Receive>,
    log: Arc<Log>,
    max_log_bytes: u64,
    clock: Arc<dyn Clock>,
}

struct Servers {
    grpc_addr: SocketAddr,
    http_addr: SocketAddr,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Ingest {
    /// Opens the log, takes up what it holds, and listens. Must be called inside a tokio
    /// runtime with more than one thread; the store need not be there yet.
    pub async fn start(
        config: IngestConfig,
        store: Store,
        authenticator: Arc<dyn Authenticator>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, IngestError> {
        config.check()?;
        let contracts = config.contracts.load()?;
        let load = || config.tls.as_ref().map(|files| Keys::load(files, headroom_tls::HTTP)).transpose();
        let keys = (load()?, load()?);
        let grpc = bind("grpc", config.grpc_listen).await?;
        let http = bind("http", config.http_listen).await?;
        let options = LogOptions {
            dir: config.data_dir.clone(),
            max_bytes: config.max_log_bytes,
            segment_bytes: SEGMENT_BYTES.min(config.max_log_bytes / 8),
            slice_max_rows: config.slice_max_rows,
            slice_max_bytes: SLICE_BYTES.min(config.max_log_bytes / 8),
            slice_max_age: config.slice_max_age,
            slices_in_flight: config.workers,
            retry_window: config.retry_window,
            clock: clock.clone(),
        };
        let (log, slices) = tokio::task::spawn_blocking(move || Log::open(&options))
            .await
            .expect("opening the log does not panic, and the runtime runs")?;
        let log = Arc::new(log);
        let pipeline = Pipeline::start(log.clone(), slices, store, clock.clone(), config.workers)?;
        let receive = Arc::new(Receive::new(&config, contracts, &log, authenticator, clock.clone()));
        let servers = Servers::start(grpc, http, keys, &receive);
        let tls = config.tls.is_some();
        tracing::info!(grpc = %servers.grpc_addr, http = %servers.http_addr, tls, "receiving OTLP");
        Ok(Self { servers, pipeline, receive, log, max_log_bytes: config.max_log_bytes, clock })
    }

    /// The address of OTLP over gRPC.
    pub fn grpc_addr(&self) -> SocketAddr {
        self.servers.grpc_addr
    }

    /// The address of OTLP over HTTP.
    pub fn http_addr(&self) -> SocketAddr {
        self.servers.http_addr
    }

    /// A way in for sources that are no OTLP clients.
    pub fn intake(&self) -> Intake {
        Intake::new(self.receive.clone())
    }

    /// Sends quarantined log records again.
    pub fn replay(&self) -> Replay {
        Replay::new(self.pipeline.shared.store.clone(), self.intake(), self.clock.clone())
    }

    /// Where the ingester stands.
    pub fn status(&self) -> IngestStatus {
        self.view().status()
    }

    /// A function that tells where the ingester stands, for as long as anyone asks. It keeps
    /// nothing alive.
    pub fn watch(&self) -> impl Fn() -> IngestStatus + Send + Sync + use<> {
        let view = self.view();
        move || view.status()
    }

    fn view(&self) -> View {
        View {
            log: Arc::downgrade(&self.log),
            pipeline: Arc::downgrade(&self.pipeline.shared),
            receive: Arc::downgrade(&self.receive),
            clock: self.clock.clone(),
            max_log_bytes: self.max_log_bytes,
        }
    }

    /// Stops accepting, lets the store catch up for a while, and closes the log. What the
    /// store did not take stays in the log for the next start.
    pub async fn drain(mut self) {
        self.receive.stop();
        self.servers.stop().await;
        self.log.flush();
        let caught_up = tokio::time::timeout(FLUSH_GRACE, async {
            while self.log.backlog().bytes > 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        if caught_up.await.is_err() {
            let bytes = self.log.backlog().bytes;
            tracing::warn!(bytes, "the store did not catch up; the rest stays in the log");
        }
        drop(tokio::task::spawn_blocking(move || drop(self)).await);
    }
}

async fn bind(what: &'static str, address: SocketAddr) -> Result<TcpListener, IngestError> {
    TcpListener::bind(address).await.map_err(|e| IngestError::listen(what, address, e))
}

impl Servers {
    fn start(
        grpc: TcpListener,
        http: TcpListener,
        (grpc_keys, http_keys): (Option<Keys>, Option<Keys>),
        receive: &Arc<Receive>,
    ) -> Self {
        let stop = CancellationToken::new();
        let address =
            |listener: &TcpListener| listener.local_addr().expect("a bound listener has an address");
        let (grpc_addr, http_addr) = (address(&grpc), address(&http));
        let tasks = vec![
            listen("grpc", grpc, grpc_keys, crate::grpc::router(receive.clone()), receive, &stop),
            listen("http", http, http_keys, crate::http::router(receive.clone()), receive, &stop),
        ];
        Self { grpc_addr, http_addr, stop, tasks }
    }

    async fn stop(&mut self) {
        self.stop.cancel();
        let ended = futures::future::join_all(self.tasks.iter_mut());
        if tokio::time::timeout(CONNECTION_GRACE, ended).await.is_err() {
            tracing::warn!("some connections did not end in time and were closed");
        }
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        self.stop.cancel();
        for task in &self.tasks {
            task.abort();
        }
    }
}

fn listen(
    transport: &'static str,
    listener: TcpListener,
    keys: Option<Keys>,
    router: Router,
    receive: &Arc<Receive>,
    stop: &CancellationToken,
) -> JoinHandle<()> {
    match keys {
        None => serve(listener, router, stop.clone()),
        Some(keys) => {
            let receive = receive.clone();
            let refused = move |_, why| receive.tenants.stranger(transport, reason(why));
            serve(TlsListener::start(listener, keys, refused), router, stop.clone())
        }
    }
}

/// A failed handshake, as a reason of the metric of refusals.
fn reason(why: Refused) -> &'static str {
    match why {
        Refused::Handshake => "tls_handshake",
        Refused::Timeout => "tls_timeout",
    }
}

fn serve<L>(listener: L, router: Router, stop: CancellationToken) -> JoinHandle<()>
where
    L: Listener,
    L::Addr: std::fmt::Debug,
{
    tokio::spawn(async move {
        let server = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned());
        if let Err(error) = server.await {
            tracing::error!(%error, "a listener ended");
        }
    })
}
