//! From YAML text to OpenSLO v1 documents: header, name and spec, checked.

use serde::Deserialize as _;
use serde_yaml_ng::Value;

use super::node::{Node, SpecError};

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

const KINDS: [(&str, Kind); 7] = [
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

/// One document with its header read.
#[derive(Debug, Clone)]
pub(super) struct Document {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) display_name: String,
    pub(super) root: Node,
    pub(super) spec: Node,
}

impl Document {
    pub(super) fn yaml(&self) -> String {
        serde_yaml_ng::to_string(&self.root.value).unwrap_or_default()
    }
}

/// Reads every document of a file; what is wrong is gathered in `errors`.
pub(super) fn read_file(file: &str, text: &str, errors: &mut Vec<SpecError>) -> Vec<Document> {
    let mut documents = Vec::new();
    for (n, part) in serde_yaml_ng::Deserializer::from_str(text).enumerate() {
        let number = n + 1;
        match Value::deserialize(part) {
            Ok(Value::Null) => {}
            Ok(value) => match header(Node::root(file, number, value)) {
                Ok(document) => documents.push(document),
                Err(error) => errors.push(error),
            },
            Err(error) => {
                // The reader cannot find the next document after a syntax error.
                let problem = format!("is not YAML: {error}");
                errors.push(Node::root(file, number, Value::Null).error(problem));
                break;
            }
        }
    }
    documents
}

fn header(root: Node) -> Result<Document, SpecError> {
    root.only(&["apiVersion", "kind", "metadata", "spec"])?;
    root.need("apiVersion")?.word(&[("openslo/v1", ())])?;
    let kind = root.need("kind")?.word(&KINDS)?;
    let metadata = root.need("metadata")?;
    metadata.only(&["name", "displayName", "labels", "annotations"])?;
    let name_node = metadata.need("name")?;
    let name = name_node.text()?;
    if !is_label(&name) {
        return Err(name_node.error(format!(
            "{name:?} is not a name; allowed: 1 to 63 lower-case letters, digits and '-', beginning and ending with a letter or digit"
        )));
    }
    let display_name = metadata.text_of("displayName")?.unwrap_or_else(|| name.clone());
    let spec = root.need("spec")?;
    if let Some(description) = spec.get("description") {
        let length = description.text()?.chars().count();
        if length > 1_050 {
            return Err(description.error(format!("has {length} characters; allowed: 1050")));
        }
    }
    Ok(Document { kind, name, display_name, root, spec })
}

/// Whether `name` is an RFC 1123 label, as OpenSLO asks of names.
pub(super) fn is_label(name: &str) -> bool {
    let inner = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    (1..=63).contains(&name.len())
        && name.bytes().all(inner)
        && !name.starts_with('-')
        && !name.ends_with('-')
}
