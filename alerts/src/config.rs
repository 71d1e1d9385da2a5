//! The `[alerts]` part of the configuration.

mod actions;
mod routes;
mod target;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use headroom_actions::BudgetPolicy;
use headroom_calendar::Venue;
use headroom_query::slo::SloSet;
use headroom_routing::{Flapping, Inhibition, Ladder, Route};
use serde::Deserialize;
use url::Url;

use crate::error::{AlertsError, Result};
pub use actions::ActionConfig;
pub use routes::Heartbeat;
pub use target::{Name, TargetConfig};

/// Where definitions come from, how often they are evaluated, whom to tell.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AlertsConfig {
    /// Folders whose `*.yaml` and `*.yml` files are read, in order of name.
    pub slo_dirs: Vec<PathBuf>,
    /// Single files.
    pub slo_files: Vec<PathBuf>,
    /// Receivers of alerts.
    pub targets: Vec<TargetConfig>,
    /// More of them: signed webhooks, in short.
    #[serde(deserialize_with = "target::webhooks")]
    pub webhooks: Vec<TargetConfig>,
    /// Which alerts go to whom, in what groups, how often, and who is next; none: all receivers are told of all.
    pub routes: Vec<Route>,
    /// What is not told while something else fires.
    pub inhibitions: Vec<Inhibition>,
    /// When an alert flaps.
    pub flapping: Flapping,
    /// How severities climb.
    pub ladder: Ladder,
    /// Services that support critical or important functions: their downtime is a rung of the ladder, and what hits
    /// them may be a major incident by EU law.
    pub critical_services: Vec<String>,
    /// What was agreed to happen when budgets run out.
    pub budget_policies: Vec<BudgetPolicy>,
    /// Remedies that machines may be asked for.
    pub actions: Vec<ActionConfig>,
    /// Who misses a sign of life.
    pub heartbeat: Option<Heartbeat>,
    /// Seconds between evaluations, at least 1.
    pub interval_seconds: u64,
    /// Seconds between counts of whole windows, which find late and loaded history; one older day at each evaluation.
    pub rebuild_seconds: u64,
    /// Seconds after which an alert of another Alertmanager that is not told of again is over.
    pub inbound_expires_seconds: u64,
    /// Largest probability that so many failures are chance within the objective; below
    /// it an alert may fire. Keeps single failures at low traffic from paging.
    pub significance: f64,
    /// Headroom's address as people reach it, for links in alerts.
    pub external_url: Option<Url>,
}

impl Default for AlertsConfig {
    fn default() -> Self {
        Self {
            slo_dirs: Vec::new(),
            slo_files: Vec::new(),
            targets: Vec::new(),
            webhooks: Vec::new(),
            routes: Vec::new(),
            inhibitions: Vec::new(),
            flapping: Flapping::default(),
            ladder: Ladder::default(),
            critical_services: Vec::new(),
            budget_policies: Vec::new(),
            actions: Vec::new(),
            heartbeat: None,
            interval_seconds: 15,
            rebuild_seconds: 300,
            inbound_expires_seconds: 43_200,
            significance: 1e-3,
            external_url: None,
        }
    }
}

impl AlertsConfig {
    /// Checks what the types cannot.
    pub fn check(&self) -> Result<()> {
        let refused = |problem: String| Err(AlertsError::Config { problem, place: None });
        if self.interval_seconds == 0 || self.rebuild_seconds == 0 {
            return refused("interval_seconds and rebuild_seconds must be at least 1".to_owned());
        }
        if !(60..=31_536_000).contains(&self.inbound_expires_seconds) {
            return refused(format!(
                "inbound_expires_seconds is {}; allowed: 60 (a minute) to 31536000 (a year)",
                self.inbound_expires_seconds
            ));
        }
        if !(self.significance > 0.0 && self.significance <= 1.0) {
            return refused(format!(
                "significance is {}; allowed: above 0, at most 1 (1 turns the gate off)",
                self.significance
            ));
        }
        let mut names = HashSet::new();
        if let Some((n, twice)) =
            self.receivers().enumerate().find(|(_, target)| !names.insert(&*target.name))
        {
            let problem = format!("two receivers are called {:?}; names must differ", &*twice.name);
            let place = n.checked_sub(self.targets.len()).map_or(("targets", n), |n| ("webhooks", n));
            return Err(AlertsError::Config { problem, place: Some(place) });
        }
        self.check_actions()?;
        self.check_routes()
    }

    /// All receivers.
    pub fn receivers(&self) -> impl Iterator<Item = &TargetConfig> {
        self.targets.iter().chain(&self.webhooks)
    }

    /// Reads all definition files. `venues` stand before the built-in ones.
    pub fn load_slos(&self, venues: &[Venue]) -> Result<SloSet> {
        let mut paths = Vec::new();
        for dir in &self.slo_dirs {
            paths.extend(yaml_files(dir)?);
        }
        paths.extend(self.slo_files.iter().cloned());
        let mut files = Vec::new();
        for path in paths {
            let text = std::fs::read_to_string(&path).map_err(|e| unreadable(&path, &e))?;
            files.push((path.display().to_string(), text));
        }
        Ok(SloSet::parse_with(files.iter().map(|(file, text)| (file.as_str(), text.as_str())), venues)?)
    }
}

/// The `*.yaml` and `*.yml` files of a folder, in order of name.
pub fn yaml_files(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(dir).map_err(|e| unreadable(dir, &e))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(|e| unreadable(dir, &e))?.path();
        let yaml = path.extension().is_some_and(|ext| ext == "yaml" || ext == "yml");
        if yaml && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn unreadable(path: &Path, error: &std::io::Error) -> AlertsError {
    AlertsError::File { path: path.to_owned(), reason: error.to_string() }
}
