//! Which service hits its wall next, when, and what moving it costs.
//!
//! - [`curve`] fits capacity curves and says what a queue of known size carries.
//! - [`load_test`] reads the results of load generators.
//! - [`money`] turns usage and bills into cost per transaction.

pub mod curve;
pub mod load_test;
pub mod money;
