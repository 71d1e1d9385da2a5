//! The loop: history in, forecasts and plans out.
//!
//! Each tick goes over the services seen of late. A service is fitted anew every `refit_minutes`, and its
//! forecaster is chosen by back-test once a day; in between, a tick only lets the level follow what came in, and
//! rewrites the next hours. One service's trouble is its own: it is logged and told, and the others go on.

mod choice;
mod service;
mod watch;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Duration, DurationRound, Utc};
use headroom_control::Control;
use headroom_query::TimeRange;
use headroom_query::rates::MinuteRate;
use headroom_query::scan::{Filter, Key, ScanQuery};
use headroom_store::{Clock, Store};
use tokio_util::sync::CancellationToken;

use crate::board::PlanBoard;
use crate::calendar::Calendar;
use crate::calendars::CalendarBoard;
use crate::config::ModelsConfig;
use crate::error::Result;
use crate::forecast::Unavailable;
use crate::notices::Notices;
use crate::plan::Plan;
use crate::read;
use choice::Turn;
use service::{Findings, ServiceState};

/// What one tick did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TickReport {
    /// Services whose forecast was written, with the number of rows.
    pub forecast: BTreeMap<String, usize>,
    /// Services whose plan was written, with the number of rows.
    pub planned: BTreeMap<String, usize>,
    /// Services without a forecast, and why.
    pub unavailable: BTreeMap<String, String>,
}

/// Keeps the forecasts and plans of one tenant fresh.
pub struct ForecastLoop {
    store: Store,
    tenant: String,
    config: Arc<ModelsConfig>,
    calendars: Arc<CalendarBoard>,
    clock: Arc<dyn Clock>,
    board: Arc<PlanBoard>,
    notices: Option<Notices>,
    services: BTreeMap<String, ServiceState>,
    /// Nightly back-tests run one at a time.
    turn: Turn,
}

impl ForecastLoop {
    /// A loop for a tenant. The calendar is the one of [`ModelsConfig::calendar`], or another.
    pub fn new(
        store: Store,
        tenant: &str,
        config: Arc<ModelsConfig>,
        calendar: Arc<Calendar>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        config.validate()?;
        let (tenant, services) = (tenant.to_owned(), BTreeMap::new());
        let board = Arc::new(PlanBoard::new(Arc::clone(&config)));
        let calendars = Arc::new(CalendarBoard::new(calendar));
        let turn = Arc::new(tokio::sync::Semaphore::new(1));
        Ok(Self { store, tenant, config, calendars, clock, board, notices: None, services, turn })
    }

    /// The same loop with the calendar that `calendars` shows at each tick. When it has changed, the services are fitted
    /// anew.
    #[must_use]
    pub fn following(self, calendars: Arc<CalendarBoard>) -> Self {
        Self { calendars, ..self }
    }

    /// The same loop, which queues the messages of `models.notices` in a control state's outbox.
    #[must_use]
    pub fn telling(self, control: Control) -> Self {
        let notices = Notices::new(&self.config.notices, self.config.interval(), control);
        Self { notices: Some(notices), ..self }
    }

    /// Where its newest plans are posted.
    pub fn board(&self) -> Arc<PlanBoard> {
        Arc::clone(&self.board)
    }

    /// Posts the plans that are stored, so that they are told until new ones are made.
    async fn restore(&self) {
        match read::plan(&self.store, &self.tenant, None, self.clock.now(), &self.config).await {
            Ok(body) => self.board.restore(&body),
            Err(error) => tracing::warn!(%error, "the stored plans could not be read"),
        }
    }

    /// One round over all services.
    #[tracing::instrument(level = "info", name = "forecast", skip_all)]
    pub async fn tick(&mut self) -> Result<TickReport> {
        let now = self.clock.now();
        let now = now.duration_trunc(Duration::minutes(1)).unwrap_or(now);
        let mut report = TickReport::default();
        let calendar = self.calendars.calendar();
        for name in self.seen(now).await? {
            let mut state = self.services.remove(&name).unwrap_or_else(|| ServiceState::new(&name));
            let planned_before = state.planned().is_some();
            let outcome = self.service(&mut state, &calendar, now, &mut report).await;
            if let Err(error) = outcome {
                metrics::counter!("headroom_forecast_failures_total").increment(1);
                tracing::warn!(service = name, %error, "the forecast of a service failed; its last one stands");
                report.unavailable.insert(name.clone(), error.to_string());
            }
            if let Some(plan) = state.planned() {
                self.post(&name, plan, planned_before, now);
            }
            self.services.insert(name, state);
        }
        metrics::gauge!("headroom_forecast_services").set(report.forecast.len() as f64);
        metrics::gauge!("headroom_forecast_last_tick_seconds").set(now.timestamp() as f64);
        Ok(report)
    }

