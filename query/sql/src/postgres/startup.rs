//! The login: SCRAM-SHA-256, then the role, and only then the session.

use std::fmt::Debug;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, LazyLock, PoisonError};

use async_trait::async_trait;
use futures::{Sink, SinkExt as _};
use pgwire::api::auth::sasl::scram::ScramAuth;
use pgwire::api::auth::sasl::{SASLState, SCRAM_SHA_256_METHOD};
use pgwire::api::auth::{
    AuthSource, DefaultServerParameterProvider, LoginInfo, Password, StartupHandler, finish_authentication,
    protocol_negotiation, save_startup_parameters_to_metadata,
};
use pgwire::api::{ClientInfo, METADATA_USER, PgWireConnectionState, PidSecretKeyGenerator as _};
use pgwire::error::{PgWireError, PgWireResult};
use pgwire::messages::startup::{Authentication, PasswordMessageFamily, Startup};
use pgwire::messages::{PgWireBackendMessage, PgWireFrontendMessage};

use super::connection::{Admitted, Exchange, State};
use super::errors::{fatal, of_statement};
use crate::auth::Scram;

/// Rounds announced for names that do not exist: as for those that do.
const USUAL_ITERATIONS: u32 = 4096;

#[async_trait]
impl StartupHandler for State {
    async fn on_startup<C>(&self, client: &mut C, message: PgWireFrontendMessage) -> PgWireResult<()>
    where
        C: ClientInfo + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        match message {
            PgWireFrontendMessage::Startup(startup) => self.greet(client, &startup).await,
            PgWireFrontendMessage::PasswordMessageFamily(message) => self.prove(client, message).await,
            _ => Ok(()),
        }
    }
}

impl State {
    async fn greet<C>(&self, client: &mut C, startup: &Startup) -> PgWireResult<()>
    where
        C: ClientInfo + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        protocol_negotiation(client, startup).await?;
        save_startup_parameters_to_metadata(client, startup);
        if self.server.tls_required && !client.is_secure() {
            return Err(fatal(
                "28000",
                "this server takes connections with TLS only".to_owned(),
                "use sslmode=require or stronger",
            ));
        }
        if self.login.lock().unwrap_or_else(PoisonError::into_inner).is_none() {
            return Err(fatal("53300", "too many logins at once".to_owned(), "try again in some seconds"));
        }
        let user = client.metadata().get(METADATA_USER).cloned().ok_or(PgWireError::UserNameRequired)?;
        let known = self.server.users.scram(&user).unwrap_or_else(|| nobody(&user));
        let mut scram =
            ScramAuth::new(Arc::new(Verifier(Password::new(Some(known.salt), known.salted_password))));
        scram.set_iterations(known.iterations as usize);
        *self.exchange.lock().await = Exchange::Running { user, scram, state: SASLState::Initial };
        client.set_state(PgWireConnectionState::AuthenticationInProgress);
        let mechanisms = vec![SCRAM_SHA_256_METHOD.to_owned()];
        client.send(PgWireBackendMessage::Authentication(Authentication::SASL(mechanisms))).await?;
        Ok(())
    }

    async fn prove<C>(&self, client: &mut C, message: PasswordMessageFamily) -> PgWireResult<()>
    where
        C: ClientInfo + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let mut exchange = self.exchange.lock().await;
        // An exchange that fails is over: there is no second try on this socket.
        let Exchange::Running { user, scram, state } = std::mem::replace(&mut *exchange, Exchange::Over)
        else {
            return Err(PgWireError::InvalidSASLState);
        };
        let (message, state) = match state {
            SASLState::Initial => {
                let initial = message.into_sasl_initial_response()?;
                if initial.auth_method != SCRAM_SHA_256_METHOD {
                    return Err(PgWireError::UnsupportedSASLAuthMethod(initial.auth_method));
                }
                (PasswordMessageFamily::SASLInitialResponse(initial), SASLState::ScramClientFirstReceived)
            }
            later => (PasswordMessageFamily::SASLResponse(message.into_sasl_response()?), later),
        };
        let (reply, state) = match scram.process_scram_message(client, message, &state).await {
            Ok(step) => step,
            Err(error) => {
                if matches!(error, PgWireError::InvalidPassword(_)) {
                    self.server.users.login_failed(&user);
                    metrics::counter!("headroom_sql_logins_total", "outcome" => "wrong_password")
                        .increment(1);
                    return Err(PgWireError::InvalidPassword(user));
                }
                return Err(error);
            }
        };
        client.send(PgWireBackendMessage::Authentication(reply)).await?;
        if !matches!(state, SASLState::Finished) {
            *exchange = Exchange::Running { user, scram, state };
            return Ok(());
        }
        self.server.users.login_succeeded(&user);
        self.admit(client, &user).await
    }

    async fn admit<C>(&self, client: &mut C, user: &str) -> PgWireResult<()>
    where
        C: ClientInfo + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let principal = self.server.users.principal(user);
        let Some(principal) = principal.filter(crate::auth::Principal::may_ask) else {
            metrics::counter!("headroom_sql_logins_total", "outcome" => "wrong_role").increment(1);
            let message = format!("user {user:?} may not ask in SQL");
            return Err(fatal(
                "42501",
                message,
                "this door is for the roles analyst, lead, sre and admin; ask an administrator",
            ));
        };
        let place = self
            .server
            .places
            .take(&principal.tenant, &principal.name)
            .map_err(|why| fatal("53300", why, "close some, or try again later"))?;
        let session = self.server.door.session(&principal).map_err(|error| of_statement(&error))?;
        let (pid, secret) = self.server.numbers.generate(client);
        let registered = self.server.registry.add(pid, &secret, self.current.clone());
        client.set_pid_and_secret_key(pid, secret);
        let tenant = principal.tenant.clone();
        if self.admitted.set(Admitted { session, principal, _registered: registered, _place: place }).is_err()
        {
            return Err(PgWireError::InvalidSASLState);
        }
        self.login.lock().unwrap_or_else(PoisonError::into_inner).take();
        metrics::counter!("headroom_sql_logins_total", "outcome" => "ok").increment(1);
        tracing::info!(user, tenant, peer = %client.socket_addr(), "postgres login");
        finish_authentication(client, &parameters()).await
    }
}

fn parameters() -> DefaultServerParameterProvider {
    let mut parameters = DefaultServerParameterProvider::default();
    parameters.server_version = format!("16.6 (Headroom {})", env!("CARGO_PKG_VERSION"));
    parameters.is_superuser = false;
    parameters.default_transaction_read_only = true;
    parameters.time_zone = "UTC".to_owned();
    parameters
}

/// The verifier of the user who is logging in.
struct Verifier(Password);

impl Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Verifier")
    }
}

#[async_trait]
// Naming the lifetime would make it another one than the trait's.
#[allow(elided_lifetimes_in_paths)]
impl AuthSource for Verifier {
    async fn get_password(&self, _: &LoginInfo) -> PgWireResult<Password> {
        Ok(self.0.clone())
    }
}

/// A verifier that no password fits. Its salt is the same each time a name is asked for,
/// as a real one's is, so that names that exist cannot be told from others.
fn nobody(user: &str) -> Scram {
    static SECRET: LazyLock<[RandomState; 2]> = LazyLock::new(|| [RandomState::new(), RandomState::new()]);
    let bytes = |what: &str| -> Vec<u8> {
        SECRET.iter().flat_map(|secret| secret.hash_one((what, user)).to_be_bytes()).collect()
    };
    let salted_password = [bytes("one"), bytes("two")].concat();
    Scram { salt: bytes("salt"), iterations: USUAL_ITERATIONS, salted_password }
}
