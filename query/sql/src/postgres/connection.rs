//! The state of one socket, and what all sockets share.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use pgwire::api::auth::StartupHandler;
use pgwire::api::auth::sasl::SASLState;
use pgwire::api::auth::sasl::scram::ScramAuth;
use pgwire::api::cancel::CancelHandler;
use pgwire::api::query::{ExtendedQueryHandler, SimpleQueryHandler};
use pgwire::api::{PgWireServerHandlers, RandomPidSecretKeyGenerator};
use pgwire::error::{PgWireError, PgWireResult};
use pgwire::messages::cancel::CancelRequest;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::cancel::{Current, Registered, Registry};
use super::cursor::Cursors;
use super::errors;
use super::local::Settings;
use super::names::Names;
use crate::auth::{Authenticator, Principal};
use crate::door::Inner;
use crate::places::{Place, Places};
use crate::session::Session;

/// Time for the words of a fatal error to reach the client.
const FAREWELL: Duration = Duration::from_secs(2);

/// What all connections share.
pub(super) struct Server {
    pub(super) door: Arc<Inner>,
    pub(super) users: Arc<dyn Authenticator>,
    pub(super) tls_required: bool,
    /// Sockets that have not logged in yet.
    logins: Arc<Semaphore>,
    pub(super) places: Arc<Places>,
    pub(super) registry: Arc<Registry>,
    pub(super) numbers: RandomPidSecretKeyGenerator,
    pub(super) stop: CancellationToken,
}

impl Server {
    pub(super) fn new(
        door: Arc<Inner>,
        users: Arc<dyn Authenticator>,
        tls_required: bool,
        stop: CancellationToken,
    ) -> Self {
        let (registry, numbers) = (Arc::default(), RandomPidSecretKeyGenerator::default());
        let logins = Arc::new(Semaphore::new(door.config().connections.max(1)));
        let places = Arc::new(Places::new(door.config()));
        Self { door, users, tls_required, logins, places, registry, numbers, stop }
    }
}

/// One socket. Cheap handles on one shared state.
#[derive(Clone)]
pub(super) struct Connection(pub(super) Arc<State>);

/// What one socket knows.
pub(super) struct State {
    pub(super) server: Arc<Server>,
    /// The place among those who log in; none if there was none left, or if that is over.
    pub(super) login: Mutex<Option<OwnedSemaphorePermit>>,
    /// Where the SCRAM exchange is. Of this socket alone.
    pub(super) exchange: tokio::sync::Mutex<Exchange>,
    /// Set once, when the password was right and the role may ask.
    pub(super) admitted: OnceLock<Admitted>,
    pub(super) settings: Mutex<Settings>,
    /// Prepared statements.
    pub(super) statements: Names,
    /// Bound portals.
    pub(super) portals: Names,
    pub(super) cursors: Cursors,
    pub(super) current: Arc<Current>,
    /// Cancelled by a fatal error, and by any error before the login.
    doomed: CancellationToken,
}

/// A SCRAM exchange on its way.
pub(super) enum Exchange {
    Before,
    Running { user: String, scram: ScramAuth, state: SASLState },
    Over,
}

/// What a successful login leaves.
pub(super) struct Admitted {
    pub(super) session: Session,
    pub(super) principal: Principal,
    pub(super) _registered: Registered,
    pub(super) _place: Place,
}

impl Connection {
    pub(super) fn new(server: Arc<Server>) -> Self {
        let login = Mutex::new(server.logins.clone().try_acquire_owned().ok());
        Self(Arc::new(State {
            server,
            login,
            exchange: tokio::sync::Mutex::new(Exchange::Before),
            admitted: OnceLock::new(),
            settings: Mutex::default(),
            statements: Names::new("prepared statements"),
            portals: Names::new("portals"),
            cursors: Cursors::default(),
            current: Arc::default(),
            doomed: CancellationToken::new(),
        }))
    }

    /// Resolves when the time to log in is over and nobody has.
    pub(super) fn never_logged_in(&self) -> impl Future<Output = ()> + Send + use<> {
        let state = self.0.clone();
        async move {
            tokio::time::sleep(state.server.door.config().login_timeout()).await;
            if state.admitted.get().is_some() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Resolves some time after the connection has failed for good. The protocol library
    /// goes on reading then, and a client that stays would keep its place for ever.
    pub(super) fn failed(&self) -> impl Future<Output = ()> + Send + use<> {
        let doomed = self.0.doomed.clone();
        async move {
            doomed.cancelled().await;
            tokio::time::sleep(FAREWELL).await;
        }
    }
}

impl State {
    /// The session. Whatever the protocol state says, without a login there is none: a
    /// message that slips in before it ends here.
    pub(super) fn session(&self) -> PgWireResult<&Session> {
        Ok(&self.admitted()?.session)
    }

    /// What the login left.
    pub(super) fn admitted(&self) -> PgWireResult<&Admitted> {
        let refused = || errors::fatal("28000", "no login yet".to_owned(), "log in first");
        self.admitted.get().ok_or_else(refused)
    }
}

impl PgWireServerHandlers for Connection {
    fn startup_handler(&self) -> Arc<impl StartupHandler> {
        self.0.clone()
    }

    fn simple_query_handler(&self) -> Arc<impl SimpleQueryHandler> {
        Arc::new(self.clone())
    }

    fn extended_query_handler(&self) -> Arc<impl ExtendedQueryHandler> {
        Arc::new(self.clone())
    }

    fn cancel_handler(&self) -> Arc<impl CancelHandler> {
        self.0.clone()
    }

    fn error_handler(&self) -> Arc<impl pgwire::api::ErrorHandler> {
        self.0.clone()
    }
}

#[async_trait]
impl CancelHandler for State {
    async fn on_cancel_request(&self, request: CancelRequest) {
        self.server.registry.cancel(request.pid, &request.secret_key);
    }
}

impl pgwire::api::ErrorHandler for State {
    fn on_error<C: pgwire::api::ClientInfo>(&self, client: &C, error: &mut PgWireError) {
        tracing::debug!(peer = %client.socket_addr(), %error, "postgres error");
        let fatal = matches!(error, PgWireError::UserError(info) if info.is_fatal());
        if fatal || self.admitted.get().is_none() {
            self.doomed.cancel();
        }
    }
}
