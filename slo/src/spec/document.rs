//! From YAML text to OpenSLO v1 documents with their header read.

use std::cell::RefCell;

use super::node::{Node, SpecError};
use super::openslo;
use crate::yaml::{self, Tree};

/// The kinds of OpenSLO v1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Slo,
    Sli,
    Service,
    DataSource,
    AlertPolicy,
    AlertCondition,
    AlertNotificationTarget,
}

pub(super) const KINDS: [(&str, Kind); 7] = [
    ("SLO", Kind::Slo),
    ("SLI", Kind::Sli),
    ("Service", Kind::Service),
    ("DataSource", Kind::DataSource),
    ("AlertPolicy", Kind::AlertPolicy),
    ("AlertCondition", Kind::AlertCondition),
    ("AlertNotificationTarget", Kind::AlertNotificationTarget),
];

impl Kind {
    pub(super) fn word(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }
}

/// A YAML document of a file.
#[derive(Debug)]
pub(super) struct Source<'a> {
    pub(super) file: &'a str,
    tree: Tree,
    text: String,
}

/// One document with its header read.
#[derive(Debug, Clone)]
pub(super) struct Document<'a> {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) display_name: String,
    pub(super) root: Node<'a>,
    /// An empty place when the document has none.
    pub(super) spec: Node<'a>,
    /// The document as it stands in the file.
    pub(super) text: &'a str,
}

/// Reads every document of a file; what is no YAML is gathered in `faults`.
pub(super) fn read_file<'a>(file: &'a str, text: &str, faults: &RefCell<Vec<SpecError>>) -> Vec<Source<'a>> {
    let (documents, broken) = yaml::read(text);
    let error = |broken: yaml::Broken| {
        let (line, column) = (broken.place.line, broken.place.column);
        SpecError {
            file: file.to_owned(),
            line,
            column,
            path: "document".to_owned(),
            problem: broken.problem,
        }
    };
    faults.borrow_mut().extend(broken.into_iter().map(error));
    documents.into_iter().map(|document| Source { file, tree: document.tree, text: document.text }).collect()
}

impl<'a> Source<'a> {
    /// The document, checked by the format; `None` when its header cannot be read.
    pub(super) fn document(&'a self, faults: &'a RefCell<Vec<SpecError>>) -> Option<Document<'a>> {
        let root = Node::root(self.file, &self.tree, faults);
        openslo::check(&root);
        let kind = root.get("kind")?.word(&KINDS).ok()?;
        let metadata = root.get("metadata")?;
        let name = metadata.get("name")?.text().ok()?;
        let display_name = metadata.text_of("displayName").ok()?.unwrap_or_else(|| name.clone());
        let spec = root.get("spec").unwrap_or_else(|| root.clone());
        Some(Document { kind, name, display_name, root, spec, text: &self.text })
    }
}
