//! A statement whose client does not read. While it waits between two rows nothing asks for it, so that somebody
//! else has to take its place away from it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use crate::error::{Result, SqlError};

/// Keeps something for a client that is expected to come back for it in time.
pub(crate) struct Waiting<T> {
    kept: Arc<Mutex<Kept<T>>>,
    patience: Duration,
    _watched: AbortOnDropHandle<()>,
}

enum Kept<T> {
    /// At work; nobody waits for the client.
    Nothing,
    Since(Instant, T),
    Gone,
}

impl<T: Send + 'static> Waiting<T> {
    /// `gone` gets what was kept when the client has not come back for it.
    pub(crate) fn new(first: T, patience: Duration, gone: impl FnOnce(T) + Send + 'static) -> Self {
        let kept = Arc::new(Mutex::new(Kept::Since(Instant::now(), first)));
        let watched = AbortOnDropHandle::new(tokio::spawn(watch(Arc::clone(&kept), patience, gone)));
        Self { kept, patience, _watched: watched }
    }

    /// The client is back: gives what was kept, if it is still there.
    pub(crate) fn resume(&self) -> Result<T> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *kept, Kept::Nothing) {
            Kept::Since(_, value) => Ok(value),
            Kept::Nothing | Kept::Gone => Err(SqlError::Unread(self.patience.as_secs())),
        }
    }

    /// The client has something to read now.
    pub(crate) fn pause(&self, value: T) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Kept::Since(Instant::now(), value);
    }
}

async fn watch<T>(kept: Arc<Mutex<Kept<T>>>, patience: Duration, gone: impl FnOnce(T)) {
    let mut until = Instant::now() + patience;
    loop {
        tokio::time::sleep_until(until).await;
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let since = match &*kept {
            Kept::Since(since, _) => *since,
            Kept::Nothing => Instant::now(),
            Kept::Gone => return,
        };
        until = since + patience;
        if until <= Instant::now() {
            let left = std::mem::replace(&mut *kept, Kept::Gone);
            drop(kept);
            if let Kept::Since(_, value) = left {
                gone(value);
            }
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_who_does_not_come_back_loses_it() {
        let beat = Duration::from_millis(100);
        let held = Arc::new(());
        let waiting = Waiting::new(Arc::clone(&held), 10 * beat, drop);
        for _ in 0..3 {
            tokio::time::sleep(beat).await;
            let value = waiting.resume().expect("in time");
            // Work takes as long as it takes.
            tokio::time::sleep(11 * beat).await;
            waiting.pause(value);
        }
        tokio::time::sleep(25 * beat).await;
        assert_eq!(Arc::strong_count(&held), 1, "what was kept is free");
        assert_eq!(waiting.resume(), Err(SqlError::Unread(1)));
    }
}
