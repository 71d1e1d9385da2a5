//! Calendars, forecasts and the replica plan.
//!
//! A trading platform's demand is a matter of the calendar: it comes with the open, with a rate decision, with an
//! expiry, and reactive scaling always comes after it. This crate learns what each of them does to each service,
//! says how much demand to expect in every minute of the next two weeks, and plans the replicas so that they serve
//! before the demand is there.
//!
//! The way a figure takes: **a [`Subject`]'s minutes (`headroom_query::rates`, `headroom_query::measures`) -> [`series`] -> [`forecast`] ->
//! [`plan`] -> the tables `forecasts`, `anomalies`, `forecast_skill` and `plans` -> [`read`] -> the API's bodies**. [`run`] drives it each minute.
//!
//! [`calendar`], [`forecast`] (with [`series`]) and [`plan`] are crates of their own, pure arithmetic that needs no store:
//!
//! - [`calendar`] holds venues with their sessions in their own wall-clock time, and events: built-in ones, and
//!   those of an operator's TOML files.
//! - [`series`] makes equal steps of stored minutes. A gap is not a zero: a silent minute counts as one only
//!   where the service is quiet anyway.
//! - [`forecast`] has the model, level x session-phase shape x event multipliers, its naive challengers, the
//!   rolling-origin back-test that compares them, and the promotion of the best for each service. Quantiles are
//!   those of past errors, by part of the day and kind of event; nothing is assumed to be normal.
//! - [`plan`] turns a forecast into replicas at the newsvendor quantile: never below what reactive scaling asks
//!   for, ready before the demand, held to an event's end, each step with its reason in a sentence.
//! - [`run`] is the loop: it follows the levels each minute, fits hourly, and writes rows. Beside them it watches for
//!   [anomalies](forecast::anomaly), and chooses each service's forecaster anew every night. [`read`] gives them back as
//!   bodies of the API.
//! - [`calendars`] keeps the calendar up to date while the program runs: files, feeds, and what people posted.
//! - `notices` queues the messages before and after each step of a plan that is acted on.
//! - [`config`] is the section `[models]` of the configuration.
//!
//! What cannot be forecast is [`Unavailable`](forecast::Unavailable) with the reason; the last plan then stands, or
//! a fallback from measured demand.
//!
//! # Invariants
//!
//! - Quantiles never fall with the probability and are never negative.
//! - A plan is never below the reactive one, and its floor is not given up when it is wanted back within the
//!   stabilisation window. It never scales in: that stays with the autoscaler.
//! - A back-test sees no demand after its origin, and no event that was announced after it.

mod board;
mod body;
mod budget;
pub mod calendars;
pub mod config;
mod error;
mod notices;
pub mod read;
mod rows;
pub mod run;
mod subject;

pub use board::PlanBoard;
pub use body::{
    ActualPoint, AnomaliesBody, AnomalyBody, ForecastBody, ForecastEvent, ForecastPoint, ForecastSubject,
    ModelSkill, PlanBody, PlanStep, ServicePlan, SkillBody, SkillPart, SubjectsBody,
};
pub use budget::budget_ahead;
pub use calendars::{CalendarBoard, CalendarBody, CalendarKeeper, FeedState};
pub use config::ModelsConfig;
pub use error::{ModelsError, Result};
pub use headroom_calendar::{self as calendar, Calendar};
pub use headroom_forecast::{self as forecast, series};
pub use headroom_plan::{self as plan, ServiceCapacity};
pub use run::{ForecastLoop, TickReport};
pub use subject::Subject;
