//! What is found of a service beside its forecasts: anomalies, and how good its forecasters are.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{ServiceState, apart};
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

impl ServiceState {
    /// What was found since it was last stored.
    pub(in crate::run) fn findings(&mut self) -> &mut Findings {
        &mut self.findings
    }

    /// Notes which forecaster was chosen, and by what.
    pub(super) fn chosen(&mut self, tenant: &str, now: DateTime<Utc>, reports: &[Report]) {
        let Some(choice) = &self.choice else { return };
        let model = choice.forecaster().name();
        tracing::info!(service = self.name, model, "forecaster chosen");
        self.findings.skill.extend(SkillRow::of(tenant, &self.name, now, &model, reports));
    }

    /// Watches the minutes of a whole history that were not watched yet. Without a watch one begins.
    pub(super) async fn replay(
        &mut self,
        tenant: &str,
        history: &Arc<Series>,
        context: Context,
        told: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) {
        let (Some(choice), Some((_, _, fitted))) = (&self.choice, &self.fitted) else { return };
        let watch = self.watch.take().unwrap_or_else(|| Watch::new(history, told, fitted.phases()));
        let (mut watch, history, forecaster) = (watch, Arc::clone(history), Arc::clone(choice.forecaster()));
        let work = move || {
            let found = watch.replay(&history, forecaster.as_ref(), &context);
            Ok((watch, found))
        };
        match apart(&self.name, work).await {
            Ok((watch, found)) => {
                self.watch = Some(watch);
                self.found(tenant, now, found);
            }
            Err(broken) => tracing::warn!(%broken, "the watch for anomalies begins anew"),
        }
    }

    pub(super) fn found(&mut self, tenant: &str, now: DateTime<Utc>, found: Vec<Anomaly>) {
        let rows = found.into_iter().map(|anomaly| AnomalyRow::new(tenant, &self.name, anomaly, now));
        self.findings.anomalies.extend(rows);
    }
}
