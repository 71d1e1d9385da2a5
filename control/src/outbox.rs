//! The outbox: what must leave the house, until it has.
//!
//! A delivery is *pending*, then *leased* to one worker for a while, then
//! *delivered*, or pending again after a failure, or *dead*. A lease that runs
//! out (the worker died) makes it due again: receivers see each message at
//! least once and can tell repeats by `dedup_key`. Within one alert and channel
//! the order is kept: "resolved" never overtakes "firing".
//!
//! Not only alerts have messages: [`Control::enqueue`] queues any group of them,
//! each for its own time, and [`Control::withdraw`] takes back what is not sent yet.

mod lease;

use chrono::{DateTime, Utc};
use rusqlite::params;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::{Db, Row, micros, time, time_opt};
use crate::{Control, ControlError, Result};

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = MessageForm)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// What is sent, to the byte.
    Body,
    /// A notification, of which the receiver's own message is made at each attempt.
    Notification,
}

impl Form {
    fn as_str(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Notification => "notification",
        }
    }

    fn read(text: String) -> Result<Self> {
        match text.as_str() {
            "body" => Ok(Self::Body),
            "notification" => Ok(Self::Notification),
            _ => Err(ControlError::Corrupt { column: "outbox.form", value: text }),
        }
    }
}

/// A message to queue for a time of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// What it belongs to: within a group and a channel, messages are sent in the order in which they were queued.
    pub group: String,
    /// Name of the configured receiver.
    pub channel: String,
    /// Names this message for ever: a second with the same key is not queued.
    pub dedup_key: String,
    /// What the body is.
    pub form: Form,
    /// JSON.
    pub body: String,
    /// When it is to be sent.
    pub due: DateTime<Utc>,
}

/// How far a delivery has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// Waiting for its time.
    Pending,
    /// A worker is sending it.
    Leased,
    /// The receiver has it.
    Delivered,
    /// Given up.
    Dead,
}

impl DeliveryState {
    fn read(text: String) -> Result<Self> {
        match text.as_str() {
            "pending" => Ok(Self::Pending),
            "leased" => Ok(Self::Leased),
            "delivered" => Ok(Self::Delivered),
            "dead" => Ok(Self::Dead),
            _ => Err(ControlError::Corrupt { column: "outbox.state", value: text }),
        }
    }
}

/// A queued message.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Delivery {
    /// Number in the queue, rising.
    pub id: i64,
    /// The group it belongs to: of alerts, or of messages that are about none.
    pub alert_id: String,
    /// Name of the configured receiver.
    pub channel: String,
    /// Names this message for ever; send it along as idempotency key.
    pub dedup_key: String,
    /// What the payload is.
    pub form: Form,
    /// What is to be told.
    #[schema(value_type = Object)]
    pub payload: serde_json::Value,
    /// The payload to the byte.
    #[serde(skip)]
    pub body: String,
    /// How far it has come.
    pub state: DeliveryState,
    /// Leases so far, this one included.
    pub attempts: u32,
    /// When it is due; while leased, when the lease runs out.
    pub due_at: DateTime<Utc>,
    /// When it was queued.
    pub created_at: DateTime<Utc>,
    /// When it was delivered or given up.
    pub finished_at: Option<DateTime<Utc>>,
    /// What went wrong last.
    pub last_error: Option<String>,
}

const COLUMNS: &str = "id, alert_id, channel, dedup_key, payload, state, attempts, due_at, created_at, finished_at, last_error, form";

