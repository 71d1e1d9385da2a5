//! Which service hits its wall next, when, and what moving it costs.
//!
//! The way of a figure: **minute rollups, metric points and a sample of traces (`headroom_query::capacity`) ->
//! [`read`] -> [`walls`] -> [`Answers`] -> the API's bodies, the pages and the assessment**. What computes never
//! touches the store, so that it is tested on vectors, on generated data and on a simulated platform that is
//! pushed until it breaks.
//!
//! - [`curve`] fits capacity curves (the Universal Scalability Law, the residence law) and says what a queue of
//!   known size carries.
//! - [`load_test`] reads the results of load generators as points of such curves; [`load_tests`] keeps them, and
//!   marks stretches of live traffic as such.
//! - [`service_curve`] is the curve of a service as its telemetry tells it.
//! - [`walls`] finds the growth at which each resource is full, through the call graph, with what moves it.
//! - [`money`] turns usage and bills into cost per transaction, and into advice; [`costs`] joins it with what was
//!   measured.
//! - [`incidents`] sets what a change costs against the incident that it avoids, for the services that break first.
//! - [`assess`] is the report of all of it for a board.
//!
//! What the data cannot carry is refused with the reason, never guessed.

mod answers;
pub mod assess;
pub mod changes;
pub mod costs;
pub mod curve;
mod error;
pub mod incidents;
pub mod load_test;
pub mod load_tests;
pub mod money;
pub mod read;
pub mod saturation;
pub mod service_curve;
pub mod walls;

pub use answers::{Answers, DeliveryBody, Measured};
pub use error::{CapacityError, Result};
