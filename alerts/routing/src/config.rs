//! Routes: which alerts go to whom, in what groups, how often.

use std::collections::HashSet;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::inhibit::Inhibition;
use crate::matcher::Matchers;

/// Routes and what holds for all of them. The state is apart: a configuration may change while alerts are open.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Router {
    /// Tried in this order; an alert goes to the first that takes it, and on if that says so.
    pub routes: Vec<Route>,
    /// What is not told while something else fires.
    pub inhibitions: Vec<Inhibition>,
    /// When an alert flaps.
    pub flapping: Flapping,
}

/// One route.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// Its name, which begins the keys of its groups; no two are the same.
    pub name: String,
    /// The alerts it takes; all, if there are none.
    #[serde(default)]
    pub matchers: Matchers,
    /// The labels whose values make a group.
    #[serde(default)]
    pub group_by: Vec<String>,
    /// Whether later routes get its alerts too.
    #[serde(default)]
    pub goes_on: bool,
    /// Who is told, and who next when nobody answers: in order of `after_seconds`, the first at 0.
    pub steps: Vec<Step>,
    /// How long the first message of a group waits for other alerts, 30 s.
    #[serde(default = "group_wait")]
    pub group_wait_seconds: u32,
    /// How long changes of a group wait, 5 min.
    #[serde(default = "group_interval")]
    pub group_interval_seconds: u32,
    /// When an open group is told again that nobody acknowledged, 4 h.
    #[serde(default = "repeat_interval")]
    pub repeat_interval_seconds: u32,
    /// How long an acknowledgement holds, 8 h: whoever took it may have fallen asleep.
    #[serde(default = "acknowledged")]
    pub acknowledged_seconds: u32,
}

fn group_wait() -> u32 {
    30
}

fn group_interval() -> u32 {
    300
}

fn repeat_interval() -> u32 {
    4 * 3_600
}

fn acknowledged() -> u32 {
    8 * 3_600
}

/// A step of escalation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// How long after the first message, in seconds, if nobody has acknowledged.
    #[serde(default)]
    pub after_seconds: u32,
    /// Who is told then, and from then on of everything.
    pub receivers: Vec<String>,
}

/// When an alert flaps: it is told as firing while it does. Apart at both ends, so that flapping does not flap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Flapping {
    /// The time in which changes of state count, in seconds; 30 min.
    pub window_seconds: u32,
    /// So many changes in it begin the flapping; 6, which is three times on and off.
    pub starts: usize,
    /// So few end it; 1.
    pub ends: usize,
}

impl Default for Flapping {
    fn default() -> Self {
        Self { window_seconds: 1_800, starts: 6, ends: 1 }
    }
}

/// What is wrong with routes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A name is there twice.
    #[error("routes[{0}].name {1:?} is there twice; names must differ")]
    Name(usize, String),
    /// Nobody is told at first.
    #[error("routes[{0}].steps must begin with receivers at after_seconds = 0")]
    First(usize),
    /// Steps are out of order.
    #[error("routes[{0}].steps must rise by after_seconds, and each name a receiver")]
    Steps(usize),
    /// An interval would make messages without end.
    #[error("routes[{0}]: group_interval_seconds and repeat_interval_seconds must be at least 1")]
    Interval(usize),
    /// Flapping would never begin or end.
    #[error("flapping: ends must be below starts, and window_seconds at least 1")]
    Flapping,
}

impl ConfigError {
    /// The number of the route that is wrong, from 0, if it is one.
    pub fn route(&self) -> Option<usize> {
        match self {
            Self::Name(n, _) | Self::First(n) | Self::Steps(n) | Self::Interval(n) => Some(*n),
            Self::Flapping => None,
        }
    }
}

impl Router {
    /// Checks what the types cannot.
    ///
    /// # Errors
    /// What is wrong, with its place.
    pub fn check(&self) -> Result<(), ConfigError> {
        let mut names = HashSet::new();
        for (n, route) in self.routes.iter().enumerate() {
            if !names.insert(&route.name) {
                return Err(ConfigError::Name(n, route.name.clone()));
            }
            if route.steps.first().is_none_or(|step| step.after_seconds != 0) {
                return Err(ConfigError::First(n));
            }
            let rising = route.steps.windows(2).all(|pair| pair[0].after_seconds < pair[1].after_seconds);
            if !rising || route.steps.iter().any(|step| step.receivers.is_empty()) {
                return Err(ConfigError::Steps(n));
            }
            if route.group_interval_seconds == 0 || route.repeat_interval_seconds == 0 {
                return Err(ConfigError::Interval(n));
            }
        }
        if self.flapping.ends >= self.flapping.starts || self.flapping.window_seconds == 0 {
            return Err(ConfigError::Flapping);
        }
        Ok(())
    }
}

pub(crate) fn seconds(seconds: u32) -> TimeDelta {
    TimeDelta::seconds(i64::from(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(steps: &[(u32, &[&str])], change: impl FnOnce(&mut Router)) -> Result<(), ConfigError> {
        let steps: Vec<Step> = steps
            .iter()
            .map(|(after_seconds, names)| Step {
                after_seconds: *after_seconds,
                receivers: names.iter().map(|name| (*name).to_owned()).collect(),
            })
            .collect();
        let json = serde_json::json!({"routes": [{"name": "pages", "steps": steps}]});
        let mut router: Router = serde_json::from_value(json).expect("a router");
        change(&mut router);
        router.check()
    }

    #[test]
    fn faults_are_told() {
        assert_eq!(check(&[(0, &["a"]), (60, &["b"])], |_| ()), Ok(()));
        assert_eq!(check(&[], |_| ()), Err(ConfigError::First(0)));
        assert_eq!(check(&[(5, &["a"])], |_| ()), Err(ConfigError::First(0)));
        assert_eq!(check(&[(0, &[])], |_| ()), Err(ConfigError::Steps(0)));
        assert_eq!(check(&[(0, &["a"]), (0, &["b"])], |_| ()), Err(ConfigError::Steps(0)));
        let twice = check(&[(0, &["a"])], |router| router.routes.push(router.routes[0].clone()));
        assert_eq!(twice, Err(ConfigError::Name(1, "pages".to_owned())));
        let zero = check(&[(0, &["a"])], |router| router.routes[0].repeat_interval_seconds = 0);
        assert_eq!(zero, Err(ConfigError::Interval(0)));
        assert_eq!(check(&[(0, &["a"])], |router| router.flapping.ends = 6), Err(ConfigError::Flapping));
    }
}
