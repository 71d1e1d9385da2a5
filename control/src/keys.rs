//! Keys that sign what is given out: one for each purpose, the same for all nodes of a state.

use chrono::{DateTime, Utc};
use rusqlite::params;

use crate::db::micros;
use crate::secret::random_text;
use crate::{Control, Result};

impl Control {
    /// The key of a purpose, 256 random bits as text; made when it is asked for first. It is told nobody.
    ///
    /// # Errors
    /// The state cannot be written or read.
    pub fn signing_key(&self, purpose: &str, now: DateTime<Utc>) -> Result<String> {
        let read = |db: &crate::db::Db<'_>| {
            db.row("SELECT key FROM signing_keys WHERE name = ?1", params![purpose], |row| row.get(0))
        };
        if let Some(key) = self.with(read)? {
            return Ok(key);
        }
        self.write(|db| {
            // Another node may have been first.
            if let Some(key) = read(db)? {
                return Ok(key);
            }
            let key = random_text();
            let made = params![purpose, key, micros(now)];
            db.execute("INSERT INTO signing_keys (name, key, made_at) VALUES (?1, ?2, ?3)", made)?;
            Ok(key)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_for_each_purpose() {
        let control = Control::in_memory().expect("a state");
        let now = DateTime::UNIX_EPOCH;
        let one = control.signing_key("links", now).expect("a key");
        assert_eq!(one.len(), 43);
        assert_eq!(control.signing_key("links", now).expect("a key"), one);
        assert_ne!(control.signing_key("others", now).expect("a key"), one);
    }
}
