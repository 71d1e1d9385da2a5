//! The check of a folder of contracts, for people and for CI.

mod baseline;

use std::fmt;
use std::path::Path;

use serde::Serialize;

use crate::catalog::Catalog;
use crate::compat::{Incompatibility, Mode, history};
use crate::error::Result;
use crate::problem::Problem;
use crate::source::{self, Folder};

/// What a check found. Serialises to JSON, and displays as text with a line for each finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// Whether nothing was found.
    pub ok: bool,
    /// The compatibility that was asked for.
    pub mode: Mode,
    /// Events with at least one version that could be read.
    pub events: usize,
    /// Versions that could be read.
    pub versions: usize,
    /// What is no contract, or was changed after it was published; by file.
    pub problems: Vec<Problem>,
    /// Versions that do not go together; by event and version.
    pub incompatibilities: Vec<Incompatibility>,
}

/// Checks the contracts in `dir`. With `against`, a folder of the contracts as they were
/// published, versions that are there must be in `dir` too, and unchanged but for descriptions
/// and examples.
pub fn check(dir: &Path, mode: Mode, against: Option<&Path>) -> Result<CheckReport> {
    let folder = source::folder(dir)?;
    let changed = match against {
        Some(published) => baseline::changes(&source::folder(published)?, &folder),
        None => Vec::new(),
    };
    Ok(report(folder, mode, changed))
}

/// Checks the contracts that come with Headroom.
pub fn check_built_in(mode: Mode) -> CheckReport {
    report(source::built_in(), mode, Vec::new())
}

fn report(folder: Folder, mode: Mode, changed: Vec<Problem>) -> CheckReport {
    let Catalog { events, mut problems } = Catalog::read(folder);
    problems.extend(changed);
    problems.sort();
    let incompatibilities: Vec<_> = events.values().flat_map(|versions| history(versions, mode)).collect();
    CheckReport {
        ok: problems.is_empty() && incompatibilities.is_empty(),
        mode,
        events: events.len(),
        versions: events.values().map(Vec::len).sum(),
        problems,
        incompatibilities,
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            writeln!(f, "{problem}")?;
        }
        for incompatibility in &self.incompatibilities {
            writeln!(f, "{incompatibility}")?;
        }
        let result = if self.ok { "ok" } else { "failed" };
        let (events, versions) = (counted(self.events, "event"), counted(self.versions, "version"));
        write!(f, "{result}: {events}, {versions}, {}; ", self.mode)?;
        let problems = counted(self.problems.len(), "problem");
        let broken = self.incompatibilities.len();
        write!(f, "{problems}, {broken} incompatibilit{}", if broken == 1 { "y" } else { "ies" })
    }
}

fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
