//! KEDA's ScaledObject of a service.

mod manifest;

use crate::plans::Target;
use crate::policy::Bounds;

/// A workload that KEDA is to scale by the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct ScaledWorkload {
    /// The planned service, and the quantile if it is not the planned one.
    pub target: Target,
    /// Kubernetes namespace of the workload.
    pub namespace: String,
    /// Its kind: `Deployment` or `StatefulSet`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Replicas, and how many when the scaler does not answer.
    pub bounds: Bounds,
    /// Address of Headroom's scaler as KEDA reaches it: `headroom-scaler.headroom.svc:4320`.
    pub address: String,
    /// The TriggerAuthentication with KEDA's certificate; without it the connection is in clear.
    pub authentication: Option<String>,
    /// Utilisation of CPU, in percent, above which more is run than planned; without it the plan alone counts.
    pub cpu_percent: Option<u32>,
}

/// The manifest, YAML.
///
/// - `behavior.scaleUp` lets a step through at once: the default of doubling every 15 seconds takes minutes from 5 to
///   50. Scale-in keeps the default's five minutes.
/// - `fallback` counts only upwards: with the scaler away nothing is scaled in.
/// - `metricType: AverageValue` makes the metric the number of replicas; with `Value` the autoscaler would multiply
///   it by what runs.
///
/// # Errors
/// A value that YAML cannot hold.
pub fn scaled_object(workload: &ScaledWorkload) -> Result<String, serde_yaml_ng::Error> {
    serde_yaml_ng::to_string(&manifest::of(workload))
}
