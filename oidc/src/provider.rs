//! The two halves of a sign-in.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Client;
use serde::Deserialize;
use url::Url;

use crate::discovery::{Discovery, Metadata, unanswered, whole};
use crate::pending::PENDING_FOR;
use crate::token::{Expected, Token};
use crate::{Identity, OidcConfig, OidcError, Pending, Result};

/// How long the provider may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Ended sign-ins that are remembered; of a flood the oldest are forgotten, and the provider takes no code twice either.
const MOST_ENDED: usize = 10_000;

/// A provider. Cheap to clone.
#[derive(Clone)]
pub struct Provider {
    inner: Arc<Inner>,
}

struct Inner {
    config: OidcConfig,
    secret: Option<String>,
    /// Where the provider sends browsers back to.
    redirect: Url,
    client: Client,
    discovery: Discovery,
    /// States that were ended here, oldest first, and when.
    ended: Mutex<VecDeque<(String, DateTime<Utc>)>>,
}

/// What the provider's answer says in the address.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Answer {
    /// The code to take to the token endpoint.
    pub code: Option<String>,
    /// What the sign-in was begun with.
    pub state: Option<String>,
    /// Who answers (RFC 9207).
    pub iss: Option<String>,
    /// Why it refuses.
    pub error: Option<String>,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: Option<String>,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider").field("issuer", &self.inner.config.issuer.as_str()).finish_non_exhaustive()
    }
}

impl Provider {
    /// The provider of a configuration, which sends browsers back to `redirect`.
    ///
    /// # Errors
    /// What [`OidcConfig::check`] refuses.
    pub fn new(config: OidcConfig, redirect: Url) -> Result<Self> {
        config.check()?;
        let client = headroom_outbound::client(&config.allow_networks, PATIENCE).map_err(unanswered)?;
        let (secret, ended) = (config.secret()?, Mutex::default());
        let discovery = Discovery::default();
        Ok(Self { inner: Arc::new(Inner { config, secret, redirect, client, discovery, ended }) })
    }

    /// What is written on the button.
    pub fn button(&self) -> &str {
        &self.inner.config.button
    }

    /// Who the provider is, to store beside what it calls people.
    pub fn issuer(&self) -> &str {
        self.inner.config.issuer.as_str()
    }

    /// Begins a sign-in: where the browser goes, and what it must bring back.
    pub async fn begin(&self, now: DateTime<Utc>) -> Result<(Url, Pending)> {
        let Inner { config, redirect, client, discovery, .. } = &*self.inner;
        let metadata = discovery.metadata(client, config, now).await?;
        let pending = Pending::new(now);
        let mut scopes: Vec<&str> = config.scopes.iter().map(String::as_str).collect();
        if !scopes.contains(&"openid") {
            scopes.insert(0, "openid");
        }
        let mut url = metadata.authorization_endpoint;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &config.client_id)
            .append_pair("redirect_uri", redirect.as_str())
            .append_pair("scope", &scopes.join(" "))
            .append_pair("state", &pending.state)
            .append_pair("nonce", &pending.nonce)
            .append_pair("code_challenge", &pending.challenge())
            .append_pair("code_challenge_method", "S256");
        Ok((url, pending))
    }

    /// Ends a sign-in: who it is, if the answer belongs to what this browser began and the provider vouches for them.
    pub async fn finish(&self, answer: &Answer, pending: &Pending, now: DateTime<Utc>) -> Result<Identity> {
        let Inner { config, client, discovery, .. } = &*self.inner;
        let same = |state: &str| headroom_control::same_secret(state.as_bytes(), pending.state.as_bytes());
        if !answer.state.as_deref().is_some_and(same)
            || !pending.is_open(now)
            || !self.end(&pending.state, now)
        {
            return Err(OidcError::NotPending);
        }
        let metadata = discovery.metadata(client, config, now).await?;
        let answers = answer
            .iss
            .as_deref()
            .map_or(!metadata.authorization_response_iss_parameter_supported, |iss| iss == metadata.issuer());
        if !answers {
            return Err(OidcError::Token("another provider answers".to_owned()));
        }
        if let Some(error) = &answer.error {
            return Err(OidcError::Refused(named(error)));
        }
        let code = answer.code.as_deref().ok_or_else(|| OidcError::Token("it brings no code".to_owned()))?;
        let text = self.token(&metadata, code, pending).await?;
        let token = Token::read(&text).map_err(OidcError::Token)?;
        let keys = discovery.keys(client, config, &metadata, token.key.as_deref(), now).await?;
        let expected = Expected {
            issuer: metadata.issuer(),
            client: &config.client_id,
            nonce: &pending.nonce,
            now: now.timestamp(),
        };
        config.identity(&token.judge(&keys, &expected).map_err(OidcError::Token)?)
    }

    /// Takes the code to the token endpoint, and brings the ID token back.
    async fn token(&self, metadata: &Metadata, code: &str, pending: &Pending) -> Result<String> {
        let Inner { config, secret, redirect, client, .. } = &*self.inner;
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect.as_str()),
            ("code_verifier", pending.verifier.as_str()),
            ("client_id", config.client_id.as_str()),
        ];
        let mut request = client.post(metadata.token_endpoint.clone());
        if let Some(secret) = secret {
            // In the header, as the standard prefers, unless the provider takes it in the body only.
            let methods = &metadata.token_endpoint_auth_methods_supported;
            let in_body =
                !methods.is_empty() && !methods.iter().any(|method| method == "client_secret_basic");
            if in_body {
                form.push(("client_secret", secret));
            } else {
                request = request.basic_auth(encoded(&config.client_id), Some(encoded(secret)));
            }
        }
        let answer = request.form(&form).send().await.map_err(unanswered)?;
        let status = answer.status();
        let body = whole(answer).await?;
        if !status.is_success() {
            let said = serde_json::from_slice::<Refusal>(&body).map(|refusal| named(&refusal.error));
            return Err(OidcError::Refused(said.unwrap_or_else(|_| format!("it answers {status}"))));
        }
        let tokens: Tokens =
            serde_json::from_slice(&body).map_err(|_| OidcError::Token("it is no JSON".to_owned()))?;
        tokens.id_token.ok_or_else(|| OidcError::Token("it brings no ID token".to_owned()))
    }

    /// Notes that a state is ended; false if it was before.
    fn end(&self, state: &str, now: DateTime<Utc>) -> bool {
        let mut ended = self.inner.ended.lock().unwrap_or_else(PoisonError::into_inner);
        while ended.len() >= MOST_ENDED
            || ended.front().is_some_and(|(_, at)| now - *at > TimeDelta::seconds(PENDING_FOR))
        {
            ended.pop_front();
        }
        if ended.iter().any(|(one, _)| one == state) {
            return false;
        }
        ended.push_back((state.to_owned(), now));
        true
    }
}

/// An id or a secret as the header of basic authentication has it (RFC 6749, 2.3.1).
fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// An error code of the provider, without anything that is none.
fn named(code: &str) -> String {
    let plain: String = code.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(64).collect();
    if plain.is_empty() { "no reason is given".to_owned() } else { plain }
}
