//! What holds whatever happens.

use std::collections::BTreeMap;

use headroom_delivery::{Notification, Reason, Status};
use proptest::prelude::*;

use crate::sample::{Bench, at, silence};

const SLOS: [&str; 2] = ["order", "quote"];
const HOSTS: [&str; 3] = ["a", "b", "c"];

/// Something that happens.
#[derive(Debug, Clone)]
enum Event {
    Fire { slo: usize, host: usize, severity: usize },
    Resolve { slo: usize, host: usize },
    Acknowledge { slo: usize },
    Wait { seconds: i64 },
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0_usize..2, 0_usize..3, 0_usize..2).prop_map(|(slo, host, severity)| Event::Fire { slo, host, severity }),
        4 => (0_usize..2, 0_usize..3).prop_map(|(slo, host)| Event::Resolve { slo, host }),
        1 => (0_usize..2).prop_map(|slo| Event::Acknowledge { slo }),
        4 => prop_oneof![3 => 1_i64..400, 1 => 1_i64..20_000].prop_map(|seconds| Event::Wait { seconds }),
    ]
}

/// Lets everything happen, then lets everything end and three hours pass. The severity of an alert stays what it was last.
fn happened(events: &[Event], bench: &mut Bench) -> BTreeMap<(usize, usize), &'static str> {
    let mut severities = BTreeMap::new();
    bench.step = 30;
    for event in events {
        match event {
            Event::Fire { slo, host, severity } => {
                let severity = ["major", "critical"][*severity];
                severities.insert((*slo, *host), severity);
                bench.fire(SLOS[*slo], severity, HOSTS[*host]);
            }
            Event::Resolve { slo, host } => {
                if let Some(severity) = severities.get(&(*slo, *host)) {
                    bench.resolve(SLOS[*slo], severity, HOSTS[*host]);
                }
            }
            Event::Acknowledge { slo } => bench.acknowledge(&format!("pages:{{slo={:?}}}", SLOS[*slo])),
            Event::Wait { seconds } => bench.run(bench.now + seconds),
        }
    }
    for ((slo, host), severity) in &severities {
        bench.resolve(SLOS[*slo], severity, HOSTS[*host]);
    }
    bench.run(bench.now + 3 * 3_600);
    severities
}

/// To whom a message is, and what it says: what holds since when, and how bad it is.
fn content(n: &Notification) -> (String, String) {
    let alerts: Vec<String> =
        n.alerts.iter().map(|a| format!("{} {} {}", a.fingerprint, a.starts_at, a.status.as_str())).collect();
    (n.receiver.clone() + &n.group_key, format!("{} {}", n.severity.word(), alerts.join(",")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever fired was told, and told as over in the end, by everybody who was told at all.
    #[test]
    fn what_fired_is_told_and_told_as_over(events in prop::collection::vec(event(), 1..40)) {
        let mut bench = Bench::new();
        let fired = happened(&events, &mut bench);
        let mut last: BTreeMap<(&str, &str), Status> = BTreeMap::new();
        for notification in &bench.told {
            for alert in &notification.alerts {
                last.insert((&notification.receiver, &alert.fingerprint), alert.status);
            }
        }
        prop_assert!(last.values().all(|status| *status == Status::Resolved), "{}", bench.log());
        let told: std::collections::BTreeSet<&str> = last.keys().map(|(_, fingerprint)| *fingerprint).collect();
        prop_assert_eq!(told.len(), fired.len());
        prop_assert!(bench.state.groups.is_empty());
    }

    /// Nobody is told the same twice within the repeat interval.
    #[test]
    fn nothing_is_told_twice_within_the_repeat_interval(events in prop::collection::vec(event(), 1..40)) {
        let mut bench = Bench::new();
        happened(&events, &mut bench);
        let mut last: BTreeMap<String, (String, i64)> = BTreeMap::new();
        for notification in bench.told.iter().filter(|n| n.reason != Reason::Acknowledged) {
            let (who, what) = content(notification);
            let now = (notification.at - at(0)).num_seconds();
            if let Some((said, when)) = last.insert(who, (what.clone(), now)) {
                prop_assert!(said != what || now - when >= 4 * 3_600, "{}", bench.log());
            }
        }
    }

    /// What is silenced is not told while it is.
    #[test]
    fn silenced_alerts_are_not_told(
        events in prop::collection::vec(event(), 1..40), from in 0_i64..3_000, length in 1_i64..200_000,
    ) {
        let mut bench = Bench::new();
        bench.silences = vec![silence("host=b", from, from + length)];
        happened(&events, &mut bench);
        for notification in &bench.told {
            let now = (notification.at - at(0)).num_seconds();
            if (from..from + length).contains(&now) {
                prop_assert!(notification.alerts.iter().all(|alert| alert.labels["host"] != "b"), "{}", bench.log());
            }
        }
    }

    /// Until an incident ends, each step is reached once, in order; and none while somebody is at it.
    #[test]
    fn escalation_never_goes_backwards(events in prop::collection::vec(event(), 1..40)) {
        let mut bench = Bench::new();
        happened(&events, &mut bench);
        let steps = ["oncall", "second", "lead"];
        // By group: the highest step reached, and when it was taken.
        let mut incidents: BTreeMap<&str, (usize, Option<i64>)> = BTreeMap::new();
        for notification in &bench.told {
            let step = steps.iter().position(|name| *name == notification.receiver).expect("a receiver");
            let now = (notification.at - at(0)).num_seconds();
            let (reached, taken) = incidents.entry(&notification.group_key).or_default();
            match notification.reason {
                Reason::First => (*reached, *taken) = (0, None),
                Reason::Acknowledged => *taken = Some(now),
                Reason::Escalated => {
                    prop_assert!(step > *reached, "{}", bench.log());
                    prop_assert!(taken.is_none_or(|at| now >= at + 8 * 3_600), "{}", bench.log());
                    *reached = step;
                }
                _ => prop_assert!(step <= *reached, "{}", bench.log()),
            }
        }
    }
}
