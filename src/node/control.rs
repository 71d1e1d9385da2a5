//! Reaching the control state.

use crate::config::Config;
use anyhow::Result;
use headroom_control::{Control, ControlError};
use std::time::Duration;

/// How long a node waits for a PostgreSQL server that does not answer yet.
const PATIENCE: Duration = Duration::from_mins(1);

/// Opens the control state; a server that is only just starting is waited for.
pub(super) async fn open(config: &Config) -> Result<Control> {
    let started = tokio::time::Instant::now();
    loop {
        let error = match config.open_control() {
            Ok(control) => return Ok(control),
            Err(error) => error,
        };
        let passing = error.downcast_ref().is_some_and(ControlError::is_passing);
        if !passing || started.elapsed() > PATIENCE {
            return Err(error);
        }
        tracing::warn!("waiting: {error}");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
