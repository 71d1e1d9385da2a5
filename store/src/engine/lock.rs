//! One engine per data folder.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use crate::error::{Result, StoreError};

/// Holds a data folder. The system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct DataLock {
    _file: File,
}

impl DataLock {
    /// Makes the folder and takes it, or says that another engine has it.
    pub(crate) fn take(data: &Path) -> Result<Self> {
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
        match file.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => {
                return Err(StoreError::Locked(data.to_path_buf()));
            }
            Err(std::fs::TryLockError::Error(error)) => return Err(StoreError::io(what(), error)),
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
        let held = DataLock::take(dir.path()).expect("free");
        let error = DataLock::take(dir.path()).expect_err("taken");
        assert!(error.to_string().contains("another engine already uses"), "{error}");
        drop(held);
        DataLock::take(dir.path()).expect("free again");
    }
}
