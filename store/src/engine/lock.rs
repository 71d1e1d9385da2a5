//! One engine per data folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::error::{Result, StoreError};

/// Between two looks at a lock that is held.
const PAUSE: Duration = Duration::from_millis(50);

/// Holds a data folder. The system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct DataLock {
    _file: File,
}

impl DataLock {
    /// Makes the folder and takes it, or says that another engine has it and did not let go
    /// of it within `patience`.
    pub(crate) fn take(data: &Path, patience: Duration) -> Result<Self> {
        std::fs::create_dir_all(data)
            .map_err(|error| StoreError::io(format!("data folder {}", data.display()), error))?;
        let path = data.join("headroom-engine.lock");
        let what = || format!("lock file {}", path.display());
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| StoreError::io(what(), error))?;
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if started.elapsed() < patience => std::thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => return Err(StoreError::Locked(data.to_path_buf())),
                Err(TryLockError::Error(error)) => return Err(StoreError::io(what(), error)),
            }
        }
        file.set_len(0)
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(|error| StoreError::io(what(), error))?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_taken_once() {
        let dir = tempfile::tempdir().expect("a folder");
        let held = DataLock::take(dir.path(), Duration::ZERO).expect("free");
        let error = DataLock::take(dir.path(), Duration::ZERO).expect_err("taken");
        assert!(error.to_string().contains("another engine already uses"), "{error}");
        drop(held);
        DataLock::take(dir.path(), Duration::ZERO).expect("free again");
    }
}
