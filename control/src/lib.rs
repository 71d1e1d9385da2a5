//! The small transactional state of Headroom, in one SQLite file or in a PostgreSQL database that several nodes share.
//!
//! Telemetry is many and may be late; what lives here is little and must be
//! exact: who may come in, which alerts are open, what has still to be sent, and
//! who did what. ClickHouse is the wrong place for that, so there is one file
//! (WAL, every commit synced) or one database, one schema in numbered steps, and
//! one type, [`Control`], whose methods are grouped by file:
//!
//! - `users`, `password`, `lockout`: people. A password is kept as argon2id hash for the web
//!   and as SCRAM-SHA-256 verifier for the Postgres door; after
//!   [`LOCK_OUT_AFTER`] failures in a row a name is locked for [`LOCK_OUT_FOR`],
//!   whether it exists or not; where the door knows the address, for this address only.
//! - `vouched`: people whom an OpenID provider vouches for; their accounts follow what it says.
//! - `tokens`: programs. `hr_<role>_<43 characters>`, stored as sha256.
//! - `sessions`: browsers. A cookie for [`SESSION_FOR`], stored as sha256.
//! - `administration`: what administrators do with all of these, each deed with its row in the audit trail.
//! - `audit`: deeds, in a hash chain that [`Control::audit_verify`] recomputes, with signed heads of a Merkle tree over
//!   them (`merkle`, RFC 6962).
//! - `alerts`, `routing`, `silences`, `outbox`: [`Control::route`] stores alerts in their new
//!   state, what the routing remembers and the messages they cause in one transaction; workers then
//!   [`Control::lease`] them, send, and say how it went. [`Control::enqueue`] queues
//!   messages that belong to no alert.
//! - `budgets`, `actions`: what error-budget policies began, written by [`Control::route`] too, and what is remembered of
//!   actions: [`Control::act`] stores it with its audit rows and its messages in one transaction.
//! - `calendar`: events that people posted, and the last good text of each feed.
//! - `leader`: which of several nodes does what only one may. A [`Leadership`]'s handle writes only in its own term.
//! - `copy`, `health`: moving to PostgreSQL, and how the state is.
//!
//! `db` is the way to both databases. A method writes its SQL once, with `?1` for the first value, and runs it by
//! `self.with(|db| ...)` (statements by themselves) or `self.write(|db| ...)` (one transaction, and of all nodes one
//! at a time). `INTEGER`, `TEXT` and `BLOB` are the types; what PostgreSQL calls otherwise is translated in one place.
//!
//! Every method is synchronous and takes the time it needs as `now`: there is no
//! clock in here, so tests need no waiting. In SQLite, reads take microseconds and writes
//! one fsync, in PostgreSQL a round trip for each statement; only calls with a password take longer (call those from a
//! blocking thread).
//!
//! ```
//! # fn main() -> headroom_control::Result<()> {
//! use headroom_control::{Control, Role};
//! let now = chrono::DateTime::UNIX_EPOCH;
//! let control = Control::in_memory()?;
//! let token = control.create_token("collector", Role::Ingest, "acme", now)?;
//! let bearer = control.verify_token(&token, now)?.expect("just made");
//! assert_eq!((bearer.role, bearer.tenant.as_str()), (Role::Ingest, "acme"));
//! # Ok(()) }
//! ```

mod actions;
mod administration;
mod alerts;
mod audit;
mod budgets;
mod calendar;
mod copy;
mod db;
mod error;
mod health;
mod keys;
mod leader;
mod lockout;
mod merkle;
mod outbox;
mod password;
mod principal;
mod routing;
mod secret;
mod sessions;
mod silences;
mod tokens;
mod users;
mod vouched;

pub use actions::{Acting, Deed};
pub use alerts::{Alert, AlertState};
pub use audit::{
    AuditCount, AuditEntry, AuditFilter, AuditHead, AuditProof, AuditRow, AuditStatus, Checkpoint,
    CheckpointFile, NoteKey, PublicKey, SignedCheckpoint, Verifier,
};
pub use budgets::BudgetStep;
pub use calendar::{CalendarEntry, EntryKind, FeedText, MOST_ENTRIES};
pub use copy::Copied;
pub use db::{Control, ControlConfig, Server};
pub use error::{ControlError, Result};
pub use health::Health;
pub use leader::{LEAD_FOR, Leader, Leadership};
pub use lockout::{LOCK_OUT_ADDRESS_AFTER, LOCK_OUT_AFTER, LOCK_OUT_FOR};
pub use outbox::{Delivery, DeliveryState, Form, NewMessage};
pub use password::{MIN_PASSWORD_CHARS, SCRAM_ITERATIONS, Scram, salted_password};
pub use principal::{Principal, Role};
pub use routing::{Decision, Remembered};
pub use secret::{random_text, same_secret};
pub use sessions::{SESSION_FOR, Session};
pub use silences::{MOST_SILENCES, StoredSilence};
pub use tokens::Token;
pub use users::User;
pub use vouched::Vouched;
