//! The state of probes, for the HTTP API: from the store, as objectives see it.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_calendar::Venue;
use headroom_query::synthetic::{Runs, runs};
use headroom_store::Store;
use serde::Serialize;
use utoipa::ToSchema;

use crate::config::ProbeConfig;
use crate::held::held_back;

/// How long after a run should have ended its spans may still be on their way.
const ON_ITS_WAY: TimeDelta = TimeDelta::seconds(30);

/// The probes of a tenant.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ProbeList {
    /// In the order of the configuration.
    pub probes: Vec<ProbeState>,
}

/// How things stand with a probe.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ProbeState {
    /// Its name.
    pub name: String,
    /// The service that its spans are of.
    pub service: String,
    /// The name of its root spans, for an objective.
    pub operation: String,
    /// Seconds between the beginnings of two runs.
    pub every_seconds: f64,
    /// Its steps, those of the clean-up last.
    pub steps: Vec<String>,
    /// In a word.
    pub state: Standing,
    /// When the first run began since which all have ended like the last one; of the last seven days.
    pub since: Option<DateTime<Utc>>,
    /// Why it does not run now: the market is closed, or maintenance is announced.
    pub held_back: Option<String>,
    /// The last run that is stored; absent when there was none within seven days.
    pub last_run: Option<LastRun>,
    /// Runs of the last hour.
    pub hour: Share,
    /// Runs of the last day.
    pub day: Share,
}

/// How a probe stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// The last run ended well.
    Passing,
    /// The last run failed.
    Failing,
    /// No run is stored for longer than there should be one: no node runs the probe, or its spans do not arrive.
    Overdue,
    /// It has not run yet, or is held back.
    Waiting,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LastRun {
    /// When it began.
    pub at: DateTime<Utc>,
    /// How long it took.
    pub duration_ms: u64,
    /// Whether it ended well.
    pub passed: bool,
    /// Why not.
    pub reason: Option<String>,
    /// Its trace.
    pub trace_id: String,
}

/// How many runs ended well.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Share {
    /// Runs.
    pub runs: u64,
    /// Those that failed.
    pub failed: u64,
    /// The share of the others; absent without runs.
    pub success: Option<f64>,
}

impl From<(u64, u64)> for Share {
    fn from((runs, failed): (u64, u64)) -> Self {
        let success = (runs > 0).then(|| (runs - failed.min(runs)) as f64 / runs as f64);
        Self { runs, failed, success }
    }
}

/// The probes of `tenant` on a node of the tenant `node`, as they stand at `now`.
///
/// # Errors
/// The store does not answer.
pub async fn list(
    store: &Store,
    probes: &[ProbeConfig],
    venues: &(dyn Fn(&str) -> Option<Arc<Venue>> + Sync),
    (node, tenant): (&str, &str),
    now: DateTime<Utc>,
) -> headroom_query::Result<ProbeList> {
    let mut states = Vec::new();
    for probe in probes.iter().filter(|probe| probe.tenant(node) == tenant) {
        let found = runs(store, tenant, &probe.service, &probe.operation(), now).await?;
        let venue = probe.during.as_ref().and_then(|mic| venues(mic));
        let held = held_back(probe, venue.as_ref(), now).map(|held| held.to_string());
        states.push(state(probe, found.as_ref(), held, now));
    }
    Ok(ProbeList { probes: states })
}

/// How a probe stands, of which these runs are stored. Pure.
fn state(
    probe: &ProbeConfig,
    runs: Option<&Runs>,
    held_back: Option<String>,
    now: DateTime<Utc>,
) -> ProbeState {
    let steps = probe.steps.iter().chain(&probe.cleanup).map(|step| step.name.clone()).collect();
    let longest = [2 * probe.every.get(), 2 * probe.timeout.get()]
        .map(|time| TimeDelta::from_std(time).unwrap_or_default());
    let longest = longest.into_iter().sum::<TimeDelta>() + ON_ITS_WAY;
    let standing = match runs {
        None => Standing::Waiting,
        Some(runs) if now - runs.last > longest && held_back.is_none() => Standing::Overdue,
        Some(runs) if runs.failed => Standing::Failing,
        Some(_) => Standing::Passing,
    };
    let last_run = runs.map(|runs| LastRun {
        at: runs.last,
        duration_ms: runs.duration_ns / 1_000_000,
        passed: !runs.failed,
        reason: (!runs.message.is_empty()).then(|| runs.message.clone()),
        trace_id: runs.trace_id.clone(),
    });
    ProbeState {
        name: probe.name.clone(),
        service: probe.service.clone(),
        operation: probe.operation(),
        every_seconds: probe.every.get().as_secs_f64(),
        steps,
        state: standing,
        since: runs.map(|runs| runs.since),
        held_back,
        last_run,
        hour: runs.map_or((0, 0), |runs| runs.hour).into(),
        day: runs.map_or((0, 0), |runs| runs.day).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_without_new_runs_is_overdue_unless_it_is_held_back() {
        let probe: ProbeConfig =
            toml::from_str("name = 'p'\nevery = '1m'\n[[steps]]\nname = 's'\nurl = 'https://h/'").unwrap();
        let at = |seconds: i64| DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap();
        let mut runs = Runs {
            last: at(0),
            duration_ns: 1_500_000,
            failed: true,
            message: "step 's': expected status 200-299, found 500".to_owned(),
            trace_id: "ab".to_owned(),
            since: at(-60),
            hour: (60, 15),
            day: (0, 0),
        };
        let standing = |runs: Option<&Runs>, held: Option<&str>, seconds: i64| {
            state(&probe, runs, held.map(str::to_owned), at(seconds)).state
        };
        assert_eq!(standing(Some(&runs), None, 60), Standing::Failing);
        // Two intervals, two runs at their longest, and the way of the spans.
        assert_eq!(standing(Some(&runs), None, 120 + 60 + 30), Standing::Failing);
        assert_eq!(standing(Some(&runs), None, 120 + 60 + 31), Standing::Overdue);
        assert_eq!(standing(Some(&runs), Some("XNYS is closed"), 9_999), Standing::Failing);
        assert_eq!(standing(None, None, 9_999), Standing::Waiting);
        let shown = state(&probe, Some(&runs), None, at(1));
        assert_eq!((shown.hour.success, shown.day.success), (Some(0.75), None));
        assert_eq!(shown.last_run.unwrap().duration_ms, 1);
        runs.failed = false;
        assert_eq!(standing(Some(&runs), None, 60), Standing::Passing);
    }
}
