//! A run from beginning to end.

use chrono::Utc;
use serde_json::json;

use crate::answer::Answer;
use crate::check::Check;
use crate::checks::{self, Setting};
use crate::client::Client;
use crate::connection::{NoAnswer, Sender};
use crate::duty::Level;
use crate::error::ConformanceError;
use crate::fixture::Fixture;
use crate::grpc::UNAUTHENTICATED;
use crate::options::Options;
use crate::report::{Outcome, Report, Verdict};
use crate::request::Request;
use crate::target::{Endpoint, Endpoints, own_headers};
use crate::wire::{Signal, Wire};

/// A check that could be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id, for [`Options::only`].
    pub id: String,
    /// The number of its duty.
    pub duty: u8,
    /// How strongly it is meant.
    pub level: Level,
    /// What it checks, in words.
    pub title: String,
}

/// Every check, in the order they run.
pub fn list() -> Vec<Listed> {
    let setting = Setting { max_body: None, has_token: false };
    let checks = checks::all(&Fixture::new(), setting);
    let listed = |c: Check| Listed { id: c.id, duty: c.duty, level: c.level, title: c.title };
    checks.into_iter().map(listed).collect()
}

/// Checks the receiver at `options`; `progress` hears of each check when it ends.
///
/// Takes some seconds, and a minute or more where the limit of requests is large and the way
/// to the receiver is long. A receiver that cannot be reached, does not speak OTLP or refuses the
/// token is an error; everything else is in the report.
pub async fn run(options: &Options, mut progress: impl FnMut(&Outcome)) -> Result<Report, ConformanceError> {
    let sender = Sender { headers: own_headers(options)?, timeout: options.timeout };
    let Endpoints { http, grpc, grpc_is_a_guess } = Endpoints::of(options)?;
    let started = Utc::now();
    let setting = Setting { max_body: options.max_body, has_token: options.token.is_some() };
    let mut checks = checks::all(&Fixture::new(), setting);
    if let Some(only) = &options.only {
        checks.retain(|check| check.id.contains(only.as_str()));
        if checks.is_empty() {
            return Err(ConformanceError::NothingToRun { only: only.clone() });
        }
    }
    let http_why = match &http {
        Some(endpoint) => {
            let client = Client::new(http.clone(), None, sender.clone());
            probe(&client, endpoint, Wire::HttpJson).await?;
            ""
        }
        None => "no URL of OTLP over HTTP was given",
    };
    let mut grpc_why = "no URL of OTLP over gRPC was given".to_owned();
    let mut grpc = grpc;
    if let Some(endpoint) = &grpc {
        let client = Client::new(None, grpc.clone(), sender.clone());
        match probe(&client, endpoint, Wire::Grpc).await {
            Ok(()) => {}
            Err(error @ ConformanceError::Unreachable { .. }) if grpc_is_a_guess => {
                grpc_why = format!("no URL of OTLP over gRPC was given, and {error}");
                grpc = None;
            }
            Err(error) => return Err(error),
        }
    }
    let urls = (http.as_ref().map(Endpoint::url), grpc.as_ref().map(Endpoint::url));
    let client = Client::new(http, grpc, sender);
    let mut outcomes = Vec::with_capacity(checks.len());
    for check in checks {
        let outcome = if client.speaks(check.wire) {
            check.run(&client).await
        } else {
            let reason = if check.wire == Wire::Grpc { grpc_why.clone() } else { http_why.to_owned() };
            check.outcome(Verdict::Skipped { reason })
        };
        progress(&outcome);
        outcomes.push(outcome);
    }
    Ok(Report::new(urls.0, urls.1, started, outcomes))
}

/// Whether something answers there in the terms of `wire`, and takes our token.
async fn probe(client: &Client, endpoint: &Endpoint, wire: Wire) -> Result<(), ConformanceError> {
    let protocol = if wire == Wire::Grpc { "gRPC" } else { "HTTP" };
    let unreachable = |what: String| ConformanceError::Unreachable { url: endpoint.url(), protocol, what };
    let request = Request::export(wire, Signal::Traces, &json!({}));
    let answer = match client.send_once(&request).await {
        Ok(answer) => answer,
        Err(error @ (NoAnswer::Connect(_) | NoAnswer::Broke(_) | NoAnswer::Late(_))) => {
            return Err(unreachable(error.to_string()));
        }
    };
    if refuses_us(&answer) {
        return Err(ConformanceError::Unauthorized { url: endpoint.url(), answer: answer.summary() });
    }
    if wire == Wire::Grpc && answer.grpc.is_none() {
        return Err(unreachable(answer.summary()));
    }
    Ok(())
}

fn refuses_us(answer: &Answer) -> bool {
    match &answer.grpc {
        Some(status) => matches!(status.code, 7 | UNAUTHENTICATED),
        None => matches!(answer.status, 401 | 403),
    }
}
