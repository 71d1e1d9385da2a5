//! Who may run: so many statements on a node, and so many of one user, so that nobody's wait for others' work.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::auth::Principal;
use crate::error::{Result, SqlError};

/// A place among the running statements, given back when the last who holds it lets go.
pub(crate) type Turn = Arc<[OwnedSemaphorePermit; 2]>;

/// The places of a node.
#[derive(Debug)]
pub(crate) struct Queue {
    all: Arc<Semaphore>,
    /// Of each user who has or waits for a place, by tenant and name.
    own: Mutex<HashMap<(String, String), Arc<Semaphore>>>,
}

impl Queue {
    pub(crate) fn new(places: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(places.max(1))), own: Mutex::default() }
    }

    /// Waits for a place; of one user at most `at_once` have one.
    pub(crate) async fn turn(&self, by: &Principal, at_once: usize) -> Result<Turn> {
        let closed = |_| SqlError::Internal("the door is closed".to_owned());
        let own = self.of(by, at_once).acquire_owned().await.map_err(closed)?;
        let all = Arc::clone(&self.all).acquire_owned().await.map_err(closed)?;
        Ok(Arc::new([own, all]))
    }

    fn of(&self, by: &Principal, at_once: usize) -> Arc<Semaphore> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever has or waits for a place holds on to it.
        own.retain(|_, places| Arc::strong_count(places) > 1);
        let key = (by.tenant.clone(), by.name.clone());
        Arc::clone(own.entry(key).or_insert_with(|| Arc::new(Semaphore::new(at_once))))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn who(name: &str) -> Principal {
        Principal { name: name.to_owned(), role: "analyst".to_owned(), tenant: "acme".to_owned() }
    }

    #[tokio::test]
    async fn one_user_leaves_places_to_others() {
        let queue = Queue::new(3);
        let ada = [queue.turn(&who("ada"), 2).await, queue.turn(&who("ada"), 2).await];
        let soon = Duration::from_millis(20);
        assert!(tokio::time::timeout(soon, queue.turn(&who("ada"), 2)).await.is_err(), "a third waits");
        let bob = tokio::time::timeout(soon, queue.turn(&who("bob"), 2)).await.expect("bob does not");
        drop(ada);
        tokio::time::timeout(soon, queue.turn(&who("ada"), 2)).await.expect("a place").expect("open");
        drop(bob);
        queue.turn(&who("eve"), 2).await.expect("open");
        assert_eq!(queue.own.lock().expect("not poisoned").len(), 1, "nobody is kept who has no place");
    }
}
