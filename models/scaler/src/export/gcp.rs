//! Scaling schedules of a managed instance group of Google Cloud.

use serde_json::{Map, Value, json};

use super::{Schedule, entry_name};

/// Most schedules of one group.
const SCHEDULES: usize = 128;

/// The shortest schedule, in seconds.
const SHORTEST: i64 = 300;

/// The part of an autoscaler's body to patch (`autoscalers.patch`): a schedule that runs once for each window, by
/// the extended cron format with a year. A window shorter than five minutes lasts five minutes: where schedules
/// overlap, the largest counts.
pub fn gcp_schedules(schedule: &Schedule) -> String {
    let entry = |window: super::Window| {
        let cron = window.from.format("%-M %-H %-d %-m * %Y").to_string();
        let entry = json!({
            "minRequiredReplicas": window.replicas,
            "schedule": cron,
            "timeZone": "Etc/UTC",
            "durationSec": (window.until - window.from).num_seconds().max(SHORTEST),
            "description": window.reason,
        });
        (entry_name(&schedule.service, window.from), entry)
    };
    let schedules: Map<String, Value> = schedule.at_most(SCHEDULES).into_iter().map(entry).collect();
    super::json(&json!({ "autoscalingPolicy": { "scalingSchedules": schedules } }))
}
