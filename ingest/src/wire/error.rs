//! Why bytes are not the message they should be.

use std::borrow::Cow;
use std::fmt;

/// A malformed message: what was wrong, where, and on which path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireError(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    offset: usize,
    path: String,
    what: String,
}

impl WireError {
    /// A fault at a byte offset of the request.
    pub fn new(offset: usize, what: impl Into<String>) -> Self {
        Self(Box::new(Inner { offset, path: String::new(), what: what.into() }))
    }

    /// Puts an outer field in front of the path.
    #[must_use]
    pub fn inside(mut self, field: &str) -> Self {
        self.0.path =
            if self.0.path.is_empty() { field.to_owned() } else { format!("{field}.{}", self.0.path) };
        self
    }

    /// Puts an outer repeated field in front of the path.
    #[must_use]
    pub fn inside_at(self, field: &str, index: usize) -> Self {
        self.inside(&format!("{field}[{index}]"))
    }

    /// The byte of the request at which reading failed.
    pub fn offset(&self) -> usize {
        self.0.offset
    }

    /// The path to the field, empty at the top.
    pub fn path(&self) -> &str {
        &self.0.path
    }
}

/// The longest path shown whole, and what is kept of both ends of a longer one.
const MAX_PATH: usize = 120;
const KEPT_OF_PATH: usize = 58;

/// A path in an error's words: of a very long one (deep nesting), both ends.
pub(crate) fn shown_path(path: &str) -> Cow<'_, str> {
    if path.len() <= MAX_PATH {
        return Cow::Borrowed(path);
    }
    let head = &path[..path.floor_char_boundary(KEPT_OF_PATH)];
    let tail = &path[path.ceil_char_boundary(path.len() - KEPT_OF_PATH)..];
    Cow::Owned(format!("{head} .. {tail}"))
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { offset, path, what } = &*self.0;
        if path.is_empty() {
            write!(f, "{what} at byte {offset}")
        } else {
            let path = shown_path(path);
            write!(f, "{path}: {what} at byte {offset}")
        }
    }
}

impl std::error::Error for WireError {}
