//! The fields of a ScaledObject (keda.sh/v1alpha1) that are used.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ScaledWorkload;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScaledObject {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata,
    spec: Spec,
}

#[derive(Serialize)]
struct Metadata {
    name: String,
    namespace: String,
    labels: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    scale_target_ref: ScaleTargetRef,
    /// Seconds between two polls: the autoscaler's own period.
    polling_interval: u32,
    cooldown_period: u32,
    min_replica_count: u32,
    max_replica_count: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    fallback: Option<Fallback>,
    advanced: Advanced,
    triggers: Vec<Trigger>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ScaleTargetRef {
    api_version: &'static str,
    kind: String,
    name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fallback {
    failure_threshold: u32,
    replicas: u32,
    behavior: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Advanced {
    horizontal_pod_autoscaler_config: AutoscalerConfig,
}

#[derive(Serialize)]
struct AutoscalerConfig {
    behavior: Behavior,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Behavior {
    scale_up: Rules,
    scale_down: Rules,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rules {
    stabilization_window_seconds: u32,
    policies: [ScalingPolicy; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ScalingPolicy {
    r#type: &'static str,
    value: u32,
    period_seconds: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Trigger {
    r#type: &'static str,
    metric_type: &'static str,
    metadata: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authentication_ref: Option<AuthenticationRef>,
}

#[derive(Serialize)]
struct AuthenticationRef {
    name: String,
}

pub(super) fn of(workload: &ScaledWorkload) -> ScaledObject {
    let bounds = workload.bounds;
    let percent = |value| [ScalingPolicy { r#type: "Percent", value, period_seconds: 15 }];
    let behavior = Behavior {
        scale_up: Rules { stabilization_window_seconds: 0, policies: percent(1000) },
        scale_down: Rules { stabilization_window_seconds: 300, policies: percent(100) },
    };
    let fallback = bounds.fallback.map(|replicas| Fallback {
        failure_threshold: 3,
        replicas: bounds.clamp(replicas),
        behavior: "currentReplicasIfHigher",
    });
    ScaledObject {
        api_version: "keda.sh/v1alpha1",
        kind: "ScaledObject",
        metadata: Metadata {
            name: workload.name.clone(),
            namespace: workload.namespace.clone(),
            labels: BTreeMap::from([("app.kubernetes.io/managed-by", "headroom".to_owned())]),
        },
        spec: Spec {
            scale_target_ref: ScaleTargetRef {
                api_version: "apps/v1",
                kind: workload.kind.clone(),
                name: workload.name.clone(),
            },
            polling_interval: 15,
            cooldown_period: 300,
            min_replica_count: bounds.min.max(1),
            max_replica_count: bounds.max,
            fallback,
            advanced: Advanced { horizontal_pod_autoscaler_config: AutoscalerConfig { behavior } },
            triggers: triggers(workload),
        },
    }
}

fn triggers(workload: &ScaledWorkload) -> Vec<Trigger> {
    let bounds = workload.bounds;
    let mut metadata = BTreeMap::from([
        ("scalerAddress", workload.address.clone()),
        ("service", workload.target.service.clone()),
        ("minReplicas", bounds.min.max(1).to_string()),
        ("maxReplicas", bounds.max.to_string()),
    ]);
    metadata.extend(workload.target.quantile.map(|quantile| ("quantile", quantile.to_string())));
    metadata.extend(bounds.fallback.map(|replicas| ("fallbackReplicas", replicas.to_string())));
    metadata.extend(workload.authentication.as_ref().map(|_| ("enableTLS", "true".to_owned())));
    let plan = Trigger {
        r#type: "external-push",
        metric_type: "AverageValue",
        metadata,
        authentication_ref: workload.authentication.clone().map(|name| AuthenticationRef { name }),
    };
    let cpu = workload.cpu_percent.map(|percent| Trigger {
        r#type: "cpu",
        metric_type: "Utilization",
        metadata: BTreeMap::from([("value", percent.to_string())]),
        authentication_ref: None,
    });
    [plan].into_iter().chain(cpu).collect()
}
