//! The settings of the scaler, as they stand under `[scaler]` in the configuration file.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use headroom_tls::TlsFiles;
use serde::{Deserialize, Serialize};

use crate::policy::{Bounds, Policy};

/// The section `[scaler]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScalerConfig {
    /// Whether the scaler listens.
    pub enabled: bool,
    /// Where it listens for KEDA.
    pub listen: SocketAddr,
    /// Age, in minutes, up to which a plan is fresh.
    pub fresh_minutes: u64,
    /// Age, in minutes, up to which an old plan is told as the last plan.
    pub keep_minutes: u64,
    /// Seconds after the start in which the first plan is waited for, and no fallback is told.
    pub settle_seconds: u64,
    /// Most streams open at once: KEDA opens two for each trigger of type external-push.
    pub max_streams: usize,
    /// Replicas of a service when there is neither a plan nor a last plan.
    pub fallback: BTreeMap<String, u32>,
    /// TLS; without it connections are in clear.
    pub tls: Option<TlsFiles>,
}

impl Default for ScalerConfig {
    fn default() -> Self {
        let policy = Policy::default();
        Self {
            enabled: true,
            listen: SocketAddr::from(([127, 0, 0, 1], 4320)),
            fresh_minutes: policy.fresh_for.as_secs() / 60,
            keep_minutes: policy.keep_for.as_secs() / 60,
            settle_seconds: policy.settle.as_secs(),
            max_streams: policy.max_streams,
            fallback: BTreeMap::new(),
            tls: None,
        }
    }
}

impl ScalerConfig {
    /// The policy of these settings, for services with the given fewest and most replicas.
    ///
    /// # Errors
    /// A sentence that names the setting: a fallback of a service that is not planned, or outside of its bounds.
    pub fn policy(&self, planned: impl IntoIterator<Item = (String, u32, u32)>) -> Result<Policy, String> {
        let bound = |(service, min, max)| {
            let fallback = self.fallback.get(&service).copied();
            (service, Bounds { min, max, fallback })
        };
        let services: BTreeMap<String, Bounds> = planned.into_iter().map(bound).collect();
        for (service, replicas) in &self.fallback {
            let Some(bounds) = services.get(service) else {
                return Err(format!("scaler.fallback.{service}: there is no [models.services.{service}]"));
            };
            if bounds.clamp(*replicas) != *replicas {
                let (min, max) = (bounds.min.max(1), bounds.max);
                return Err(format!(
                    "scaler.fallback.{service}: {replicas} is not within its {min} to {max} replicas"
                ));
            }
        }
        Ok(Policy {
            fresh_for: Duration::from_secs(self.fresh_minutes * 60),
            keep_for: Duration::from_secs(self.keep_minutes.max(self.fresh_minutes) * 60),
            settle: Duration::from_secs(self.settle_seconds),
            max_streams: self.max_streams,
            services,
            ..Policy::default()
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn policy(text: &str) -> Result<Policy, String> {
        toml::from_str::<ScalerConfig>(text).unwrap().policy([("gateway".to_owned(), 4, 60)])
    }

    #[test]
    fn a_section_over_the_defaults() {
        let made = policy("keep_minutes = 60\n[fallback]\ngateway = 20\n").unwrap();
        assert_eq!(made.bounds("gateway"), Bounds { min: 4, max: 60, fallback: Some(20) });
        assert_eq!(
            made,
            Policy { keep_for: Duration::from_hours(1), ..policy("[fallback]\ngateway = 20").unwrap() }
        );
        assert_eq!(policy("").unwrap().others, Policy::default().others);
    }

    #[test]
    fn what_has_no_meaning_is_refused_by_name() {
        insta::assert_snapshot!(policy("[fallback]\norders = 3").unwrap_err(), @"scaler.fallback.orders: there is no [models.services.orders]");
        insta::assert_snapshot!(policy("[fallback]\ngateway = 0").unwrap_err(), @"scaler.fallback.gateway: 0 is not within its 4 to 60 replicas");
        insta::assert_snapshot!(toml::from_str::<ScalerConfig>("port = 1").unwrap_err().message(), @"unknown field `port`, expected one of `enabled`, `listen`, `fresh_minutes`, `keep_minutes`, `settle_seconds`, `max_streams`, `fallback`, `tls`");
    }
}
