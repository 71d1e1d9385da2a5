//! What a provider says of itself, and its keys.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Client;
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use crate::keys::Keys;
use crate::{OidcConfig, OidcError, Result};

/// How long what was fetched is good for.
const GOOD_FOR: TimeDelta = TimeDelta::hours(1);
/// The least time between two fetches for the sake of a key that is not known: whoever makes up ids makes us ask no
/// more often.
const AT_MOST_EVERY: TimeDelta = TimeDelta::minutes(1);
/// Bytes of the largest document that is read.
const LARGEST: usize = 1 << 20;

/// The parts of a discovery document that are used.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Metadata {
    issuer: String,
    pub(crate) authorization_endpoint: Url,
    pub(crate) token_endpoint: Url,
    jwks_uri: Url,
    #[serde(default)]
    pub(crate) token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default)]
    pub(crate) authorization_response_iss_parameter_supported: bool,
}

/// What was fetched, and when.
struct Fetched<T> {
    what: T,
    at: DateTime<Utc>,
}

impl<T> Fetched<T> {
    fn is_younger(&self, than: TimeDelta, now: DateTime<Utc>) -> bool {
        (TimeDelta::zero()..than).contains(&(now - self.at))
    }
}

/// Both documents, kept for an hour.
#[derive(Default)]
pub(crate) struct Discovery {
    metadata: Mutex<Option<Fetched<Metadata>>>,
    keys: Mutex<Option<Fetched<Keys>>>,
}

impl Discovery {
    /// What the provider says of itself.
    pub(crate) async fn metadata(
        &self,
        client: &Client,
        config: &OidcConfig,
        now: DateTime<Utc>,
    ) -> Result<Metadata> {
        let mut kept = self.metadata.lock().await;
        if let Some(known) = kept.as_ref().filter(|known| known.is_younger(GOOD_FOR, now)) {
            return Ok(known.what.clone());
        }
        let issuer = config.issuer.as_str().trim_end_matches('/');
        let address = format!("{issuer}/.well-known/openid-configuration");
        let address = address.parse().map_err(|_| OidcError::Provider(format!("{address} is no address")))?;
        let found: Metadata = serde_json::from_slice(&fetch(client, config, "issuer", &address).await?)
            .map_err(|error| OidcError::Provider(format!("its discovery document is none: {error}")))?;
        if found.issuer.trim_end_matches('/') != issuer {
            return Err(OidcError::Provider(format!(
                "it calls itself {:?}, and not {issuer:?}",
                found.issuer
            )));
        }
        for url in [&found.authorization_endpoint, &found.token_endpoint, &found.jwks_uri] {
            config.may_be_asked("issuer", url)?;
        }
        *kept = Some(Fetched { what: found.clone(), at: now });
        Ok(found)
    }

    /// The provider's keys, fetched anew when one of this id is not among them.
    pub(crate) async fn keys(
        &self,
        client: &Client,
        config: &OidcConfig,
        metadata: &Metadata,
        id: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Keys> {
        let mut kept = self.keys.lock().await;
        if let Some(known) = kept.as_ref() {
            let good_for = if known.what.have(id) { GOOD_FOR } else { AT_MOST_EVERY };
            if known.is_younger(good_for, now) {
                return Ok(known.what.clone());
            }
        }
        let text = fetch(client, config, "issuer", &metadata.jwks_uri).await?;
        let keys = Keys::read(&text).map_err(OidcError::Provider)?;
        *kept = Some(Fetched { what: keys.clone(), at: now });
        Ok(keys)
    }
}

impl Metadata {
    /// The issuer, to the byte: tokens must have it so.
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }
}

async fn fetch(client: &Client, config: &OidcConfig, key: &'static str, url: &Url) -> Result<Vec<u8>> {
    config.may_be_asked(key, url)?;
    let answer = client.get(url.clone()).send().await.map_err(unanswered)?;
    whole(answer.error_for_status().map_err(unanswered)?).await
}

/// The body of an answer, unless it is too large.
pub(crate) async fn whole(mut answer: reqwest::Response) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(unanswered)? {
        body.extend_from_slice(&part);
        if body.len() > LARGEST {
            return Err(OidcError::Provider("it answers with more than 1 MB".to_owned()));
        }
    }
    Ok(body)
}

pub(crate) fn unanswered(error: reqwest::Error) -> OidcError {
    OidcError::Provider(headroom_outbound::reason(error))
}
