//! What a round has to tell: plans on the board, messages, rows.

use std::collections::BTreeSet;
use std::mem::take;

use chrono::{DateTime, Utc};

use super::state::{Findings, Round, SeriesState, Written};
use super::{ForecastLoop, TickReport};
use crate::error::{ModelsError, Result};
use crate::plan::Plan;
use crate::rows::{ForecastRow, PlanRow};
use crate::subject::Subject;

/// What a round came to, and the rows of it that are not stored yet.
#[derive(Default)]
pub(super) struct Output {
    pub(super) report: TickReport,
    /// What the rows are of.
    of: BTreeSet<Subject>,
    forecasts: Vec<ForecastRow>,
    plans: Vec<PlanRow>,
}

impl Output {
    /// Notes that a series was not fitted yet.
    pub(super) fn waits(&mut self, subject: &Subject) {
        let why = "it waits for its first fit".to_owned();
        self.report.unavailable.insert(subject.name().to_owned(), why);
    }
}

impl ForecastLoop {
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

    /// Posts the plan of a series, and adds its rows to those that are to be stored.
    pub(super) async fn tell(&mut self, state: &mut SeriesState, round: &Round<'_>, output: &mut Output) {
        let subject = state.subject().clone();
        if let Err(error) = self.keep(state.findings()).await {
            failed(&subject, &error, &mut output.report);
            return;
        }
        let planned_before = state.planned().is_some();
        let Written { forecasts, plans } = state.rows(round);
        if let (Some(service), Some(plan)) = (subject.planned(), state.planned()) {
            self.post(service, plan, planned_before, round.now);
        }
        let name = subject.name().to_owned();
        let report = &mut output.report;
        match forecasts {
            Ok(rows) => {
                report.unavailable.remove(&name);
                report.forecast.insert(name.clone(), rows.len());
                output.forecasts.extend(rows);
            }
            Err(why) => {
                report.forecast.remove(&name);
                report.unavailable.insert(name.clone(), why);
            }
        }
        if !plans.is_empty() {
            report.planned.insert(name, plans.len());
            output.plans.extend(plans);
        }
        output.of.insert(subject);
    }

    /// Stores the rows once there are `enough`. What could not be stored is made and stored anew by the next rounds.
    pub(super) async fn store_rows(&mut self, output: &mut Output, enough: usize) -> Result<()> {
        if output.forecasts.len() < enough {
            return Ok(());
        }
        let Output { of, forecasts, plans, .. } = output;
        let (of, forecasts, plans) = (take(of), take(forecasts), take(plans));
        let stored = match self.store.insert_rows("forecasts", &forecasts).await {
            Ok(()) => self.store.insert_rows("plans", &plans).await,
            Err(error) => Err(error),
        };
        if stored.is_err() {
            let lost = self.series.iter_mut().filter(|(subject, _)| of.contains(subject));
            lost.for_each(|(_, state)| state.not_stored());
        }
        Ok(stored?)
    }

    /// Stores what was found; what could not be stored stays for the next tick. Before the forecasts, by which a watch
    /// that begins anew knows up to where all is told.
    async fn keep(&self, findings: &mut Findings) -> Result<()> {
        self.store.insert_rows("anomalies", &findings.anomalies).await?;
        for anomaly in findings.anomalies.drain(..) {
            tracing::info!(
                metric = anomaly.metric,
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
}

/// Notes that a series could not be read or stored in a round.
pub(super) fn failed(subject: &Subject, error: &ModelsError, report: &mut TickReport) {
    metrics::counter!("headroom_forecast_failures_total").increment(1);
    tracing::warn!(series = subject.name(), %error, "a forecast failed; the last one stands");
    report.unavailable.insert(subject.name().to_owned(), error.to_string());
}
