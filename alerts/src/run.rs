//! The two loops: evaluating and sending.

use std::sync::Arc;
use std::time::Duration;

use headroom_control::Control;
use headroom_query::slo::SloSet;
use headroom_store::{Clock, Store};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::config::AlertsConfig;
use crate::context::MarketEvents;
use crate::deliver::Deliverer;
use crate::error::Result;
use crate::evaluate::Evaluator;
use crate::pulse::Pulse;
use crate::routing::Routing;

/// Seconds between looks into the outbox when nothing calls earlier.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Objectives and alerts of one tenant.
#[derive(Debug)]
pub struct Alerts;

/// The running loops.
#[derive(Debug)]
pub struct AlertsHandle {
    tasks: Vec<JoinHandle<()>>,
}

impl Alerts {
    /// Starts both loops over these objectives; they end when `stop` is cancelled, and rest while `control` is the handle
    /// of a node that does not lead.
    #[expect(clippy::too_many_arguments, reason = "this is the one place where all parts meet")]
    pub fn start(
        config: AlertsConfig,
        set: Arc<SloSet>,
        store: Store,
        control: Control,
        clock: Arc<dyn Clock>,
        tenant: &str,
        market: MarketEvents,
        stop: &CancellationToken,
    ) -> Result<AlertsHandle> {
        config.check()?;
        let deliverer = Deliverer::new(config.receivers(), control.clone(), Arc::clone(&clock))?
            .with_actions(&config.actions)?;
        let interval = Duration::from_secs(config.interval_seconds);
        let routing = Routing::new(&config, control.clone(), tenant);
        let shared = Shared {
            pulse: Arc::new(Pulse::new(&config, clock.now())),
            clock: Arc::clone(&clock),
            control: control.clone(),
            news: Arc::new(Notify::new()),
            stop: stop.clone(),
        };
        let evaluator = Evaluator::new(config, set, store, control, clock, tenant).with_market(market);
        let tasks = vec![
            tokio::spawn(evaluate(evaluator, interval, shared.clone())),
            tokio::spawn(deliver(deliverer, routing, shared)),
        ];
        Ok(AlertsHandle { tasks })
    }
}

impl AlertsHandle {
    /// Waits for both loops to end after the token was cancelled.
    pub async fn join(self) {
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "an alerts loop ended badly");
            }
        }
    }
}

/// What both loops know.
#[derive(Clone)]
struct Shared {
    pulse: Arc<Pulse>,
    clock: Arc<dyn Clock>,
    /// Of several nodes, the one whose handle leads works.
    control: Control,
    /// Something is to be sent.
    news: Arc<Notify>,
    stop: CancellationToken,
}

async fn evaluate(mut evaluator: Evaluator, interval: Duration, shared: Shared) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shared.stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        while !shared.control.leads(shared.clock.now()) {
            evaluator.start_over();
            shared.pulse.rest(shared.clock.now());
            tokio::select! {
                () = shared.stop.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
        // An evaluation is finished even when asked to stop: it is short and leaves no half state.
        match evaluator.tick().await {
            Ok(tick) => {
                metrics::counter!("headroom_alert_evaluations_total", "outcome" => if tick.failed.is_empty() { "ok" } else { "partial" }).increment(1);
                for failure in &tick.failed {
                    tracing::warn!("objective not evaluated: {failure}");
                }
                shared.pulse.beat(shared.clock.now());
                if tick.messages > 0 {
                    shared.news.notify_one();
                }
            }
            Err(error) => {
                metrics::counter!("headroom_alert_evaluations_total", "outcome" => "failed").increment(1);
                tracing::warn!(%error, "objectives not evaluated; alerts stay as they are");
            }
        }
    }
}

async fn deliver(deliverer: Deliverer, routing: Routing, shared: Shared) {
    loop {
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = shared.news.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        let now = shared.clock.now();
        if !shared.control.leads(now) {
            continue;
        }
        // Between evaluations too, and when there are none: who is next is told in time.
        let stalled = shared.pulse.look(now).map_or(Ok(()), |alert| routing.take_own(&[alert], now));
        let decided = stalled
            .and_then(|()| routing.undelivered(now))
            .and_then(|()| routing.end_silent(now))
            .and_then(|()| routing.tick(now));
        if let Err(error) = decided {
            tracing::error!(%error, "what is to be told cannot be decided");
        }
        let beat = async {
            if let Some(alive) = shared.pulse.heartbeat(now) {
                deliverer.once(&alive, &format!("msg_heartbeat_{}", now.timestamp())).await;
            }
        };
        if let (Err(error), ()) = tokio::join!(deliverer.round(), beat) {
            tracing::error!(%error, "the outbox cannot be worked off");
        }
    }
}
