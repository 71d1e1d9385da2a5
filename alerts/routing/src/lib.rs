//! Who is told about which alerts, when, and how bad it is.
//!
//! Alerts come in ([`Router::observe`]) and a clock ticks ([`Router::tick`]); out come notifications. In between:
//!
//! 1. A **route** takes the alerts whose labels fit its [`Matchers`] and puts them into **groups** by some labels.
//! 2. A group's first message waits `group_wait` for others to join; changes wait `group_interval`; what goes on is repeated
//!    after `repeat_interval`. Getting worse waits for nothing.
//! 3. **Silences** ([`Silence`]) and **inhibitions** ([`Inhibition`]) keep alerts from being told while they hold. An alert whose
//!    firing was told is told as resolved once the silence is over, or receivers would keep it open for ever.
//! 4. An alert that **flaps** is told as firing until it is calm.
//! 5. If nobody **acknowledges**, the group **escalates**: step by step more receivers are told. A group never goes back a step
//!    while it is open.
//!
//! [`Standing`] decides how bad an alert is by burn, duration and impact; [`dora`] counts the criteria by which EU law calls an
//! incident major; [`DeadMan`] notices that something has gone quiet.
//!
//! Everything is a pure state machine: the time is an argument, the [`State`] is data that is written down with the messages it
//! caused, and the same inputs give the same messages.

mod config;
pub mod dora;
mod group;
mod heartbeat;
mod inhibit;
mod matcher;
mod router;
mod severity;
mod silence;
mod state;
mod tell;

pub use config::{ConfigError, Flapping, Route, Router, Step};
pub use heartbeat::{Beat, DeadMan};
pub use inhibit::Inhibition;
pub use matcher::{Matcher, MatcherError, Matchers, Operator};
pub use severity::{Burn, Cause, Ladder, Situation, Standing, severity_named, severity_of};
pub use silence::{Recurrence, Silence, SilenceError, Window};
pub use state::{Acknowledgement, Group, Incident, State, Told, Tracked};
