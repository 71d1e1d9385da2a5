//! Which facts speak to which control.

use super::ControlEvidence;
use super::facts::{Fact, Facts};
use Fact::{
    AccessChanges, Accounts, Acknowledged, Alerts, Anomalies, Archive, Availability, Checkpoints, Clocks,
    ConfigChanges, Deliveries, Deployments, Doors, Erasures, Exports, Forecasts, Freezes, Gaps, Inventory,
    LockOuts, Objectives, Plans, PostMortems, Probes, Receivers, Refused, Remedies, Resolved, Restores,
    Retention, Reveals, SignIns, Sql, Trail,
};

const SOC2: &str = "SOC 2";
const ISO: &str = "ISO 27001:2022";

/// Framework, number, what it is about, and the facts that speak to it.
type Row = (&'static str, &'static str, &'static str, &'static [Fact]);

/// In the order of the frameworks.
#[rustfmt::skip]
const CONTROLS: [Row; 32] = [
    (SOC2, "CC4.1", "Controls are looked at again and again", &[Objectives, Availability, Gaps, Trail, Probes]),
    (SOC2, "CC6.1", "Access to data and systems is restricted", &[SignIns, Accounts, Reveals, Sql]),
    (SOC2, "CC6.2", "People are registered before they get access, and removed", &[AccessChanges, Accounts]),
    (SOC2, "CC6.3", "Access follows roles and changes with them", &[Accounts, AccessChanges]),
    (SOC2, "CC6.6", "Access from outside is guarded", &[Refused, LockOuts, Doors]),
    (SOC2, "CC7.1", "Changes that open a weakness are found", &[Deployments, ConfigChanges, Anomalies]),
    (SOC2, "CC7.2", "Systems are watched for what is not normal", &[Inventory, Alerts, Anomalies, Gaps]),
    (SOC2, "CC7.3", "Events are judged", &[Alerts, Acknowledged]),
    (SOC2, "CC7.4", "Incidents are answered", &[Acknowledged, Resolved, Deliveries, Remedies]),
    (SOC2, "CC7.5", "Services are brought back", &[Resolved, Availability, Freezes]),
    (SOC2, "CC8.1", "Changes are controlled", &[Deployments, Freezes, ConfigChanges]),
    (SOC2, "A1.1", "Capacity is watched and planned", &[Forecasts, Plans]),
    (SOC2, "A1.2", "Data is backed up and can be brought back", &[Archive, Restores]),
    (SOC2, "C1.1", "Confidential data is known and kept safe", &[Reveals, Exports, Retention]),
    (SOC2, "C1.2", "Confidential data is disposed of", &[Erasures, Retention]),
    (ISO, "A.5.15", "Access control", &[SignIns, Refused, Accounts]),
    (ISO, "A.5.18", "Access rights", &[AccessChanges, Accounts]),
    (ISO, "A.5.24", "Preparing for incidents", &[Receivers, Objectives]),
    (ISO, "A.5.25", "Judging events", &[Alerts, Acknowledged]),
    (ISO, "A.5.26", "Answering incidents", &[Acknowledged, Resolved, Deliveries]),
    (ISO, "A.5.27", "Learning from incidents", &[Freezes, PostMortems]),
    (ISO, "A.5.28", "Collecting evidence", &[Trail, Checkpoints]),
    (ISO, "A.5.33", "Protecting records", &[Trail, Checkpoints, Retention]),
    (ISO, "A.8.2", "Privileged access", &[Accounts, AccessChanges, Reveals]),
    (ISO, "A.8.6", "Capacity", &[Forecasts, Plans]),
    (ISO, "A.8.10", "Deleting information", &[Erasures, Retention]),
    (ISO, "A.8.11", "Masking data", &[Reveals]),
    (ISO, "A.8.13", "Back-ups", &[Archive, Restores]),
    (ISO, "A.8.15", "Logging", &[Trail, Inventory, Sql]),
    (ISO, "A.8.16", "Watching", &[Alerts, Anomalies, Availability]),
    (ISO, "A.8.17", "Clocks", &[Clocks]),
    (ISO, "A.8.32", "Managing changes", &[Deployments, ConfigChanges, Freezes]),
];

/// Every control with its facts.
pub(super) fn all(facts: &Facts) -> Vec<ControlEvidence> {
    let control = |(framework, id, about, of): Row| {
        let items = of.iter().map(|fact| facts.item(*fact));
        let (evidence, missing) = items.partition(|item| item.fact.known().is_some());
        ControlEvidence { framework, id, about, evidence, missing }
    };
    CONTROLS.into_iter().map(control).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_control_is_there_once_and_every_fact_speaks_to_one() {
        let mut ids: Vec<(&str, &str)> = CONTROLS.iter().map(|control| (control.0, control.1)).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), CONTROLS.len());
        for fact in Fact::ALL {
            assert!(
                CONTROLS.iter().any(|control| control.3.contains(&fact)),
                "{fact:?} speaks to no control"
            );
        }
    }
}
