//! Who makes a call: by the token in its header, or, once, by user and password.

use std::sync::Arc;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use tokio::sync::Semaphore;
use tonic::Status;

use crate::auth::{Bearers, Principal};

/// Passwords that are checked at once: each check takes tens of milliseconds and megabytes by design.
const PASSWORDS_AT_ONCE: usize = 2;

/// Go's clients leave the padding away, others do not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Finds out who makes a call.
pub(super) struct SignIn {
    bearers: Arc<dyn Bearers>,
    passwords: Semaphore,
}

impl SignIn {
    pub(super) fn new(bearers: Arc<dyn Bearers>) -> Self {
        Self { bearers, passwords: Semaphore::new(PASSWORDS_AT_ONCE) }
    }

    /// Who bears the token of a call, if they may ask.
    pub(super) async fn by_token(&self, headers: &HeaderMap) -> Result<Principal, Status> {
        let token = credentials(headers, "bearer").ok_or_else(|| {
            Status::unauthenticated(
                "no token: send `authorization: Bearer TOKEN`, or sign in with user and password",
            )
        })?;
        let token = token.to_owned();
        let found = self.blocking(move |bearers| bearers.bearer(&token)).await?;
        let unknown =
            || refused("wrong_token", "this token is not known, was revoked, or has expired; sign in again");
        may_ask(found.ok_or_else(unknown)?)
    }

    /// Whose user and password a call shows, if they may ask.
    pub(super) async fn by_password(&self, headers: &HeaderMap) -> Result<Principal, Status> {
        let basic = credentials(headers, "basic").and_then(|text| BASE64.decode(text).ok());
        let basic = basic.and_then(|bytes| String::from_utf8(bytes).ok());
        let (user, password) = basic
            .as_deref()
            .and_then(|text| text.split_once(':'))
            .map(|(user, password)| (user.to_owned(), password.to_owned()))
            .ok_or_else(|| {
                Status::unauthenticated("no user and password: send `authorization: Basic` with the handshake, or a token with each call")
            })?;
        let turn = self.passwords.acquire().await;
        let found = self.blocking(move |bearers| bearers.password(&user, &password)).await?;
        drop(turn);
        let wrong =
            || refused("wrong_password", "user or password is wrong, or the user is locked out for a while");
        may_ask(found.ok_or_else(wrong)?)
    }

    /// A token for somebody whose password was right.
    pub(super) async fn token(&self, who: &Principal) -> Result<String, Status> {
        let who = who.clone();
        self.blocking(move |bearers| bearers.sign_in(&who)).await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&dyn Bearers) -> Result<T, String> + Send + 'static,
    ) -> Result<T, Status> {
        let bearers = Arc::clone(&self.bearers);
        let asked = tokio::task::spawn_blocking(move || ask(bearers.as_ref())).await;
        asked.map_err(|error| error.to_string()).flatten().map_err(|error| {
            tracing::error!(error, "users and tokens cannot be looked up");
            Status::unavailable(
                "users and tokens cannot be looked up; try again, and if it stays, ask whoever runs Headroom",
            )
        })
    }
}

/// What a header of a scheme holds; names of schemes are the same in any case (RFC 9110, 11.1).
fn credentials<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    let (scheme, value) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case(wanted).then(|| value.trim())
}

fn may_ask(who: Principal) -> Result<Principal, Status> {
    if who.may_ask() {
        return Ok(who);
    }
    metrics::counter!("headroom_sql_logins_total", "outcome" => "wrong_role").increment(1);
    let Principal { name, .. } = who;
    Err(Status::permission_denied(format!(
        "{name:?} may not ask in SQL; this door is for the roles analyst, lead, sre and admin; ask an administrator"
    )))
}

fn refused(outcome: &'static str, words: &str) -> Status {
    metrics::counter!("headroom_sql_logins_total", "outcome" => outcome).increment(1);
    Status::unauthenticated(words)
}
