//! How fast one account or token may ask: a bucket of requests each, filled again by the second.

use crate::error::ApiError;
use headroom_control::Principal;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Seconds' worth of requests that may come at once: a page asks for a dozen things when it opens.
const AT_ONCE: f64 = 4.0;
/// Callers that are kept in mind before those who have been quiet are forgotten.
const KEPT: usize = 10_000;

/// The pace of everybody who asks this node.
#[derive(Debug, Clone)]
pub struct Pace {
    per_second: f64,
    callers: Arc<Mutex<HashMap<String, Left>>>,
}

/// Requests that a caller has left, at a moment.
#[derive(Debug, Clone, Copy)]
struct Left {
    requests: f64,
    at: Instant,
}

impl Pace {
    /// So many requests a second for each caller.
    pub fn new(per_second: u32) -> Self {
        Self { per_second: f64::from(per_second.max(1)), callers: Arc::default() }
    }

    /// Takes one request of a caller's.
    pub(crate) fn take(&self, who: &Principal) -> Result<(), ApiError> {
        if self.taken(&format!("{}\n{}", who.tenant, who.name), Instant::now()) {
            return Ok(());
        }
        Err(ApiError::too_many(
            format!("{} asks more than {} times a second", who.name, self.per_second),
            "wait, and ask less often; `web.requests_per_second` is the limit",
        ))
    }

    fn taken(&self, who: &str, now: Instant) -> bool {
        let most = self.per_second * AT_ONCE;
        let refilled = |left: &Left| {
            let since = now.saturating_duration_since(left.at).as_secs_f64();
            (left.requests + since * self.per_second).min(most)
        };
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if callers.len() >= KEPT {
            callers.retain(|_, left| refilled(left) < most);
        }
        let requests = callers.get(who).map_or(most, refilled);
        let is_left = requests >= 1.0;
        let left = if is_left { requests - 1.0 } else { requests };
        callers.insert(who.to_owned(), Left { requests: left, at: now });
        is_left
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_caller_has_so_many_at_once_and_so_many_a_second_and_none_of_anothers() {
        let (pace, start) = (Pace::new(10), Instant::now());
        let took = |who: &str, at: Duration| (0..1_000).take_while(|_| pace.taken(who, start + at)).count();
        assert_eq!(took("a", Duration::ZERO), 40);
        assert_eq!(took("b", Duration::ZERO), 40, "each has its own");
        assert_eq!(took("a", Duration::from_millis(550)), 5);
        assert_eq!(took("a", Duration::from_hours(1)), 40, "quiet hours add up to no more");
    }

    #[test]
    fn those_who_are_quiet_are_forgotten() {
        let (pace, start) = (Pace::new(1), Instant::now());
        for n in 0..KEPT {
            assert!(pace.taken(&n.to_string(), start));
        }
        assert!(pace.taken("one more", start + Duration::from_mins(1)));
        assert_eq!(pace.callers.lock().expect("no holder panics").len(), 1);
    }
}
