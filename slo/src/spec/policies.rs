//! AlertPolicies with their conditions and targets resolved.

use std::collections::BTreeMap;

use super::document::{Document, Kind};
use super::duration::Span;
use super::indicator::OPS;
use super::metric::Op;
use super::node::{Node, SpecError};
use super::terms::{figure, shown};
use crate::policy::{AlertCondition, AlertPolicy, NotificationTarget};
use crate::yaml::Value;

/// The documents that policies refer to.
pub(super) struct Objects<'a> {
    conditions: BTreeMap<&'a str, &'a Document<'a>>,
    targets: BTreeMap<&'a str, &'a Document<'a>>,
    policies: Vec<&'a str>,
}

impl<'a> Objects<'a> {
    pub(super) fn new(documents: &'a [Document<'a>]) -> Self {
        let of = |kind: Kind| documents.iter().filter(move |doc| doc.kind == kind);
        let by_name = |kind| of(kind).map(|doc| (doc.name.as_str(), doc)).collect();
        Self {
            conditions: by_name(Kind::AlertCondition),
            targets: by_name(Kind::AlertNotificationTarget),
            policies: of(Kind::AlertPolicy).map(|doc| doc.name.as_str()).collect(),
        }
    }

    /// Reads a well-formed policy; without its condition there is none.
    pub(super) fn policy(
        &self,
        name: &str,
        spec: &Node<'_>,
        notes: &mut Vec<SpecError>,
    ) -> Option<AlertPolicy> {
        let flag = |key: &str| spec.get(key).and_then(|node| node.flag().ok()).unwrap_or(false);
        let entries = |key: &str| spec.get(key).and_then(|node| node.list().ok()).unwrap_or_default();
        let condition = entries("conditions").first().and_then(|entry| {
            let (name, spec) = resolved(entry, "conditionRef", "AlertCondition", &self.conditions, notes)?;
            condition(&name, &spec)
        })?;
        let targets = entries("notificationTargets")
            .iter()
            .filter_map(|entry| {
                let (name, spec) =
                    resolved(entry, "targetRef", "AlertNotificationTarget", &self.targets, notes)?;
                Some(NotificationTarget { name, target: shown(&spec, "target")? })
            })
            .collect();
        Some(AlertPolicy {
            name: name.to_owned(),
            when_breaching: flag("alertWhenBreaching"),
            when_resolved: flag("alertWhenResolved"),
            when_no_data: flag("alertWhenNoData"),
            condition,
            targets,
        })
    }

    /// The names of an SLO's policies, and those policies that stand in the SLO itself.
    pub(super) fn of_slo(
        &self,
        spec: &Node<'_>,
        notes: &mut Vec<SpecError>,
    ) -> (Vec<String>, Vec<AlertPolicy>) {
        let (mut names, mut own) = (Vec::new(), Vec::new());
        for entry in spec.get("alertPolicies").and_then(|node| node.list().ok()).unwrap_or_default() {
            if let Some((name, spec)) = inline(&entry) {
                own.extend(self.policy(&name, &spec, notes));
                names.push(name);
                continue;
            }
            let reference =
                if let Value::Text(_) = entry.value { Some(entry) } else { entry.get("alertPolicyRef") };
            let Some((name, place)) = reference.and_then(|node| Some((node.text().ok()?, node))) else {
                continue;
            };
            if !self.policies.contains(&name.as_str()) {
                notes.push(outside(&place, "AlertPolicy", &name));
            }
            names.push(name);
        }
        (names, own)
    }
}

/// Name and spec of an object that stands in the place itself.
fn inline<'a>(entry: &Node<'a>) -> Option<(String, Node<'a>)> {
    Some((shown(&entry.get("metadata")?, "name")?, entry.get("spec")?))
}

/// Name and spec of what stands in the place or is referred to.
fn resolved<'a>(
    entry: &Node<'a>,
    key: &str,
    kind: &str,
    known: &BTreeMap<&str, &'a Document<'a>>,
    notes: &mut Vec<SpecError>,
) -> Option<(String, Node<'a>)> {
    if let Some(found) = inline(entry) {
        return Some(found);
    }
    let reference = entry.get(key)?;
    let name = reference.text().ok()?;
    let Some(doc) = known.get(name.as_str()) else {
        notes.push(outside(&reference, kind, &name));
        return None;
    };
    Some((name, doc.spec.clone()))
}

fn outside(place: &Node<'_>, kind: &str, name: &str) -> SpecError {
    place.error(format!("names the {kind} {name:?}, which is in none of the files; add it"))
}

fn condition(name: &str, spec: &Node<'_>) -> Option<AlertCondition> {
    let node = spec.get("condition")?;
    let seconds = |key: &str| Some(Span::parse(&shown(&node, key)?).ok()?.nominal_seconds());
    Some(AlertCondition {
        name: name.to_owned(),
        severity: shown(spec, "severity")?,
        op: node.get("op").and_then(|op| op.word(&OPS).ok()).unwrap_or(Op::Gte),
        threshold: figure(&node, "threshold")?,
        lookback: seconds("lookbackWindow")?,
        after: seconds("alertAfter").unwrap_or(0),
    })
}
