//! What is found of a series beside its forecasts: anomalies, and how good its forecasters are.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::fit::apart;
use super::{Round, SeriesState};
use crate::forecast::Context;
use crate::forecast::anomaly::Anomaly;
use crate::forecast::backtest::Report;
use crate::rows::{AnomalyRow, SkillRow};
use crate::run::watch::Watch;
use crate::series::Series;

/// What is found beside the forecasts.
#[derive(Default)]
pub(in crate::run) struct Findings {
    pub(in crate::run) anomalies: Vec<AnomalyRow>,
    pub(in crate::run) skill: Vec<SkillRow>,
}

impl SeriesState {
    /// What was found since it was last stored.
    pub(in crate::run) fn findings(&mut self) -> &mut Findings {
        &mut self.findings
    }

    /// Notes which forecaster was chosen, and by what.
    pub(super) fn chosen(&mut self, round: &Round<'_>, reports: &[Report]) {
        let Some(choice) = &self.choice else { return };
        let model = choice.forecaster().name();
        tracing::info!(series = self.subject.name(), model, "forecaster chosen");
        let rows = SkillRow::of(round.tenant, &self.subject, round.now, &model, reports);
        self.findings.skill.extend(rows);
    }

    /// Watches the minutes of a whole history that were not watched yet. Without a watch one begins.
    pub(super) async fn replay(
        &mut self,
        history: &Arc<Series>,
        context: Context,
        told: Option<DateTime<Utc>>,
        round: &Round<'_>,
    ) {
        let (Some(choice), Ok(fit)) = (&self.choice, &self.fit) else { return };
        let watch = self.watch.take().unwrap_or_else(|| Watch::new(history, told, fit.fitted.phases()));
        let (mut watch, history, forecaster) = (watch, Arc::clone(history), Arc::clone(choice.forecaster()));
        let work = move || {
            let found = watch.replay(&history, forecaster.as_ref(), &context);
            Ok((watch, found))
        };
        match apart(self.subject.name(), work).await {
            Ok((watch, found)) => {
                self.watch = Some(watch);
                self.found(round, found);
            }
            Err(broken) => tracing::warn!(%broken, "the watch for anomalies begins anew"),
        }
    }

    pub(super) fn found(&mut self, round: &Round<'_>, found: Vec<Anomaly>) {
        let row = |anomaly| AnomalyRow::new(round.tenant, &self.subject, anomaly, round.now);
        let rows: Vec<AnomalyRow> = found.into_iter().map(row).collect();
        self.findings.anomalies.extend(rows);
    }
}
