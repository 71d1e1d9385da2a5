//! Alerts of Headroom: one message that says how fast which promise is being broken,
//! and that arrives.
//!
//! Only objectives page (and what other Alertmanagers report). Two loops share the work, and a file stands between them:
//!
//! - [`evaluate`] wakes every 15 s, counts the newest minutes of every objective into
//!   slices, reads the burn of each rule's two windows from them, and decides.
//!   Too few requests to tell failure from chance fire nothing ([`evaluate::gate`]), a rule
//!   fires only when 90 % of both its windows was seen, and while the present is not seen
//!   nothing resolves.
//! - [`Routing`] decides who is told what, and when. A transition (fired, raised, resolved), what is remembered and
//!   the messages are written to the control database in one transaction: after a crash there are all or none.
//! - What follows beside alerts: steps of error-budget policies begin and end as alerts of their own, and remedies
//!   ([`Actions`]) are decided by the rules of [`headroom_actions`].
//! - [`deliver`] takes messages from the outbox and sends them, until the receiver has said that it got them: at least
//!   once, under one id, in order for each group of alerts.
//!
//! [`Alerts::start`] runs it all. [`list`] and [`slo_page`] are the HTTP bodies;
//! [`AlertsConfig`] is the `[alerts]` part of the configuration. Time is the clock that is
//! passed in; nothing but the pause between two looks uses the machine's own.

mod actions;
mod alert;
mod chart;
pub mod config;
mod context;
pub mod deliver;
pub mod error;
pub mod evaluate;
mod follow;
mod pulse;
mod read;
mod routing;
mod run;
mod seen;
mod silences;
mod undelivered;

pub use actions::{ActionBody, ActionList, Actions};
pub use config::{ActionConfig, AlertsConfig, Heartbeat, Name, TargetConfig, yaml_files};
pub use context::MarketEvents;
pub use deliver::{Deliverer, Round};
pub use error::{AlertsError, Result};
pub use evaluate::{Evaluator, Tick};
pub use headroom_delivery::inbound;
pub use read::{
    AlertBody, AlertList, ChangeBody, ContextBody, CountBody, DoraBody, LinkBody, MoneyBody, SloPage, list,
    slo_page,
};
pub use routing::{BudgetPolicyBody, BudgetStepBody, Routing};
pub use run::{Alerts, AlertsHandle};
pub use silences::{NewSilence, SilenceBody, SilenceList};
