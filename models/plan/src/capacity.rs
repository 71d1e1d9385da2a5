//! What one service's replicas carry, as it stands in the configuration.

use serde::Deserialize;

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
