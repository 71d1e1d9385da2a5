//! What follows from a budget that runs out, and when a remedy may be tried.
//!
//! Two things that act beside the alerts, both as pure functions: no store, no clock, no network.
//!
//! - A [`BudgetPolicy`] is an agreement about an error budget: when so little is left, or it burns so fast over so long, a
//!   [`Step`] of it begins, and ends when the figure has recovered. It tells people, or it freezes releases too.
//! - An [`Action`] is a remedy that a machine may ask for, such as a roll-back. [`Action::decide`] says whether it may
//!   now, and why not: it needs two different [`Signal`]s, a pause after the last time, and a bound of runs in an hour;
//!   [`Action::verify`] turns it off when a run did not help, until a person turns it on again.
//!
//! What is remembered is data ([`State`]) that is written down with what follows from it, so that after a crash there
//! is both or neither, and the same decision is not taken twice.

mod action;
mod evidence;
mod policy;
mod state;

pub use action::{Action, Afterwards, Signal, Situation};
pub use evidence::{Calls, fails_more};
pub use policy::{BudgetPolicy, Effect, Step, Turn, When};
pub use state::{Decision, Disabled, Run, State, Verdict};
