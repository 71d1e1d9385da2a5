//! What is to be said about definition files before they are used.
//!
//! A *fault* is something that is no OpenSLO v1, or a slip in one of Headroom's own metric sources:
//! nothing is loaded while there is one. A *note* is about a valid file that Headroom cannot compute as
//! it stands: a source of another system, or a reference to something outside the files. Such an
//! objective is loaded and shown with the reason in place of figures.

use std::fmt;

use headroom_calendar::Venue;

use crate::spec::{SpecError, read};

/// All faults and notes, each in the order of the files and lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// What is wrong.
    pub faults: Vec<SpecError>,
    /// What is right and not computed.
    pub notes: Vec<SpecError>,
}

/// Reads files of OpenSLO v1 documents, given as name and text, which may refer to one another.
/// `venues` are those of the operator's calendar files, which stand before the built-in ones.
pub fn lint<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>, venues: &[Venue]) -> Findings {
    read(files, venues).1
}

impl Findings {
    pub(crate) fn new(files: &[&str], mut faults: Vec<SpecError>, mut notes: Vec<SpecError>) -> Self {
        for found in [&mut faults, &mut notes] {
            let place = |error: &SpecError| files.iter().position(|file| *file == error.file);
            found.sort_by_cached_key(|error| (place(error), error.line, error.column, error.path.clone()));
            // An SLI that several objectives share is read for each of them.
            found.dedup();
        }
        Self { faults, notes }
    }
}

impl fmt::Display for Findings {
    /// One line each: `file:line:column: field: what is wrong; what is allowed`. Notes say that they are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.faults.iter().try_for_each(|fault| writeln!(f, "{fault}"))?;
        self.notes.iter().try_for_each(|note| writeln!(f, "{note} (note)"))
    }
}

#[cfg(test)]
mod tests;
