//! Something in a folder of contracts that is no contract.

use std::fmt;

use serde::Serialize;

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// The file, relative to the folder, such as `order.placed/1.json`; a folder's name when
    /// no single file is at fault.
    pub file: String,
    /// The line, when the file is no JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The JSON pointer (RFC 6901) inside the file; empty for the whole of it.
    pub pointer: String,
    /// What is wrong and what would be right.
    pub detail: String,
}

impl Problem {
    /// A problem with a whole file or folder.
    pub(crate) fn with(file: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { file: file.into(), line: None, pointer: String::new(), detail: detail.into() }
    }

    /// Text that is no JSON.
    pub(crate) fn syntax(file: &str, error: &serde_json::Error) -> Self {
        Self { line: Some(error.line()), ..Self::with(file, format!("is no JSON: {error}")) }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if !self.pointer.is_empty() {
            write!(f, " at {}", self.pointer)?;
        }
        write!(f, ": {}", self.detail)
    }
}

/// `pointer` one step deeper.
pub(crate) fn step(pointer: &str, key: impl fmt::Display) -> String {
    format!("{pointer}/{}", key.to_string().replace('~', "~0").replace('/', "~1"))
}
