//! The tree of BEGIN and END (RFC 5545, 3.6).

use super::lines::{self, Property};
use crate::read::{Fault, Source};

/// Deeper nesting has no meaning.
const DEEPEST: usize = 16;

/// A component with its properties and what it holds.
#[derive(Debug, Default)]
pub(super) struct Component {
    /// In capitals.
    pub(super) name: String,
    /// The line of its BEGIN.
    pub(super) line: usize,
    pub(super) properties: Vec<Property>,
    pub(super) children: Vec<Component>,
}

impl Component {
    /// The first property of a name.
    pub(super) fn property(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|p| p.name == name)
    }

    /// Every property of a name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Property> {
        self.properties.iter().filter(move |p| p.name == name)
    }
}

/// Parses a text; the outermost components are the children of what is returned. A component that does not end is
/// named and left out, as is a line that is none.
pub(super) fn parse(source: &Source<'_>) -> (Component, Vec<Fault>) {
    let mut faults = Vec::new();
    let mut open = Vec::new();
    let mut current = Component::default();
    for (line, text) in lines::unfold(source.text) {
        let property = match lines::split(line, &text) {
            Ok(property) => property,
            Err(message) => {
                faults.push(source.fault(line, message));
                continue;
            }
        };
        let name = property.value.trim().to_ascii_uppercase();
        match property.name.as_str() {
            "BEGIN" if open.len() >= DEEPEST => faults.push(source.fault(line, "nested too deeply")),
            "BEGIN" => {
                let inner = Component { name, line, ..Component::default() };
                open.push(std::mem::replace(&mut current, inner));
            }
            "END" if current.name == name => {
                if let Some(outer) = open.pop() {
                    let inner = std::mem::replace(&mut current, outer);
                    current.children.push(inner);
                }
            }
            "END" => faults.push(source.fault(line, format!("END:{name} without its BEGIN:{name}"))),
            _ => current.properties.push(property),
        }
    }
    while let Some(outer) = open.pop() {
        let cut = std::mem::replace(&mut current, outer);
        let message = format!("BEGIN:{0} without an END:{0}: is the file cut off?", cut.name);
        faults.push(source.fault(cut.line, message));
        // What had ended before the file was cut off is good.
        if cut.name == "VCALENDAR" {
            current.children.push(cut);
        }
    }
    (current, faults)
}
