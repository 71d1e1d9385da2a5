//! All probes, again and again.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use headroom_calendar::Venue;
use headroom_store::Clock;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::config::ProbeConfig;
use crate::error::{ProbesError, Result};
use crate::held::held_back;
use crate::run::{Run, run};
use crate::schedule::Schedule;
use crate::sink::{Sink, Unsent};
use crate::spans;
use crate::variables::Variables;

/// Most runs at once.
const AT_ONCE: usize = 16;
/// Most runs whose spans wait.
const WAITING: usize = 1_000;
/// How long the spans of a run are tried to be sent.
const PATIENCE: Duration = Duration::from_mins(10);
/// How long stopping may take: the clean-up of runs under way, and sending what waits.
const DRAIN: Duration = Duration::from_secs(8);

/// The venue of a market identifier code, as the calendar has it now.
pub type Venues = Arc<dyn Fn(&str) -> Option<Arc<Venue>> + Send + Sync>;

/// Whether this node is the one, among several that could, that runs the probes now.
pub type Leads = Arc<dyn Fn(DateTime<Utc>) -> bool + Send + Sync>;

/// The running probes. Dropping it stops them as a crash would; [`Prober::drain`] is the orderly way.
pub struct Prober {
    stop: CancellationToken,
    probes: Vec<AbortOnDropHandle<()>>,
    sender: AbortOnDropHandle<()>,
}

impl std::fmt::Debug for Prober {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prober").field("probes", &self.probes.len()).finish_non_exhaustive()
    }
}

/// What all probes share.
struct Shared {
    clock: Arc<dyn Clock>,
    venues: Venues,
    leads: Leads,
    /// Places for runs.
    places: Semaphore,
    finished: mpsc::Sender<Finished>,
    stop: CancellationToken,
}

/// The spans of a run on their way.
struct Finished {
    tenant: String,
    spans: ExportTraceServiceRequest,
    until: Instant,
}

impl Prober {
    /// Starts `probes` of a node of the tenant `tenant`; their spans go to `sink`.
    ///
    /// # Errors
    /// A probe that cannot be run as things are here: a secret or a file is missing.
    pub fn start(
        probes: &[ProbeConfig],
        tenant: &str,
        sink: Arc<dyn Sink>,
        venues: Venues,
        leads: Leads,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        for probe in probes {
            Variables::of(probe, clock.now(), 0)?;
            crate::send::client(probe)?;
        }
        let stop = CancellationToken::new();
        let (finished, waiting) = mpsc::channel(WAITING);
        let sender = AbortOnDropHandle::new(tokio::spawn(send_all(sink, waiting)));
        let places = Semaphore::new(AT_ONCE);
        let shared = Arc::new(Shared { clock, venues, leads, places, finished, stop: stop.clone() });
        let start = |probe: &ProbeConfig| {
            let tenant = probe.tenant(tenant).to_owned();
            AbortOnDropHandle::new(tokio::spawn(again_and_again(probe.clone(), tenant, Arc::clone(&shared))))
        };
        Ok(Self { stop, probes: probes.iter().map(start).collect(), sender })
    }

    /// Breaks off what is under way, cleans up after it, and sends what was finished.
    pub async fn drain(self) {
        self.stop.cancel();
        let drained = timeout(DRAIN, async {
            for probe in self.probes {
                let _ = probe.await;
            }
            // The last holder of the channel is gone: the sender ends with what is in it.
            let _ = self.sender.await;
        });
        if drained.await.is_err() {
            tracing::warn!("probes: not everything was cleaned up or sent within {DRAIN:?}");
        }
    }
}

async fn again_and_again(probe: ProbeConfig, tenant: String, shared: Arc<Shared>) {
    let schedule = Schedule::new(&probe.name, probe.every.get());
    let mut last = None;
    loop {
        let now = shared.clock.now();
        let due = schedule.next(now);
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = tokio::time::sleep((due - now).to_std().unwrap_or_default()) => {}
        }
        if shared.clock.now() < due || !(shared.leads)(due) {
            // The clock was set back, or the pause was a little short; or another node runs it.
            continue;
        }
        let venue = probe.during.as_ref().and_then(|mic| (shared.venues)(mic));
        if let Some(held) = held_back(&probe, venue.as_ref(), shared.clock.now()) {
            count_skipped(&probe, held.word());
            continue;
        }
        let found = tokio::select! {
            () = shared.stop.cancelled() => return,
            place = shared.places.acquire() => {
                let _place = place;
                run(&probe, shared.clock.now(), &shared.stop).await
            }
        };
        match found {
            Ok(None) => return,
            Ok(Some(run)) => {
                tell(&probe, &run, &mut last);
                let spans = spans::of_run(&probe, &run);
                let finished = Finished { tenant: tenant.clone(), spans, until: Instant::now() + PATIENCE };
                if shared.finished.try_send(finished).is_err() {
                    lost("too many runs wait to be sent");
                }
            }
            Err(error) => not_run(&probe, &error),
        }
        let missed = schedule.missed(due, shared.clock.now());
        if missed > 0 {
            metrics::counter!("headroom_probe_late_runs_total", "probe" => probe.name.clone())
                .increment(missed);
            tracing::warn!(
                probe = probe.name,
                "a run was not over when the next was due: {missed} left out; raise every, or lower timeout"
            );
        }
    }
}

/// Counts a run, and logs it when it is not as the one before.
fn tell(probe: &ProbeConfig, run: &Run, last: &mut Option<bool>) {
    let passed = run.failure.is_none();
    let (name, result) = (probe.name.clone(), if passed { "passed" } else { "failed" });
    metrics::counter!("headroom_probe_runs_total", "probe" => name.clone(), "result" => result).increment(1);
    metrics::gauge!("headroom_probe_up", "probe" => name.clone()).set(f64::from(u8::from(passed)));
    metrics::histogram!("headroom_probe_run_seconds", "probe" => name).record(run.duration.as_secs_f64());
    match (&run.failure, last.replace(passed)) {
        (Some(reason), None | Some(true)) => {
            tracing::warn!(probe = probe.name, trace_id = run.trace_id, "probe fails: {reason}");
        }
        (None, Some(false)) => tracing::info!(probe = probe.name, "probe passes again"),
        _ => {}
    }
}

fn not_run(probe: &ProbeConfig, error: &ProbesError) {
    count_skipped(probe, "unready");
    tracing::error!(%error, "a probe could not be run");
}

fn count_skipped(probe: &ProbeConfig, why: &'static str) {
    metrics::counter!("headroom_probe_skipped_runs_total", "probe" => probe.name.clone(), "why" => why)
        .increment(1);
}

fn lost(why: &str) {
    metrics::counter!("headroom_probe_lost_runs_total").increment(1);
    tracing::warn!("the spans of a probe's run are lost: {why}");
}

/// Sends what is finished, in order, and ends when there is nothing more to come.
async fn send_all(sink: Arc<dyn Sink>, mut waiting: mpsc::Receiver<Finished>) {
    while let Some(finished) = waiting.recv().await {
        loop {
            match sink.send(&finished.tenant, &finished.spans).await {
                Ok(()) => break,
                Err(Unsent::Later { wait, .. }) if Instant::now() + wait < finished.until => {
                    tokio::time::sleep(wait).await;
                }
                Err(unsent) => {
                    lost(&unsent.to_string());
                    break;
                }
            }
        }
    }
}
