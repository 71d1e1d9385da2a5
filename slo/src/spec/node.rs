//! A cursor over one YAML document that knows where it stands, so that every
//! complaint carries the file, the line, the column and the path of the field.

use std::cell::RefCell;
use std::fmt;

use crate::yaml::{Place, Tree, Value};

/// Something about a definition, and where: what is wrong and what is allowed instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {path}: {problem}")]
pub struct SpecError {
    /// The file as it was named to the parser.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
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
pub(super) struct Node<'a> {
    pub(super) value: &'a Value,
    pub(super) place: Place,
    pub(super) file: &'a str,
    path: String,
    /// Where what is wrong is gathered.
    pub(super) faults: &'a RefCell<Vec<SpecError>>,
}

impl<'a> Node<'a> {
    /// The whole of a document.
    pub(super) fn root(file: &'a str, tree: &'a Tree, faults: &'a RefCell<Vec<SpecError>>) -> Self {
        Self { value: &tree.value, place: tree.place, file, path: String::new(), faults }
    }

    fn at(&self, step: &str, place: Place, value: &'a Value) -> Self {
        let path = match (self.path.is_empty(), step.starts_with('[')) {
            (true, _) => step.to_owned(),
            (false, true) => format!("{}{step}", self.path),
            (false, false) => format!("{}.{step}", self.path),
        };
        Self { value, place, path, ..self.clone() }
    }

    /// A complaint about this place.
    pub(super) fn error(&self, problem: impl Into<String>) -> SpecError {
        let path = if self.path.is_empty() { "document".to_owned() } else { self.path.clone() };
        let Place { line, column } = self.place;
        SpecError { file: self.file.to_owned(), line, column, path, problem: problem.into() }
    }

    /// A complaint about a field of this place, at the field's name where it is there.
    pub(super) fn error_in(&self, field: &str, problem: impl Into<String>) -> SpecError {
        let there = self.fields().iter().find(|(key, ..)| key == field);
        let place = there.map_or(self.place, |(_, place, _)| *place);
        self.at(field, place, &Value::Null).error(problem)
    }

    /// Gathers a complaint about this place.
    pub(super) fn fault(&self, problem: impl Into<String>) {
        self.faults.borrow_mut().push(self.error(problem));
    }

    /// Gathers a complaint about a field of this place.
    pub(super) fn fault_in(&self, field: &str, problem: impl Into<String>) {
        self.faults.borrow_mut().push(self.error_in(field, problem));
    }

    /// The fields at this place; none when it is no mapping.
    pub(super) fn fields(&self) -> &'a [(String, Place, Tree)] {
        if let Value::Map(fields) = self.value { fields } else { &[] }
    }

    /// The field `key`, when it is there and not null.
    pub(super) fn get(&self, key: &str) -> Option<Self> {
        let (_, _, tree) = self.fields().iter().find(|(name, ..)| name == key)?;
        (tree.value != Value::Null).then(|| self.at(key, tree.place, &tree.value))
    }

    /// Whether the field `key` is there and not null.
    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The field `key`, which must be there.
    pub(super) fn need(&self, key: &str) -> Result<Self, SpecError> {
        self.get(key).ok_or_else(|| self.error_in(key, "is required"))
    }

    /// The complaint about a field that has no meaning here.
    pub(super) fn unknown(&self, key: &str, allowed: &[&str]) -> SpecError {
        self.error_in(key, format!("is not known here; allowed: {}", allowed.join(", ")))
    }

    /// The text at this place.
    pub(super) fn text(&self) -> Result<String, SpecError> {
        match self.value {
            Value::Text(text) if !text.is_empty() => Ok(text.clone()),
            Value::Text(_) => Err(self.error("must not be empty")),
            Value::Number(_) | Value::Bool(_) => Err(self.error("must be text; write it in quotes")),
            _ => Err(self.error("must be text")),
        }
    }

    /// The number at this place.
    pub(super) fn number(&self) -> Result<f64, SpecError> {
        match self.value {
            Value::Number(number) if number.is_finite() => Ok(*number),
            _ => Err(self.error("must be a number")),
        }
    }

    /// The flag at this place.
    pub(super) fn flag(&self) -> Result<bool, SpecError> {
        if let Value::Bool(flag) = self.value { Ok(*flag) } else { Err(self.error("must be true or false")) }
    }

    /// The text of the field `key`, when there.
    pub(super) fn text_of(&self, key: &str) -> Result<Option<String>, SpecError> {
        self.get(key).map(|node| node.text()).transpose()
    }

    /// The list at this place.
    pub(super) fn list(&self) -> Result<Vec<Self>, SpecError> {
        let Value::List(items) = self.value else {
            return Err(self.error("must be a list"));
        };
        let entry = |(n, item): (usize, &'a Tree)| self.at(&format!("[{n}]"), item.place, &item.value);
        Ok(items.iter().enumerate().map(entry).collect())
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
