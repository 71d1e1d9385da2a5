//! The modes of compatibility, and what they forbid.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// Which changes are allowed. The names are those of schema registries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// New readers read old events; against the version before. Readers upgrade first.
    Backward,
    /// Old readers read new events; against the version before. Producers upgrade first.
    Forward,
    /// Both; against the version before. Any order.
    Full,
    /// Backward, against every version.
    BackwardTransitive,
    /// Forward, against every version.
    ForwardTransitive,
    /// Both, against every version: events are kept for years and replayed.
    #[default]
    FullTransitive,
}

/// Modes by name.
const NAMES: [(&str, Mode); 6] = [
    ("backward", Mode::Backward),
    ("forward", Mode::Forward),
    ("full", Mode::Full),
    ("backward_transitive", Mode::BackwardTransitive),
    ("forward_transitive", Mode::ForwardTransitive),
    ("full_transitive", Mode::FullTransitive),
];

impl Mode {
    /// Whether every older version counts, and not only the one before.
    pub fn is_transitive(self) -> bool {
        matches!(self, Self::BackwardTransitive | Self::ForwardTransitive | Self::FullTransitive)
    }

    pub(super) fn forbids(self, breaks: Breaks) -> bool {
        let backward = !matches!(self, Self::Forward | Self::ForwardTransitive);
        let forward = !matches!(self, Self::Backward | Self::BackwardTransitive);
        match breaks {
            Breaks::Backward => backward,
            Breaks::Forward => forward,
            Breaks::Both | Breaks::Always => true,
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAMES.iter().find(|(_, mode)| mode == self).map_or("", |(name, _)| name))
    }
}

/// No mode has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no compatibility mode is called {0:?}; there are {modes}", modes = NAMES.map(|(name, _)| name).join(", "))]
pub struct UnknownMode(pub String);

impl FromStr for Mode {
    type Err = UnknownMode;

    /// Takes `full_transitive`, `full-transitive` and `FULL_TRANSITIVE`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.to_ascii_lowercase().replace('-', "_");
        let found = NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, mode)| *mode).ok_or_else(|| UnknownMode(text.to_owned()))
    }
}

/// Who does not understand whom after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Breaks {
    /// New readers do not take old events.
    Backward,
    /// Old readers do not take new events.
    Forward,
    /// Neither takes the other's.
    Both,
    /// Not a matter of readers: forbidden in every mode.
    Always,
}

impl Breaks {
    /// A rule that can be tightened: `old` and `new` are how tight it is.
    pub(super) fn tighter<T: Copy + PartialOrd>(old: T, new: T) -> Option<Self> {
        if new > old {
            Some(Self::Backward)
        } else if new < old {
            Some(Self::Forward)
        } else {
            None
        }
    }

    /// A rule that is there or not, and is another one when it changes.
    pub(super) fn changed<T: PartialEq>(old: Option<T>, new: Option<T>) -> Option<Self> {
        match (old, new) {
            (None, Some(_)) => Some(Self::Backward),
            (Some(_), None) => Some(Self::Forward),
            (Some(old), Some(new)) if old != new => Some(Self::Both),
            _ => None,
        }
    }

    /// What two directions come to.
    pub(super) fn of(backward: bool, forward: bool) -> Option<Self> {
        match (backward, forward) {
            (true, true) => Some(Self::Both),
            (true, false) => Some(Self::Backward),
            (false, true) => Some(Self::Forward),
            (false, false) => None,
        }
    }
}

impl fmt::Display for Breaks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Backward => "not backward compatible",
            Self::Forward => "not forward compatible",
            Self::Both => "neither backward nor forward compatible",
            Self::Always => "allowed in no mode",
        })
    }
}
