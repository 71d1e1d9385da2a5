//! The SQLite file: opening, durability settings, migrations, transactions.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use super::Db;
use super::schema::{Dialect, STEPS, step};
use crate::{ControlError, Result};

/// How long a statement waits for another process's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// One connection, used by one caller at a time.
pub(super) struct Sqlite(Mutex<Connection>);

impl Sqlite {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let refused = |reason: String| ControlError::Open { path: path.to_owned(), reason };
        create_private(path).map_err(|e| refused(e.to_string()))?;
        let connection = Connection::open(path).map_err(|e| refused(e.to_string()))?;
        Self::prepare(connection).map_err(|error| match error {
            ControlError::Sqlite(error) => refused(error.to_string()),
            other => other,
        })
    }

    pub(super) fn in_memory() -> Result<Self> {
        Self::prepare(Connection::open_in_memory()?)
    }

    fn prepare(mut connection: Connection) -> Result<Self> {
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        migrate(&mut connection)?;
        Ok(Self(Mutex::new(connection)))
    }

    pub(super) fn with<T>(&self, work: impl FnOnce(&Db<'_>) -> Result<T>) -> Result<T> {
        work(&Db::Sqlite(&self.connection()))
    }

    pub(super) fn write<T>(&self, work: impl FnOnce(&Db<'_>) -> Result<T>) -> Result<T> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = work(&Db::Sqlite(&transaction))?;
        transaction.commit()?;
        Ok(value)
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic inside a caller's work leaves no half transaction: it rolled back when dropped.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(|_| ())
}

fn migrate(connection: &mut Connection) -> Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let found = found as usize;
    if found > STEPS.len() {
        return Err(ControlError::NewerSchema { found, known: STEPS.len() });
    }
    for text in &STEPS[found..] {
        transaction.execute_batch(&step(text, Dialect::Sqlite))?;
    }
    transaction.pragma_update(None, "user_version", STEPS.len() as u32)?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::append;
    use crate::{Control, NoteKey};

    #[test]
    fn a_file_of_each_step_before_opens_and_goes_on() {
        let (folder, now) = (tempfile::tempdir().unwrap(), chrono::DateTime::UNIX_EPOCH);
        for steps in 1..STEPS.len() {
            let path = folder.path().join(format!("{steps}.db"));
            let file = Connection::open(&path).unwrap();
            STEPS[..steps].iter().for_each(|text| file.execute_batch(&step(text, Dialect::Sqlite)).unwrap());
            file.pragma_update(None, "user_version", steps as u32).unwrap();
            for n in 0..300 {
                append(&Db::Sqlite(&file), "ada", "a", "b", "c", &serde_json::json!({"n": n}), now).unwrap();
            }
            drop(file);
            let control = Control::open(&path).unwrap();
            control.audit("ada", "a", "b", "c", &serde_json::json!({}), now).unwrap();
            let signed = control.audit_checkpoint(&NoteKey::generate("log").unwrap(), now).unwrap().unwrap();
            assert_eq!((signed.size, control.audit_verify().unwrap().signed), (301, 301), "{steps}");
        }
    }
}
