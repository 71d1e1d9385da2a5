//! When the changes in a version were made, which telemetry does not carry.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

/// Times of the changes (commits) that went into versions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// By version and service; an empty service stands for every service of that version.
    made: BTreeMap<(String, String), Vec<DateTime<Utc>>>,
}

impl Changes {
    /// Adds a change that a version of a service brought; an empty `service` is every service of that version.
    pub fn add(&mut self, service: &str, version: &str, at: DateTime<Utc>) {
        self.made.entry((version.to_owned(), service.to_owned())).or_default().push(at);
    }

    /// Whether no change is known.
    pub fn is_empty(&self) -> bool {
        self.made.is_empty()
    }

    /// The changes that a version of a service brought.
    pub(super) fn of(&self, service: &str, version: &str) -> impl Iterator<Item = DateTime<Utc>> + '_ {
        let of =
            |service: &str| self.made.get(&(version.to_owned(), service.to_owned())).into_iter().flatten();
        of(service).chain(of("")).copied()
    }
}
