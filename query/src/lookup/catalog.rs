//! Reason codes in plain words: those of `data/reasons.json`, and a platform's own from a file.

mod file;

use super::safe::{hints, safe};
use super::subject::Flow;
pub use file::CatalogError;
use file::Entry;
pub(super) use file::Fault;
#[cfg(test)]
pub(super) use file::codes;

/// What codes mean to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalog {
    entries: Vec<Entry>,
}

impl Default for Catalog {
    fn default() -> Self {
        Self::built_in()
    }
}

/// A reason as an agent may read it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reason {
    /// The catalog's own code; `None` when it is in no catalog, or must not be told.
    pub(super) code: Option<String>,
    /// Who said no; `None` when that is not to be said.
    pub(super) by: Option<String>,
    /// Why.
    pub(super) says: String,
    /// Whose fault; `None` when it is in no catalog.
    pub(super) fault: Option<Fault>,
    /// What the agent does.
    pub(super) next_step: String,
    /// What the customer is asked to do, if anything.
    pub(super) tell: Option<String>,
}

impl Reason {
    /// Whether it is known and must not be told.
    pub(super) fn is_confidential(&self) -> bool {
        self.fault == Some(Fault::NotSaid)
    }
}

impl Catalog {
    /// The words for a reason code (and the free text beside it) in a flow. The free text is
    /// shown only when the code is unknown, and nothing that hints at a suspicion ever is.
    pub(super) fn reason(&self, flow: Flow, code: Option<&str>, free_text: Option<&str>) -> Reason {
        // Some programs send words alone, and the words are the code: `document expired`.
        let named = code.or(free_text).map(file::normalised);
        let entry = named.and_then(|code| self.entries.iter().find(|entry| entry.names(flow, &code)));
        let confidential = entry.is_some_and(Entry::is_confidential)
            || code.is_some_and(hints)
            || free_text.is_some_and(hints);
        if confidential {
            return Reason {
                code: None,
                by: None,
                says: "the reason cannot be shared".to_owned(),
                fault: Some(Fault::NotSaid),
                next_step: "Give the customer no reason, and hand the case to the risk team.".to_owned(),
                tell: None,
            };
        }
        if let Some((entry, words)) = entry.and_then(|entry| Some((entry, entry.words(flow)?))) {
            return Reason {
                code: Some(entry.code.clone()),
                by: Some(words.by.clone()),
                says: words.says.clone(),
                fault: Some(entry.fault),
                next_step: words.next_step.clone(),
                tell: words.tell.clone(),
            };
        }
        let said = free_text.and_then(safe).or_else(|| safe(&code?.replace('_', " ")));
        Reason {
            code: None,
            by: None,
            says: said.unwrap_or_else(|| "no reason was given".to_owned()),
            fault: None,
            next_step:
                "Hand the case with its trace to the engineers on call: this reason is not in the catalog yet."
                    .to_owned(),
            tell: None,
        }
    }

    /// How many reasons it knows.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
