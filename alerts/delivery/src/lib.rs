//! What each receiver of alerts gets, to the byte, and how its answer is read.
//!
//! One [`Notification`] says everything that is known about a group of alerts: what burns, since when, who is hit, what
//! changed, where to look. A [`Target`] turns it into [`Message`]s: HTTP requests, or a mail. Nothing here waits, asks a
//! clock or opens a connection (but [`smtp::send`], which has to): the same notification, target and [`Attempt`] give the
//! same bytes, on every attempt and after every crash.
//!
//! | module | what |
//! |---|---|
//! | [`slack`], [`pagerduty`], [`alertmanager`], [`webhook`], [`teams`], [`mail`] | the bodies, each within its receiver's limits |
//! | [`signing`] | Standard Webhooks 1.0.0: signing with several secrets, verifying |
//! | [`answer`] | delivered, again later, or never: what an answer means to whom |
//! | [`backoff`] | when to try again |
//! | [`gate`] | a token bucket and a circuit breaker for each target |
//! | [`inbound`] | Alertmanager's webhooks, coming in |
//!
//! Texts in a notification come from telemetry and are not trusted: each target escapes them in its own way, and cuts
//! them where its receiver would refuse or drop the whole message.

pub mod alertmanager;
pub mod answer;
pub mod backoff;
pub mod gate;
pub mod inbound;
pub mod mail;
pub mod notification;
pub mod pagerduty;
pub mod signing;
pub mod slack;
pub mod smtp;
mod target;
pub mod teams;
mod text;
pub mod webhook;
mod words;

pub use answer::{Answer, Verdict};
pub use notification::{
    Alert, Change, Count, Impact, Labels, Link, Money, Notification, Reason, Severity, Status,
};
pub use target::{Attempt, DeliveryError, Message, Request, Secret, Target};
