//! The sample platform, seen from outside: what it generates, what arrives.

mod conservation;
mod generated;
mod limits;
mod sink;
mod truth;
mod walls;

use chrono::{DateTime, Duration, Utc};
use headroom_sample_data::{Batch, Platform, SampleConfig};

/// A configuration around the demo's own Saturday.
fn config() -> SampleConfig {
    SampleConfig::new("http://127.0.0.1:1", utc("2026-11-21T01:00:00Z"))
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

/// Generates `minutes` minutes from `start`, handing each on.
fn generate(
    cfg: &SampleConfig,
    start: DateTime<Utc>,
    minutes: i64,
    mut each: impl FnMut(DateTime<Utc>, Batch),
) {
    let mut platform = Platform::starting_at(cfg, start);
    while platform.time() < start + Duration::minutes(minutes) {
        let t = platform.time();
        each(t, platform.minute());
    }
}
