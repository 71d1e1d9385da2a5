//! One version of one event's contract, ready to judge with.
//!
//! `read` turns a file into a [`Schema`] or into problems, all of them at once. A schema holds
//! its properties sorted by name, so that an attribute is found by a binary search, and which of
//! them are required as a set of bits, so that what is missing is known after one walk.

mod format;
mod literal;
mod property;
mod read;
#[cfg(test)]
mod tests;
mod types;

pub(crate) use format::Format;
pub(crate) use literal::{Literal, list};
pub(crate) use property::Property;

use crate::problem::Problem;
use crate::rule::Rule;
use crate::value::{Value, shorten};
use crate::verdict::Fault;

/// The attribute that says the version of an event. The registry reads it.
pub(crate) const VERSION: &str = "event.version";
/// The attribute that names the event, for SDKs without a field for it.
const NAME: &str = "event.name";
/// As many properties as [`Schema::required`] has bits.
const MAX_PROPERTIES: usize = 128;
/// The most faults told of one event: enough to mend it, and no flood.
const MAX_FAULTS: usize = 16;

/// One version of an event's contract.
#[derive(Debug)]
pub struct Schema {
    event: String,
    version: u32,
    title: String,
    pub(crate) aliases: Vec<String>,
    /// Sorted by name.
    pub(crate) properties: Vec<(String, Property)>,
    /// Bit `i` stands for `properties[i]`.
    required: u128,
    /// Whether other attributes are allowed.
    pub(crate) open: bool,
}

impl Schema {
    /// Reads the text of `event/version.json`. Gives every problem in it, not only the first.
    pub fn parse(event: &str, version: u32, text: &str) -> Result<Self, Vec<Problem>> {
        read::schema(event, version, text)
    }

    /// The event's name on the wire: `order.placed`.
    pub fn event(&self) -> &str {
        &self.event
    }

    /// The version, from 1.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The event's name among people: `OrderPlaced`.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The file it is read from, relative to the folder of contracts.
    pub(crate) fn file(&self) -> String {
        file(&self.event, self.version)
    }

    /// A property and whether it is required.
    pub(crate) fn property(&self, name: &str) -> Option<(&Property, bool)> {
        let at = self.position(name)?;
        Some((&self.properties[at].1, self.required & (1 << at) != 0))
    }

    /// What is wrong with an event's attributes; no allocation when nothing is.
    pub(crate) fn judge<'a>(&self, attributes: impl Iterator<Item = (&'a str, Value<'a>)>) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut missing = self.required;
        for (key, value) in attributes {
            if let Some(at) = self.position(key) {
                missing &= !(1 << at);
                let property = &self.properties[at].1;
                if let Err(rule) = property.judge(value) {
                    tell(&mut faults, key, rule, property.wanted(rule), value.found(property.personal));
                }
            } else if !self.open && !matches!(key, VERSION | NAME) {
                let wanted = "one of the contract's attributes".to_owned();
                // The value may be anything, personal data too.
                tell(&mut faults, key, Rule::AdditionalProperties, wanted, "another one".to_owned());
            }
        }
        while missing != 0 {
            let at = missing.trailing_zeros() as usize;
            missing &= missing - 1;
            let name = &self.properties[at].0;
            tell(&mut faults, name, Rule::Required, "there".to_owned(), "nothing".to_owned());
        }
        faults
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.properties.binary_search_by(|(key, _)| key.as_str().cmp(name)).ok()
    }
}

/// Where a version's file lies, relative to the folder of contracts.
pub(crate) fn file(event: &str, version: u32) -> String {
    format!("{event}/{version}.json")
}

fn tell(faults: &mut Vec<Fault>, field: &str, rule: Rule, wanted: String, found: String) {
    if faults.len() < MAX_FAULTS {
        faults.push(Fault { field: shorten(field).into_owned(), rule, wanted, found });
    }
}
