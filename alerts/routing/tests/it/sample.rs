//! A router, and alerts to put into it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use headroom_delivery::notification::fingerprint;
use headroom_delivery::{Alert, Labels, Notification, Status};
use headroom_routing::{Matchers, Router, Silence, State, Window};

/// Pages go to somebody on call, then to a second and to their lead; the rest goes to a channel.
pub(crate) fn router() -> Router {
    let router: Router = serde_json::from_value(serde_json::json!({
        "routes": [
            {
                "name": "pages", "matchers": ["severity=~\"critical|major\""], "group_by": ["slo"],
                "steps": [
                    {"receivers": ["oncall"]},
                    {"after_seconds": 900, "receivers": ["second", "oncall"]},
                    {"after_seconds": 1800, "receivers": ["lead"]},
                ],
            },
            {"name": "rest", "steps": [{"receivers": ["channel"]}]},
        ],
        "inhibitions": [{"source": ["severity=critical"], "target": ["severity=warning"], "equal": ["slo"]}],
    }))
    .expect("a router");
    router.check().expect("a sound router");
    router
}

/// So many seconds after the beginning.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_420_400 + seconds, 0).expect("a time")
}

pub(crate) fn alert(slo: &str, severity: &str, host: &str, status: Status, now: i64) -> Alert {
    let labels: Labels = [("alertname", "SloBurn"), ("slo", slo), ("severity", severity), ("host", host)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    Alert {
        status,
        annotations: Labels::from([("summary".to_owned(), format!("{slo} burns on {host}"))]),
        starts_at: at(now),
        ends_at: (status == Status::Resolved).then(|| at(now)),
        generator_url: None,
        // As of an objective whose alert keeps its identity when it gets worse.
        fingerprint: fingerprint(&Labels::from([
            ("slo".to_owned(), slo.to_owned()),
            ("host".to_owned(), host.to_owned()),
        ])),
        labels,
    }
}

pub(crate) fn silence(matcher: &str, from: i64, until: i64) -> Silence {
    Silence {
        id: matcher.to_owned(),
        matchers: Matchers(vec![matcher.parse().expect("a matcher")]),
        window: Window::Once { from: at(from), until: at(until) },
        created_by: "mira".to_owned(),
        comment: "known".to_owned(),
    }
}

/// A router with its state, and a log of what it told.
pub(crate) struct Bench {
    /// When each alert that fires began.
    began: BTreeMap<(String, String), i64>,
    /// Seconds between ticks.
    pub(crate) step: i64,
    pub(crate) router: Router,
    pub(crate) state: State,
    pub(crate) silences: Vec<Silence>,
    pub(crate) told: Vec<Notification>,
    pub(crate) now: i64,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self {
            began: BTreeMap::new(),
            step: 15,
            router: router(),
            state: State::default(),
            silences: Vec::new(),
            told: Vec::new(),
            now: 0,
        }
    }

    pub(crate) fn observe(&mut self, slo: &str, severity: &str, host: &str, status: Status) {
        let key = (slo.to_owned(), host.to_owned());
        let began = *self.began.entry(key.clone()).or_insert(self.now);
        if status == Status::Resolved {
            self.began.remove(&key);
        }
        let alert = Alert { starts_at: at(began), ..alert(slo, severity, host, status, self.now) };
        self.router.observe(&mut self.state, &alert, at(self.now));
    }

    pub(crate) fn fire(&mut self, slo: &str, severity: &str, host: &str) {
        self.observe(slo, severity, host, Status::Firing);
    }

    pub(crate) fn resolve(&mut self, slo: &str, severity: &str, host: &str) {
        self.observe(slo, severity, host, Status::Resolved);
    }

    pub(crate) fn acknowledge(&mut self, key: &str) {
        let told = self.router.acknowledge(&mut self.state, &self.silences, key, "mira", at(self.now));
        self.told.extend(told);
    }

    /// Ticks up to `seconds`. The state is written down and read again before, as after a crash.
    pub(crate) fn run(&mut self, seconds: i64) {
        let written = serde_json::to_string(&self.state).expect("JSON");
        self.state = serde_json::from_str(&written).expect("a state");
        while self.now < seconds {
            self.now = (self.now + self.step).min(seconds);
            self.told.extend(self.router.tick(&mut self.state, &self.silences, at(self.now)));
        }
    }

    /// What was told, a line each.
    pub(crate) fn log(&self) -> String {
        let line = |n: &Notification| {
            let alerts: Vec<String> =
                n.alerts.iter().map(|a| format!("{} {}", a.labels["host"], a.status.as_str())).collect();
            let seconds = (n.at - at(0)).num_seconds();
            let untold = if n.untold { " (untold before)" } else { "" };
            format!(
                "{:<5} {} {:?} {} [{}]{untold}",
                seconds,
                n.receiver,
                n.reason,
                n.severity.word(),
                alerts.join(", ")
            )
        };
        self.told.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}
