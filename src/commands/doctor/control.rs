//! The checks of the control state.

use crate::config::Config;
use chrono::{TimeDelta, Utc};
use headroom_control::Health;
use headroom_store::doctor::{Check, Status};

/// How far this machine's clock may be off the server's: terms of leaders and leases of messages are counted in seconds.
const OFF: TimeDelta = TimeDelta::seconds(1);

/// How users, tokens, alerts and the audit chain are kept. A SQLite file that is not there yet is no news.
pub(super) fn checks(config: &Config) -> Vec<Check> {
    if config.control.url.is_none() && !config.control_file().exists() {
        return Vec::new();
    }
    let looked = config.open_control().and_then(|control| Ok(control.health(Utc::now())?));
    match looked {
        Ok(health) => told(&health),
        Err(error) => {
            vec![check("control", Status::Fail, error.to_string(), "nobody can sign in, nothing pages")]
        }
    }
}

fn told(health: &Health) -> Vec<Check> {
    let mut checks = vec![check("control", Status::Ok, health.place.clone(), "")];
    checks.push(match &health.audit {
        Ok(head) => {
            check("audit chain", Status::Ok, format!("{} rows hold, to {}", head.rows, head.hash), "")
        }
        Err(error) => check("audit chain", Status::Fail, error.to_string(), "compare with a backup"),
    });
    if let Some(ahead) = health.ahead {
        let off = format!("{:+.3} s against the server's", ahead.as_seconds_f64());
        let status = if ahead.abs() > OFF { Status::Warn } else { Status::Ok };
        checks.push(check(
            "control clock",
            status,
            off,
            "keep the clocks of all nodes and of the server by NTP",
        ));
    }
    if !health.careless.is_empty() {
        let hint = "what was said to be stored may be gone after a power cut: switch them on";
        checks.push(check("control durability", Status::Fail, health.careless.join(", "), hint));
    }
    for leader in &health.leaders {
        let until = leader.until.format("%F %T");
        let detail = format!("{} to {until} UTC, term {}: {}", leader.role, leader.term, leader.holder);
        checks.push(check("leader", Status::Ok, detail, ""));
    }
    checks
}

fn check(name: &'static str, status: Status, detail: String, hint: &str) -> Check {
    let hint = if status == Status::Ok { String::new() } else { hint.to_owned() };
    Check { name, status, detail, hint }
}

#[cfg(test)]
mod tests {
    use super::*;
    use headroom_control::ControlError;

    #[test]
    fn what_is_wrong_is_told_with_what_to_do() {
        let health = Health {
            place: "PostgreSQL 15.18".to_owned(),
            ahead: Some(TimeDelta::milliseconds(-1_500)),
            careless: vec!["fsync = off".to_owned()],
            leaders: Vec::new(),
            audit: Err(ControlError::AuditBroken { seq: 7, what: "its content was changed".to_owned() }),
        };
        let said: Vec<_> = told(&health).into_iter().map(|check| (check.status, check.detail)).collect();
        assert_eq!(said[0], (Status::Ok, "PostgreSQL 15.18".to_owned()));
        assert_eq!(said[1].0, Status::Fail);
        assert_eq!(said[2], (Status::Warn, "-1.500 s against the server's".to_owned()));
        assert_eq!(said[3], (Status::Fail, "fsync = off".to_owned()));
    }
}
