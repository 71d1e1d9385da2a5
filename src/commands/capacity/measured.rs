//! Whose measurements a command speaks of: a store opened here, or a running server.

use super::super::print;
use crate::cli::{MeasuredArgs, Output};
use crate::config::load;
use crate::lock::DataLock;
use crate::node::StoreHandle;
use anyhow::{Context as _, Result, anyhow, bail};
use chrono::{TimeDelta, Utc};
use headroom_capacity::Answers;
use headroom_capacity::walls::WhatIf;
use headroom_query::TimeRange;
use headroom_query::slo::SloSet;
use headroom_store::SystemClock;
use std::path::Path;
use std::sync::Arc;

/// Where the answers come from.
pub(super) enum Measured {
    /// A running server.
    Server(Server),
    /// A store that was opened for this command.
    Store(Box<Opened>),
}

/// An open store and what to ask it.
pub(super) struct Opened {
    pub(super) answers: Answers,
    pub(super) tenant: String,
    pub(super) range: TimeRange,
    pub(super) slos: SloSet,
    handle: StoreHandle,
    _lock: Option<DataLock>,
}

/// A server and what to ask it.
pub(super) struct Server {
    client: reqwest::Client,
    base: String,
    token: String,
    range: Vec<(&'static str, String)>,
}

impl Measured {
    pub(super) async fn open(args: MeasuredArgs) -> Result<Self> {
        if let Some(base) = args.server {
            let range = [("from", args.from), ("to", args.to)];
            return Ok(Self::Server(Server {
                client: reqwest::Client::new(),
                base: base.trim_end_matches('/').to_owned(),
                token: args.token.context("--server needs a token: give --token, or set HEADROOM_TOKEN")?,
                range: range
                    .into_iter()
                    .filter_map(|(name, value)| value.map(|value| (name, value)))
                    .collect(),
            }));
        }
        let config = load::load(&args.config.config)?;
        let now = Utc::now();
        let days = TimeDelta::days(i64::from(config.capacity.history_days));
        let from = args.from.unwrap_or_else(|| format!("now-{}d", days.num_days()));
        let range = TimeRange::parse(Some(&from), args.to.as_deref(), now)
            .map_err(|error| anyhow!("{error}: {}", error.hint()))?;
        let slos = config.alerts.load_slos()?;
        let embedded = config.store.url.is_none();
        let lock = embedded
            .then(|| DataLock::take(&config.data_dir))
            .transpose()
            .context("to ask a node that runs, give --server with its web address and --token")?;
        let handle = StoreHandle::open(&config).await?;
        Ok(Self::Store(Box::new(Opened {
            answers: Answers::new(
                handle.store().clone(),
                &config.tenant,
                Arc::new(config.capacity),
                Arc::new(SystemClock),
            ),
            tenant: config.tenant,
            range,
            slos,
            handle,
            _lock: lock,
        })))
    }
}

impl Opened {
    pub(super) async fn close(self) {
        self.handle.close().await;
    }
}

impl Server {
    pub(super) async fn walls(&self, change: &WhatIf, output: Output) -> Result<()> {
        let request = self.client.post(self.url("walls", output)).json(change);
        self.print(request, output).await
    }

    pub(super) async fn costs(&self, output: Output) -> Result<()> {
        self.print(self.client.get(self.url("costs", output)), output).await
    }

    /// The report, written in one move: a reader never sees half of it.
    pub(super) async fn assessment(&self, out: &Path) -> Result<()> {
        let format = headroom_reports::Format::of(out)?.name();
        let url = format!("{}/api/v1/capacity/assessment?format={format}", self.base);
        let bytes = self.send(self.client.get(url)).await?.bytes().await.context("the report broke off")?;
        headroom_reports::write_bytes(out, &bytes)?;
        Ok(())
    }

    fn url(&self, path: &str, output: Output) -> String {
        let path = if path == "walls" { "what-if" } else { path };
        let text = if output == Output::Text { "?format=text" } else { "" };
        format!("{}/api/v1/capacity/{path}{text}", self.base)
    }

    async fn print(&self, request: reqwest::RequestBuilder, output: Output) -> Result<()> {
        let body = self.send(request).await?.text().await.context("the answer broke off")?;
        match output {
            Output::Text => print(Output::Text, &(), |()| body),
            Output::Json => {
                let value: serde_json::Value =
                    serde_json::from_str(&body).context("the answer is no JSON")?;
                print(Output::Json, &value, |_| String::new())
            }
        }
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<reqwest::Response> {
        let sent = request.bearer_auth(&self.token).query(&self.range).send().await;
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
