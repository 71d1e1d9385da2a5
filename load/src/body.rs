//! Bodies that are encoded once and filled send by send.
//!
//! A [`Template`] is a whole request with holes in it; [`Stock`] keeps the templates and the
//! buffers that are being filled.

mod attribute;
mod logs;
mod metrics;
mod platform;
mod spans;
mod stock;
mod template;
mod wire;

pub(crate) use metrics::RUN_KEY;
pub(crate) use stock::{Filled, Stock};
pub(crate) use template::{MAX_AGE_NS, PREFIX};

#[cfg(test)]
mod tests;