impl Control {
    /// The newest message, and how many wait, are being sent and were given up: two of them are equal while nothing
    /// happens. Read from the ends of indexes, but for those that were given up.
    pub fn outbox_mark(&self) -> Result<(i64, Vec<(String, i64)>)> {
        self.with(|db| {
            let newest = db.row("SELECT MAX(id) FROM outbox", &[], |row| row.get::<Option<i64>>(0))?;
            let unfinished = db.rows(
                "SELECT state, COUNT(*) FROM outbox WHERE state IN ('pending', 'leased', 'dead')
                 GROUP BY state ORDER BY state",
                &[],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            Ok((newest.flatten().unwrap_or_default(), unfinished))
        })
    }

    /// Queues messages, all of them or none; one whose `dedup_key` is known already is not queued again. Returns how
    /// many were queued.
    ///
    /// # Errors
    /// A body that is no JSON is refused.
    pub fn enqueue(&self, messages: &[NewMessage], now: DateTime<Utc>) -> Result<usize> {
        if messages.is_empty() {
            return Ok(0);
        }
        self.write(|db| messages.iter().map(|message| insert(db, message, now)).sum())
    }

    /// Puts another body into a message of which nothing was sent yet, and makes it due. False if it was tried already.
    pub fn release(&self, dedup_key: &str, body: &str, now: DateTime<Utc>) -> Result<bool> {
        self.write(|db| {
            let changed = db.execute(
                "UPDATE outbox SET payload = ?2, due_at = CASE WHEN due_at < ?3 THEN due_at ELSE ?3 END
                 WHERE dedup_key = ?1 AND state = 'pending' AND attempts = 0",
                params![dedup_key, body, micros(now)],
            )?;
            Ok(changed == 1)
        })
    }

    /// Messages of groups whose name begins with `prefix` that were queued from `since` on, and wait, are being sent or
    /// were: not those taken back or given up. In the order of the queue.
    pub fn queued(&self, prefix: &str, since: DateTime<Utc>) -> Result<Vec<Delivery>> {
        self.with(|db| {
            db.rows(
                &format!(
                    "SELECT {COLUMNS} FROM outbox WHERE alert_id >= ?1 AND substr(alert_id, 1, length(?1)) = ?1 \
                     AND created_at >= ?2 AND state <> 'dead' ORDER BY id"
                ),
                params![prefix, micros(since)],
                read,
            )
        })
    }

    /// Takes a waiting message back: it is kept for people to see, with the reason, and not sent. False if it does not
    /// wait any more: it is being sent, was sent, or was given up.
    pub fn withdraw(&self, id: i64, why: &str, now: DateTime<Utc>) -> Result<bool> {
        self.write(|db| {
            let changed = db.execute(
                "UPDATE outbox SET state = 'dead', finished_at = ?3, last_error = ?2 WHERE id = ?1 AND state = 'pending'",
                params![id, why, micros(now)],
            )?;
            Ok(changed == 1)
        })
    }

    /// The newest deliveries first, of one state or of all.
    pub fn list_deliveries(&self, state: Option<DeliveryState>, limit: usize) -> Result<Vec<Delivery>> {
        let state = state.map(|state| match state {
            DeliveryState::Pending => "pending",
            DeliveryState::Leased => "leased",
            DeliveryState::Delivered => "delivered",
            DeliveryState::Dead => "dead",
        });
        self.with(|db| {
            db.rows(
                &format!(
                    "SELECT {COLUMNS} FROM outbox WHERE CAST(?1 AS TEXT) IS NULL OR state = ?1 \
                     ORDER BY id DESC LIMIT ?2"
                ),
                params![state, i64::try_from(limit).unwrap_or(i64::MAX)],
                read,
            )
        })
    }
}

/// Queues inside the caller's transaction; 1 if queued, 0 if the key is known.
pub(crate) fn insert(db: &Db<'_>, message: &NewMessage, now: DateTime<Utc>) -> Result<usize> {
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(&message.body) {
        return Err(ControlError::Invalid(format!(
            "the body of message {} is no JSON: {error}",
            message.dedup_key
        )));
    }
    db.execute(
        "INSERT INTO outbox (alert_id, channel, dedup_key, payload, state, due_at, created_at, form)
         VALUES (?1, ?2, ?3, ?4, 'pending', ?5, ?6, ?7) ON CONFLICT (dedup_key) DO NOTHING",
        params![
            message.group,
            message.channel,
            message.dedup_key,
            message.body,
            micros(message.due),
            micros(now),
            message.form.as_str(),
        ],
    )
}

fn read(row: &Row) -> Result<Delivery> {
    let payload: String = row.get(4)?;
    Ok(Delivery {
        id: row.get(0)?,
        alert_id: row.get(1)?,
        channel: row.get(2)?,
        dedup_key: row.get(3)?,
        payload: serde_json::from_str(&payload)
            .map_err(|_| ControlError::Corrupt { column: "outbox.payload", value: payload.clone() })?,
        body: payload,
        state: DeliveryState::read(row.get(5)?)?,
        attempts: row.get(6)?,
        due_at: time("outbox.due_at", row.get(7)?)?,
        created_at: time("outbox.created_at", row.get(8)?)?,
        finished_at: time_opt("outbox.finished_at", row.get(9)?)?,
        last_error: row.get(10)?,
        form: Form::read(row.get(11)?)?,
    })
}
