//! Typed access to a JSON object that keeps a list of what was wrong.

use serde_json::{Map, Value as Json};

use super::super::literal::Bound;
use crate::problem::{Problem, step};

/// An object and where it stands.
pub(super) struct Object<'a> {
    pub(super) json: &'a Map<String, Json>,
    pub(super) pointer: String,
}

impl Object<'_> {
    /// The pointer of one of its keys.
    pub(super) fn at(&self, key: &str) -> String {
        step(&self.pointer, key)
    }
}

/// Collects the problems of one file.
pub(super) struct Reader {
    file: String,
    pub(super) problems: Vec<Problem>,
}

impl Reader {
    pub(super) fn new(file: String) -> Self {
        Self { file, problems: Vec::new() }
    }

    pub(super) fn refuse(&mut self, pointer: &str, detail: impl Into<String>) {
        let problem = Problem::with(self.file.clone(), detail);
        self.problems.push(Problem { pointer: pointer.to_owned(), ..problem });
    }

    /// Refuses keywords outside the subset: one that is not understood is one that is not kept.
    pub(super) fn known(&mut self, object: &Object<'_>, keywords: &[&str]) {
        for key in object.json.keys().filter(|key| !keywords.contains(&key.as_str())) {
            let detail = format!("is no keyword here; allowed are {}", keywords.join(", "));
            self.refuse(&object.at(key), detail);
        }
    }

    /// A text that must be there and say something.
    pub(super) fn needed_text(&mut self, object: &Object<'_>, key: &str) -> Option<String> {
        match object.json.get(key) {
            Some(Json::String(text)) if !text.trim().is_empty() => Some(text.clone()),
            Some(_) => {
                self.refuse(&object.at(key), "must be a text that is not empty");
                None
            }
            None => {
                self.refuse(&object.pointer, format!("{key:?} is missing"));
                None
            }
        }
    }

    pub(super) fn text<'a>(&mut self, object: &Object<'a>, key: &str) -> Option<&'a str> {
        let json = object.json.get(key)?;
        self.some(object, key, json.as_str(), "a text")
    }

    pub(super) fn flag(&mut self, object: &Object<'_>, key: &str) -> Option<bool> {
        let json = object.json.get(key)?;
        self.some(object, key, json.as_bool(), "true or false")
    }

    pub(super) fn count(&mut self, object: &Object<'_>, key: &str) -> Option<usize> {
        let json = object.json.get(key)?;
        let count = json.as_u64().and_then(|count| usize::try_from(count).ok());
        self.some(object, key, count, "a whole number from 0")
    }

    pub(super) fn bound(&mut self, object: &Object<'_>, key: &str) -> Option<Bound> {
        let json = object.json.get(key)?;
        self.some(object, key, Bound::read(json), "a number of at most 28 digits, 12 after the point")
    }

    /// A list of texts, none of them empty; an empty one when it is missing.
    pub(super) fn texts(&mut self, object: &Object<'_>, key: &str) -> Vec<String> {
        let text = |json: &Json| json.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let Some(json) = object.json.get(key) else { return Vec::new() };
        let texts = json.as_array().and_then(|list| list.iter().map(text).collect());
        self.some(object, key, texts, "a list of texts that are not empty").unwrap_or_default()
    }

    fn some<T>(&mut self, object: &Object<'_>, key: &str, value: Option<T>, wanted: &str) -> Option<T> {
        if value.is_none() {
            self.refuse(&object.at(key), format!("must be {wanted}"));
        }
        value
    }
}
