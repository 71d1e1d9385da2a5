//! Inhibition: while one alert fires, others that follow from it are not told.

use headroom_delivery::Labels;
use serde::{Deserialize, Serialize};

use crate::matcher::Matchers;

/// While an alert of `source` fires, those of `target` are not told that have the same values of the labels in `equal`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inhibition {
    /// What inhibits.
    pub source: Matchers,
    /// What is inhibited.
    pub target: Matchers,
    /// Labels that must be the same in both; one that is missing is as one that is empty.
    #[serde(default)]
    pub equal: Vec<String>,
}

impl Inhibition {
    /// Whether a firing alert with labels `source` inhibits one with labels `target`.
    ///
    /// Alerts that fit both sides do not inhibit each other, nor themselves, as in Alertmanager: nobody would be told.
    pub fn inhibits(&self, source: &Labels, target: &Labels) -> bool {
        let value = |labels: &Labels, name: &str| labels.get(name).cloned().unwrap_or_default();
        self.source.fit(source)
            && self.target.fit(target)
            && !(self.target.fit(source) && self.source.fit(target))
            && self.equal.iter().all(|name| value(source, name) == value(target, name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn rule(source: &str, target: &str, equal: &[&str]) -> Inhibition {
        let matchers = |text: &str| Matchers(vec![text.parse().expect("a matcher")]);
        let equal = equal.iter().map(|name| (*name).to_owned()).collect();
        Inhibition { source: matchers(source), target: matchers(target), equal }
    }

    #[test]
    fn equal_labels_decide() {
        let rule = rule("severity=critical", "severity=warning", &["service", "region"]);
        let source = labels(&[("severity", "critical"), ("service", "order")]);
        assert!(
            rule.inhibits(&source, &labels(&[("severity", "warning"), ("service", "order")])),
            "region is missing in both"
        );
        let empty = labels(&[("severity", "warning"), ("service", "order"), ("region", "")]);
        assert!(rule.inhibits(&source, &empty), "missing is as empty");
        let other = labels(&[("severity", "warning"), ("service", "order"), ("region", "eu")]);
        assert!(!rule.inhibits(&source, &other));
        assert!(!rule.inhibits(&other, &source), "not the other way");
    }

    #[test]
    fn an_alert_does_not_inhibit_itself() {
        let rule = rule("service=order", "severity=~.*", &[]);
        let order = labels(&[("service", "order")]);
        assert!(!rule.inhibits(&order, &order));
        assert!(rule.inhibits(&order, &labels(&[("service", "risk")])));
    }
}
