//! The loop: history in, forecasts and plans out.
//!
//! Each tick first has every series take in the minutes that were measured since: the level follows, plans are made anew,
//! and the next hours are rewritten. All services are read with one question, and all rows are stored together. Then those
//! whose time it is (every `refit_minutes`) are fitted anew, as long as half of the interval lasts, so that no fit keeps
//! the others waiting; forecasters are chosen by back-test once a day, beside the loop. One series' trouble is its own: it
//! is logged and told, and the others go on.

mod choice;
mod output;
mod state;
mod watch;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use chrono::{Duration, DurationRound};
use futures::future::join_all;
use headroom_control::Control;
use headroom_query::measures::Minute;
use headroom_query::{TimeRange, rates};
use headroom_store::{Clock, Store};
use tokio_util::sync::CancellationToken;

use crate::board::PlanBoard;
use crate::calendar::Calendar;
use crate::calendars::CalendarBoard;
use crate::config::ModelsConfig;
use crate::error::Result;
use crate::forecast::Signal;
use crate::notices::Notices;
use crate::read;
use crate::series::Series;
use crate::subject::{self, Subject};
use choice::Turn;
use output::{Output, failed};
use state::{Round, SeriesState};

/// Configured series that are read at once.
const READ_TOGETHER: usize = 4;
/// Forecasts that are stored together.
const STORED_TOGETHER: usize = 100_000;

/// What one tick did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TickReport {
    /// Services and series whose forecast was written, with the number of rows.
    pub forecast: BTreeMap<String, usize>,
    /// Services whose plan was written, with the number of rows.
    pub planned: BTreeMap<String, usize>,
    /// Services and series without a forecast, and why.
    pub unavailable: BTreeMap<String, String>,
}

