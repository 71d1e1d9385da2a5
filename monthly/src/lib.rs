//! Reports about a month, for people who were not there: uptime, objectives, the audit trail, and evidence for auditors.
//!
//! A report is read by somebody who cannot ask back. So its figures are those that the pages and the API give, each
//! with the question that gives it again; what cannot be had says why; and hours without data are named and never
//! counted as up.
//!
//! The way of a report: a [`Month`] in a zone -> [`Reports`] reads the store and the control state into a typed body
//! ([`uptime`], [`slo`], [`audit`], [`soc2`]) -> [`Report::document`] puts the body on paper by `headroom-reports`.
//! Nothing is computed on that last step, so JSON, HTML and PDF say the same.
//!
//! - [`month`]: where a month and its days begin, also where clocks change.
//! - [`uptime`]: availability against target, downtime, incidents.
//! - [`slo`]: where each error budget went.
//! - [`audit`]: who did what, and whether the trail holds.
//! - [`soc2`]: the controls of SOC 2 and ISO 27001 that the month's data is evidence for, and those it is none for.
//! - `page`: what documents share.

pub mod audit;
mod error;
mod incidents;
pub mod month;
mod page;
mod report;
pub mod slo;
pub mod soc2;
pub mod uptime;

pub use error::{MonthlyError, Result};
pub use incidents::{Incident, Mean};
pub use month::{Month, Period};
pub use report::{KeySource, Kind, Report, Reports, Setup};
