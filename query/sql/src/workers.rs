//! The threads that plan and run statements.
//!
//! They are the door's own, for two reasons: an analyst's heavy question must not hold up
//! the threads that take in telemetry, and walking a deep expression takes more stack than
//! an ordinary thread has. What `statement` lets in fits this stack.

use tokio::runtime::{Builder, Runtime};
use tokio_util::task::AbortOnDropHandle;

use crate::error::{Result, SqlError};

/// Room for the deepest statement that is let in, in a debug build too. Only pages that
/// are touched take memory.
const STACK_BYTES: usize = 64 << 20;

/// A runtime that may be dropped anywhere.
#[derive(Debug)]
pub(crate) struct Workers(Option<Runtime>);

impl Workers {
    pub(crate) fn new(threads: usize) -> Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads.max(1))
            .max_blocking_threads(threads.max(1) * 2)
            .thread_stack_size(STACK_BYTES)
            .thread_name("headroom-sql")
            .enable_all()
            .build()
            .map_err(|error| {
                SqlError::Config(format!("cannot start the threads of the sql door: {error}"))
            })?;
        Ok(Self(Some(runtime)))
    }

    /// Runs the work there; it is stopped when the handle is dropped.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> AbortOnDropHandle<T> {
        let runtime = self.0.as_ref().expect("invariant: the runtime is there until the drop");
        AbortOnDropHandle::new(runtime.spawn(work))
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
