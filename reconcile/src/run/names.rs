//! The names of the fields: kept once, with the sides that have them.

use std::collections::HashMap;

use crate::error::{ReconcileError, Result};
use crate::options::Side;

/// Beyond this many fields, what is compared is not events of a few kinds.
const MOST: usize = 4_096;

/// Names with their numbers.
#[derive(Debug, Default)]
pub(super) struct Names {
    numbers: HashMap<String, u16>,
    list: Vec<String>,
    seen: Vec<[bool; 2]>,
}

impl Names {
    /// Notes that an event of a side has a field, and whether that is compared.
    pub(super) fn note(&mut self, name: &str, side: Side, compared: bool) -> Result<()> {
        let number = match self.numbers.get(name) {
            Some(number) => usize::from(*number),
            None if self.list.len() == MOST => {
                let detail = format!(
                    "more than {MOST} fields, the last is `{name}`: name those that are to be compared"
                );
                return Err(ReconcileError::input(format!("the {} side", side.word()), detail));
            }
            None => {
                self.numbers.insert(name.to_owned(), self.list.len() as u16);
                self.list.push(name.to_owned());
                self.seen.push([false; 2]);
                self.list.len() - 1
            }
        };
        self.seen[number][side as usize] |= compared;
        Ok(())
    }

    /// The number of a name that was noted.
    pub(super) fn number(&self, name: &str) -> u16 {
        self.numbers[name]
    }

    /// All names, by number.
    pub(super) fn list(&self) -> &[String] {
        &self.list
    }

    /// The compared fields that both sides have, sorted.
    pub(super) fn common(&self) -> Vec<String> {
        self.with(|seen| seen == [true, true])
    }

    /// The compared fields that only one side has, sorted.
    pub(super) fn only(&self, side: Side) -> Vec<String> {
        self.with(|seen| seen[side as usize] && seen != [true, true])
    }

    /// Whether any side has the compared field.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.numbers.get(name).is_some_and(|number| self.seen[usize::from(*number)] != [false, false])
    }

    fn with(&self, wanted: impl Fn([bool; 2]) -> bool) -> Vec<String> {
        let chosen = self.list.iter().zip(&self.seen).filter(|(_, seen)| wanted(**seen));
        let mut names: Vec<String> = chosen.map(|(name, _)| name.clone()).collect();
        names.sort();
        names
    }
}
