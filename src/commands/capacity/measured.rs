//! Whose measurements a command speaks of: a store opened here, or a running server.

use super::super::server::Server as Asked;
use super::super::{print, stored};
use crate::cli::{MeasuredArgs, Output};
use anyhow::{Context as _, Result, anyhow};
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
    store: stored::Opened,
}

/// A server and what to ask it.
pub(super) struct Server {
    asked: Asked,
    range: Vec<(&'static str, String)>,
}

impl Measured {
    pub(super) async fn open(args: MeasuredArgs) -> Result<Self> {
        if let Some(asked) = Asked::of(args.stored.server.as_deref(), args.stored.token.as_deref())? {
            let range = [("from", args.from), ("to", args.to)];
            let range = range.into_iter().filter_map(|(name, value)| value.map(|value| (name, value)));
            return Ok(Self::Server(Server { asked, range: range.collect() }));
        }
        let store = stored::Opened::open(&args.stored.config.config).await?;
        let (config, now) = (&store.config, Utc::now());
        let days = TimeDelta::days(i64::from(config.capacity.history_days));
        let from = args.from.unwrap_or_else(|| format!("now-{}d", days.num_days()));
        let range = TimeRange::parse(Some(&from), args.to.as_deref(), now)
            .map_err(|error| anyhow!("{error}: {}", error.hint()))?;
        Ok(Self::Store(Box::new(Opened {
            answers: Answers::new(
                store.store().clone(),
                &config.tenant,
                Arc::new(config.capacity.clone()),
                Arc::new(SystemClock),
            ),
            tenant: config.tenant.clone(),
            range,
            slos: store.config.objectives()?,
            store,
        })))
    }
}

impl Opened {
    pub(super) async fn close(self) {
        self.store.close().await;
    }
}

impl Server {
    pub(super) async fn walls(&self, change: &WhatIf, output: Output) -> Result<()> {
        let request = self.asked.client.post(self.url("walls", output)).json(change);
        self.print(request, output).await
    }

    pub(super) async fn costs(&self, output: Output) -> Result<()> {
        self.print(self.asked.client.get(self.url("costs", output)), output).await
    }

    /// The report, written in one move: a reader never sees half of it.
    pub(super) async fn assessment(&self, out: &Path) -> Result<()> {
        let format = headroom_reports::Format::of(out)?.name();
        let url = format!("{}/api/v1/capacity/assessment?format={format}", self.asked.base);
        let bytes =
            self.send(self.asked.client.get(url)).await?.bytes().await.context("the report broke off")?;
        headroom_reports::write_bytes(out, &bytes)?;
        Ok(())
    }

    fn url(&self, path: &str, output: Output) -> String {
        let path = if path == "walls" { "what-if" } else { path };
        let text = if output == Output::Text { "?format=text" } else { "" };
        format!("{}/api/v1/capacity/{path}{text}", self.asked.base)
    }

    async fn print(&self, request: reqwest::RequestBuilder, output: Output) -> Result<()> {
        let body = self.send(request).await?.text().await.context("the answer broke off")?;
        match output {
            Output::Text | Output::Csv | Output::Parquet => print(Output::Text, &(), |()| body),
            Output::Json => {
                let value: serde_json::Value =
                    serde_json::from_str(&body).context("the answer is no JSON")?;
                print(Output::Json, &value, |_| String::new())
            }
        }
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<reqwest::Response> {
        self.asked.send(request.query(&self.range)).await
    }
}
