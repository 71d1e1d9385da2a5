//! What lies outside of the database on purpose: the key, and a copy of the checkpoints.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::{Checkpoint, NoteKey, PublicKey, SignedCheckpoint, split_notes};
use crate::{Control, ControlError, Result};

impl NoteKey {
    /// The key in a file; if there is no such file, a new key of this name, in a file that only its owner can read.
    ///
    /// # Errors
    /// The file cannot be read or written, or holds something else.
    pub fn kept_in(path: &Path, name: &str) -> Result<Self> {
        match std::fs::read_to_string(path) {
            Ok(text) => text.parse().map_err(|error| failed(path, &error)),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let key = Self::generate(name)?;
                let mut options = OpenOptions::new();
                options.write(true).create_new(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                let write = |mut file: File| {
                    file.write_all(format!("{}\n", key.secret_text()).as_bytes())?;
                    file.sync_all()
                };
                options.open(path).and_then(write).map_err(|error| failed(path, &error))?;
                Ok(key)
            }
            Err(error) => Err(failed(path, &error)),
        }
    }
}

/// A file of checkpoints, one after the other, that this program only appends to. Kept where who may write into the
/// database may not, it shows an end that was cut off.
#[derive(Debug, Clone)]
pub struct CheckpointFile(PathBuf);

impl CheckpointFile {
    /// The file of this path, or `audit-checkpoints.txt` in the folder of this path.
    pub fn at(path: &Path) -> Self {
        Self(if path.is_dir() { path.join("audit-checkpoints.txt") } else { path.to_owned() })
    }

    /// Every checkpoint in it.
    ///
    /// # Errors
    /// It cannot be read, or holds what `key` did not sign.
    pub fn read(&self, key: &PublicKey) -> Result<Vec<Checkpoint>> {
        let text = std::fs::read_to_string(&self.0).map_err(|error| failed(&self.0, &error))?;
        let notes = split_notes(&text);
        let heads = notes.iter().map(|note| Checkpoint::read(key.open(note)?));
        heads.collect::<Result<_>>().map_err(|error| failed(&self.0, &error))
    }

    /// Appends the checkpoints that it does not have yet, and makes them durable; returns those it had.
    pub fn catch_up(&self, control: &Control, key: &PublicKey) -> Result<Vec<Checkpoint>> {
        let kept = if self.0.exists() { self.read(key)? } else { Vec::new() };
        let newest = kept.iter().map(|head| head.size).max().unwrap_or(0);
        self.append(&control.audit_checkpoints(newest as i64)?)?;
        Ok(kept)
    }

    /// Appends checkpoints, and makes them durable.
    pub fn append(&self, checkpoints: &[SignedCheckpoint]) -> Result<()> {
        if checkpoints.is_empty() {
            return Ok(());
        }
        let notes: String = checkpoints.iter().map(|signed| signed.note.as_str()).collect();
        let write = |mut file: File| {
            file.write_all(notes.as_bytes())?;
            file.sync_all()
        };
        let opened = OpenOptions::new().create(true).append(true).open(&self.0);
        opened.and_then(write).map_err(|error| failed(&self.0, &error))
    }
}

fn failed(path: &Path, error: &dyn std::fmt::Display) -> ControlError {
    ControlError::Invalid(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use serde_json::json;

    #[test]
    fn a_key_is_made_once_and_is_its_owners() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.key");
        let made = NoteKey::kept_in(&path, "headroom/main").unwrap();
        assert_eq!(NoteKey::kept_in(&path, "other").unwrap().public(), made.public());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        std::fs::write(&path, "nonsense").unwrap();
        let refused = NoteKey::kept_in(&path, "headroom/main").unwrap_err().to_string();
        assert!(refused.contains("audit.key: this is not a private key"), "{refused}");
    }

    #[test]
    fn a_file_of_checkpoints_catches_up() {
        let (folder, now) = (tempfile::tempdir().unwrap(), DateTime::UNIX_EPOCH);
        let (control, key) = (Control::in_memory().unwrap(), NoteKey::generate("log").unwrap());
        let file = CheckpointFile::at(folder.path());
        for n in 1..=3 {
            control.audit("ada", "a", "b", "c", &json!({}), now).unwrap();
            control.audit_checkpoint(&key, now).unwrap().unwrap();
            assert_eq!(file.catch_up(&control, key.public()).unwrap().len(), n - 1);
        }
        let sizes: Vec<_> = file.read(key.public()).unwrap().iter().map(|head| head.size).collect();
        assert_eq!(sizes, [1, 2, 3]);
        let other = NoteKey::generate("log").unwrap();
        assert!(file.read(other.public()).is_err() && file.catch_up(&control, other.public()).is_err());
    }
}
