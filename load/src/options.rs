//! What to send, and how.

use std::path::PathBuf;
use std::time::Duration;

use http::HeaderValue;
use serde::{Deserialize, Serialize};

use crate::error::LoadError;
use crate::run_id::RunId;
use crate::signal::Signal;
use crate::target::Target;

/// How bodies are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    /// As they are.
    #[default]
    None,
    /// gzip at its default level, as exporters do.
    Gzip,
    /// zstd at its default level.
    Zstd,
}

impl Compression {
    /// The name in `content-encoding` and `grpc-encoding`; `None` for plain bodies.
    pub const fn encoding(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Gzip => Some("gzip"),
            Self::Zstd => Some("zstd"),
        }
    }
}

/// How many bodies of each kind make up one round of the load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mix {
    /// Bodies of spans.
    pub traces: u16,
    /// Bodies of log records.
    pub logs: u16,
    /// Bodies of business events.
    pub events: u16,
    /// Bodies of metric points.
    pub metrics: u16,
}

impl Default for Mix {
    /// Spans alone.
    fn default() -> Self {
        Self { traces: 1, logs: 0, events: 0, metrics: 0 }
    }
}

impl Mix {
    /// The signals of one round, in the order in which they are sent.
    pub(crate) fn round(self) -> Vec<Signal> {
        let shares = [self.traces, self.logs, self.events, self.metrics];
        Signal::ALL
            .into_iter()
            .zip(shares)
            .flat_map(|(signal, share)| std::iter::repeat_n(signal, usize::from(share)))
            .collect()
    }
}

/// What to send, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// Who receives it.
    pub target: Target,
    /// Bearer token.
    pub token: Option<String>,
    /// How bodies are compressed.
    pub compression: Compression,
    /// Connections. Over HTTP/1.1 a request needs a connection of its own, so there are
    /// `connections * in_flight` sockets.
    pub connections: usize,
    /// Requests in flight on each connection.
    pub in_flight: usize,
    /// Records per second, kept by an absolute schedule; `None`: as fast as possible.
    pub rate: Option<f64>,
    /// Records to send, rounded up to whole bodies.
    pub total: Option<u64>,
    /// How long to send. With `total`, whatever comes first.
    pub duration: Option<Duration>,
    /// Records in a body.
    pub records_per_body: usize,
    /// Which records.
    pub mix: Mix,
    /// What everything but ids and times is drawn from.
    pub seed: u64,
    /// The name of the run.
    pub run: RunId,
    /// How long to wait for an answer to one request.
    pub timeout: Duration,
    /// How long to try a body again before it is given up.
    pub give_up_after: Duration,
    /// Where to keep the ledger; the file must not exist. `None`: there is nothing to check later.
    pub ledger: Option<PathBuf>,
    /// Processes whose CPU time and memory are reported.
    pub watch: Vec<u32>,
    /// Whether the children of these processes count with them.
    pub watch_children: bool,
    /// How long at most to go on watching after the last answer, until the processes have come to
    /// rest: receivers work on what they have acknowledged.
    pub watch_rest: Duration,
}

impl Options {
    /// The options of the published comparisons, but for an amount: set `total` or `duration`.
    pub fn new(target: Target) -> Self {
        Self {
            target,
            token: None,
            compression: Compression::None,
            connections: 4,
            in_flight: 4,
            rate: None,
            total: None,
            duration: None,
            records_per_body: 1_000,
            mix: Mix::default(),
            seed: 1,
            run: RunId::random(),
            timeout: Duration::from_secs(30),
            give_up_after: Duration::from_mins(2),
            ledger: None,
            watch: Vec::new(),
            watch_children: false,
            watch_rest: Duration::from_secs(30),
        }
    }

    /// The value of `authorization`, if there is a token. [`Self::check`] has refused one that is
    /// no text for a header.
    pub(crate) fn bearer(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::try_from(format!("Bearer {}", self.token.as_ref()?)).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// Refuses what makes no sense.
    pub(crate) fn check(&self) -> Result<(), LoadError> {
        if self.total.is_none() && self.duration.is_none() {
            return Err(LoadError::option("total", "say how much to send: a total or a duration"));
        }
        if self.connections == 0 || self.in_flight == 0 {
            return Err(LoadError::option(
                "connections",
                "at least one connection and one request in flight",
            ));
        }
        if !(1..=100_000).contains(&self.records_per_body) {
            let what = format!("{} is not between 1 and 100000", self.records_per_body);
            return Err(LoadError::option("records_per_body", what));
        }
        if self.mix.round().is_empty() {
            return Err(LoadError::option("mix", "there is nothing in it"));
        }
        if self.token.is_some() && self.bearer().is_none() {
            return Err(LoadError::option("token", "it has signs that no header can carry"));
        }
        match self.rate {
            Some(rate) if !(rate.is_finite() && rate > 0.0) => {
                Err(LoadError::option("rate", format!("{rate} records per second cannot be sent")))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_sense_is_refused_by_name() {
        let changes: [fn(&mut Options); 8] = [
            |_| {},
            |options| options.total = None,
            |options| options.in_flight = 0,
            |options| options.records_per_body = 0,
            |options| options.mix.traces = 0,
            |options| options.token = Some("line\nbreak".to_owned()),
            |options| options.rate = Some(0.0),
            |options| options.rate = Some(f64::NAN),
        ];
        let answers = changes.map(|change| {
            let mut options = Options::new("http://localhost".parse().unwrap());
            options.total = Some(1);
            change(&mut options);
            options.check().map_or_else(|error| error.to_string(), |()| "good".to_owned())
        });
        insta::assert_snapshot!(answers.join("\n"), @"
        good
        total: say how much to send: a total or a duration
        connections: at least one connection and one request in flight
        records_per_body: 0 is not between 1 and 100000
        mix: there is nothing in it
        token: it has signs that no header can carry
        rate: 0 records per second cannot be sent
        rate: NaN records per second cannot be sent
        ");
    }

    #[test]
    fn a_round_has_each_signal_as_often_as_asked() {
        let round = Mix { traces: 2, logs: 1, events: 0, metrics: 1 }.round();
        assert_eq!(round, [Signal::Traces, Signal::Traces, Signal::Logs, Signal::Metrics]);
    }
}
