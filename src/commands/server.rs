//! A running server that is asked instead of opening its store.

use anyhow::{Context as _, Result, bail};
use reqwest::{Client, RequestBuilder, Response};

/// A server and what it is asked with.
pub(super) struct Server {
    pub(super) client: Client,
    pub(super) base: String,
    token: String,
}

impl Server {
    /// The server at an address; nothing where none is named.
    pub(super) fn of(base: Option<&str>, token: Option<&str>) -> Result<Option<Self>> {
        let Some(base) = base else { return Ok(None) };
        Ok(Some(Self {
            client: Client::new(),
            base: base.trim_end_matches('/').to_owned(),
            token: token.context("--server needs a token: give --token, or set HEADROOM_TOKEN")?.to_owned(),
        }))
    }

    /// The answer of a path of the API.
    pub(super) async fn get(&self, path: &str, ask: &[(&str, &str)]) -> Result<Response> {
        self.send(self.client.get(format!("{}/api/v1/{path}", self.base)).query(ask)).await
    }

    /// The answer of a request, or what the server said against it.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Response> {
        let sent = request.bearer_auth(&self.token).send().await;
        let answer = sent.with_context(|| format!("no answer from {}", self.base))?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        let status = answer.status();
        let body: serde_json::Value = answer.json().await.unwrap_or_default();
        let said = |key: &str| body["error"][key].as_str().unwrap_or_default().to_owned();
        match said("message") {
            message if message.is_empty() => bail!("{} answers {status}", self.base),
            message => bail!("{} answers {status}: {message}; {}", self.base, said("hint")),
        }
    }
}
