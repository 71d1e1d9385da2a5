//! Every few seconds: measure new minutes, read the rules, record what changed.
//!
//! The evaluator keeps the slices it has measured in memory ([`measure`]); the store is asked to count the last minutes
//! again, of all objectives at once. Everything it decides comes from
//! stored slices, the same that pages and reports read. A transition and the messages it
//! causes are one transaction in the control database; sending is another's work.

mod measure;
mod policies;
mod record;
mod round;
mod subject;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_control::{Alert, Control};
use headroom_slo::spec::{Indicator, Latency, SpanCondition};
use headroom_slo::{Measured as Slices, Promise, SloSet, Timeline};
pub use headroom_slo::{gate, machine, reading};
use headroom_store::{Clock, Store};

use crate::config::AlertsConfig;
use crate::context::{self, Context, MarketEvents, Usuals};
use crate::error::Result;
use crate::follow::Follower;
use crate::routing::Routing;
use crate::seen::Seen;
use measure::Measured;
pub(crate) use policies::Standings;
pub(crate) use record::Detail;
use round::Round;
pub(crate) use subject::Subject;

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
    measured: Measured,
    market: MarketEvents,
    /// When it was asked last who is hit.
    explained: Option<DateTime<Utc>>,
    usual: Usuals,
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
            measured: Measured::default(),
            market: MarketEvents::default(),
            explained: None,
            usual: Usuals::default(),
            follower,
        }
    }

    /// The same, telling of market events beside alerts.
    #[must_use]
    pub fn with_market(self, market: MarketEvents) -> Self {
        Self { market, ..self }
    }

    /// Forgets what it has measured: another node has measured meanwhile.
    pub fn start_over(&mut self) {
        self.measured = Measured::default();
    }

    /// One evaluation. An objective that fails is named in the answer and holds up no other.
    #[tracing::instrument(level = "info", name = "evaluate objectives", skip_all)]
    pub async fn tick(&mut self) -> Result<Tick> {
        let now = self.clock.now();
        let mut tick = Tick::default();
        let set = Arc::clone(&self.set);
        let tenant = self.routing.tenant();
        let again = TimeDelta::seconds(self.config.rebuild_seconds.min(86_400) as i64);
        self.measured.go_on(&self.store, tenant, &set.slos, again, now, &mut tick).await?;
        let open = self.routing.control().open_alerts(tenant)?;
        let mut seen = Seen::default();
        let mut round = Round::new(&self.routing, self.config.significance, open, now)?;
        let line = |slo: &'_ headroom_slo::Slo| {
            self.measured.series(&slo.id).map(|series| (slo.id.clone(), Timeline::new(slo, series)))
        };
        let lines: HashMap<String, Timeline> = set.slos.iter().filter_map(line).collect();
        for promise in set.promises() {
            let slices = Slices::new(promise, |id| lines.get(id));
            let Some(subject) = slices.and_then(|slices| Subject::new(&set, slices, now)) else { continue };
            gauges(&subject);
            let promise = subject.promise();
            // A part alerts through its composite.
            if promise.unavailable().is_some() || set.whole_of(promise.id()).is_some() {
                continue;
            }
            round.policies(&subject);
            seen.look(self.routing.budget_policies(), &subject);
            if !subject.is_stale {
                round.decide(&subject);
            }
        }
        round.end_unless(|alert| is_watched(&set, alert));
        tick.transitions = round.transitions();
        metrics::gauge!("headroom_alerts_firing").set(round.firing() as f64);
        let found = round.found();
        let open: Vec<_> = found.open().map(|(alert, watch)| (alert.clone(), watch.down_since)).collect();
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
        let open: Vec<Alert> = open.into_iter().map(|(alert, _)| alert).collect();
        tick.messages += self.follower.follow(&set, &seen, &open, now).await?;
        Ok(tick)
    }

    /// What is known of each open alert of an objective.
    async fn contexts(
        &mut self,
        open: &[(Alert, Option<DateTime<Utc>>)],
        now: DateTime<Utc>,
    ) -> BTreeMap<String, Context> {
        let mut usual = BTreeMap::new();
        for (alert, _) in open {
            let of = self.usual.of(&self.store, self.routing.tenant(), &alert.service, now).await;
            usual.insert(alert.service.clone(), of);
        }
        let (tenant, url) = (self.routing.tenant(), self.routing.external_url());
        let asked = open.iter().map(async |(alert, down_since)| {
            let (service, since) = (alert.service.as_str(), alert.started_at);
            let slow_ns = self.set.promise(&alert.slo).and_then(|promise| slow_ns(&promise));
            let burned_for = TimeDelta::seconds(Detail::of(alert).long_seconds.unwrap_or_default());
            let asked = context::Asked { service, slow_ns, since, burned_for, usual: &usual[service] };
            // On the heap: what is asked at once would be too large for the stack.
            let mut known =
                Box::pin(context::collect(&self.store, tenant, &self.market, url, asked, now)).await;
            let down = down_since.map_or(TimeDelta::zero(), |since| now - since);
            known.assess(self.routing.is_critical(service), alert.started_at, down, now);
            (alert.id.clone(), known)
        });
        futures::future::join_all(asked).await.into_iter().collect()
    }
}

/// The threshold of a promise about durations.
fn slow_ns(promise: &Promise<'_>) -> Option<u64> {
    promise.objectives().into_iter().find_map(|slo| match slo.indicator.as_ref().ok()? {
        Indicator::Spans {
            part: SpanCondition { latency: Some(Latency::Below(ns) | Latency::Above(ns)), .. },
            ..
        } => Some(*ns),
        _ => None,
    })
}

/// Whether an alert's promise is still there and can be computed, and so is its policy.
fn is_watched(set: &SloSet, alert: &Alert) -> bool {
    let Some(promise) = set.promise(&alert.slo) else { return false };
    let has = |name: &str| set.policies_of(&promise).iter().any(|policy| policy.name == name);
    promise.unavailable().is_none()
        && set.whole_of(promise.id()).is_none()
        && Detail::of(alert).policy.is_none_or(|policy| has(&policy.name))
}

fn gauges(subject: &Subject<'_>) {
    if let Ok(budget) = &subject.found.budget {
        let id = subject.promise().id();
        metrics::gauge!("headroom_slo_status", "slo" => id.to_owned()).set(budget.status);
        metrics::gauge!("headroom_slo_budget_remaining", "slo" => id.to_owned()).set(budget.remaining);
    }
}
