//! All the contracts of a folder, and the rules between its files.

use std::collections::BTreeMap;

use crate::problem::Problem;
use crate::schema::Schema;
use crate::source::{Document, Folder};

/// The contracts of a folder by event; versions in order. Files with problems are left out.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    pub(crate) events: BTreeMap<String, Vec<Schema>>,
    pub(crate) problems: Vec<Problem>,
}

impl Catalog {
    pub(crate) fn read(folder: Folder) -> Self {
        let Folder { documents, problems } = folder;
        let mut catalog = Self { problems, ..Self::default() };
        if documents.is_empty() && catalog.problems.is_empty() {
            catalog.problems.push(Problem::with(".", "holds no contract: <event>/<version>.json"));
        }
        for versions in documents.chunk_by(|a, b| a.event == b.event) {
            catalog.gap(versions);
        }
        for document in documents {
            match Schema::parse(&document.event, document.version, &document.text) {
                Ok(schema) => catalog.events.entry(document.event).or_default().push(schema),
                Err(problems) => catalog.problems.extend(problems),
            }
        }
        catalog.titles();
        catalog.names();
        catalog.problems.sort();
        catalog
    }

    /// Versions count from 1 without a gap: one that is missing may be in the store.
    fn gap(&mut self, versions: &[Document]) {
        for (expected, document) in (1..).zip(versions) {
            if document.version != expected {
                let detail = format!("version {expected} is missing before version {}", document.version);
                return self.problems.push(Problem::with(&document.event, detail));
            }
        }
    }

    /// A title names the event, so it is the same in every version.
    fn titles(&mut self) {
        for versions in self.events.values() {
            let Some((first, later)) = versions.split_first() else { continue };
            for schema in later.iter().filter(|schema| schema.title() != first.title()) {
                let detail = format!("must be {:?} as in version {}", first.title(), first.version());
                let problem = Problem::with(schema.file(), detail);
                self.problems.push(Problem { pointer: "/title".to_owned(), ..problem });
            }
        }
    }

    /// A name leads to one event, whether it is a name on the wire or an alias.
    fn names(&mut self) {
        let mut owners: BTreeMap<&str, &str> =
            self.events.keys().map(|event| (event.as_str(), event.as_str())).collect();
        for schema in self.events.values().flatten() {
            for alias in &schema.aliases {
                let owner = *owners.entry(alias).or_insert(schema.event());
                if owner != schema.event() {
                    let detail = format!("{alias:?} is a name of {owner} already");
                    let problem = Problem::with(schema.file(), detail);
                    self.problems.push(Problem { pointer: "/x-aliases".to_owned(), ..problem });
                }
            }
        }
    }
}
