//! Whether readers and producers of different versions understand each other.
//!
//! *Backward*: a reader of the new version reads what was sent in the old one, so the new version
//! must accept all that the old one accepted. *Forward*: a reader of the old version reads what is
//! sent in the new one, so the new version must accept no more than the old one did.
//!
//! One thing is taken as Avro takes it and not as set theory has it. In an open contract an old
//! producer may have used, for something else, the very name that a new version now describes.
//! Nobody could add a field then, so a new optional field counts as compatible both ways; whoever
//! cannot rule that out closes the contract with `additionalProperties: false`, and there the
//! strict reading holds.

mod mode;
mod property;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

pub use mode::{Breaks, Mode, UnknownMode};

use crate::rule::Rule;
use crate::schema::Schema;

/// A change between two versions that the mode does not allow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Incompatibility {
    /// The file of the newer version, relative to the folder of contracts.
    pub file: String,
    /// The older version.
    pub from: u32,
    /// The newer version.
    pub to: u32,
    /// The attribute; `None` when the contract as a whole changed.
    pub field: Option<String>,
    /// The rule that changed.
    pub rule: Rule,
    /// Who does not understand whom.
    pub breaks: Breaks,
    /// What changed.
    pub change: String,
    /// What to do instead.
    pub advice: String,
}

impl fmt::Display for Incompatibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, from, to, field, rule, breaks, change, advice } = self;
        let field = field.as_deref().unwrap_or("the contract");
        write!(f, "{file}: {field}: {change} ({rule}, version {from} to {to}, {breaks}); {advice}")
    }
}

/// Compares two versions of a contract. Transitive modes compare a pair like the others: which
/// pairs there are is what differs, see [`crate::check`].
pub fn compare(old: &Schema, new: &Schema, mode: Mode) -> Vec<Incompatibility> {
    let mut findings = Findings { old, new, mode, found: Vec::new() };
    if let Some(breaks) = Breaks::tighter(!old.open, !new.open) {
        let change =
            if new.open { "other attributes are allowed now" } else { "other attributes are refused now" };
        findings.add(None, Rule::AdditionalProperties, breaks, change);
    }
    let names: BTreeSet<&str> =
        [old, new].into_iter().flat_map(|schema| &schema.properties).map(|(name, _)| name.as_str()).collect();
    for name in names {
        findings.field(name);
    }
    findings.found
}

/// All versions of one event, each against its predecessor, or against all of them.
pub(crate) fn history(versions: &[Schema], mode: Mode) -> Vec<Incompatibility> {
    let mut found = Vec::new();
    for (at, new) in versions.iter().enumerate() {
        let first = if mode.is_transitive() { 0 } else { at.saturating_sub(1) };
        for old in &versions[first..at] {
            found.extend(compare(old, new, mode));
        }
    }
    found
}

/// What a comparison found that the mode does not allow.
struct Findings<'a> {
    old: &'a Schema,
    new: &'a Schema,
    mode: Mode,
    found: Vec<Incompatibility>,
}

impl Findings<'_> {
    fn field(&mut self, name: &str) {
        match (self.old.property(name), self.new.property(name)) {
            (Some((old, was)), Some((new, is))) => {
                if let Some(breaks) = Breaks::tighter(was, is) {
                    let change = if is { "is required now" } else { "is no longer required" };
                    self.add(Some(name), Rule::Required, breaks, change);
                }
                property::compare(old, new, |rule, breaks, change| {
                    self.add(Some(name), rule, breaks, &change)
                });
            }
            (None, Some((_, required))) => {
                if required {
                    self.add(Some(name), Rule::Required, Breaks::Backward, "is new and required");
                }
                if !self.old.open {
                    let change =
                        format!("is new, and version {} refuses other attributes", self.old.version());
                    self.add(Some(name), Rule::AdditionalProperties, Breaks::Forward, &change);
                }
            }
            (Some((_, required)), None) => {
                if required {
                    self.add(Some(name), Rule::Required, Breaks::Forward, "was required and is gone");
                }
                if !self.new.open {
                    let change =
                        format!("is gone, and version {} refuses other attributes", self.new.version());
                    self.add(Some(name), Rule::AdditionalProperties, Breaks::Backward, &change);
                }
            }
            (None, None) => {}
        }
    }

    fn add(&mut self, field: Option<&str>, rule: Rule, breaks: Breaks, change: &str) {
        if !self.mode.forbids(breaks) {
            return;
        }
        let (from, to) = (self.old.version(), self.new.version());
        self.found.push(Incompatibility {
            file: self.new.file(),
            from,
            to,
            field: field.map(str::to_owned),
            rule,
            breaks,
            change: change.to_owned(),
            advice: advice(rule, breaks, from),
        });
    }
}

fn advice(rule: Rule, breaks: Breaks, from: u32) -> String {
    match (rule, breaks) {
        (Rule::Required, Breaks::Backward) => {
            format!("make it optional: events of version {from} may come without it")
        }
        (Rule::Required, _) => format!("keep it required: readers of version {from} count on it"),
        (Rule::Enum, Breaks::Forward) => {
            "readers know the old values only: put the new ones into a new optional field".to_owned()
        }
        (Rule::Personal, _) => "keep x-personal true: stored events still hold personal data".to_owned(),
        (Rule::Column, _) => "keep x-column: stored events lie in that column".to_owned(),
        (Rule::AdditionalProperties, _) => {
            format!("keep additionalProperties and the fields of version {from}, or start a new event")
        }
        (_, Breaks::Backward) => format!("accept at least what version {from} accepts"),
        (_, Breaks::Forward) => format!("accept no more than version {from} accepts"),
        _ => format!("keep it as in version {from}, and add a new optional field beside it"),
    }
}
