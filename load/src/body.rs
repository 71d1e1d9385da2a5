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

use crate::options::Options;

pub(crate) use metrics::RUN_KEY;
pub(crate) use stock::{Filled, Stock};
pub(crate) use template::{MAX_AGE_NS, PREFIX};

/// The first `n` requests that a run with `options` would send at `base_ns` (nanoseconds since the
/// epoch), uncompressed protobuf: for benchmarks that need no receiver.
pub fn bodies(options: &Options, n: u32, base_ns: u64) -> Vec<Vec<u8>> {
    let stock = Stock::new(options);
    (0..n).map(|body| stock.request(body, base_ns)).collect()
}

#[cfg(test)]
mod tests;
