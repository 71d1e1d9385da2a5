//! What keeps a probe from running. Pure.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use headroom_calendar::Venue;
use headroom_slo::Counting;

use crate::config::ProbeConfig;

/// Why a probe does not run now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// Its venue is closed.
    Closed(String),
    /// Maintenance is announced, in these words.
    Maintenance(String),
}

impl Held {
    /// One word, for metrics.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Closed(_) => "closed",
            Self::Maintenance(_) => "maintenance",
        }
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed(mic) => write!(f, "{mic} is closed"),
            Self::Maintenance(text) => write!(f, "maintenance: {text}"),
        }
    }
}

/// What keeps a probe from running at `now`, of which `venue` is the one that it names.
pub fn held_back(probe: &ProbeConfig, venue: Option<&Arc<Venue>>, now: DateTime<Utc>) -> Option<Held> {
    let second = now.timestamp();
    let counts = |counting: Counting| counting.mask(second, second + 1).counts(second);
    for maintenance in &probe.maintenance {
        if !counts(Counting { venue: None, exclusions: vec![maintenance.0.clone()] }) {
            return Some(Held::Maintenance(maintenance.0.text.clone()));
        }
    }
    let venue = venue?;
    let open = counts(Counting { venue: Some(Arc::clone(venue)), exclusions: Vec::new() });
    (!open).then(|| Held::Closed(venue.mic.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_trade_waits_for_the_market_and_for_the_end_of_maintenance() {
        let probe: ProbeConfig = toml::from_str(
            "name = 'p'\nevery = '1m'\nduring = 'XNYS'\n\
             maintenance = ['2026-11-24T15:00 2h FREQ=WEEKLY;BYDAY=TU America/New_York']\n\
             [[steps]]\nname = 's'\nurl = 'https://h/'",
        )
        .unwrap();
        let venue = Arc::new(Venue::builtin("XNYS").unwrap());
        let held =
            |at: &str| held_back(&probe, Some(&venue), at.parse().unwrap()).map(|held| held.to_string());
        // Wednesday, 25 November 2026: New York trades from 14:30 to 21:00 UTC.
        assert_eq!(held("2026-11-25T14:29:59Z").as_deref(), Some("XNYS is closed"));
        assert_eq!(held("2026-11-25T14:30:00Z"), None);
        assert_eq!(held("2026-11-25T20:59:59Z"), None);
        assert_eq!(held("2026-11-25T21:00:00Z").as_deref(), Some("XNYS is closed"));
        // Thanksgiving, and the half day after it.
        assert!(held("2026-11-26T16:00:00Z").is_some());
        assert_eq!(held("2026-11-27T17:59:59Z"), None);
        assert!(held("2026-11-27T18:00:00Z").is_some());
        // The Tuesdays from 15:00 in New York on, which is 20:00 UTC.
        assert_eq!(held("2026-11-24T19:59:59Z"), None);
        let text = held("2026-12-01T20:00:00Z").unwrap();
        assert_eq!(text, "maintenance: 2026-11-24T15:00 2h FREQ=WEEKLY;BYDAY=TU America/New_York");
    }
}
