//! `[[alerts.routes]]` and what holds for all of them.

use std::collections::HashSet;

use headroom_routing::{Matchers, Route, Router, Step};
use serde::Deserialize;

use super::{AlertsConfig, Name};
use crate::error::{AlertsError, Result};

/// A sign of life to a receiver that misses it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heartbeat {
    /// The receiver's name.
    pub target: Name,
    /// How often, in seconds; at least 1.
    #[serde(default = "minute")]
    pub every_seconds: u32,
}

fn minute() -> u32 {
    60
}

impl AlertsConfig {
    /// The routes. Without any, all receivers are told of each objective's page and ticket at once.
    pub fn router(&self) -> Router {
        let mut routes = self.routes.clone();
        if routes.is_empty() {
            routes.extend(self.everybody());
        }
        Router { routes, inhibitions: self.inhibitions.clone(), flapping: self.flapping }
    }

    fn everybody(&self) -> Option<Route> {
        let heartbeat = self.heartbeat.as_ref().map(|heartbeat| &heartbeat.target);
        let told = self.receivers().filter(|target| Some(&target.name) != heartbeat);
        let receivers: Vec<String> = told.map(|target| target.name.to_string()).collect();
        (!receivers.is_empty()).then(|| Route {
            name: "all".to_owned(),
            matchers: Matchers::default(),
            group_by: ["alertname", "service", "slo", "track", "policy", "step"].map(str::to_owned).into(),
            goes_on: false,
            steps: vec![Step { after_seconds: 0, receivers }],
            group_wait_seconds: 0,
            group_interval_seconds: 1,
            repeat_interval_seconds: 4 * 3_600,
            acknowledged_seconds: 8 * 3_600,
        })
    }

    /// Checks that routes fit together and name receivers that are there.
    pub(super) fn check_routes(&self) -> Result<()> {
        let known: HashSet<&str> = self.receivers().map(|target| &*target.name).collect();
        let refused = |problem: String, route: Option<usize>| {
            Err(AlertsError::Config { problem, place: route.map(|n| ("routes", n)) })
        };
        if let Err(problem) = self.router().check() {
            return refused(problem.to_string(), problem.route());
        }
        let unknown = |place: String, name: &str| {
            format!(
                "{place} names the receiver {name:?}, and no [[alerts.targets]] or [[alerts.webhooks]] has this name"
            )
        };
        for (n, route) in self.routes.iter().enumerate() {
            let named = route.steps.iter().flat_map(|step| &step.receivers);
            if let Some(name) = named.into_iter().find(|name| !known.contains(name.as_str())) {
                return refused(unknown(format!("routes[{n}]"), name), Some(n));
            }
        }
        match &self.heartbeat {
            Some(heartbeat) if !known.contains(&*heartbeat.target) => {
                refused(unknown("heartbeat.target".to_owned(), &heartbeat.target), None)
            }
            Some(heartbeat) if heartbeat.every_seconds == 0 => {
                refused("heartbeat.every_seconds must be at least 1".to_owned(), None)
            }
            _ => Ok(()),
        }
    }
}
