//! Profiles of an Azure autoscale setting.

use serde_json::{Value, json};

use super::{Schedule, Window, entry_name};

/// Most profiles of one setting.
const PROFILES: usize = 20;

/// The `profiles` of a `Microsoft.Insights/autoscaleSettings` resource: one with a fixed date for each window, and
/// the default one for the time outside of them. `rules` are the setting's reactive rules: Azure applies those of
/// the profile in force only, so each profile has them, above its own minimum.
pub fn azure_profiles(schedule: &Schedule, rules: &[Value]) -> String {
    let capacity = |min: u32| {
        // Capacities are text in this API.
        json!({ "minimum": min.to_string(), "maximum": schedule.max.to_string(), "default": min.to_string() })
    };
    let dated = |window: Window| {
        json!({
            "name": entry_name(&schedule.service, window.from),
            "capacity": capacity(window.replicas),
            "rules": rules,
            "fixedDate": {
                "timeZone": "UTC",
                "start": window.from.format("%Y-%m-%dT%H:%M:%S").to_string(),
                "end": window.until.format("%Y-%m-%dT%H:%M:%S").to_string(),
            },
        })
    };
    let ordinary = json!({ "name": "default", "capacity": capacity(schedule.min), "rules": rules });
    let profiles = [ordinary].into_iter().chain(schedule.at_most(PROFILES - 1).into_iter().map(dated));
    super::json(&json!({ "profiles": profiles.collect::<Vec<_>>() }))
}
