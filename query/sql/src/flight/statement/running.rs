//! Who may stop which statement: whoever started it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use super::Handle;
use crate::auth::Principal;

/// The statements that run, by the handle of their ticket.
#[derive(Debug, Default)]
pub(super) struct Registry(Mutex<HashMap<Handle, (Principal, CancellationToken)>>);

impl Registry {
    /// Adds a statement; it is removed when the guard is dropped.
    pub(super) fn add(
        self: &Arc<Self>,
        who: &Principal,
        handle: Handle,
        cancel: CancellationToken,
    ) -> Registered {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(handle, (who.clone(), cancel));
        Registered { registry: self.clone(), handle }
    }

    /// Stops a statement of somebody, and says whether it was there.
    pub(super) fn cancel(&self, who: &Principal, handle: Handle) -> bool {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let theirs = running.get(&handle).filter(|(owner, _)| owner == who);
        theirs.inspect(|(_, cancel)| cancel.cancel()).is_some()
    }
}

/// Keeps a statement in the registry.
#[derive(Debug)]
pub(super) struct Registered {
    registry: Arc<Registry>,
    handle: Handle,
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.registry.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.handle);
    }
}
