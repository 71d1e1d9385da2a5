//! `[capacity]` of the configuration: what telemetry does not say.

mod incident;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use crate::money::AttributionRules;

pub use incident::IncidentTerms;

/// `[capacity]`: knees, sizes and limits that no metric reports.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CapacityConfig {
    /// Days of history that laws are fitted to.
    pub history_days: u32,
    /// A pool's knee: the share of requests that may wait for a connection.
    pub wait_probability: f64,
    /// A processor's knee: how many times its idle duration work may take.
    pub stretch: f64,
    /// Memory's knee: the share of it in use. There is no grace beyond the limit.
    pub memory_share: f64,
    /// Price table, for costs without a bill.
    pub prices: Option<PathBuf>,
    /// FOCUS billing files.
    pub bills: Vec<PathBuf>,
    /// When the changes in each version were made (CSV), for the lead time of changes.
    pub changes: Option<PathBuf>,
    /// Whose a charge of a bill is.
    pub attribution: AttributionRules,
    /// What being short of capacity costs.
    pub incident: Option<IncidentTerms>,
    /// What the instances of services are made of.
    pub services: BTreeMap<String, ServiceShape>,
    /// Limits that telemetry does not report.
    pub limits: Vec<Limit>,
}

impl Default for CapacityConfig {
    fn default() -> Self {
        Self {
            history_days: 7,
            wait_probability: 0.1,
            stretch: 2.0,
            memory_share: 0.9,
            prices: None,
            bills: Vec::new(),
            changes: None,
            attribution: AttributionRules::default(),
            incident: None,
            services: BTreeMap::new(),
            limits: Vec::new(),
        }
    }
}

/// What one instance of a service has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceShape {
    /// Cores of an instance; one where absent and metrics only tell shares.
    pub cores: Option<f64>,
    /// Memory of an instance in MiB.
    pub memory_mib: Option<f64>,
    /// The duration that 99 of 100 requests must stay below, in milliseconds; else the objectives say it.
    pub latency_ms: Option<f64>,
    /// How uneven the time in a serialised section is: its squared coefficient of variation. 1 where absent.
    pub section_cv2: Option<f64>,
}

/// A limit that somebody else sets.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Limit {
    /// Calls a second that an upstream, or a quota, allows a service, or all that call the upstream.
    Rate {
        /// What people call it.
        name: String,
        /// The service that is limited; absent: all services that call the upstream share the limit.
        service: Option<String>,
        /// Host of the upstream (`server.address`); absent: the requests that the service receives.
        upstream: Option<String>,
        /// Calls a second that are allowed.
        per_second: f64,
    },
    /// Partitions of a topic: as many consumers work at once, and no more.
    Partitions {
        /// The topic.
        topic: String,
        /// The service that consumes it.
        service: String,
        /// How many there are.
        partitions: u32,
    },
    /// Connections that a database allows, which the pools of several services share.
    Database {
        /// Its name, as spans (`db.namespace`) and pools give it.
        name: String,
        /// The most it allows (`max_connections`), less what is kept for operators.
        most: f64,
    },
    /// Size of a connection pool, where no metric reports it.
    Connections {
        /// The service that uses them.
        service: String,
        /// The pool's name; absent: the service's only one.
        #[serde(default)]
        pool: String,
        /// Connections in all instances together.
        most: f64,
    },
}

impl CapacityConfig {
    /// The knees alone: what holds for every tenant.
    #[must_use]
    pub(crate) fn without_particulars(&self) -> Self {
        let Self { history_days, wait_probability, stretch, memory_share, .. } = *self;
        Self { history_days, wait_probability, stretch, memory_share, ..Self::default() }
    }

    /// Refuses settings that have no meaning: the setting's name, and what is wrong with it.
    pub fn validate(&self) -> Result<(), (String, String)> {
        let refuse = |setting: &str, message: &str| Err((setting.to_owned(), message.to_owned()));
        if !(1..=90).contains(&self.history_days) {
            return refuse("history_days", "must lie between 1 and 90");
        }
        if !(self.wait_probability > 0.0 && self.wait_probability < 1.0) {
            return refuse("wait_probability", "must lie between 0 and 1");
        }
        if !(self.stretch > 1.0 && self.stretch.is_finite()) {
            return refuse("stretch", "must be above 1");
        }
        if !(self.memory_share > 0.0 && self.memory_share <= 1.0) {
            return refuse("memory_share", "must be above 0 and at most 1");
        }
        if let Some(Err((setting, message))) = self.incident.as_ref().map(IncidentTerms::validate) {
            return refuse(&format!("incident.{setting}"), message);
        }
        let positive = |value: Option<f64>| value.is_none_or(|v| v > 0.0 && v.is_finite());
        for (name, shape) in &self.services {
            if ![shape.cores, shape.memory_mib, shape.latency_ms].into_iter().all(positive) {
                return refuse(
                    &format!("services.{name}"),
                    "cores, memory_mib and latency_ms must be above 0",
                );
            }
            if shape.section_cv2.is_some_and(|cv2| !(0.0..=100.0).contains(&cv2)) {
                return refuse(&format!("services.{name}.section_cv2"), "must lie between 0 and 100");
            }
        }
        for (index, limit) in self.limits.iter().enumerate() {
            let size = match limit {
                Limit::Rate { per_second, .. } => *per_second,
                Limit::Partitions { partitions, .. } => f64::from(*partitions),
                Limit::Connections { most, .. } | Limit::Database { most, .. } => *most,
            };
            if matches!(limit, Limit::Database { name, .. } | Limit::Rate { name, .. } if name.is_empty()) {
                return refuse(&format!("limits[{index}].name"), "must not be empty");
            }
            let limits =
                |name: &str, of: &Limit| matches!(of, Limit::Database { name: of, .. } if of == name);
            if let Limit::Database { name, .. } = limit
                && self.limits[..index].iter().any(|before| limits(name, before))
            {
                return refuse(
                    &format!("limits[{index}].name"),
                    &format!("a limit of database {name} stands above already; give each database one"),
                );
            }
            if matches!(limit, Limit::Rate { service: None, upstream: None, .. }) {
                return refuse(
                    &format!("limits[{index}]"),
                    "a rate needs the service that is limited, the upstream that limits, or both",
                );
            }
            if !positive(Some(size)) {
                return refuse(&format!("limits[{index}]"), "the limit must be above 0");
            }
        }
        Ok(())
    }
}
