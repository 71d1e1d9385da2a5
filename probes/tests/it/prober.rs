//! Probes that run by themselves.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use headroom_probes::{ProbeConfig, Prober, Sink, Unsent};
use headroom_store::SystemClock;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;

use crate::server::Server;
use crate::steps::{TRADE, secret_file};

/// Keeps what it gets, after it was told to come later a few times.
#[derive(Default)]
struct Kept {
    got: Mutex<Vec<(String, ExportTraceServiceRequest)>>,
    refuse: Mutex<u32>,
    /// Whether another node runs the probes.
    stands_by: Arc<AtomicBool>,
}

impl Sink for Kept {
    fn send<'a>(
        &'a self,
        tenant: &'a str,
        spans: &'a ExportTraceServiceRequest,
    ) -> BoxFuture<'a, Result<(), Unsent>> {
        async move {
            let mut refuse = self.refuse.lock().unwrap();
            if *refuse > 0 {
                *refuse -= 1;
                return Err(Unsent::Later { why: "full".to_owned(), wait: Duration::from_millis(50) });
            }
            self.got.lock().unwrap().push((tenant.to_owned(), spans.clone()));
            Ok(())
        }
        .boxed()
    }
}

impl Kept {
    fn count(&self) -> usize {
        self.got.lock().unwrap().len()
    }
}

fn start(probes: &[ProbeConfig], kept: &Arc<Kept>) -> Prober {
    let venues = Arc::new(|_: &str| None);
    let leads = Arc::clone(&kept.stands_by);
    let leads = Arc::new(move |_| !leads.load(Ordering::SeqCst));
    Prober::start(probes, "acme", kept.clone(), venues, leads, Arc::new(SystemClock)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_takes_too_long_leaves_runs_out_and_none_overlap() {
    let server = Server::start().await;
    server.set(|book| book.pause = Duration::from_millis(1_300));
    let probe =
        server.probe("every = '1s'\ntenant = 'other'", "[[steps]]\nname = 'look'\nurl = '{{base}}/slow'");
    let kept = Arc::new(Kept { refuse: Mutex::new(3), ..Kept::default() });
    let prober = start(&[probe], &kept);
    tokio::time::sleep(Duration::from_millis(6_500)).await;
    prober.drain().await;
    // Each takes two of the six seconds that it was due in.
    let begun = server.lines().len();
    assert!((2..=4).contains(&begun), "{begun} runs");
    assert_eq!(server.book.lock().unwrap().most_at_once, 1, "a probe does not run beside itself");
    assert!((begun - 1..=begun).contains(&kept.count()), "{} of {begun} sent", kept.count());
    assert!(kept.got.lock().unwrap().iter().all(|(tenant, _)| tenant == "other"));
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_cleans_up_and_leaves_no_half_run() {
    let server = Server::start().await;
    server.set(|book| book.fills_after = usize::MAX);
    let (_folder, keys) = secret_file("s3cr3t-token");
    let endless = TRADE.replace("every = \"10ms\", at_most = 5", "every = \"10ms\", at_most = 1000");
    let probe = server.probe(&format!("every = '1s'\n{keys}"), &endless);
    let kept = Arc::new(Kept::default());
    let prober = start(&[probe], &kept);
    for _ in 0..300 {
        if server.lines().len() > 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let begun = std::time::Instant::now();
    prober.drain().await;
    assert!(begun.elapsed() < Duration::from_secs(2));
    let lines = server.lines();
    assert!(
        lines[0].starts_with("POST /orders") && lines.last().unwrap().starts_with("DELETE /orders/o-"),
        "{lines:?}"
    );
    assert_eq!(kept.count(), 0, "a run that was broken off says nothing about the service");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_stands_by_runs_nothing_until_it_leads() {
    let server = Server::start().await;
    let probe = server.probe("every = '1s'", "[[steps]]\nname = 'look'\nurl = '{{base}}/positions'");
    let kept = Arc::new(Kept::default());
    kept.stands_by.store(true, Ordering::SeqCst);
    let prober = start(&[probe], &kept);
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert!(server.lines().is_empty());
    kept.stands_by.store(false, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(!server.lines().is_empty());
    prober.drain().await;
    assert_eq!(server.lines().len(), kept.count());
}

#[tokio::test(flavor = "multi_thread")]
async fn so_many_run_at_once_and_the_others_wait() {
    let server = Server::start().await;
    server.set(|book| book.pause = Duration::from_millis(1_500));
    let named = |n: usize| {
        let mut probe = server.probe("every = '1s'", "[[steps]]\nname = 'look'\nurl = '{{base}}/slow'");
        probe.name = format!("p{n}");
        probe
    };
    let probes: Vec<ProbeConfig> = (0..24).map(named).collect();
    let kept = Arc::new(Kept::default());
    let prober = start(&probes, &kept);
    tokio::time::sleep(Duration::from_millis(3_500)).await;
    // As a crash would.
    drop(prober);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let asked = server.lines().len();
    assert_eq!(server.book.lock().unwrap().most_at_once, 16);
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(server.lines().len(), asked, "nothing goes on");
    assert!(asked >= 32 && kept.count() < asked, "{} of {asked} were finished", kept.count());
}
