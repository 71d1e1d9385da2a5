//! What the router remembers.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Utc};
use headroom_delivery::{Alert, Labels, Severity, Status};
use serde::{Deserialize, Serialize};

use crate::config::{Flapping, seconds};
use crate::severity::severity_of;

/// Everything that is remembered from one tick to the next. Write it down in the transaction that queues the messages.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Groups by key.
    pub groups: BTreeMap<String, Group>,
}

/// Alerts that are told together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// The route it belongs to.
    pub route: String,
    /// The labels it is grouped by.
    pub labels: Labels,
    /// Its alerts by fingerprint.
    pub alerts: BTreeMap<String, Tracked>,
    /// When changes are told next.
    pub due_at: DateTime<Utc>,
    /// What receivers hold to be open, if they do.
    pub incident: Option<Incident>,
}

/// An alert of a group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tracked {
    /// The alert as it was last observed.
    pub alert: Alert,
    /// What was told of it.
    pub told: Told,
    /// When its state changed lately, oldest first.
    pub changes: VecDeque<DateTime<Utc>>,
    /// Whether it changes too often to be told each time.
    pub flapping: bool,
}

/// What was told of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Told {
    /// Nothing since it fired.
    Nothing,
    /// That it fires.
    Firing,
    /// That it fires, and then, while it was silenced, that its group is over.
    Closed,
    /// That it is over.
    Resolved,
}

/// What is open at the receivers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Steps of escalation count from here: when it was told first, or later if somebody took it and let it go.
    pub steps_from: DateTime<Utc>,
    /// When it was told last.
    pub told_at: DateTime<Utc>,
    /// The worst severity that was told.
    pub severity: Severity,
    /// How many steps of escalation were reached; their receivers are told everything.
    pub reached: usize,
    /// Who took it.
    pub acknowledgement: Option<Acknowledgement>,
}

/// That somebody took an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// Who.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Until when it holds.
    pub until: DateTime<Utc>,
}

impl Incident {
    /// Who is at it, if anybody is.
    pub fn acknowledged_by(&self, now: DateTime<Utc>) -> Option<&str> {
        self.acknowledgement.as_ref().filter(|ack| now < ack.until).map(|ack| ack.by.as_str())
    }
}

impl Tracked {
    pub(crate) fn new(alert: Alert, now: DateTime<Utc>) -> Self {
        Self { alert, told: Told::Nothing, changes: VecDeque::from([now]), flapping: false }
    }

    /// Takes a newer observation.
    pub(crate) fn observe(&mut self, alert: Alert, now: DateTime<Utc>) {
        if alert.status != self.alert.status {
            self.changes.push_back(now);
            // What was told to be over and fires again is news.
            if self.told == Told::Resolved {
                self.told = Told::Nothing;
            }
        }
        self.alert = alert;
    }

    /// Forgets old changes, and decides whether it flaps.
    pub(crate) fn settle(&mut self, flapping: &Flapping, now: DateTime<Utc>) {
        let since = now - seconds(flapping.window_seconds);
        while self.changes.front().is_some_and(|at| *at <= since) {
            self.changes.pop_front();
        }
        let limit = if self.flapping { flapping.ends + 1 } else { flapping.starts };
        self.flapping = self.changes.len() >= limit;
    }

    /// What is to be told: one that flaps fires.
    pub(crate) fn status(&self) -> Status {
        if self.flapping { Status::Firing } else { self.alert.status }
    }

    /// As it is told.
    pub(crate) fn shown(&self) -> Alert {
        let mut alert = self.alert.clone();
        if self.flapping {
            alert.status = Status::Firing;
            alert.ends_at = None;
            let note = format!("changed its state {} times lately", self.changes.len());
            alert.annotations.insert("flapping".to_owned(), note);
        }
        alert
    }

    pub(crate) fn severity(&self) -> Severity {
        severity_of(&self.alert.labels)
    }

    /// Whether nothing is left to be told of it, or to be remembered.
    pub(crate) fn is_over(&self) -> bool {
        self.told == Told::Resolved && self.changes.is_empty()
    }
}
