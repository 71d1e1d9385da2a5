//! Answers that go on: server-sent events.
//!
//! A stream lasts a minute. A browser then asks again by itself, with the id of the last event that it has, and so who
//! asks is checked again: a stream outlives a revoked token by no more than that.

use crate::error::ApiError;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use chrono::{DateTime, Utc};
use futures::{Stream, stream};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

/// Most streams of one node at a time: each asks the store once in a second.
const MOST: usize = 200;
const EVERY: Duration = Duration::from_secs(1);
const LASTS: Duration = Duration::from_mins(1);
/// How long a browser waits before it asks again.
const AGAIN: Duration = Duration::from_secs(1);

/// The streams of a node.
#[derive(Debug, Clone)]
pub struct Live {
    places: Arc<Semaphore>,
    closed: CancellationToken,
}

impl Live {
    /// Streams that end when the node is `closed`.
    pub fn new(closed: CancellationToken) -> Self {
        Self { places: Arc::new(Semaphore::new(MOST)), closed }
    }

    /// A stream whose `step` is asked once in a second for what happened; none of a node that has too many.
    pub(crate) fn stream<S, F, R>(
        &self,
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
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let run = Run {
            state: Some(state),
            ticks,
            ends: Instant::now() + LASTS,
            closed: self.closed.clone(),
            _place: place,
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
}

struct Run<S> {
    state: Option<S>,
    ticks: tokio::time::Interval,
    ends: Instant,
    closed: CancellationToken,
    _place: OwnedSemaphorePermit,
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
