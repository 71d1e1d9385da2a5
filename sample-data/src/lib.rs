//! A believable investment platform that emits OpenTelemetry.

mod clock;
mod config;
mod error;
mod run;

pub use config::{Ledger, Phase, Progress, SampleConfig};
pub use error::{Result, SampleError};
pub use run::run;

/// The platform's calendar of events around `cfg.now` as TOML: `[[event]]`
/// tables with class, name, venue, start, duration_minutes, lead_minutes,
/// services and source.
pub fn calendar_toml(cfg: &SampleConfig) -> String {
    format!("# events of the sample platform around {}\n", cfg.now.to_rfc3339())
}
