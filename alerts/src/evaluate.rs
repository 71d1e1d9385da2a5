//! Every few seconds: measure new minutes, read the rules, record what changed.
//!
//! The evaluator asks ClickHouse twice: to count the last minutes again
//! ([`slices::refresh`]) and to read the slices back. Everything it decides comes from
//! stored slices, the same that pages and reports read. A transition and the messages it
//! causes are one transaction in the control database; sending is another's work.

mod record;
mod round;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_control::{Alert, Control};
use headroom_query::slo::slices;
use headroom_slo::{Assessment, Slo, SloSet, Timeline, assess, budget};
pub use headroom_slo::{gate, machine, reading};
use headroom_store::{Clock, Store};

use crate::config::AlertsConfig;
use crate::context::{self, Context, MarketEvents};
use crate::error::Result;
use crate::follow::Follower;
use crate::routing::Routing;
use crate::seen::Seen;
pub(crate) use record::Detail;
use round::Round;

/// Seconds before the watermark that are counted again each time, for late data.
const LATE_SECONDS: i64 = 180;

/// How often it is asked again who is hit.
const EXPLAINED: TimeDelta = TimeDelta::minutes(1);

/// What one evaluation did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tick {
    /// Slices written.
    pub slices: usize,
    /// Alerts fired, raised or resolved.
    pub transitions: usize,
    /// Messages that were queued.
    pub messages: usize,
    /// Objectives that could not be measured or decided, with the reason.
    pub failed: Vec<String>,
}

/// Measures objectives and keeps the state of their alerts.
#[derive(Debug)]
pub struct Evaluator {
    store: Store,
    routing: Routing,
    clock: Arc<dyn Clock>,
    set: Arc<SloSet>,
    config: AlertsConfig,
    /// End of what was measured last.
    measured: Option<i64>,
    /// When all windows are counted in full again.
    rebuild_at: Option<DateTime<Utc>>,
    market: MarketEvents,
    /// When it was asked last who is hit.
    explained: Option<DateTime<Utc>>,
    follower: Follower,
}

impl Evaluator {
    /// An evaluator of all objectives in `set`.
    pub fn new(
        config: AlertsConfig,
        set: Arc<SloSet>,
        store: Store,
        control: Control,
        clock: Arc<dyn Clock>,
        tenant: &str,
    ) -> Self {
        let routing = Routing::new(&config, control.clone(), tenant);
        let follower = Follower::new(&config, routing.clone(), store.clone(), control);
        Self {
            store,
            routing,
            clock,
            set,
            config,
            measured: None,
            rebuild_at: None,
            market: MarketEvents::default(),
            explained: None,
            follower,
        }
    }

    /// The same, telling of market events beside alerts.
    #[must_use]
    pub fn with_market(self, market: MarketEvents) -> Self {
        Self { market, ..self }
    }

    /// One evaluation. An objective that fails is named in the answer and holds up no other.
    #[tracing::instrument(level = "info", name = "evaluate objectives", skip_all)]
    pub async fn tick(&mut self) -> Result<Tick> {
        let now = self.clock.now();
        let mut tick = Tick::default();
        self.measure(now, &mut tick).await?;
        let set = Arc::clone(&self.set);
        let all: Vec<&Slo> = set.slos.iter().collect();
        let tenant = self.routing.tenant();
        let series = slices::stored(&self.store, tenant, &all, now).await?;
        let open = self.routing.control().open_alerts(tenant)?;
        let mut seen = Seen::default();
        let mut round = Round::new(&self.routing, self.config.significance, open, now)?;
        for slo in &set.slos {
            let Some(series) = series.get(&slo.id) else { continue };
            let line = Timeline::new(slo, series);
            let found = assess(slo, &line, now);
            gauges(slo, &found);
            seen.look(self.routing.policies(), slo, &line, &found);
            if slo.indicator.is_ok() && !budget::is_stale(&line, now) {
                round.decide(slo, &line, &found);
            }
        }
        round.end_unless(|id| set.get(id).is_some_and(|slo| slo.indicator.is_ok()));
        tick.transitions = round.transitions();
        metrics::gauge!("headroom_alerts_firing").set(round.firing() as f64);
        let found = round.found();
        let open: Vec<Alert> = found.open().cloned().collect();
        let queued = self.routing.record(found, now)?;
        tick.messages = queued.len();
        // Who is hit decides how bad it is: it is counted again each minute while something is open.
        if tick.transitions > 0
            || !queued.is_empty()
            || (!open.is_empty() && self.explained.is_none_or(|at| now >= at + EXPLAINED))
        {
            self.explained = Some(now);
            let known = self.contexts(&open, now).await;
            self.routing.explain(&known, queued, now)?;
        }
        tick.messages += self.follower.follow(&set, &seen, &open, now).await?;
        Ok(tick)
    }

    /// What is known of each open alert of an objective.
    async fn contexts(&self, open: &[Alert], now: DateTime<Utc>) -> BTreeMap<String, Context> {
        let (tenant, url) = (self.routing.tenant(), self.routing.external_url());
        let asked = open.iter().map(async |alert| {
            let times = (alert.started_at, now);
            let known = context::collect(&self.store, tenant, &alert.service, &self.market, url, times).await;
            (alert.id.clone(), known)
        });
        futures::future::join_all(asked).await.into_iter().collect()
    }

    /// Counts what is due: the last minutes, or now and then whole windows.
    async fn measure(&mut self, now: DateTime<Utc>, tick: &mut Tick) -> Result<()> {
        let to = slices::due_until(now);
        let full = self.rebuild_at.is_none_or(|at| now >= at);
        let measurable = || self.set.slos.iter().filter(|slo| slo.indicator.is_ok());
        let from = |slo: &Slo| {
            let start = slo.history_from(to);
            let recent = self.measured.map_or(start, |end| end.min(to) - LATE_SECONDS);
            if full { start } else { recent.max(start) }
        };
        let Some(earliest) = measurable().map(from).min() else { return Ok(()) };
        let alive: BTreeSet<i64> =
            slices::alive_minutes(&self.store, self.routing.tenant(), earliest, to).await?;
        let mut failed = false;
        for slo in measurable() {
            match slices::refresh(&self.store, self.routing.tenant(), slo, &alive, (from(slo), to), now).await
            {
                Ok(written) => tick.slices += written,
                Err(error) => {
                    failed = true;
                    tick.failed.push(format!("{}: {error}", slo.id));
                }
            }
        }
        // After a failure the same stretch is counted again next time.
        if !failed {
            self.measured = Some(to);
            if full {
                self.rebuild_at =
                    Some(now + TimeDelta::seconds(self.config.rebuild_seconds.min(86_400) as i64));
            }
        }
        Ok(())
    }
}

fn gauges(slo: &Slo, found: &Assessment) {
    if let Ok(budget) = &found.budget {
        metrics::gauge!("headroom_slo_status", "slo" => slo.id.clone()).set(budget.status);
        metrics::gauge!("headroom_slo_budget_remaining", "slo" => slo.id.clone()).set(budget.remaining);
    }
}
