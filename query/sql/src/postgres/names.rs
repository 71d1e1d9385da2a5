//! How many prepared statements and portals a connection keeps. Each holds a plan.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use pgwire::error::PgWireResult;

use super::errors::plain;

/// Most names of a kind; drivers that keep statements keep some hundred.
const MOST: usize = 512;

/// The names that a client has given to things of one kind.
pub(super) struct Names {
    kind: &'static str,
    names: Mutex<BTreeSet<String>>,
}

impl Names {
    pub(super) fn new(kind: &'static str) -> Self {
        Self { kind, names: Mutex::default() }
    }

    /// Notes a name, if there is room; the nameless one is replaced each time.
    pub(super) fn add(&self, name: &str) -> PgWireResult<()> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if name.is_empty() || names.contains(name) {
            return Ok(());
        }
        if names.len() >= MOST {
            let words = format!("a connection keeps at most {MOST} {}; close some", self.kind);
            return Err(plain("53400", words));
        }
        names.insert(name.to_owned());
        Ok(())
    }

    pub(super) fn remove(&self, name: &str) {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }

    /// Forgets a name, or all; gives those forgotten.
    pub(super) fn take(&self, name: Option<&str>) -> Vec<String> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        match name {
            Some(name) => names.take(name).into_iter().collect(),
            None => std::mem::take(&mut *names).into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_so_many() {
        let statements = Names::new("statements");
        (0..MOST).for_each(|n| statements.add(&n.to_string()).expect("room"));
        assert!(statements.add("more").is_err());
        statements.add("7").expect("the same again");
        statements.add("").expect("the nameless one");
        assert_eq!(statements.take(Some("7")), ["7"]);
        statements.add("more").expect("room again");
        assert_eq!(statements.take(None).len(), MOST);
    }
}
