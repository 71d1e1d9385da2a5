//! From observed alerts to notifications.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use headroom_delivery::{Alert, Labels, Notification, Reason, Status};

use crate::config::{Route, Router, seconds};
use crate::group::Muted;
use crate::silence::Silence;
use crate::state::{Acknowledgement, Group, State};

impl Router {
    /// Takes an alert that fires or has resolved. The same may be observed any number of times. Where it was before its labels
    /// changed, it is over.
    pub fn observe(&self, state: &mut State, alert: &Alert, now: DateTime<Utc>) {
        let mut keys = BTreeSet::new();
        for route in self.routes_of(&alert.labels) {
            let labels = group_labels(route, &alert.labels);
            let key = group_key(route, &labels);
            let first_message = now + seconds(route.group_wait_seconds);
            let begun = || Group::new(route, labels, first_message);
            if alert.status == Status::Firing {
                state.groups.entry(key.clone()).or_insert_with(begun).join(alert, first_message, now);
            } else if let Some(tracked) =
                state.groups.get_mut(&key).and_then(|g| g.alerts.get_mut(&alert.fingerprint))
            {
                tracked.observe(alert.clone(), now);
            }
            keys.insert(key);
        }
        let elsewhere = state.groups.iter_mut().filter(|(key, _)| !keys.contains(*key));
        for tracked in elsewhere.filter_map(|(_, group)| group.alerts.get_mut(&alert.fingerprint)) {
            if tracked.alert.status == Status::Firing {
                let over = Alert { status: Status::Resolved, ends_at: Some(now), ..tracked.alert.clone() };
                tracked.observe(over, now);
            }
        }
    }

    /// Lets go of an alert without a word: who was told that it fires is not told that it is over.
    pub fn forget(&self, state: &mut State, fingerprint: &str) {
        state.groups.retain(|_, group| {
            group.alerts.remove(fingerprint);
            !group.alerts.is_empty()
        });
    }

    /// Somebody takes a group. Who was told of it is told so; no more steps are reached and nothing is repeated while it holds.
    /// Nothing happens if nothing is open.
    pub fn acknowledge(
        &self,
        state: &mut State,
        silences: &[Silence],
        key: &str,
        by: &str,
        now: DateTime<Utc>,
    ) -> Vec<Notification> {
        let muted = self.muted(state, silences, now);
        let Some(group) = state.groups.get_mut(key) else { return Vec::new() };
        let Some(route) = self.routes.iter().find(|route| route.name == group.route) else {
            return Vec::new();
        };
        let Some(incident) = &mut group.incident else { return Vec::new() };
        let until = now + seconds(route.acknowledged_seconds);
        incident.acknowledgement = Some(Acknowledgement { by: by.to_owned(), at: now, until });
        // If it lapses, the wait for the next step begins anew.
        let last = incident.reached.checked_sub(1).and_then(|last| route.steps.get(last));
        incident.steps_from = until - seconds(last.map_or(0, |step| step.after_seconds));
        let reached = incident.reached;
        let alerts = group.open(&muted);
        group.tell(key, route, 0..reached, Reason::Acknowledged, &alerts, now)
    }

    /// Lets time pass: what is to be told at `now`, in order. Call it at least as often as the shortest interval.
    pub fn tick(&self, state: &mut State, silences: &[Silence], now: DateTime<Utc>) -> Vec<Notification> {
        for tracked in state.groups.values_mut().flat_map(|group| group.alerts.values_mut()) {
            tracked.settle(&self.flapping, now);
        }
        let muted = self.muted(state, silences, now);
        let mut notifications = Vec::new();
        state.groups.retain(|key, group| {
            // A group whose route was taken away has nobody to be told to.
            let Some(route) = self.routes.iter().find(|route| route.name == group.route) else {
                return false;
            };
            notifications.extend(group.flush(key, route, &muted, now));
            notifications.extend(group.escalate(key, route, &muted, now));
            group.alerts.retain(|_, tracked| !tracked.is_over());
            !group.alerts.is_empty()
        });
        notifications
    }

    /// Fingerprints of the alerts that are silenced or inhibited.
    fn muted(&self, state: &State, silences: &[Silence], now: DateTime<Utc>) -> Muted {
        let tracked = || state.groups.values().flat_map(|group| group.alerts.values());
        let sources: Vec<&Labels> =
            tracked().filter(|t| t.status() == Status::Firing).map(|t| &t.alert.labels).collect();
        let active: Vec<&Silence> =
            silences.iter().filter(|silence| silence.window.until(now).is_some()).collect();
        let muted = |labels: &Labels| {
            active.iter().any(|silence| silence.matchers.fit(labels))
                || self
                    .inhibitions
                    .iter()
                    .any(|rule| sources.iter().any(|source| rule.inhibits(source, labels)))
        };
        tracked().filter(|t| muted(&t.alert.labels)).map(|t| t.alert.fingerprint.clone()).collect()
    }

    fn routes_of(&self, labels: &Labels) -> impl Iterator<Item = &Route> {
        let mut taken = false;
        self.routes.iter().filter(move |route| {
            let takes = !taken && route.matchers.fit(labels);
            taken |= takes && !route.goes_on;
            takes
        })
    }
}

fn group_labels(route: &Route, labels: &Labels) -> Labels {
    route.group_by.iter().filter_map(|name| Some((name.clone(), labels.get(name)?.clone()))).collect()
}

/// Names a group for ever: `pages:{region="eu", slo="order-placement"}`.
fn group_key(route: &Route, labels: &Labels) -> String {
    let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
    format!("{}:{{{}}}", route.name, labels.join(", "))
}
