//! The contracts in force, and the judgement on an event by them.

use std::collections::HashMap;
use std::path::Path;

use crate::catalog::Catalog;
use crate::error::{ContractsError, Result};
use crate::rule::Rule;
use crate::schema::{Schema, VERSION};
use crate::source;
use crate::value::Value;
use crate::verdict::{Fault, Verdict};

/// The contracts in force: the built-in ones, and an operator's own.
#[derive(Debug)]
pub struct Registry {
    contracts: Vec<Contract>,
    names: HashMap<String, Name>,
}

/// All versions of an event, version `n` at `n - 1`.
#[derive(Debug)]
struct Contract {
    event: String,
    versions: Vec<Schema>,
}

#[derive(Debug, Clone, Copy)]
struct Name {
    contract: usize,
    alias: bool,
}

impl Registry {
    /// The contracts that come with Headroom.
    pub fn built_in() -> Self {
        let catalog = Catalog::read(source::built_in());
        // A test reads them all.
        assert!(
            catalog.problems.is_empty(),
            "invariant: built-in contracts are right: {:?}",
            catalog.problems
        );
        let mut registry = Self { contracts: Vec::new(), names: HashMap::new() };
        registry.add(catalog);
        registry
    }

    /// Adds the contracts of a folder. An event's folder there replaces the built-in contract of
    /// that event as a whole, and its names win over built-in names.
    pub fn with_folder(mut self, dir: &Path) -> Result<Self> {
        let catalog = Catalog::read(source::folder(dir)?);
        if !catalog.problems.is_empty() {
            return Err(ContractsError::Invalid { path: dir.to_owned(), problems: catalog.problems });
        }
        self.add(catalog);
        Ok(self)
    }

    fn add(&mut self, catalog: Catalog) {
        for (event, versions) in catalog.events {
            let contract = self.contracts.len();
            let old = self.names.get(&event).filter(|name| !name.alias).map(|name| name.contract);
            self.names.retain(|_, name| Some(name.contract) != old);
            self.names.insert(event.clone(), Name { contract, alias: false });
            for alias in versions.iter().flat_map(|schema| &schema.aliases) {
                self.names.insert(alias.clone(), Name { contract, alias: true });
            }
            self.contracts.push(Contract { event, versions });
        }
    }

    /// Judges the event `name` with its attributes. Allocates only to tell what is wrong.
    ///
    /// The attributes are walked twice: for the version, which may stand anywhere, and for the
    /// rules. The version is the attribute `event.version`, an integer or its digits as text;
    /// without it the event is of version 1.
    pub fn judge<'a, I>(&self, name: &str, attributes: I) -> Verdict<'_>
    where
        I: Iterator<Item = (&'a str, Value<'a>)> + Clone,
    {
        let Some(found) = self.names.get(name) else { return Verdict::NoContract };
        let contract = &self.contracts[found.contract];
        let said = attributes.clone().find(|(key, _)| *key == VERSION).map(|(_, value)| value);
        let Some(schema) = contract.version(said) else {
            return Verdict::Breach(vec![contract.unknown(said)]);
        };
        let faults = schema.judge(attributes);
        if !faults.is_empty() {
            return Verdict::Breach(faults);
        }
        let canonical = found.alias.then_some(contract.event.as_str());
        Verdict::Valid { version: schema.version(), canonical }
    }
}

impl Contract {
    fn version(&self, said: Option<Value<'_>>) -> Option<&Schema> {
        let version = match said {
            None => 1,
            Some(Value::Int(version)) => usize::try_from(version).ok()?,
            // Some SDKs and log appenders send every attribute as text.
            Some(Value::Text(digits)) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().ok()?
            }
            Some(_) => return None,
        };
        self.versions.get(version.checked_sub(1)?)
    }

    fn unknown(&self, said: Option<Value<'_>>) -> Fault {
        let wanted = match self.versions.len() {
            1 => "1, the only version".to_owned(),
            latest => format!("a version from 1 to {latest}"),
        };
        let found = said.map_or_else(|| "nothing".to_owned(), |value| value.found(false));
        Fault { field: VERSION.to_owned(), rule: Rule::Version, wanted, found }
    }
}
