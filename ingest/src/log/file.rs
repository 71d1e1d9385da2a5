//! The segment file that is being written.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

/// A file that only grows, and can be cut back to what is known to be on disk.
#[derive(Debug)]
pub(super) struct Growing {
    file: File,
    /// Bytes written.
    pub(super) len: u64,
    /// Bytes synced.
    pub(super) durable: u64,
    #[cfg(test)]
    faults: Faults,
}

impl Growing {
    /// Creates a file with `head` in it, synced.
    pub(super) fn create(path: &Path, head: &[u8], #[cfg(test)] faults: &Faults) -> io::Result<Self> {
        let file = File::options().write(true).create_new(true).open(path)?;
        let mut this = Self {
            file,
            len: 0,
            durable: 0,
            #[cfg(test)]
            faults: faults.clone(),
        };
        let written = this.append(head).and_then(|()| this.sync());
        if let Err(error) = written {
            drop(std::fs::remove_file(path));
            return Err(error);
        }
        Ok(this)
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        #[cfg(test)]
        self.faults.write(&self.file, bytes)?;
        (&self.file).write_all(bytes)?;
        self.len += bytes.len() as u64;
        Ok(())
    }

    pub(super) fn sync(&mut self) -> io::Result<()> {
        #[cfg(test)]
        self.faults.sync()?;
        self.file.sync_data()?;
        self.durable = self.len;
        Ok(())
    }

    /// Takes back what was written since the last sync.
    pub(super) fn cut_back(&mut self) -> io::Result<()> {
        self.file.set_len(self.durable)?;
        self.file.seek(SeekFrom::Start(self.durable))?;
        self.len = self.durable;
        Ok(())
    }
}

/// Faults of the disk, made for tests.
#[cfg(test)]
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    /// The disk has no space left but this many bytes.
    pub(crate) space: std::sync::Arc<std::sync::Mutex<Option<u64>>>,
    /// The next sync fails.
    pub(crate) sync_fails: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

#[cfg(test)]
impl Faults {
    fn write(&self, mut file: &File, bytes: &[u8]) -> io::Result<()> {
        let mut space = self.space.lock().expect("no test panics while it holds this");
        let Some(left) = space.as_mut() else { return Ok(()) };
        let len = bytes.len() as u64;
        if len > *left {
            // A full disk takes a part of the write.
            file.write_all(&bytes[..*left as usize])?;
            *left = 0;
            return Err(io::ErrorKind::StorageFull.into());
        }
        *left -= len;
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        if self.sync_fails.swap(false, std::sync::atomic::Ordering::SeqCst) {
            return Err(io::Error::other("input/output error"));
        }
        Ok(())
    }
}
