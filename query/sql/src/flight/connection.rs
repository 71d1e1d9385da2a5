//! Sockets: HTTP/2 over each, and what all of them share.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arrow_flight::flight_service_server::FlightServiceServer;
use axum::serve::Listener;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Service as _;

use super::service::Flight;
use super::sign_in::SignIn;
use super::statement::Statements;
use crate::auth::{Bearers, Principal};
use crate::door::Inner;
use crate::places::{Place, Places};

/// The one call that is made without a token.
const HANDSHAKE: &str = "/arrow.flight.protocol.FlightService/Handshake";
/// Calls at once over one connection.
const CALLS: u32 = 32;
/// The largest message that is taken: a statement, or the values of its parameters.
const MESSAGE_BYTES: usize = 1 << 20;
/// The largest headers of a call.
const HEADER_BYTES: u32 = 16 << 10;
/// How often a silent client is asked whether it is still there, and how long it may take to say so.
const PING: Duration = Duration::from_secs(20);
/// How long calls may take to end when the front stops.
const GRACE: Duration = Duration::from_secs(2);

/// What all connections share.
pub(super) struct Front {
    pub(super) door: Arc<Inner>,
    pub(super) sign_in: SignIn,
    pub(super) statements: Statements,
    /// Sockets over which nobody has signed in yet.
    logins: Arc<Semaphore>,
    places: Arc<Places>,
    pub(super) stop: CancellationToken,
}

impl Front {
    pub(super) fn new(door: Arc<Inner>, bearers: Arc<dyn Bearers>, stop: CancellationToken) -> Arc<Self> {
        let logins = Arc::new(Semaphore::new(door.config().connections.max(1)));
        let places = Arc::new(Places::new(door.config()));
        let statements = Statements::new(Arc::clone(&door), stop.clone());
        Arc::new(Self { door, sign_in: SignIn::new(bearers), statements, logins, places, stop })
    }
}

/// One socket.
pub(super) struct Peer {
    front: Arc<Front>,
    /// The place among those over which nobody has signed in yet.
    login: Mutex<Option<OwnedSemaphorePermit>>,
    /// A place among the connections of each who has, by tenant and name.
    places: Mutex<HashMap<(String, String), Place>>,
    /// Of one connection one password is checked at a time.
    pub(super) handshake: tokio::sync::Mutex<()>,
}

impl Peer {
    /// Lets somebody in who has shown who they are, if they have room for another connection.
    pub(super) fn admit(&self, who: &Principal) -> Result<(), Status> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Vacant(own) = places.entry((who.tenant.clone(), who.name.clone())) {
            let place = self.front.places.take(&who.tenant, &who.name);
            own.insert(place.map_err(|why| {
                Status::resource_exhausted(format!("{why}; close some, or try again later"))
            })?);
            metrics::counter!("headroom_sql_logins_total", "outcome" => "ok").increment(1);
            tracing::info!(user = who.name, tenant = who.tenant, "flight sql login");
        }
        self.login.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(())
    }

    /// Resolves when the time to sign in is over and nobody has.
    async fn never_signed_in(&self) {
        tokio::time::sleep(self.front.door.config().login_timeout()).await;
        if self.login.lock().unwrap_or_else(PoisonError::into_inner).is_none() {
            std::future::pending::<()>().await;
        }
    }
}

/// Serves connections until the front is told to stop.
pub(super) async fn serve<L>(mut listener: L, front: Arc<Front>)
where
    L: Listener<Addr = SocketAddr>,
{
    let open = TaskTracker::new();
    let service = FlightServiceServer::new(Flight(front.clone())).max_decoding_message_size(MESSAGE_BYTES);
    loop {
        let (socket, address) = tokio::select! {
            () = front.stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let Ok(login) = front.logins.clone().try_acquire_owned() else {
            tracing::debug!(peer = %address, "too many logins at once: a flight sql connection is closed");
            continue;
        };
        let peer = Peer {
            front: front.clone(),
            login: Mutex::new(Some(login)),
            places: Mutex::default(),
            handshake: tokio::sync::Mutex::default(),
        };
        open.spawn(connection(socket, address, Arc::new(peer), service.clone()));
    }
    open.close();
    open.wait().await;
}

async fn connection<S>(socket: S, address: SocketAddr, peer: Arc<Peer>, service: FlightServiceServer<Flight>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let calls = service_fn(|request| call(request, peer.clone(), service.clone()));
    let mut http = http2::Builder::new(TokioExecutor::new());
    http.timer(TokioTimer::new())
        .max_concurrent_streams(CALLS)
        .max_header_list_size(HEADER_BYTES)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING);
    let served = http.serve_connection(TokioIo::new(socket), calls);
    let mut served = std::pin::pin!(served);
    let ended = tokio::select! {
        ended = &mut served => ended,
        () = peer.never_signed_in() => return,
        () = peer.front.stop.cancelled() => {
            served.as_mut().graceful_shutdown();
            tokio::time::timeout(GRACE, served).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        tracing::debug!(peer = %address, %error, "a flight sql connection ended");
    }
}

/// One call. Who makes it is known before anything of its body is read.
async fn call(
    request: Request<Incoming>,
    peer: Arc<Peer>,
    mut service: FlightServiceServer<Flight>,
) -> Result<Response<Body>, Infallible> {
    let (mut parts, body) = request.into_parts();
    if parts.uri.path() != HANDSHAKE {
        let who = peer.front.sign_in.by_token(&parts.headers).await;
        match who.and_then(|who| peer.admit(&who).map(|()| who)) {
            Ok(who) => parts.extensions.insert(who),
            Err(status) => return Ok(status.into_http()),
        };
    }
    parts.extensions.insert(peer);
    service.call(Request::from_parts(parts, Body::new(body))).await
}
