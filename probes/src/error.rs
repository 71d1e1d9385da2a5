//! What can go wrong with probes, beside what they find.

use std::fmt;

/// The error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum ProbesError {
    /// A setting is wrong.
    #[error("{place}: {problem}")]
    Config {
        /// Where it stands.
        place: Place,
        /// What is wrong, and what is allowed.
        problem: String,
    },
    /// A probe cannot be run as things are here: a secret is missing, a file cannot be read. This says nothing about
    /// what is probed.
    #[error("probe {probe}: {problem}")]
    Unready {
        /// The probe.
        probe: String,
        /// What is missing, and where it was looked for.
        problem: String,
    },
    /// Where the spans go cannot be used.
    #[error("{endpoint} cannot be used for the spans of probes: {reason}")]
    Endpoint {
        /// The endpoint as written.
        endpoint: String,
        /// Why.
        reason: String,
    },
}

impl ProbesError {
    /// The place in the configuration that is wrong, if it is one.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Config { place, .. } => Some(place),
            _ => None,
        }
    }
}

/// Result with [`ProbesError`].
pub type Result<T, E = ProbesError> = std::result::Result<T, E>;

/// A key of the configuration: `probes[0].steps[1].url`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The number of the `[[probes]]` table, from 0.
    pub probe: usize,
    /// The list of steps, `steps` or `cleanup`, and the number in it, from 0.
    pub step: Option<(&'static str, usize)>,
    /// The key.
    pub key: &'static str,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "probes[{}]", self.probe)?;
        if let Some((list, n)) = self.step {
            write!(f, ".{list}[{n}]")?;
        }
        write!(f, ".{}", self.key)
    }
}