/// What leads a service or series, as it was measured.
fn signals(config: &ModelsConfig, led: &str, measured: &BTreeMap<String, Series>) -> Vec<Signal> {
    let leading = config.leading(led);
    leading.filter_map(|(name, _)| Some(Signal::new(name.as_str(), measured.get(name)?.clone()))).collect()
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
    /// Of several nodes, the one whose handle leads works.
    control: Option<Control>,
    series: BTreeMap<Subject, SeriesState>,
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
        let (tenant, series) = (tenant.to_owned(), BTreeMap::new());
        let board = Arc::new(PlanBoard::new(Arc::clone(&config)));
        let calendars = Arc::new(CalendarBoard::new(calendar));
        let turn = Arc::new(tokio::sync::Semaphore::new(1));
        Ok(Self {
            store,
            tenant,
            config,
            calendars,
            clock,
            board,
            notices: None,
            control: None,
            series,
            turn,
        })
    }

    /// The same loop with the calendar that `calendars` shows at each tick. When it has changed, all is fitted
    /// anew.
    #[must_use]
    pub fn following(self, calendars: Arc<CalendarBoard>) -> Self {
        Self { calendars, ..self }
    }

    /// The same loop, which queues the messages of `models.notices` in a control state's outbox. While `control` is the
    /// handle of a node that does not lead, it makes no plans and tells those that are stored.
    #[must_use]
    pub fn telling(self, control: Control) -> Self {
        let notices = Notices::new(&self.config.notices, self.config.interval(), control.clone());
        Self { notices: Some(notices), control: Some(control), ..self }
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

    /// One round: what came in is taken in by every series, then those whose time it is are fitted anew.
    #[tracing::instrument(level = "info", name = "forecast", skip_all)]
    pub async fn tick(&mut self) -> Result<TickReport> {
        let begun = Instant::now();
        let now = self.clock.now();
        let now = now.duration_trunc(Duration::minutes(1)).unwrap_or(now);
        let (store, config) = (self.store.clone(), Arc::clone(&self.config));
        let (tenant, turn, calendar) =
            (self.tenant.clone(), Arc::clone(&self.turn), self.calendars.calendar());
        let round =
            Round { store: &store, tenant: &tenant, config: &config, calendar: &calendar, turn: &turn, now };
        let mut output = Output::default();
        let mut followed = BTreeSet::new();
        let recent = self.recent(&round).await?;
        let measured = recent.iter().filter_map(|(subject, recent)| match subject {
            Subject::Series(name, _) => Some((name.clone(), recent.as_ref().ok()?.clone())),
            Subject::Requests(_) => None,
        });
        let measured: BTreeMap<String, Series> = measured.collect();
        for (subject, recent) in recent {
            let mut state = self.series.remove(&subject).unwrap_or_else(|| SeriesState::new(subject.clone()));
            match recent {
                Ok(recent) => {
                    let signals = signals(&config, subject.name(), &measured);
                    state.follow(&recent, &signals, &round).await;
                    if state.is_tried() {
                        self.tell(&mut state, &round, &mut output).await;
                    }
                }
                Err(error) => failed(&subject, &error, &mut output.report),
            }
            self.series.insert(subject.clone(), state);
            followed.insert(subject);
            self.store_rows(&mut output, STORED_TOGETHER).await?;
        }
        // What was silent for a day is forgotten.
        self.series.retain(|subject, _| followed.contains(subject));
        self.fit(&round, begun, &mut output).await?;
        self.store_rows(&mut output, 0).await?;
        let report = output.report;
        metrics::gauge!("headroom_forecast_services").set(report.forecast.len() as f64);
        metrics::gauge!("headroom_forecast_last_tick_seconds").set(now.timestamp() as f64);
        metrics::histogram!("headroom_forecast_tick_seconds").record(begun.elapsed().as_secs_f64());
        Ok(report)
    }

    /// Fits what is due, what has no model first and then the oldest, as long as half of the interval lasts; at least
    /// one. What has never been fitted after that tells so.
    async fn fit(&mut self, round: &Round<'_>, begun: Instant, output: &mut Output) -> Result<()> {
        let mut due: Vec<_> =
            self.series.iter().filter_map(|(s, state)| Some((state.due(round)?, s))).collect();
        due.sort();
        let due: Vec<Subject> = due.into_iter().map(|(_, subject)| subject.clone()).collect();
        for (number, subject) in due.iter().enumerate() {
            let Some(mut state) = self.series.remove(subject) else { continue };
            if number == 0 || begun.elapsed() < self.config.interval() / 2 {
                match state.refit(round).await {
                    Ok(()) => self.tell(&mut state, round, output).await,
                    Err(error) => failed(subject, &error, &mut output.report),
                }
            } else if !state.is_tried() {
                // The stored plan of an earlier run stands.
                output.waits(subject);
            }
            self.series.insert(subject.clone(), state);
            self.store_rows(output, 1).await?;
        }
        Ok(())
    }

    /// The minutes measured of late of everything that is forecast: in the first round those of the last day, to know
    /// which services there are, and then of two hours, in which minutes that come late are taken in.
    async fn recent(&self, round: &Round<'_>) -> Result<Vec<(Subject, Result<Series>)>> {
        let back = if self.series.is_empty() { Duration::days(1) } else { Duration::hours(2) };
        let range = TimeRange { from: round.until() - back, to: round.until() };
        let mut services: BTreeMap<Subject, Vec<Minute>> = BTreeMap::new();
        let alive =
            self.series.values().filter(|state| state.is_alive()).map(|state| state.subject().clone());
        let configured = self.config.services.keys().cloned().map(Subject::Requests);
        let known = alive.filter(|subject| subject.planned().is_some()).chain(configured);
        services.extend(known.map(|subject| (subject, Vec::new())));
        for (service, minutes) in rates::by_service(round.store, round.tenant, range).await? {
            let minutes =
                minutes.into_iter().map(|(minute, calls)| subject::requests(minute, calls)).collect();
            services.insert(Subject::Requests(service), minutes);
        }
        let services = services.into_iter();
        let services = services.map(|(subject, minutes)| (subject, Ok(subject::series(&minutes, range.to))));
        let mut recent: Vec<(Subject, Result<Series>)> = services.collect();
        let configured = self.config.series.iter();
        let configured: Vec<Subject> =
            configured.map(|(name, config)| Subject::Series(name.clone(), config.clone())).collect();
        for subjects in configured.chunks(READ_TOGETHER) {
            let measured = subjects.iter().map(|one| one.measured(round.store, round.tenant, range));
            recent.extend(subjects.iter().cloned().zip(join_all(measured).await));
        }
        Ok(recent)
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
            if self.control.as_ref().is_some_and(|control| !control.leads(self.clock.now())) {
                self.restore().await;
                continue;
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
