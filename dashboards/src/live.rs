//! Answers that go on: server-sent events.
//!
//! A stream lasts a minute. A browser then asks again by itself, with the id of the last event that it has, and so who
//! asks is checked again: a stream outlives a revoked token by no more than that.
//!
//! [`board`] says what changed to those who follow, and looks only while somebody does.

pub(crate) mod board;

use crate::error::ApiError;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use chrono::{DateTime, Utc};
use futures::{Stream, stream};
use headroom_control::Principal;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

/// Most streams of one node at a time: one that follows logs asks the store once in a second.
const MOST: usize = 200;
/// Most of one account or token: so many pages that are looked at, and what they follow.
const MOST_OF_ONE: usize = 24;
const EVERY: Duration = Duration::from_secs(1);
const LASTS: Duration = Duration::from_mins(1);
/// How long a browser waits before it asks again.
const AGAIN: Duration = Duration::from_secs(1);

/// The streams of a node.
#[derive(Debug, Clone)]
pub struct Live {
    places: Arc<Semaphore>,
    /// Streams by tenant and name.
    of_one: Arc<Mutex<HashMap<(String, String), usize>>>,
    closed: CancellationToken,
}

impl Live {
    /// Streams that end when the node is `closed`.
    pub fn new(closed: CancellationToken) -> Self {
        Self { places: Arc::new(Semaphore::new(MOST)), of_one: Arc::default(), closed }
    }

    /// A stream of `by` whose `step` is asked once in a second for what happened; none of a node or a caller that has too
    /// many.
    pub(crate) fn stream<S, F, R>(
        &self,
        by: &Principal,
        state: S,
        step: F,
    ) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>> + use<S, F, R>>, ApiError>
    where
        S: Send + 'static,
        F: Fn(S) -> R + Send + 'static,
        R: Future<Output = (Vec<Event>, Option<S>)> + Send,
    {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| {
            ApiError::too_many(
                format!("{MOST} pages follow this node already"),
                "close one of them, or ask in the ordinary way and again",
            )
        })?;
        let own = self.place_of(by)?;
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let run = Run {
            state: Some(state),
            ticks,
            ends: Instant::now() + LASTS,
            closed: self.closed.clone(),
            _places: (place, own),
        };
        let steps = stream::unfold((run, step), |(mut run, step)| async move {
            let state = run.state.take()?;
            tokio::select! {
                () = run.closed.cancelled() => return None,
                _ = run.ticks.tick() => {}
            }
            if Instant::now() >= run.ends {
                return None;
            }
            let (events, state) = step(state).await;
            run.state = state;
            Some((stream::iter(events.into_iter().map(Ok)), (run, step)))
        });
        let first = stream::iter([Ok(Event::default().retry(AGAIN))]);
        let all = futures::StreamExt::chain(first, futures::StreamExt::flatten(steps));
        Ok(Sse::new(all).keep_alive(KeepAlive::default()))
    }

    fn place_of(&self, by: &Principal) -> Result<Own, ApiError> {
        let who = (by.tenant.clone(), by.name.clone());
        let mut of_one = self.of_one.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = of_one.entry(who.clone()).or_default();
        if *taken >= MOST_OF_ONE {
            return Err(ApiError::too_many(
                format!("{MOST_OF_ONE} pages of {} follow this node already", by.name),
                "close one of them, or ask in the ordinary way and again",
            ));
        }
        *taken += 1;
        Ok(Own { who, of_one: Arc::clone(&self.of_one) })
    }
}

struct Run<S> {
    state: Option<S>,
    ticks: tokio::time::Interval,
    ends: Instant,
    closed: CancellationToken,
    _places: (OwnedSemaphorePermit, Own),
}

/// A place of one caller's, given back when it is dropped.
struct Own {
    who: (String, String),
    of_one: Arc<Mutex<HashMap<(String, String), usize>>>,
}

impl Drop for Own {
    fn drop(&mut self) {
        let mut of_one = self.of_one.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut taken) = of_one.entry(self.who.clone()) {
            *taken.get_mut() -= 1;
            if *taken.get() == 0 {
                taken.remove();
            }
        }
    }
}

/// The moment of the last event that a browser has, from the id that it sends when it asks again.
pub(crate) fn since(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let id = headers.get("last-event-id")?.to_str().ok()?;
    DateTime::from_timestamp_millis(id.parse().ok()?)
}

/// The id of an event: its moment.
pub(crate) fn id(now: DateTime<Utc>) -> String {
    now.timestamp_millis().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use headroom_control::Role;

    #[tokio::test]
    async fn a_caller_has_so_many_streams_and_gives_them_back() {
        let live = Live::new(CancellationToken::new());
        let who = |name: &str| Principal { name: name.to_owned(), role: Role::Sre, tenant: "a".to_owned() };
        let follow = |name: &str| live.stream(&who(name), (), |()| async { (Vec::new(), Some(())) });
        let mut held: Vec<_> = (0..MOST_OF_ONE).map(|_| follow("ada").expect("a place")).collect();
        assert!(follow("ada").is_err());
        let other = follow("eve").expect("each has their own");
        held.pop();
        held.push(follow("ada").expect("one was given back"));
        drop((held, other));
        assert!(live.of_one.lock().expect("no holder panics").is_empty());
        assert_eq!(live.places.available_permits(), MOST);
    }
}
