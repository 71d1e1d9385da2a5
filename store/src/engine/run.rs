//! The life of the child process.

use std::io::Read as _;
use std::net::TcpListener;
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::watch;

use super::http;
use super::library::{self, Api};
use super::lock::DataLock;
use super::pool::Pool;
use super::socket::{BreakOff, Sockets};
use crate::error::{Result, StoreError};

/// The environment variable that carries the token from parent to child.
pub const TOKEN_VARIABLE: &str = "HEADROOM_ENGINE_TOKEN";

/// In place of an address to listen on: the parent's socket, given as standard output.
/// The port then stays taken while the child is restarted, and clients wait instead of
/// being refused.
pub const INHERITED: &str = "inherited";

/// Longest orderly shutdown before the process leaves without it.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(15);

/// What `headroom engine` is told.
#[derive(Debug, Clone)]
pub struct EngineArgs {
    /// Folder of the data; made when missing, and held by one engine at a time.
    pub data: PathBuf,
    /// Loopback address and port, or [`INHERITED`].
    pub listen: String,
    /// Password of the only user, `headroom` (from [`TOKEN_VARIABLE`]).
    pub token: String,
    /// The library file, when it is not in one of the usual places.
    pub libchdb: Option<PathBuf>,
    /// Connections, and so queries at the same time.
    pub connections: usize,
    /// Whether to remove the data folder at the end (tests).
    pub ephemeral: bool,
}

/// Runs the engine until the parent is gone (with [`INHERITED`]: standard input ends) or
/// SIGTERM or SIGINT comes.
pub fn run(args: &EngineArgs) -> Result<()> {
    if args.token.is_empty() {
        return Err(StoreError::Config(format!(
            "the engine needs a token: put a random one into {TOKEN_VARIABLE}"
        )));
    }
    let listener = listen(&args.listen)?;
    // The engine of a parent that was killed may still be closing its tables. A supervised
    // engine waits for it: its own parent has made sure that no other program runs here.
    let patience =
        if args.listen == INHERITED { SHUTDOWN_LIMIT + Duration::from_secs(5) } else { Duration::ZERO };
    let lock = DataLock::take(&args.data, patience)?;
    let api = Api::load(&library::find(args.libchdb.as_deref())?)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| StoreError::io("runtime of the engine", error))?;
    let pool = Pool::open(api, &args.data.join("store"), args.connections)?;
    let (stop, stopped) = watch::channel(false);
    if args.listen == INHERITED {
        let stop = stop.clone();
        std::thread::spawn(move || {
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            stop.send_replace(true);
        });
    }
    tracing::info!(data = %args.data.display(), "engine is ready");
    let served = runtime.block_on(serve(listener, &pool, &args.token, stop, stopped));
    // Whatever still runs gets no more time than this.
    std::thread::spawn(|| {
        std::thread::sleep(SHUTDOWN_LIMIT);
        // SAFETY: ends the process at once, by intent without destructors.
        unsafe { libc::_exit(3) }
    });
    // Running requests hold queues; ending the runtime drops them.
    runtime.shutdown_timeout(Duration::from_secs(1));
    pool.close();
    api.shutdown();
    drop(lock);
    if args.ephemeral {
        remove(&args.data);
    }
    served
}

async fn serve(
    listener: TcpListener,
    pool: &Pool,
    token: &str,
    stop: watch::Sender<bool>,
    mut stopped: watch::Receiver<bool>,
) -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let fail = |error| StoreError::io("socket of the engine", error);
    let sockets = Sockets(tokio::net::TcpListener::from_std(listener).map_err(fail)?);
    let router = http::router(pool.queue(), token).into_make_service_with_connect_info::<BreakOff>();
    let mut terminate = signal(SignalKind::terminate()).map_err(fail)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(fail)?;
    let supervised = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        supervised.send_replace(true);
    });
    let mut graceful = stopped.clone();
    let server = axum::serve(sockets, router).with_graceful_shutdown(async move {
        let _ = graceful.wait_for(|stop| *stop).await;
    });
    let patience = async {
        let _ = stopped.wait_for(|stop| *stop).await;
        tokio::time::sleep(SHUTDOWN_LIMIT / 3).await;
    };
    tokio::select! {
        served = server.into_future() => served.map_err(fail),
        () = patience => Ok(()),
    }
}

/// The socket to serve: bound here, or the parent's.
fn listen(listen: &str) -> Result<TcpListener> {
    let fail = |error| StoreError::io(format!("engine address {listen}"), error);
    let listener = if listen == INHERITED {
        inherited().map_err(fail)?
    } else {
        let address: std::net::SocketAddr = listen.parse().map_err(|error| {
            StoreError::Config(format!("engine address {listen:?} cannot be read: {error}"))
        })?;
        if !address.ip().is_loopback() {
            return Err(StoreError::Config(format!(
                "engine address {listen} is not on loopback: the engine has no users to protect it, listen on 127.0.0.1"
            )));
        }
        TcpListener::bind(address).map_err(fail)?
    };
    listener.set_nonblocking(true).map_err(fail)?;
    Ok(listener)
}

/// Takes the socket off standard output and points that at standard error, so that
/// nothing the library prints goes into the socket.
fn inherited() -> std::io::Result<TcpListener> {
    let socket = std::io::stdout().as_fd().try_clone_to_owned()?;
    // SAFETY: both descriptors are open; dup2 makes 1 a copy of 2.
    if unsafe { libc::dup2(std::io::stderr().as_raw_fd(), 1) } < 0 {
        return Err(std::io::Error::last_os_error());
    }
    let listener = TcpListener::from(socket);
    listener.local_addr()?;
    Ok(listener)
}

fn remove(data: &Path) {
    if let Err(error) = std::fs::remove_dir_all(data) {
        tracing::warn!(data = %data.display(), %error, "data folder stays behind");
    }
}
