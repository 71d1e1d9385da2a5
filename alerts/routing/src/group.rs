//! A group of alerts: what it tells, when, and to whom.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use headroom_delivery::{Alert, Labels, Notification, Reason, Severity, Status};

use crate::config::{Route, Step, seconds};
use crate::state::{Group, Incident, Told, Tracked};

/// Fingerprints of alerts that are not to be told now.
pub(crate) type Muted = BTreeSet<String>;

impl Group {
    /// A group without alerts.
    pub(crate) fn new(route: &Route, labels: Labels, due_at: DateTime<Utc>) -> Self {
        Self { route: route.name.clone(), labels, alerts: BTreeMap::new(), due_at, incident: None }
    }

    /// Takes an alert that fires.
    pub(crate) fn join(&mut self, alert: &Alert, first_message: DateTime<Utc>, now: DateTime<Utc>) {
        let told = self.alerts.get(&alert.fingerprint).map(|tracked| tracked.told);
        if matches!(told, None | Some(Told::Resolved)) && self.incident.is_none() {
            // A group that has nothing left to tell begins anew; one that is kept from telling waits no longer than that.
            let quiet = self.alerts.values().all(|tracked| tracked.told == Told::Resolved);
            self.due_at = if quiet { first_message } else { self.due_at.min(first_message) };
        }
        match self.alerts.get_mut(&alert.fingerprint) {
            Some(tracked) => tracked.observe(alert.clone(), now),
            None => {
                self.alerts.insert(alert.fingerprint.clone(), Tracked::new(alert.clone(), now));
            }
        }
    }

    /// Tells what changed since the last message, if it is time.
    pub(crate) fn flush(
        &mut self,
        key: &str,
        route: &Route,
        muted: &Muted,
        now: DateTime<Utc>,
    ) -> Vec<Notification> {
        let audible = |tracked: &Tracked| !muted.contains(&tracked.alert.fingerprint);
        let worst = self
            .alerts
            .values()
            .filter(|t| t.status() == Status::Firing && audible(t))
            .map(Tracked::severity)
            .max();
        let raised = self
            .incident
            .as_ref()
            .is_some_and(|incident| worst.is_some_and(|worst| worst > incident.severity));
        if now < self.due_at && !raised {
            return Vec::new();
        }
        self.due_at = now + seconds(route.group_interval_seconds);
        for tracked in self.alerts.values_mut() {
            // It came and went while nobody was to hear of it.
            if tracked.told == Told::Nothing && tracked.status() == Status::Resolved && !audible(tracked) {
                tracked.told = Told::Resolved;
            }
        }
        let heard = |tracked: &&Tracked| audible(tracked) && tracked.told != Told::Resolved;
        let alerts: Vec<Alert> = self.alerts.values().filter(heard).map(Tracked::shown).collect();
        let Some(reason) = self.reason(route, &alerts, raised, now) else { return Vec::new() };
        let untold = alerts.iter().all(|alert| self.alerts[&alert.fingerprint].told == Told::Nothing)
            && reason == Reason::AllResolved;

        let severity = worst.unwrap_or(Severity::Warning);
        let fresh = Incident { steps_from: now, told_at: now, severity, reached: 1, acknowledgement: None };
        let incident = self.incident.get_or_insert(fresh);
        incident.told_at = now;
        incident.severity = incident.severity.max(severity);
        let reached = incident.reached;
        let mut notifications = self.tell(key, route, 0..reached, reason, &alerts, now);
        notifications.iter_mut().for_each(|notification| notification.untold = untold);

        for alert in &alerts {
            let tracked =
                self.alerts.get_mut(&alert.fingerprint).expect("invariant: the alert is of this group");
            tracked.told = if alert.status == Status::Firing { Told::Firing } else { Told::Resolved };
        }
        if reason == Reason::AllResolved {
            // Receivers that know groups only hold it to be over, with what is silenced now.
            let open = self.alerts.values_mut().filter(|tracked| tracked.told == Told::Firing);
            open.for_each(|tracked| tracked.told = Told::Closed);
            self.incident = None;
        }
        notifications
    }

    /// Why these alerts are to be told now, if they are.
    fn reason(&self, route: &Route, alerts: &[Alert], raised: bool, now: DateTime<Utc>) -> Option<Reason> {
        let told = |alert: &Alert| self.alerts[&alert.fingerprint].told;
        let firing = || alerts.iter().filter(|alert| alert.status == Status::Firing);
        let ended = alerts.iter().any(|alert| alert.status == Status::Resolved);
        let Some(incident) = &self.incident else {
            return if firing().next().is_some() {
                Some(Reason::First)
            } else {
                ended.then_some(Reason::AllResolved)
            };
        };
        let repeat = now >= incident.told_at + seconds(route.repeat_interval_seconds)
            && incident.acknowledged_by(now).is_none();
        match () {
            () if firing().next().is_none() => ended.then_some(Reason::AllResolved),
            () if raised => Some(Reason::Raised),
            () if firing().any(|alert| told(alert) != Told::Firing) => Some(Reason::NewAlerts),
            () if ended => Some(Reason::SomeResolved),
            () => repeat.then_some(Reason::Repeat),
        }
    }

    /// Tells the receivers of the steps whose time has come, unless somebody is at it.
    pub(crate) fn escalate(
        &mut self,
        key: &str,
        route: &Route,
        muted: &Muted,
        now: DateTime<Utc>,
    ) -> Vec<Notification> {
        let alerts = self.open(muted);
        let Some(incident) = &mut self.incident else { return Vec::new() };
        let from = incident.reached;
        let due = |step: &&Step| now >= incident.steps_from + seconds(step.after_seconds);
        let to = route.steps.iter().take_while(due).count();
        if alerts.is_empty() || incident.acknowledged_by(now).is_some() || to <= from {
            return Vec::new();
        }
        incident.reached = to;
        incident.told_at = now;
        self.tell(key, route, from..to, Reason::Escalated, &alerts, now)
    }

    /// The alerts that receivers hold to fire, that do, and that are to be heard.
    pub(crate) fn open(&self, muted: &Muted) -> Vec<Alert> {
        let open = |t: &&Tracked| t.told == Told::Firing && t.status() == Status::Firing;
        let audible = |t: &&Tracked| !muted.contains(&t.alert.fingerprint);
        self.alerts.values().filter(open).filter(audible).map(Tracked::shown).collect()
    }
}
