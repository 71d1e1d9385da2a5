//! Where a trace stands still: it asks for a connection, a lock or a core, and
//! goes on when simulated time has come to its turn.
//!
//! A trace is a future that runs ahead of the others until it asks. Its question
//! lies on the desk then; whoever polls takes it, answers it when all earlier
//! arrivals have been answered, and polls again. One future runs at a time, so
//! one desk does for all.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use super::Trace;
use crate::limits::{Answer, Ask, Hold, Kind, Resource, SIGMA, Time};
use crate::platform::Platform;
use crate::topology::Service;

/// A trace in the telling. It ends with what its end means for the platform.
pub(crate) type Story = Pin<Box<dyn Future<Output = (Trace, Then)> + Send>>;

/// What the platform does when a trace has ended.
pub(crate) type Then = Box<dyn FnOnce(&mut Platform) + Send>;

/// A request waited too long; its exception is written. What called gives up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Overload;

/// Where questions and answers pass between a trace and who polls it.
#[derive(Clone, Default)]
pub(crate) struct Desk(Arc<Mutex<Slot>>);

#[derive(Default)]
struct Slot {
    ask: Option<Ask>,
    answer: Option<Answer>,
}

impl Desk {
    /// What the trace that has just been polled asks for.
    pub(crate) fn asked(&self) -> Option<Ask> {
        self.with(|slot| slot.ask.take())
    }

    /// The answer for the trace that is polled next.
    pub(crate) fn answer(&self, answer: Answer) {
        self.with(|slot| slot.answer = Some(answer));
    }

    async fn ask(&self, ask: Ask) -> Answer {
        self.with(|slot| slot.ask = Some(ask));
        poll_fn(|_| self.with(|slot| slot.answer.take()).map_or(Poll::Pending, Poll::Ready)).await
    }

    fn with<R>(&self, f: impl FnOnce(&mut Slot) -> R) -> R {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Trace {
    /// Runs `f` once the service has taken the request in: it needs a core for
    /// its work, then its turn in the lock, where these are limited.
    pub(super) async fn admitted<R>(
        &mut self,
        service: Service,
        f: impl AsyncFnOnce(&mut Self) -> Result<R, Overload>,
    ) -> Result<R, Overload> {
        let cpu = self.limits.cpus.get(&service).map(|cpu| (Kind::Cpu, cpu.work, cpu.timeout));
        let lock = self.limits.locks.get(&service).map(|lock| (Kind::Lock, lock.hold, lock.timeout));
        for (kind, time, timeout) in [cpu, lock].into_iter().flatten() {
            let hold = self.draw(time);
            self.wait_for(Resource { kind, service }, hold, timeout).await?;
            self.cursor += hold;
        }
        f(self).await
    }

    /// Waits for a connection to the service's database. Gives how long the
    /// statement, whose own time is around `median_us`, keeps it (ns); `None`
    /// where connections are not limited.
    pub(super) async fn connection(
        &mut self,
        service: Service,
        median_us: f64,
    ) -> Result<Option<i64>, Overload> {
        let Some(pool) = self.limits.pools.get(&service).copied() else { return Ok(None) };
        let hold = match pool.hold {
            Hold::Own(factor) => self.time(median_us * factor, SIGMA),
            Hold::Given(time) => self.draw(time),
        };
        self.wait_for(Resource { kind: Kind::Pool, service }, hold, pool.timeout).await?;
        Ok(Some(hold))
    }

    /// The trace has ended and nothing follows.
    pub(crate) fn end(self) -> (Self, Then) {
        self.then(|_| {})
    }

    /// The trace has ended; the platform does what follows.
    pub(crate) fn then(self, then: impl FnOnce(&mut Platform) + Send + 'static) -> (Self, Then) {
        (self, Box::new(then))
    }

    fn draw(&mut self, time: Time) -> i64 {
        time.draw(&mut self.rng)
    }

    /// Lets the wait for a server pass, or the timeout.
    async fn wait_for(&mut self, resource: Resource, hold: i64, timeout: Duration) -> Result<(), Overload> {
        let answer = self.desk.clone().ask(Ask { resource, at: self.cursor, hold }).await;
        match answer {
            Ok(start) => {
                self.cursor = start;
                Ok(())
            }
            Err(gave_up) => {
                self.cursor = gave_up;
                let (kind, what) = match resource.kind {
                    Kind::Pool => ("PoolTimeout", "connection"),
                    Kind::Lock => ("LockTimeout", "lock"),
                    Kind::Cpu => ("Overloaded", "core"),
                };
                self.exception(kind, format!("no {what} within {}", readable(timeout)));
                Err(Overload)
            }
        }
    }
}

/// `1 s`, `250 ms`.
fn readable(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    if ms >= 1_000.0 { format!("{} s", ms / 1e3) } else { format!("{ms} ms") }
}
