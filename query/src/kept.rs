//! Answers that are kept for a moment, each asked for once however many wait for it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::OnceCell;

/// Answers that are kept at once; what comes beyond them is asked for each time.
const MOST: usize = 64;

type Cell<T> = Arc<OnceCell<Arc<T>>>;
/// What was asked for, and when.
type Cells<K, T> = HashMap<K, (DateTime<Utc>, Cell<T>)>;

/// Answers by what was asked. Clones share them. A failure is not kept: who waited for it asks again.
pub struct Kept<K, T> {
    fresh: TimeDelta,
    cells: Arc<Mutex<Cells<K, T>>>,
}

impl<K, T> Clone for Kept<K, T> {
    fn clone(&self) -> Self {
        Self { fresh: self.fresh, cells: Arc::clone(&self.cells) }
    }
}

impl<K: Eq + Hash, T> Kept<K, T> {
    /// Answers that are good for so long from when they were first asked for.
    pub fn new(fresh: TimeDelta) -> Self {
        Self { fresh, cells: Arc::default() }
    }

    /// The answer to `key`: the one that is kept, or what `ask` gives.
    ///
    /// # Errors
    ///
    /// Those of `ask`.
    pub async fn get<E>(
        &self,
        key: K,
        now: DateTime<Utc>,
        ask: impl Future<Output = Result<T, E>>,
    ) -> Result<Arc<T>, E> {
        let cell = self.cell(key, now);
        cell.get_or_try_init(async || ask.await.map(Arc::new)).await.cloned()
    }

    fn cell(&self, key: K, now: DateTime<Utc>) -> Cell<T> {
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        cells.retain(|_, (asked, _)| now - *asked < self.fresh);
        if cells.len() >= MOST && !cells.contains_key(&key) {
            return Cell::default();
        }
        Arc::clone(&cells.entry(key).or_insert_with(|| (now, Cell::default())).1)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_780_000_000 + seconds, 0).unwrap()
    }

    #[tokio::test]
    async fn many_who_wait_ask_once_and_what_is_old_is_asked_again() {
        let (kept, asked) = (Kept::new(TimeDelta::seconds(5)), AtomicU32::new(0));
        let ask = async || {
            tokio::task::yield_now().await;
            Ok::<u32, ()>(asked.fetch_add(1, Ordering::Relaxed))
        };
        let (a, b) = tokio::join!(kept.get("x", at(0), ask()), kept.get("x", at(1), ask()));
        assert_eq!((*a.unwrap(), *b.unwrap()), (0, 0));
        assert_eq!(*kept.get("x", at(4), ask()).await.unwrap(), 0);
        assert_eq!(*kept.get("y", at(4), ask()).await.unwrap(), 1);
        assert_eq!(*kept.get("x", at(5), ask()).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_failure_is_not_kept_and_there_is_an_end_of_room() {
        let kept = Kept::new(TimeDelta::seconds(5));
        assert_eq!(kept.get(0, at(0), async { Err::<u32, _>("down") }).await, Err("down"));
        assert_eq!(*kept.get(0, at(0), async { Ok::<_, ()>(7) }).await.unwrap(), 7);
        for key in 1..200_u32 {
            assert_eq!(*kept.get(key, at(1), async { Ok::<_, ()>(key) }).await.unwrap(), key);
        }
        assert_eq!(kept.cells.lock().unwrap().len(), MOST);
        assert_eq!(*kept.get(0, at(1), async { Ok::<_, ()>(8) }).await.unwrap(), 7);
        assert_eq!(*kept.get(150, at(1), async { Ok::<_, ()>(8) }).await.unwrap(), 8);
    }
}
