//! What a webhook says before and after each step, in the envelope of Standard Webhooks: `type`, `timestamp`, `data`.
//!
//! This makes the messages; signing and durable delivery are of whoever sends them. A message's id is the same
//! whenever it is made for the same step, so that one that is sent twice counts once, and a step that was planned
//! anew with another number is another message.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::Serialize;

use crate::plans::Step;

/// When the messages of a step are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// Time before a step.
    pub before: TimeDelta,
    /// Time after a step: when its replicas should serve.
    pub after: TimeDelta,
}

/// A message about a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// `webhook-id`.
    pub id: String,
    /// When it is due.
    pub due: DateTime<Utc>,
    /// The body, JSON.
    pub body: String,
}

#[derive(Serialize)]
struct Envelope<'a> {
    r#type: &'static str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    service: &'a str,
    at: String,
    from_replicas: u32,
    to_replicas: u32,
    quantile: f64,
    reason: &'a str,
}

/// The messages of a service's `steps`, which follow `running` replicas, in the order in which they are due. A step
/// to the same number has none.
pub fn notices(service: &str, quantile: f64, running: u32, steps: &[Step], timing: Timing) -> Vec<Notice> {
    let mut from = running;
    let mut notices = Vec::new();
    for step in steps {
        if step.replicas == from {
            continue;
        }
        for (kind, due) in [("before", step.at - timing.before), ("after", step.at + timing.after)] {
            let envelope = Envelope {
                r#type: if kind == "before" { "scale.before" } else { "scale.after" },
                timestamp: time(due),
                data: Data {
                    service,
                    at: time(step.at),
                    from_replicas: from,
                    to_replicas: step.replicas,
                    quantile,
                    reason: &step.reason,
                },
            };
            let at = step.at.format("%Y%m%dT%H%M%SZ");
            // A dot ends the id in what is signed.
            let name = service.replace('.', "-");
            let id = format!("scale_{name}_{at}_{from}_{}_{kind}", step.replicas);
            let body = serde_json::to_string(&envelope).expect("invariant: the envelope has only text keys");
            notices.push(Notice { id, due, body });
        }
        from = step.replicas;
    }
    notices.sort_by_key(|notice| notice.due);
    notices
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
