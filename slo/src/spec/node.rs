//! A cursor over one YAML document that knows where it stands, so that every
//! complaint carries the file, the document and the path of the field.

use std::fmt;

use serde_yaml_ng::Value;

/// What is wrong with a definition, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, document {document}, {path}: {problem}")]
pub struct SpecError {
    /// The file as it was named to the parser.
    pub file: String,
    /// The document's number within the file, from 1.
    pub document: usize,
    /// The field's path, such as `spec.objectives[0].target`.
    pub path: String,
    /// What is wrong with it and what is allowed.
    pub problem: String,
}

/// Every problem found in a set of definitions; nothing is loaded unless this is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecErrors(pub Vec<SpecError>);

impl fmt::Display for SpecErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, error) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for SpecErrors {}

/// One place in a document.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) file: String,
    pub(super) document: usize,
    path: String,
}

impl Node {
    /// The whole of a document.
    pub(super) fn root(file: &str, document: usize, value: Value) -> Self {
        Self { value, file: file.to_owned(), document, path: String::new() }
    }

    fn at(&self, step: &str, value: &Value) -> Self {
        let path = match (self.path.is_empty(), step.starts_with('[')) {
            (true, _) => step.to_owned(),
            (false, true) => format!("{}{step}", self.path),
            (false, false) => format!("{}.{step}", self.path),
        };
        Self { value: value.clone(), file: self.file.clone(), document: self.document, path }
    }

    /// A complaint about this place.
    pub(super) fn error(&self, problem: impl Into<String>) -> SpecError {
        let path = if self.path.is_empty() { "document".to_owned() } else { self.path.clone() };
        SpecError { file: self.file.clone(), document: self.document, path, problem: problem.into() }
    }

    /// A complaint about a field of this place.
    pub(super) fn error_in(&self, field: &str, problem: impl Into<String>) -> SpecError {
        self.at(field, &Value::Null).error(problem)
    }

    /// The field `key`, when it is there and not null.
    pub(super) fn get(&self, key: &str) -> Option<Self> {
        let value = self.value.get(key)?;
        (!value.is_null()).then(|| self.at(key, value))
    }

    /// The field `key`, which must be there.
    pub(super) fn need(&self, key: &str) -> Result<Self, SpecError> {
        self.get(key).ok_or_else(|| self.error_in(key, "is required"))
    }

    /// Refuses any field not in `allowed`.
    pub(super) fn only(&self, allowed: &[&str]) -> Result<(), SpecError> {
        let Value::Mapping(fields) = &self.value else {
            return Err(self.error(format!("must be a mapping with the fields {}", allowed.join(", "))));
        };
        for key in fields.keys() {
            let name = key.as_str().unwrap_or("(not a string)");
            if !allowed.contains(&name) {
                return Err(
                    self.error_in(name, format!("is not known here; allowed: {}", allowed.join(", ")))
                );
            }
        }
        Ok(())
    }

    /// The text at this place.
    pub(super) fn text(&self) -> Result<String, SpecError> {
        match &self.value {
            Value::String(text) if !text.is_empty() => Ok(text.clone()),
            Value::String(_) => Err(self.error("must not be empty")),
            _ => Err(self.error("must be text")),
        }
    }

    /// The number at this place.
    pub(super) fn number(&self) -> Result<f64, SpecError> {
        let number = self.value.as_f64().filter(|n| n.is_finite());
        number.ok_or_else(|| self.error("must be a number"))
    }

    /// The text of the field `key`, when there.
    pub(super) fn text_of(&self, key: &str) -> Result<Option<String>, SpecError> {
        self.get(key).map(|node| node.text()).transpose()
    }

    /// The list at this place.
    pub(super) fn list(&self) -> Result<Vec<Self>, SpecError> {
        let Value::Sequence(items) = &self.value else {
            return Err(self.error("must be a list"));
        };
        Ok(items.iter().enumerate().map(|(n, item)| self.at(&format!("[{n}]"), item)).collect())
    }

    /// One of the words in `allowed`.
    pub(super) fn word<T: Copy>(&self, allowed: &[(&str, T)]) -> Result<T, SpecError> {
        let text = self.text()?;
        allowed.iter().find(|(word, _)| *word == text).map(|(_, value)| *value).ok_or_else(|| {
            let words: Vec<&str> = allowed.iter().map(|(word, _)| *word).collect();
            self.error(format!("{text:?} is not known; allowed: {}", words.join(", ")))
        })
    }
}
