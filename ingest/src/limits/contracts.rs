//! Contracts of business events, kept at the door.
//!
//! An event is judged once, when it is received: the contracts in force may be others when a slice is
//! read again after a crash, and the client is told now. What the judgement takes out of a request
//! is carried in it, like everything else here.

use std::path::PathBuf;
use std::sync::Arc;

use headroom_contracts::{ContractsError, Registry, Value as Judged, Verdict};
use serde::{Deserialize, Serialize};

use crate::decode::{Log, Pair, Value};

/// What happens to an event that breaks its contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Enforcement {
    /// It is kept in `rejected` with the reason and not in `events`; the client is told.
    #[default]
    Quarantine,
    /// It is taken; the breach is noted in `rejected`, and the client is told.
    Warn,
    /// Events are not judged.
    Off,
}

/// The section `ingest.contracts` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ContractsConfig {
    /// What happens to an event that breaks its contract.
    pub breach: Enforcement,
    /// A folder of contracts beside the built-in ones.
    pub dir: Option<PathBuf>,
}

impl ContractsConfig {
    /// Reads the contracts in force.
    ///
    /// # Errors
    /// The folder cannot be read, or something in it is no contract.
    pub fn load(&self) -> Result<Contracts, ContractsError> {
        if self.breach == Enforcement::Off {
            return Ok(Contracts::default());
        }
        let registry = Registry::built_in();
        let registry = match &self.dir {
            Some(dir) => registry.with_folder(dir)?,
            None => registry,
        };
        Ok(Contracts {
            registry: Some(Arc::new(registry)),
            quarantines: self.breach == Enforcement::Quarantine,
        })
    }
}

/// The contracts in force.
#[derive(Debug, Clone, Default)]
pub struct Contracts {
    registry: Option<Arc<Registry>>,
    quarantines: bool,
}

/// What is to be done with a log record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ruling {
    /// It is taken out, for this reason.
    Quarantine(String),
    /// It stays, and this is noted.
    Note(String),
    /// It was sent under an alias of this event.
    Rename(String),
}

impl Contracts {
    /// The ruling on a record, when it is an event that does not simply pass.
    pub(super) fn rule(&self, log: &Log<'_>) -> Option<Ruling> {
        let registry = self.registry.as_ref().filter(|_| log.event.is_some())?;
        let name = std::str::from_utf8(&log.event_name).ok()?;
        match registry.judge(name, log.attributes.iter().filter_map(judged)) {
            Verdict::NoContract | Verdict::Valid { canonical: None, .. } => None,
            Verdict::Valid { canonical: Some(event), .. } => Some(Ruling::Rename(event.to_owned())),
            Verdict::Breach(faults) => {
                let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
                let detail = format!("{name}: {}", faults.join("; "));
                Some(if self.quarantines { Ruling::Quarantine(detail) } else { Ruling::Note(detail) })
            }
        }
    }
}

/// An attribute as contracts see it; one without a value is not there.
fn judged<'a>(pair: &Pair<'a>) -> Option<(&'a str, Judged<'a>)> {
    let value = match pair.value {
        Value::Empty => return None,
        Value::Text(text) => std::str::from_utf8(text).map_or(Judged::Other, Judged::Text),
        Value::Bool(flag) => Judged::Bool(flag),
        Value::Int(number) => Judged::Int(number),
        Value::Double(number) => Judged::Double(number),
        Value::Bytes(_) | Value::Array(_) | Value::List(_) => Judged::Other,
    };
    Some((std::str::from_utf8(pair.key).ok()?, value))
}
