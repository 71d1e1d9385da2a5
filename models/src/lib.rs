//! Calendars, forecasts and the replica plan.
mod body;
pub mod calendar;
pub mod config;
mod error;
pub mod forecast;
pub mod plan;
pub mod read;
mod rows;
pub mod run;
pub mod series;

pub use body::{ActualPoint, ForecastBody, ForecastEvent, ForecastPoint, PlanBody, PlanStep, ServicePlan};
pub use calendar::Calendar;
pub use config::{ModelsConfig, ServiceCapacity};
pub use error::{ModelsError, Result};
pub use run::{ForecastLoop, TickReport};
