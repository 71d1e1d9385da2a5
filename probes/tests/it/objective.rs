//! Probes, the ingester, the store and an objective: the whole way.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_alerts::{AlertsConfig, Evaluator};
use headroom_control::Control;
use headroom_ingest::{AuthRefusal, Authenticator, Ingest, IngestConfig, Signal};
use headroom_probes::{Otlp, ProbeConfig, Run, Sink as _, Standing, list, spans};
use headroom_query::slo::SloSet;
use headroom_store::testing::{TestStore, counting_store};
use headroom_store::{ManualClock, SystemClock};
use prost::Message as _;

use crate::server::{Server, ran};
use crate::steps::{TRADE, secret_file};

const TENANT: &str = "acme";

const SLO: &str = "apiVersion: openslo/v1
kind: SLO
metadata: { name: test-trades }
spec:
  service: headroom-probes
  budgetingMethod: Occurrences
  timeWindow: [{ duration: 30d, isRolling: true }]
  indicator:
    metadata: { name: runs }
    spec:
      ratioMetric:
        counter: true
        good: { metricSource: { type: headroom, spec: { operation: probe trade, status: not_error } } }
        total: { metricSource: { type: headroom, spec: { operation: probe trade } } }
  objectives: [{ target: 0.99 }]
";

/// Knows one token.
struct Known;

impl Authenticator for Known {
    fn tenant(&self, bearer: Option<&str>) -> Result<String, AuthRefusal> {
        if bearer == Some("good") { Ok(TENANT.to_owned()) } else { Err(AuthRefusal::Unknown) }
    }
}

struct World {
    store: TestStore,
    ingest: Ingest,
    _log: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let (store, log) = (counting_store().await, tempfile::tempdir().unwrap());
        let free = "127.0.0.1:0".parse().unwrap();
        let data_dir = log.path().to_owned();
        let config =
            IngestConfig { grpc_listen: free, http_listen: free, data_dir, ..IngestConfig::default() };
        let ingest =
            Ingest::start(config, store.clone(), Arc::new(Known), Arc::new(SystemClock)).await.unwrap();
        Self { store, ingest, _log: log }
    }

    /// Stores a run as one of `minutes`, a run each.
    async fn at(&self, probe: &ProbeConfig, run: &Run, minutes: impl Iterator<Item = DateTime<Utc>>) {
        for at in minutes {
            let mut run = run.clone();
            // Runs differ in their trace, as runs do.
            run.trace_id = format!("{:032x}", at.timestamp());
            run.at = at;
            let payload = spans::of_run(probe, &run).encode_to_vec();
            let taken = self.ingest.intake().take(TENANT, Signal::Traces, payload, None).await.unwrap();
            assert_eq!((taken.rejected, &*taken.message), (0, ""));
        }
        self.settled().await;
    }

    async fn settled(&self) {
        for _ in 0..600 {
            let status = self.ingest.status();
            if status.backlog_slices == 0 && status.backlog_bytes == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{:?}", self.ingest.status());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_objective_turns_bad_when_the_probed_service_fails_and_good_again() {
    let (world, server) = (World::new().await, Server::start().await);
    let (_folder, keys) = secret_file("s3cr3t-token");
    let probe = server.probe(&keys, TRADE);
    let good = ran(&probe).await;
    server.set(|book| book.becomes = "rejected");
    let bad = ran(&probe).await;
    assert!(good.failure.is_none() && bad.failure.is_some());

    // Two hours of a run a minute, of which the last quarter of an hour failed.
    let start = Utc::now() - TimeDelta::hours(4);
    let minutes = |from: i64, to: i64| (from..to).map(move |n| start + TimeDelta::minutes(n));
    world.at(&probe, &good, minutes(0, 105)).await;
    let (control, clock) =
        (Control::in_memory().unwrap(), Arc::new(ManualClock::new(start + TimeDelta::minutes(107))));
    let set = Arc::new(SloSet::parse([("trades.yaml", SLO)]).unwrap());
    let config = AlertsConfig::default();
    let mut evaluator =
        Evaluator::new(config, set, world.store.clone(), control.clone(), clock.clone(), TENANT);
    let tick = evaluator.tick().await.unwrap();
    assert_eq!((tick.transitions, tick.failed.len()), (0, 0), "a hundred good test trades");

    world.at(&probe, &bad, minutes(105, 120)).await;
    clock.set(start + TimeDelta::minutes(122));
    assert_eq!(evaluator.tick().await.unwrap().transitions, 1);
    let alerts = control.open_alerts(TENANT).unwrap();
    assert_eq!(
        (&*alerts[0].slo, &*alerts[0].service, &*alerts[0].severity),
        ("test-trades", "headroom-probes", "critical")
    );

    // The API tells the same from the same rows.
    let told = async |now| {
        list(&world.store, std::slice::from_ref(&probe), &|_| None, (TENANT, TENANT), now)
            .await
            .unwrap()
            .probes
            .remove(0)
    };
    let state = told(start + TimeDelta::minutes(120)).await;
    assert_eq!((state.state, state.since), (Standing::Failing, Some(start + TimeDelta::minutes(105))));
    let last = state.last_run.unwrap();
    assert_eq!(last.reason, bad.failure);
    assert_eq!(last.trace_id, format!("{:032x}", (start + TimeDelta::minutes(119)).timestamp()));
    assert_eq!((state.hour.runs, state.hour.failed, state.hour.success), (60, 15, Some(0.75)));
    assert_eq!((state.day.runs, state.day.failed), (120, 15));
    assert_eq!(told(start + TimeDelta::hours(2) + TimeDelta::minutes(10)).await.state, Standing::Overdue);
    let others = list(&world.store, std::slice::from_ref(&probe), &|_| None, (TENANT, "other"), Utc::now())
        .await
        .unwrap();
    assert!(others.probes.is_empty());

    world.at(&probe, &good, minutes(120, 190)).await;
    // It is over when it has been over for a while.
    for minute in [182, 187, 192] {
        clock.set(start + TimeDelta::minutes(minute));
        evaluator.tick().await.unwrap();
    }
    assert!(control.open_alerts(TENANT).unwrap().is_empty(), "it is over");
    let state = told(start + TimeDelta::minutes(190)).await;
    assert_eq!((state.state, state.since), (Standing::Passing, Some(start + TimeDelta::minutes(120))));
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_arrive_over_otlp_too() {
    let (world, server) = (World::new().await, Server::start().await);
    let probe = server.step("url = '{{base}}/positions'");
    let run = ran(&probe).await;
    let request = spans::of_run(&probe, &run);
    let endpoint = format!("http://{}", world.ingest.grpc_addr());
    let refused = Otlp::new(&endpoint, Some("bad")).unwrap().send(TENANT, &request).await.unwrap_err();
    assert!(matches!(refused, headroom_probes::Unsent::Never(_)), "{refused:?}");
    Otlp::new(&endpoint, Some("good")).unwrap().send(TENANT, &request).await.unwrap();
    world.settled().await;
    let told = list(&world.store, std::slice::from_ref(&probe), &|_| None, (TENANT, TENANT), Utc::now())
        .await
        .unwrap();
    assert_eq!(told.probes[0].last_run.as_ref().unwrap().trace_id, run.trace_id);
    let down = Otlp::new("http://127.0.0.1:1", None).unwrap().send(TENANT, &request).await.unwrap_err();
    assert!(matches!(down, headroom_probes::Unsent::Later { .. }), "{down:?}");
    assert!(Otlp::new("no where", None).is_err());
}
