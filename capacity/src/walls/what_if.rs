//! What may be changed to see the walls move.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Changes to the platform as it was measured. An empty one changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WhatIf {
    /// Demand of an operation at the door, such as `POST /v1/orders`, times this.
    pub traffic: BTreeMap<String, f64>,
    /// Instances of a service.
    pub replicas: BTreeMap<String, f64>,
    /// Cores and memory of each instance of a service, times this.
    pub instance_size: BTreeMap<String, f64>,
    /// Connections of a pool in all instances, by service or `service/pool`.
    pub pool_size: BTreeMap<String, f64>,
    /// Shares of calls that a cache answers.
    pub cache_hit_ratio: Vec<HitRatio>,
    /// Calls from one service to another, times so many.
    pub fan_out: Vec<Link>,
    /// A limit that is set by others: calls a second, partitions, or a database's connections, by the wall's
    /// id or the limit's name.
    pub limit: BTreeMap<String, f64>,
    /// Time a service spends in its serialised section, times this.
    pub section: BTreeMap<String, f64>,
    /// Work of a request in a service, and the time it holds a connection, times this.
    pub work: BTreeMap<String, f64>,
    /// Customers of a new market who are there at today's busiest time, as a share of today's peak.
    pub new_market: f64,
}

/// A share of the calls from a service to what it calls that a cache in between answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HitRatio {
    /// The calling service.
    pub from: String,
    /// The service, database or host that is called.
    pub to: String,
    /// The share answered by the cache today, 0 to 1: the measured calls are those that missed.
    #[serde(default)]
    pub today: f64,
    /// The share answered then.
    pub then: f64,
}

/// Calls of one service to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The calling service.
    pub from: String,
    /// The service, database or host that is called.
    pub to: String,
    /// Times so many calls.
    pub times: f64,
}

impl WhatIf {
    /// Refuses changes that have no meaning: what is wrong, and with which of them.
    pub fn validate(&self) -> Result<(), String> {
        let maps = [
            ("traffic", &self.traffic),
            ("replicas", &self.replicas),
            ("instance_size", &self.instance_size),
            ("pool_size", &self.pool_size),
            ("limit", &self.limit),
            ("section", &self.section),
            ("work", &self.work),
        ];
        for (name, map) in maps {
            // Without traffic of one kind the others remain; without a replica nothing does.
            let least = if name == "traffic" { 0.0 } else { f64::MIN_POSITIVE };
            if let Some((key, value)) = map.iter().find(|(_, v)| !(**v >= least && **v <= 1e9)) {
                return Err(format!("{name}.{key} is {value}; give a number above 0 and up to 1e9"));
            }
        }
        for ratio in &self.cache_hit_ratio {
            let (today, then) = (ratio.today, ratio.then);
            if !((0.0..1.0).contains(&today) && (0.0..=1.0).contains(&then)) {
                return Err(format!(
                    "cache_hit_ratio from {} to {}: shares are from 0 to 1, and today's is below 1",
                    ratio.from, ratio.to
                ));
            }
        }
        if let Some(link) = self.fan_out.iter().find(|l| !(0.0..=1e6).contains(&l.times)) {
            return Err(format!(
                "fan_out from {} to {} is {}; give a number from 0 to 1e6",
                link.from, link.to, link.times
            ));
        }
        if !(0.0..=1e6).contains(&self.new_market) {
            return Err(format!(
                "new_market is {}; give a share of today's peak from 0 to 1e6",
                self.new_market
            ));
        }
        Ok(())
    }

    /// Whether it changes what is asked of anything, against another change; sizes alone do not.
    pub(crate) fn asks_otherwise(&self, other: &Self) -> bool {
        self.traffic != other.traffic
            || self.cache_hit_ratio != other.cache_hit_ratio
            || self.fan_out != other.fan_out
            || self.new_market != other.new_market
    }

    /// Times how many calls go from a service to a target of this name.
    pub(crate) fn calls(&self, from: &str, to: &str) -> f64 {
        let cached = self.cache_hit_ratio.iter().filter(|r| r.from == from && r.to == to);
        let cached: f64 = cached.map(|r| (1.0 - r.then) / (1.0 - r.today)).product();
        let links: f64 =
            self.fan_out.iter().filter(|l| l.from == from && l.to == to).map(|l| l.times).product();
        cached * links
    }
}
