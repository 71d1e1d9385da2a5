//! What can alert: a promise with its slices, as it stands.

use chrono::{DateTime, Utc};
use headroom_slo::{AlertPolicy, Assessment, Measured, Promise, Reading, SloSet};

/// A promise as it stands at its watermark.
pub(crate) struct Subject<'a> {
    pub(crate) measured: Measured<'a>,
    pub(crate) found: Assessment,
    pub(crate) watermark: i64,
    /// Its slices end too long ago: nothing is known of the present.
    pub(super) is_stale: bool,
    /// Its policies beside the rules.
    pub(super) policies: Vec<&'a AlertPolicy>,
}

impl<'a> Subject<'a> {
    /// `None` before the first slice.
    pub(super) fn new(set: &'a SloSet, measured: Measured<'a>, now: DateTime<Utc>) -> Option<Self> {
        Some(Self {
            found: measured.assess(now),
            watermark: measured.watermark()?,
            is_stale: measured.is_stale(now),
            policies: set.policies_of(&measured.promise),
            measured,
        })
    }

    pub(crate) fn promise(&self) -> &Promise<'a> {
        &self.measured.promise
    }

    /// What its rules say, loudest first.
    pub(super) fn readings(&self, significance: f64) -> Vec<Reading> {
        let read = |rule| self.measured.reading(rule, significance, self.watermark);
        self.measured.rules().into_iter().map(read).collect()
    }

    /// The burn over a policy's window; `None` when too little was seen of it, or of the present.
    pub(super) fn burn(&self, policy: &AlertPolicy) -> Option<f64> {
        let known = !self.is_stale;
        known.then(|| self.measured.burn(self.watermark, policy.condition.lookback)).flatten()
    }
}
