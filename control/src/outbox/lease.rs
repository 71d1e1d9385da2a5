//! The worker's side: taking what is due, and saying how it went.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::params;

use super::{COLUMNS, Delivery, DeliveryState, read};
use crate::db::{Values, micros};
use crate::{Control, ControlError, Result};

/// Most deliveries leased at once.
const LEASE_BATCH: i64 = 64;

impl Control {
    /// Takes what is due, for `lease_for`; nobody else gets the same before
    /// the lease has run out. Oldest first, 64 at most.
    pub fn lease(&self, now: DateTime<Utc>, lease_for: TimeDelta) -> Result<Vec<Delivery>> {
        self.with(|db| {
            let mut leased = db.rows(
                &format!(
                    "WITH due AS MATERIALIZED (
                         SELECT o.id FROM outbox o
                         WHERE o.state IN ('pending', 'leased') AND o.due_at <= ?1
                           AND NOT EXISTS (
                               SELECT 1 FROM outbox e
                               WHERE e.alert_id = o.alert_id AND e.channel = o.channel AND e.id < o.id
                                 AND e.state IN ('pending', 'leased'))
                         ORDER BY o.id LIMIT ?3 {})
                     UPDATE outbox SET state = 'leased', attempts = attempts + 1, due_at = ?2
                     WHERE id IN (SELECT id FROM due)
                     RETURNING {COLUMNS}",
                    db.skip_locked()
                ),
                params![micros(now), micros(now + lease_for), LEASE_BATCH],
                read,
            )?;
            leased.sort_by_key(|delivery| delivery.id);
            Ok(leased)
        })
    }

    /// The receiver has it.
    pub fn delivered(&self, id: i64, now: DateTime<Utc>) -> Result<()> {
        self.finish(
            id,
            "UPDATE outbox SET state = 'delivered', finished_at = ?2, last_error = NULL WHERE id = ?1",
            params![id, micros(now)],
        )
    }

    /// It did not arrive: it is due again at `retry_at`. A delivery that has
    /// ended meanwhile stays as it is.
    pub fn failed(&self, id: i64, error: &str, retry_at: DateTime<Utc>) -> Result<()> {
        self.finish(
            id,
            "UPDATE outbox SET last_error = CASE WHEN state = 'leased' THEN ?2 ELSE last_error END,
                 due_at = CASE WHEN state = 'leased' THEN ?3 ELSE due_at END,
                 state = CASE WHEN state = 'leased' THEN 'pending' ELSE state END
             WHERE id = ?1",
            params![id, error, micros(retry_at)],
        )
    }

    /// It was leased and not tried, for its receiver is to be left alone until then: the lease does not count as an
    /// attempt.
    pub fn postponed(&self, id: i64, until: DateTime<Utc>) -> Result<()> {
        self.finish(
            id,
            "UPDATE outbox SET attempts = attempts - CASE WHEN state = 'leased' THEN 1 ELSE 0 END,
                 due_at = CASE WHEN state = 'leased' THEN ?2 ELSE due_at END,
                 state = CASE WHEN state = 'leased' THEN 'pending' ELSE state END
             WHERE id = ?1",
            params![id, micros(until)],
        )
    }

    /// Sends a dead letter again, from now on; its id stays the same.
    ///
    /// # Errors
    /// There is none of this id, it is not dead, or what came after it in its group has arrived: told now, it would be
    /// out of order, and open again what is over.
    pub fn replay(&self, id: i64, now: DateTime<Utc>) -> Result<Delivery> {
        self.write(|db| {
            let found = db.row(&format!("SELECT {COLUMNS} FROM outbox WHERE id = ?1"), params![id], read)?;
            let unknown = || ControlError::Unknown { kind: "delivery", name: id.to_string() };
            let found = found.ok_or_else(unknown)?;
            let refused = |why: &str| Err(ControlError::Invalid(format!("delivery {id} {why}")));
            if found.state != DeliveryState::Dead {
                return refused("is no dead letter");
            }
            let overtaken = db.row(
                "SELECT EXISTS (SELECT 1 FROM outbox WHERE alert_id = ?1 AND channel = ?2 AND id > ?3 AND state = 'delivered')",
                params![found.alert_id, found.channel, id],
                |row| row.get::<bool>(0),
            )?;
            if overtaken == Some(true) {
                return refused("is out of date: what came after it has arrived");
            }
            db.execute(
                "UPDATE outbox SET state = 'pending', attempts = 0, due_at = ?2, finished_at = NULL WHERE id = ?1",
                params![id, micros(now)],
            )?;
            Ok(Delivery { state: DeliveryState::Pending, attempts: 0, due_at: now, finished_at: None, ..found })
        })
    }

    /// It will never arrive: kept for people to see, not tried again.
    pub fn dead(&self, id: i64, error: &str, now: DateTime<Utc>) -> Result<()> {
        self.finish(
            id,
            "UPDATE outbox SET state = 'dead', finished_at = ?3, last_error = ?2 WHERE id = ?1",
            params![id, error, micros(now)],
        )
    }

    fn finish(&self, id: i64, sql: &str, values: Values<'_>) -> Result<()> {
        self.with(|db| {
            if db.execute(sql, values)? == 0 {
                return Err(ControlError::Unknown { kind: "delivery", name: id.to_string() });
            }
            Ok(())
        })
    }
}
