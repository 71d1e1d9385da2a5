//! One process per folder.

use std::fs::{File, TryLockError};

use super::LogError;
use super::segment::Files;

/// Held while the log is open; the system lets go of it when the process ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    pub(super) fn take(files: &Files) -> Result<Self, LogError> {
        let path = files.lock_path();
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|e| LogError::io(format!("open {}", path.display()), e))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LogError::Locked(files.dir().to_owned())),
            Err(TryLockError::Error(e)) => Err(LogError::io(format!("lock {}", path.display()), e)),
        }
    }
}
