//! A stream that says what is, then what changes.

use std::pin::Pin;
use std::time::Duration;

use futures::stream::{self, Stream};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;
use tonic::Status;

/// What is streamed.
pub(super) type Follow<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// Gives `first` at once, then what `read` gives each `every`, if it differs from what was given last. What cannot
/// be read is not given: the last word stands. Ends well when `stop` is cancelled, and gives `permit` back.
pub(super) fn follow<T>(
    first: T,
    every: Duration,
    stop: CancellationToken,
    permit: OwnedSemaphorePermit,
    read: impl Fn() -> Result<T, Status> + Send + 'static,
) -> Follow<T>
where
    T: Clone + PartialEq + Send + 'static,
{
    let mut ticks = interval_at(Instant::now() + every, every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let state = (Some(first.clone()), first, ticks, (read, stop, permit));
    Box::pin(stream::unfold(state, |(next, mut given, mut ticks, held)| async move {
        if let Some(first) = next {
            return Some((Ok(first), (None, given, ticks, held)));
        }
        loop {
            tokio::select! {
                () = held.1.cancelled() => return None,
                _ = ticks.tick() => {}
            }
            match (held.0)() {
                Ok(now) if now != given => {
                    given = now.clone();
                    return Some((Ok(now), (None, given, ticks, held)));
                }
                _ => {}
            }
        }
    }))
}
