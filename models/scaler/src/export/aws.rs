//! Scheduled actions of AWS: of EC2 Auto Scaling groups, and of Application Auto Scaling (ECS and others).
//!
//! An action sets the minimum, so target tracking goes on above it. The last one gives the minimum back.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::{Schedule, entry_name};

/// Most scheduled actions that are made of one schedule: EC2 Auto Scaling allows 125 for each group.
const ACTIONS: usize = 125;

/// What Application Auto Scaling scales.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScalableTarget {
    /// Such as `ecs`.
    pub service_namespace: String,
    /// Such as `service/cluster/gateway`.
    pub resource_id: String,
    /// Such as `ecs:service:DesiredCount`.
    pub scalable_dimension: String,
}

impl ScalableTarget {
    /// An ECS service.
    pub fn ecs(cluster: &str, service: &str) -> Self {
        Self {
            service_namespace: "ecs".to_owned(),
            resource_id: format!("service/{cluster}/{service}"),
            scalable_dimension: "ecs:service:DesiredCount".to_owned(),
        }
    }
}

/// A JSON array of requests, each for `aws autoscaling put-scheduled-update-group-action --cli-input-json`.
pub fn aws_auto_scaling_group(schedule: &Schedule, group: &str) -> String {
    actions(schedule, |name, at, min| {
        json!({
            "AutoScalingGroupName": group,
            "ScheduledActionName": name,
            "StartTime": at.to_rfc3339_opts(SecondsFormat::Secs, true),
            "MinSize": min,
            "MaxSize": schedule.max,
        })
    })
}

/// A JSON array of requests, each for `aws application-autoscaling put-scheduled-action --cli-input-json`.
pub fn aws_application_auto_scaling(schedule: &Schedule, target: &ScalableTarget) -> String {
    actions(schedule, |name, at, min| {
        json!({
            "ServiceNamespace": target.service_namespace,
            "ResourceId": target.resource_id,
            "ScalableDimension": target.scalable_dimension,
            "ScheduledActionName": name,
            "Schedule": format!("at({})", at.format("%Y-%m-%dT%H:%M:%S")),
            "Timezone": "UTC",
            "ScalableTargetAction": { "MinCapacity": min, "MaxCapacity": schedule.max },
        })
    })
}

fn actions(schedule: &Schedule, action: impl Fn(String, DateTime<Utc>, u32) -> Value) -> String {
    let windows = schedule.at_most(ACTIONS - 1);
    let end = windows.last().map(|window| (window.until, schedule.min));
    let starts = windows.iter().map(|window| (window.from, window.replicas));
    let made = starts.chain(end).map(|(at, min)| action(entry_name(&schedule.service, at), at, min));
    super::json(&Value::Array(made.collect()))
}
