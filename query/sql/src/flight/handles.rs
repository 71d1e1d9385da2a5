//! What clients come back for, kept under random handles: tickets, and prepared statements.
//!
//! A handle is its owner's alone: for everybody else there is nothing under it. How much one owner keeps is bounded, and
//! beyond that what they used longest ago makes room, so that nobody's leavings are in another's way. How much all keep
//! together is bounded too.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::auth::Principal;
use crate::error::{Result, SqlError};

/// How a client names what is kept for it.
pub(super) type Handle = [u8; 16];

/// How much is kept, and for how long.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Things of one owner.
    pub(super) of_one: usize,
    /// Bytes of one owner.
    pub(super) bytes_of_one: usize,
    /// Bytes of all owners.
    pub(super) bytes_of_all: usize,
    /// How long a thing is kept that nobody asks for.
    pub(super) unused: Duration,
}

/// Things of many owners.
pub(super) struct Handles<T> {
    bounds: Bounds,
    kept: Mutex<HashMap<Handle, Kept<T>>>,
}

struct Kept<T> {
    owner: Principal,
    bytes: usize,
    used: Instant,
    value: T,
}

impl<T: Clone> Handles<T> {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self { bounds, kept: Mutex::default() }
    }

    /// Keeps something of so many bytes, and gives its handle.
    pub(super) fn put(&self, owner: &Principal, value: T, bytes: usize) -> Result<Handle> {
        let handle = rand::random();
        self.place(owner, handle, value, bytes)?;
        Ok(handle)
    }

    /// Puts something else under a handle that this owner has.
    pub(super) fn replace(&self, owner: &Principal, handle: Handle, value: T, bytes: usize) -> Result<()> {
        self.place(owner, handle, value, bytes)
    }

    /// What is under a handle of this owner. It counts as used now.
    pub(super) fn get(&self, owner: &Principal, handle: Handle) -> Option<T> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.get_mut(&handle).filter(|found| found.owner == *owner)?;
        let now = Instant::now();
        if now >= found.used + self.bounds.unused {
            return None;
        }
        found.used = now;
        Some(found.value.clone())
    }

    /// The same, once: it is gone then.
    pub(super) fn take(&self, owner: &Principal, handle: Handle) -> Option<T> {
        let value = self.get(owner, handle)?;
        self.remove(owner, handle);
        Some(value)
    }

    /// Lets go what is under a handle of this owner, and says whether there was something.
    pub(super) fn remove(&self, owner: &Principal, handle: Handle) -> bool {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let theirs = kept.get(&handle).is_some_and(|found| found.owner == *owner);
        theirs && kept.remove(&handle).is_some()
    }

    fn place(&self, owner: &Principal, handle: Handle, value: T, bytes: usize) -> Result<()> {
        let Bounds { of_one, bytes_of_one, bytes_of_all, unused } = self.bounds;
        if bytes > bytes_of_one {
            let what = "the statement with its values".to_owned();
            return Err(SqlError::TooLarge { what, most: bytes_of_one });
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        kept.retain(|_, thing| now < thing.used + unused);
        let others = kept.iter().filter(|(other, _)| **other != handle);
        let mut all: usize = others.clone().map(|(_, thing)| thing.bytes).sum();
        let own = others.filter(|(_, thing)| thing.owner == *owner);
        let mut own: Vec<_> = own.map(|(other, thing)| (thing.used, *other, thing.bytes)).collect();
        own.sort_unstable();
        let mut sum: usize = own.iter().map(|(.., bytes)| bytes).sum();
        let (mut rest, mut gone) = (own.as_slice(), Vec::new());
        while let [(_, oldest, its), later @ ..] = rest
            && (rest.len() >= of_one || sum + bytes > bytes_of_one)
        {
            gone.push(*oldest);
            (sum, all, rest) = (sum - its, all - its, later);
        }
        if all + bytes > bytes_of_all {
            return Err(SqlError::Memory(format!(
                "tickets and prepared statements of all users take {bytes_of_all} bytes already"
            )));
        }
        for oldest in gone {
            kept.remove(&oldest);
        }
        kept.insert(handle, Kept { owner: owner.clone(), bytes, used: now, value });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn who(name: &str, tenant: &str) -> Principal {
        Principal { name: name.to_owned(), role: "analyst".to_owned(), tenant: tenant.to_owned() }
    }

    const BOUNDS: Bounds =
        Bounds { of_one: 3, bytes_of_one: 100, bytes_of_all: 150, unused: Duration::from_mins(1) };

    #[test]
    fn a_handle_is_its_owners_alone() {
        let handles = Handles::new(BOUNDS);
        let ada = who("ada", "acme");
        let handle = handles.put(&ada, "text", 4).expect("room");
        let admin = Principal { role: "admin".to_owned(), ..ada.clone() };
        for other in [who("bob", "acme"), who("ada", "other"), admin] {
            assert_eq!(handles.get(&other, handle), None);
            assert_eq!(handles.take(&other, handle), None);
            assert!(!handles.remove(&other, handle));
        }
        assert_eq!(handles.get(&ada, handle), Some("text"));
        handles.replace(&ada, handle, "more", 4).expect("room");
        assert_eq!(handles.take(&ada, handle), Some("more"));
        assert_eq!(handles.take(&ada, handle), None, "a ticket is good for one reading");
    }

    #[test]
    fn what_nobody_asks_for_expires() {
        let beat = Duration::from_millis(100);
        let handles = Handles::new(Bounds { unused: 10 * beat, ..BOUNDS });
        let ada = who("ada", "acme");
        let handle = handles.put(&ada, (), 100).expect("room");
        for _ in 0..3 {
            std::thread::sleep(5 * beat);
            assert_eq!(handles.get(&ada, handle), Some(()), "used, and good for as long again");
        }
        std::thread::sleep(11 * beat);
        assert_eq!(handles.get(&ada, handle), None);
        handles.put(&who("bob", "acme"), (), 100).expect("what has expired takes no room");
    }

    #[test]
    fn what_is_too_large_or_too_much_for_all_is_refused() {
        let handles = Handles::new(BOUNDS);
        let said = handles.put(&who("ada", "acme"), (), 101).unwrap_err().to_string();
        assert_eq!(said, "the statement with its values is more than the 100 bytes allowed");
        handles.put(&who("ada", "acme"), (), 100).expect("room");
        let said = handles.put(&who("bob", "acme"), (), 51).unwrap_err();
        assert_eq!(said.sqlstate(), "53200");
        handles.put(&who("ada", "acme"), (), 100).expect("one's own makes room");
    }

    proptest! {
        #[test]
        fn nobody_keeps_more_than_the_bounds(puts in prop::collection::vec((0..3_usize, 0..110_usize), 1..60)) {
            let handles = Handles::new(BOUNDS);
            let owners = [who("ada", "acme"), who("bob", "acme"), who("ada", "other")];
            let mut newest = [None; 3];
            for (at, bytes) in puts {
                if let Ok(handle) = handles.put(&owners[at], bytes, bytes) {
                    newest[at] = Some((handle, bytes));
                }
                let kept = handles.kept.lock().expect("not poisoned");
                for owner in &owners {
                    let own: Vec<_> = kept.values().filter(|thing| thing.owner == *owner).collect();
                    prop_assert!(own.len() <= 3 && own.iter().map(|thing| thing.bytes).sum::<usize>() <= 100);
                }
                prop_assert!(kept.values().map(|thing| thing.bytes).sum::<usize>() <= 150);
            }
            for (owner, newest) in owners.iter().zip(newest) {
                if let Some((handle, bytes)) = newest {
                    prop_assert_eq!(handles.get(owner, handle), Some(bytes), "what others do costs nobody anything");
                }
            }
        }
    }
}
