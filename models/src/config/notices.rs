//! `[models.notices]`: who is told before and after each step of a plan that is acted on.

use chrono::TimeDelta;
use headroom_scaler::notice::Timing;
use serde::Deserialize;

/// Who is told of steps, and when.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NoticesConfig {
    /// Names of `[[alerts.webhooks]]`; empty: nobody is told.
    pub channels: Vec<String>,
    /// Minutes before a step.
    pub before_minutes: u32,
    /// Minutes after a step.
    pub after_minutes: u32,
}

impl Default for NoticesConfig {
    fn default() -> Self {
        Self { channels: Vec::new(), before_minutes: 5, after_minutes: 5 }
    }
}

impl NoticesConfig {
    /// When the messages of a step are due.
    pub fn timing(&self) -> Timing {
        let minutes = |minutes: u32| TimeDelta::minutes(i64::from(minutes));
        Timing { before: minutes(self.before_minutes), after: minutes(self.after_minutes) }
    }

    /// What is wrong with these settings: which one, and what to do.
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        let twice = self.channels.iter().enumerate().find(|(n, name)| self.channels[..*n].contains(*name));
        if let Some((_, name)) = twice {
            return Err(("channels", format!("`{name}` is there twice")));
        }
        if self.before_minutes > 1440 || self.after_minutes > 1440 {
            return Err(("before_minutes", "before_minutes and after_minutes must be at most 1440".into()));
        }
        Ok(())
    }
}
