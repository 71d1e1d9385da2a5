//! Who may stop which statement: whoever knows the connection's number and secret.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use pgwire::messages::startup::SecretKey;
use tokio_util::sync::CancellationToken;

/// What a connection is running.
#[derive(Debug, Default)]
pub(super) struct Current(Mutex<Option<CancellationToken>>);

impl Current {
    /// Notes the token of the statement that begins now.
    pub(super) fn begin(&self, token: CancellationToken) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(token);
    }

    fn cancel(&self) {
        if let Some(token) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            token.cancel();
        }
    }
}

type Key = (i32, Vec<u8>);

/// Every open connection by number and secret.
#[derive(Debug, Default)]
pub(super) struct Registry(Mutex<HashMap<Key, Arc<Current>>>);

impl Registry {
    /// Adds a connection; it is removed when the guard is dropped.
    pub(super) fn add(self: &Arc<Self>, pid: i32, secret: &SecretKey, current: Arc<Current>) -> Registered {
        let key = (pid, secret.to_bytes().to_vec());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), current);
        Registered { registry: self.clone(), key }
    }

    /// Stops what the connection is running; a wrong secret stops nothing.
    pub(super) fn cancel(&self, pid: i32, secret: &SecretKey) {
        let key = (pid, secret.to_bytes().to_vec());
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(current) = found {
            current.cancel();
        }
    }
}

/// Keeps a connection in the registry.
#[derive(Debug)]
pub(super) struct Registered {
    registry: Arc<Registry>,
    key: Key,
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.registry.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}
