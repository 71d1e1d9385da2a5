//! Every few seconds: measure new minutes, read the rules, record what changed.
//!
//! The evaluator asks ClickHouse twice: to count the last minutes again
//! ([`slices::refresh`]) and to read the slices back. Everything it decides comes from
//! stored slices, the same that pages and reports read. A transition and the messages it
//! causes are one transaction in the control database; sending is another's work.

mod record;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_control::{Alert, AlertState, Control};
use headroom_query::slo::slices;
use headroom_slo::{Assessment, Severity, Slo, SloSet, Timeline, assess, budget};
pub use headroom_slo::{gate, machine, reading};
use headroom_store::{Clock, Store};

use crate::config::AlertsConfig;
use crate::error::Result;
use machine::{Open, Step, Track};
use reading::Reading;
pub(crate) use record::Detail;
use record::Recorder;

/// Seconds before the watermark that are counted again each time, for late data.
const LATE_SECONDS: i64 = 180;

/// What one evaluation did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tick {
    /// Slices written.
    pub slices: usize,
    /// Alerts fired, raised or resolved.
    pub transitions: usize,
    /// Objectives that could not be measured or decided, with the reason.
    pub failed: Vec<String>,
}

/// Measures objectives and keeps the state of their alerts.
#[derive(Debug)]
pub struct Evaluator {
    store: Store,
    control: Control,
    clock: Arc<dyn Clock>,
    tenant: String,
    set: Arc<SloSet>,
    config: AlertsConfig,
    /// End of what was measured last.
    measured: Option<i64>,
    /// When all windows are counted in full again.
    rebuild_at: Option<DateTime<Utc>>,
    /// Watermark since which an open alert's rules have been calm.
    calm: HashMap<String, i64>,
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
        let tenant = tenant.to_owned();
        Self {
            store,
            control,
            clock,
            tenant,
            set,
            config,
            measured: None,
            rebuild_at: None,
            calm: HashMap::new(),
        }
    }

    /// One evaluation. An objective that fails is named in the answer and holds up no other.
    #[tracing::instrument(level = "info", name = "evaluate objectives", skip_all)]
    pub async fn tick(&mut self) -> Result<Tick> {
        let now = self.clock.now();
        let mut tick = Tick::default();
        self.measure(now, &mut tick).await?;
        let set = Arc::clone(&self.set);
        let all: Vec<&Slo> = set.slos.iter().collect();
        let series = slices::stored(&self.store, &self.tenant, &all, now).await?;
        let mut open = self.control.open_alerts(&self.tenant)?;
        for slo in &set.slos {
            let Some(series) = series.get(&slo.id) else { continue };
            let line = Timeline::new(slo, series);
            let found = assess(slo, &line, now);
            gauges(slo, &found);
            if slo.indicator.is_err() || budget::is_stale(&line, now) {
                continue;
            }
            match self.decide(slo, &line, &found, &mut open, now) {
                Ok(transitions) => tick.transitions += transitions,
                Err(error) => tick.failed.push(format!("{}: {error}", slo.id)),
            }
        }
        let watched = |alert: &Alert| set.get(&alert.slo).is_some_and(|slo| slo.indicator.is_ok());
        for alert in open.iter_mut().filter(|alert| alert.state == AlertState::Firing && !watched(alert)) {
            self.recorder().resolve(alert, "its objective was removed or can no longer be computed", now)?;
            tick.transitions += 1;
        }
        let firing = self.control.open_alerts(&self.tenant)?;
        metrics::gauge!("headroom_alerts_firing").set(firing.len() as f64);
        self.calm.retain(|id, _| firing.iter().any(|alert| alert.id == *id));
        Ok(tick)
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
        let alive: BTreeSet<i64> = slices::alive_minutes(&self.store, &self.tenant, earliest, to).await?;
        let mut failed = false;
        for slo in measurable() {
            match slices::refresh(&self.store, &self.tenant, slo, &alive, (from(slo), to), now).await {
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

    /// Moves both tracks of one objective. Returns the number of transitions.
    fn decide(
        &mut self,
        slo: &Slo,
        line: &Timeline,
        found: &Assessment,
        open: &mut [Alert],
        now: DateTime<Utc>,
    ) -> Result<usize> {
        let Some(watermark) = line.watermark() else { return Ok(0) };
        let all: Vec<Reading> = line
            .rules(slo.target)
            .into_iter()
            .map(|rule| Reading::new(slo, line, rule, self.config.significance))
            .collect();
        let mut transitions = 0;
        let mut page_open = false;
        for track in [Track::Page, Track::Ticket] {
            let readings: Vec<Reading> =
                all.iter().copied().filter(|r| Track::of(r.rule.severity) == track).collect();
            let alert = open.iter_mut().find(|alert| alert.slo == slo.id && track_of(alert) == Some(track));
            let state = alert.as_ref().and_then(|alert| {
                let severity = Severity::from_word(&alert.severity)?;
                Some(Open { severity, calm_since: self.calm.get(&alert.id).copied() })
            });
            let is_open = alert.is_some();
            let recorder = self.recorder();
            match (machine::step(state, &readings, watermark), alert) {
                (Step::Fire(_), None) if track == Track::Ticket && page_open => {}
                (Step::Fire(reading), None) => {
                    recorder.fire(slo, &reading, found, watermark, now)?;
                    transitions += 1;
                    page_open |= track == Track::Page;
                }
                (Step::Raise(reading), Some(alert)) => {
                    recorder.raise(alert, slo, &reading, found, now)?;
                    self.calm.remove(&alert.id);
                    transitions += 1;
                }
                (Step::Resolve, Some(alert)) => {
                    recorder.resolve(alert, "the burn is back below the alert's threshold", now)?;
                    self.calm.remove(&alert.id);
                    transitions += 1;
                    continue;
                }
                (Step::Calming(since), Some(alert)) => {
                    recorder.refresh(alert, slo, &readings, found, now)?;
                    self.calm.insert(alert.id.clone(), since);
                }
                (_, Some(alert)) => {
                    recorder.refresh(alert, slo, &readings, found, now)?;
                    self.calm.remove(&alert.id);
                }
                (_, None) => {}
            }
            page_open |= is_open && track == Track::Page;
        }
        Ok(transitions)
    }

    fn recorder(&self) -> Recorder<'_> {
        Recorder { control: &self.control, tenant: &self.tenant, config: &self.config }
    }
}

fn track_of(alert: &Alert) -> Option<Track> {
    (alert.state == AlertState::Firing).then(|| Severity::from_word(&alert.severity).map(Track::of)).flatten()
}

fn gauges(slo: &Slo, found: &Assessment) {
    if let Ok(budget) = &found.budget {
        metrics::gauge!("headroom_slo_status", "slo" => slo.id.clone()).set(budget.status);
        metrics::gauge!("headroom_slo_budget_remaining", "slo" => slo.id.clone()).set(budget.remaining);
    }
}