    /// Posts a plan, and queues the messages of its steps.
    fn post(&self, service: &str, plan: &Plan, planned_before: bool, now: DateTime<Utc>) {
        // A restored plan is stored by the minute: its last step is no step again because it lacks the seconds.
        let running = self.board.in_force(service, now).filter(|_| planned_before);
        self.board.post(service, plan);
        if let Some(notices) = &self.notices {
            let told = notices.queue(&self.board, service, running, now, self.clock.now());
            if let Err(error) = told {
                tracing::warn!(service, %error, "the messages of its steps could not be queued; tried again at the next run");
            }
        }
    }

    async fn service(
        &self,
        state: &mut ServiceState,
        calendar: &Arc<Calendar>,
        now: DateTime<Utc>,
        report: &mut TickReport,
    ) -> Result<()> {
        let name = state.name().to_owned();
        let outcome =
            state.refresh(&self.store, &self.tenant, &self.config, calendar, &self.turn, now).await?;
        self.keep(state.findings()).await?;
        match outcome {
            Ok(()) => {}
            Err(Unavailable(reason)) => {
                let plans = state.plans_without_forecast(&self.tenant, &self.config, calendar, now, &reason);
                if !plans.is_empty() {
                    self.store.insert_rows("plans", &plans).await?;
                    report.planned.insert(name.clone(), plans.len());
                }
                report.unavailable.insert(name, reason);
                return Ok(());
            }
        }
        let Some(written) = state.rows(&self.tenant, &self.config, calendar, now) else {
            return Ok(());
        };
        self.store.insert_rows("forecasts", &written.forecasts).await?;
        report.forecast.insert(name.clone(), written.forecasts.len());
        if !written.plans.is_empty() {
            self.store.insert_rows("plans", &written.plans).await?;
            report.planned.insert(name, written.plans.len());
        }
        state.written(now);
        Ok(())
    }

    /// Stores what was found; what could not be stored stays for the next tick. Before the forecasts, by which a watch
    /// that begins anew knows up to where all is told.
    async fn keep(&self, findings: &mut Findings) -> Result<()> {
        self.store.insert_rows("anomalies", &findings.anomalies).await?;
        for anomaly in findings.anomalies.drain(..) {
            tracing::info!(
                service = anomaly.service,
                kind = anomaly.kind,
                reason = anomaly.reason,
                "anomaly"
            );
            metrics::counter!("headroom_anomalies_total", "kind" => anomaly.kind).increment(1);
        }
        self.store.insert_rows("forecast_skill", &findings.skill).await?;
        findings.skill.clear();
        Ok(())
    }

    /// The services that received requests in the last day, and those with a capacity.
    async fn seen(&self, now: DateTime<Utc>) -> Result<BTreeSet<String>> {
        #[derive(Debug, clickhouse::Row, serde::Deserialize)]
        struct Named {
            service: String,
        }
        let day = TimeRange { from: now - Duration::days(1), to: now };
        let scan = ScanQuery::aggregate(&self.tenant, "span_minute")
            .filter(Filter::within("m", &day))
            .filter(Filter::one_of("kind", headroom_query::rates::RECEIVED))
            .key(Key::column("service"))
            .ascending("service");
        let rows: Vec<Named> = scan.fetch(&self.store).await?;
        let configured = self.config.services.keys().cloned();
        Ok(rows.into_iter().map(|row| row.service).chain(configured).collect())
    }

    /// Ticks until cancelled, at the configured interval. A tick that fails is logged and tried again at the next.
    pub async fn run(mut self, cancel: CancellationToken) {
        if !self.config.enabled {
            return;
        }
        self.restore().await;
        let mut interval = tokio::time::interval(self.config.interval());
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = cancel.cancelled() => return,
                _ = interval.tick() => {}
            }
            tokio::select! {
                () = cancel.cancelled() => return,
                outcome = self.tick() => match outcome {
                    Ok(report) => tracing::debug!(?report, "forecasts are fresh"),
                    Err(error) => {
                        metrics::counter!("headroom_forecast_failures_total").increment(1);
                        tracing::warn!(%error, "no forecasts this time; the last ones stand");
                    }
                },
            }
        }
    }
}

/// A service's minutes as points of a series.
pub(crate) fn counts(rates: &[MinuteRate]) -> Vec<(DateTime<Utc>, f64)> {
    rates.iter().map(|rate| (rate.m, rate.calls as f64)).collect()
}
