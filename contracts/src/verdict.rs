//! What the registry says about an event.

use std::fmt;

use serde::Serialize;

use crate::rule::Rule;

/// The judgement on one event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Verdict<'r> {
    /// The event keeps its contract.
    Valid {
        /// The version it was judged by.
        version: u32,
        /// The name on the wire, when the event was sent under an alias.
        canonical: Option<&'r str>,
    },
    /// Nobody wrote a contract for this name: the event is taken as it is.
    NoContract,
    /// The event breaks its contract, or names a version that there is not.
    Breach(Vec<Fault>),
}

/// One rule that an event breaks. An event gets at most 16.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The attribute.
    pub field: String,
    /// The rule.
    pub rule: Rule,
    /// What the rule wants, in words that follow "must be".
    pub wanted: String,
    /// What the event has, in words. Personal values are not repeated.
    pub found: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} must be {}, found {}", self.field, self.wanted, self.found)
    }
}
