//! The settings of forecasts and plans, as they stand under `[models]` in the configuration file.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::error::{ModelsError, Result};

/// `[models]`: what is forecast, how far, and what the services can carry.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModelsConfig {
    /// Whether the forecast loop runs at all.
    pub enabled: bool,
    /// Market identifier codes of the venues the platform serves, the most important one first.
    pub venues: Vec<String>,
    /// Event calendars (TOML), read in addition to the built-in one.
    pub calendars: Vec<PathBuf>,
    /// Whether the built-in events (rate decisions, expiries, month ends, payroll days) count.
    pub builtin_events: bool,
    /// How far a forecast reaches, in days.
    pub horizon_days: u32,
    /// How far back history is read, in days.
    pub history_days: u32,
    /// Hours ahead that are stored at one-minute resolution; beyond, every fifth minute is.
    pub fine_hours: u32,
    /// Seconds between two runs of the loop.
    pub interval_seconds: u64,
    /// Minutes after which the models are fitted anew; between fits only the level follows the demand.
    pub refit_minutes: u32,
    /// Capacity of each service; one without an entry is forecast, but not planned.
    pub services: BTreeMap<String, ServiceCapacity>,
}

impl Default for ModelsConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            venues: vec!["XNYS".into(), "XNSE".into()],
            calendars: Vec::new(),
            builtin_events: true,
            horizon_days: 14,
            history_days: 35,
            fine_hours: 24,
            interval_seconds: 60,
            refit_minutes: 60,
            services: BTreeMap::new(),
        }
    }
}

/// What one service's replicas carry, and what being short or idle costs.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceCapacity {
    /// Requests per minute that one replica serves at its target utilisation.
    pub requests_per_minute: f64,
    /// Never fewer replicas than this.
    #[serde(default = "one")]
    pub min_replicas: u32,
    /// Never more replicas than this.
    #[serde(default = "hundred")]
    pub max_replicas: u32,
    /// Seconds from asking for a replica until it serves.
    #[serde(default = "two_minutes")]
    pub lead_seconds: u32,
    /// Seconds by which capacity is to be ready before the demand.
    #[serde(default = "five_minutes")]
    pub margin_seconds: u32,
    /// Cost of one unit of demand that is not served, in the unit of `cost_over`.
    #[serde(default = "nineteen")]
    pub cost_under: f64,
    /// Cost of one unit of capacity that idles.
    #[serde(default = "unit")]
    pub cost_over: f64,
    /// Minutes for which the plan looks back and ahead before it gives replicas up.
    #[serde(default = "quarter_hour")]
    pub stabilisation_minutes: u32,
    /// Largest share of the replicas given up within five minutes; at least one may always go.
    #[serde(default = "fifth")]
    pub scale_down_step: f64,
}

fn one() -> u32 {
    1
}
fn hundred() -> u32 {
    100
}
fn two_minutes() -> u32 {
    120
}
fn five_minutes() -> u32 {
    300
}
fn nineteen() -> f64 {
    19.0
}
fn unit() -> f64 {
    1.0
}
fn quarter_hour() -> u32 {
    15
}
fn fifth() -> f64 {
    0.2
}

impl ServiceCapacity {
    /// A capacity with the default costs and times.
    pub fn per_replica(requests_per_minute: f64) -> Self {
        Self {
            requests_per_minute,
            min_replicas: one(),
            max_replicas: hundred(),
            lead_seconds: two_minutes(),
            margin_seconds: five_minutes(),
            cost_under: nineteen(),
            cost_over: unit(),
            stabilisation_minutes: quarter_hour(),
            scale_down_step: fifth(),
        }
    }

    /// The demand quantile to provision for: the newsvendor's c_u / (c_u + c_o), within the quantiles forecast.
    pub fn quantile(&self) -> f64 {
        (self.cost_under / (self.cost_under + self.cost_over)).clamp(0.5, 0.999)
    }
}

impl ModelsConfig {
    /// The loop's interval.
    pub fn interval(&self) -> Duration {
        Duration::from_secs(self.interval_seconds)
    }

    /// Refuses settings that have no meaning, naming the setting.
    pub fn validate(&self) -> Result<()> {
        let refuse = |setting: &str, message: &str| {
            Err(ModelsError::Config { setting: setting.into(), message: message.into() })
        };
        if !(1..=28).contains(&self.horizon_days) {
            return refuse("horizon_days", "must lie between 1 and 28");
        }
        if self.history_days == 0 {
            return refuse("history_days", "must be at least 1");
        }
        if self.interval_seconds == 0 || self.refit_minutes == 0 {
            return refuse("interval_seconds", "the interval and refit_minutes must be at least 1");
        }
        for (name, capacity) in &self.services {
            let setting = format!("services.{name}");
            if !(capacity.requests_per_minute.is_finite() && capacity.requests_per_minute > 0.0) {
                return refuse(&setting, "requests_per_minute must be above 0");
            }
            if capacity.min_replicas > capacity.max_replicas {
                return refuse(&setting, "min_replicas must not be above max_replicas");
            }
            if !(capacity.cost_under > 0.0 && capacity.cost_over > 0.0) {
                return refuse(&setting, "cost_under and cost_over must be above 0");
            }
            if !(capacity.scale_down_step > 0.0 && capacity.scale_down_step <= 1.0) {
                return refuse(&setting, "scale_down_step must be above 0 and at most 1");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_read_over_the_defaults() {
        let text = "venues = [\"XNSE\"]\n[services.gateway]\nrequests_per_minute = 600\ncost_under = 99\n";
        let config: ModelsConfig = toml::from_str(text).unwrap();
        config.validate().unwrap();
        assert_eq!(config.venues, ["XNSE"]);
        assert_eq!((config.horizon_days, config.interval()), (14, Duration::from_mins(1)));
        let gateway = &config.services["gateway"];
        assert_eq!((gateway.quantile(), gateway.min_replicas, gateway.lead_seconds), (0.99, 1, 120));
    }

    #[test]
    fn what_has_no_meaning_is_refused_by_name() {
        let refused = |text: &str| match toml::from_str::<ModelsConfig>(text) {
            Ok(config) => config.validate().unwrap_err().to_string(),
            Err(error) => error.message().split(", expected").next().unwrap_or_default().to_owned(),
        };
        insta::assert_snapshot!(refused("horizon = 3"), @"unknown field `horizon`");
        insta::assert_snapshot!(refused("horizon_days = 90"), @"models.horizon_days: must lie between 1 and 28");
        insta::assert_snapshot!(refused("[services.a]\nrequests_per_minute = 0"), @"models.services.a: requests_per_minute must be above 0");
        insta::assert_snapshot!(refused("[services.a]\nrequests_per_minute = 5\nmin_replicas = 200"), @"models.services.a: min_replicas must not be above max_replicas");
    }
}
