//! Functions of what Headroom exists for: latency, budgets, sessions, returns. The arithmetic is that of the pages.

mod budget;
mod gather;
mod latency;
mod returns;
mod session;

use datafusion::prelude::SessionContext;

pub(crate) use latency::NAME as LATENCY_QUANTILE;

/// Adds them to a session.
pub(super) fn register(context: &SessionContext) {
    for function in [budget::burn_rate(), budget::error_budget(), session::session_phase()] {
        context.register_udf(function);
    }
    for function in [latency::latency_quantile(), returns::xirr(), returns::twr()] {
        context.register_udaf(function);
    }
}
