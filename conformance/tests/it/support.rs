//! A receiver to check: Headroom's ingester, in front of no store.

use std::sync::Arc;

use headroom_conformance::{Options, Report, Verdict, run};
use headroom_ingest::{AuthRefusal, Authenticator, Ingest, IngestConfig, TlsFiles};
use headroom_store::{Store, StoreConfig, SystemClock};

pub(crate) const TOKEN: &str = "a-token";

struct OneToken;

impl Authenticator for OneToken {
    fn tenant(&self, bearer: Option<&str>) -> Result<String, AuthRefusal> {
        match bearer {
            None => Err(AuthRefusal::Missing),
            Some(TOKEN) => Ok("acme".to_owned()),
            Some(_) => Err(AuthRefusal::Unknown),
        }
    }
}

pub(crate) struct Receiver {
    pub(crate) ingest: Ingest,
    pub(crate) max_body: usize,
    _dir: tempfile::TempDir,
}

impl Receiver {
    pub(crate) async fn start(max_body: usize) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), max_body, None).await
    }

    /// A receiver in a folder, which may hold its certificate.
    pub(crate) async fn start_in(dir: tempfile::TempDir, max_body: usize, tls: Option<TlsFiles>) -> Self {
        let config = IngestConfig {
            grpc_listen: "127.0.0.1:0".parse().unwrap(),
            http_listen: "127.0.0.1:0".parse().unwrap(),
            data_dir: dir.path().join("log"),
            max_body_bytes: max_body,
            tls,
            ..IngestConfig::default()
        };
        // Nothing listens there: what is acknowledged stays in the log.
        let store = StoreConfig { url: "http://127.0.0.1:9".into(), ..StoreConfig::default() };
        let store = Store::connect(&store).unwrap();
        let ingest = Ingest::start(config, store, Arc::new(OneToken), Arc::new(SystemClock)).await.unwrap();
        Self { ingest, max_body, _dir: dir }
    }

    pub(crate) fn options(&self) -> Options {
        Options {
            http: Some(format!("http://{}", self.ingest.http_addr()).parse().unwrap()),
            grpc: Some(format!("http://{}", self.ingest.grpc_addr()).parse().unwrap()),
            token: Some(TOKEN.into()),
            max_body: Some(self.max_body),
            ..Options::default()
        }
    }
}

/// Runs the suite and hands back the report.
pub(crate) async fn report(options: &Options) -> Report {
    let mut heard = 0;
    let report = run(options, |_| heard += 1).await.unwrap();
    assert_eq!(heard, report.outcomes.len());
    report
}

/// The ids of the checks that failed.
pub(crate) fn failed(report: &Report) -> Vec<&str> {
    report.failed().map(|(outcome, _)| outcome.id.as_str()).collect()
}

/// The ids of the checks that were skipped, with the reasons.
pub(crate) fn skipped(report: &Report) -> Vec<String> {
    let outcomes = report.outcomes.iter();
    outcomes
        .filter_map(|o| match &o.verdict {
            Verdict::Skipped { reason } => Some(format!("{}: {reason}", o.id)),
            Verdict::Pass { .. } | Verdict::Fail(_) => None,
        })
        .collect()
}
