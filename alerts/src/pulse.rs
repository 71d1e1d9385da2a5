//! Signs of life: whether objectives are evaluated, told to those who would miss it.
//!
//! Two ways, for either end may fail. When no evaluation succeeds any more, the sender notices and an alert goes the
//! ordinary way. When the whole program is gone, nobody here can notice: a receiver of heartbeats does.

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use headroom_delivery::notification::fingerprint;
use headroom_delivery::{Alert, Impact, Labels, Notification, Reason, Severity, Status};
use headroom_routing::{Beat, DeadMan};

use crate::config::{AlertsConfig, Heartbeat};

/// How much later than planned an evaluation may succeed, in seconds.
const GRACE: u32 = 300;

/// Whether objectives are evaluated.
#[derive(Debug)]
pub(crate) struct Pulse {
    heart: Mutex<Heart>,
    heartbeat: Option<Heartbeat>,
}

#[derive(Debug)]
struct Heart {
    man: DeadMan,
    /// Whether an evaluation succeeded since the last heartbeat.
    evaluated: bool,
    next: DateTime<Utc>,
}

impl Pulse {
    pub(crate) fn new(config: &AlertsConfig, now: DateTime<Utc>) -> Self {
        let every = u32::try_from(config.interval_seconds).unwrap_or(u32::MAX / 2);
        let heart = Heart { man: DeadMan::new(every, GRACE, now), evaluated: false, next: now };
        Self { heart: Mutex::new(heart), heartbeat: config.heartbeat.clone() }
    }

    /// An evaluation succeeded.
    pub(crate) fn beat(&self, now: DateTime<Utc>) {
        let mut heart = self.heart();
        heart.man.beat(now);
        heart.evaluated = true;
    }

    /// Another node evaluates: that this one does not is no sign of anything.
    pub(crate) fn rest(&self, now: DateTime<Utc>) {
        self.heart().man.beat(now);
    }

    /// The alert to tell if evaluations have just stopped, or gone on.
    pub(crate) fn look(&self, now: DateTime<Utc>) -> Option<Alert> {
        match self.heart().man.look(now) {
            Beat::Lost { since } => Some(stalled(Status::Firing, since, now)),
            Beat::Back => Some(stalled(Status::Resolved, now, now)),
            Beat::Same => None,
        }
    }

    /// The heartbeat, if it is time for one and there is life.
    pub(crate) fn heartbeat(&self, now: DateTime<Utc>) -> Option<Notification> {
        let heartbeat = self.heartbeat.as_ref()?;
        let mut heart = self.heart();
        if !heart.evaluated || now < heart.next {
            return None;
        }
        heart.evaluated = false;
        heart.next = now + TimeDelta::seconds(i64::from(heartbeat.every_seconds));
        Some(alive(&heartbeat.target, now))
    }

    fn heart(&self) -> MutexGuard<'_, Heart> {
        self.heart.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn stalled(status: Status, since: DateTime<Utc>, now: DateTime<Utc>) -> Alert {
    let labels =
        labels(&[("alertname", "HeadroomStalled"), ("service", "headroom"), ("severity", "critical")]);
    let summary = format!(
        "Objectives have not been evaluated since {} UTC: nothing fires or ends",
        since.format("%H:%M:%S")
    );
    Alert {
        status,
        annotations: self::labels(&[("summary", &summary)]),
        starts_at: since,
        ends_at: (status == Status::Resolved).then_some(now),
        generator_url: None,
        fingerprint: fingerprint(&labels),
        labels,
    }
}

fn alive(receiver: &str, now: DateTime<Utc>) -> Notification {
    let labels = labels(&[("alertname", "Watchdog"), ("service", "headroom"), ("severity", "none")]);
    let title = "Headroom evaluates its objectives. If this stops, nothing pages.".to_owned();
    let alert = Alert {
        status: Status::Firing,
        annotations: self::labels(&[("summary", &title)]),
        starts_at: now,
        ends_at: None,
        generator_url: None,
        fingerprint: fingerprint(&labels),
        labels,
    };
    Notification {
        group_key: "heartbeat".to_owned(),
        receiver: receiver.to_owned(),
        reason: Reason::Repeat,
        at: now,
        severity: Severity::Warning,
        title,
        service: "headroom".to_owned(),
        group_labels: Labels::new(),
        alerts: vec![alert],
        truncated: 0,
        untold: false,
        acknowledged_by: None,
        impact: Impact::default(),
        dora: None,
        changes: Vec::new(),
        differences: Vec::new(),
        traces: Vec::new(),
        runbook: None,
        chart: None,
        page: None,
    }
}

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap_or_default()
    }

    fn pulse() -> Pulse {
        let target =
            Heartbeat { target: "watchdog".to_owned().try_into().expect("a name"), every_seconds: 60 };
        Pulse::new(&AlertsConfig { heartbeat: Some(target), ..AlertsConfig::default() }, at(0))
    }

    #[test]
    fn evaluations_that_stop_are_an_alert_that_ends_when_they_go_on() {
        let pulse = pulse();
        pulse.beat(at(10));
        assert_eq!(pulse.look(at(10 + 15 + 300)), None);
        let lost = pulse.look(at(10 + 15 + 301)).expect("an alert");
        assert_eq!((lost.status, lost.starts_at), (Status::Firing, at(10)));
        assert_eq!(lost.labels["alertname"], "HeadroomStalled");
        assert_eq!(pulse.look(at(500)), None, "once");
        pulse.beat(at(600));
        let back = pulse.look(at(601)).expect("an end");
        assert_eq!((back.status, &back.fingerprint), (Status::Resolved, &lost.fingerprint));
    }

    #[test]
    fn the_heart_beats_while_objectives_are_evaluated() {
        let pulse = pulse();
        assert!(pulse.heartbeat(at(0)).is_none(), "nothing was evaluated yet");
        pulse.beat(at(1));
        let beat = pulse.heartbeat(at(1)).expect("a beat");
        assert_eq!((beat.receiver.as_str(), beat.reason), ("watchdog", Reason::Repeat));
        pulse.beat(at(16));
        assert!(pulse.heartbeat(at(60)).is_none(), "not yet");
        assert!(pulse.heartbeat(at(61)).is_some());
        assert!(pulse.heartbeat(at(200)).is_none(), "no life, no sign of it");
    }
}
