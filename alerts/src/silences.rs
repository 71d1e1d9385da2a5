//! The bodies of `/api/v1/silences`.

use chrono::{DateTime, Utc};
use headroom_control::StoredSilence;
use headroom_routing::{Matchers, Silence, Window};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{AlertsError, Result};
use crate::routing::{Routing, Said, silence};

/// A silence to make.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSilence {
    /// Which alerts, all of these: `service="order"`, `severity=~"warning|major"`, with `=`, `!=`, `=~` and `!~`.
    #[schema(value_type = Vec<String>)]
    pub matchers: Matchers,
    /// When: `{"once": {"from", "until"}}`, or `{"recurring": {"start", "zone", "rule", "seconds"}}` with the first start on
    /// the wall clock of a time zone and an RRULE of RFC 5545.
    #[schema(value_type = Object)]
    pub window: Window,
    /// Why.
    pub comment: String,
}

/// A silence.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SilenceBody {
    /// Names it for ever.
    pub id: String,
    /// Which alerts.
    #[schema(value_type = Vec<String>)]
    pub matchers: Matchers,
    /// When.
    #[schema(value_type = Object)]
    pub window: Window,
    /// Until when it holds now; absent while it does not.
    pub active_until: Option<DateTime<Utc>>,
    /// Why.
    pub comment: String,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// The body of `GET /api/v1/silences`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SilenceList {
    /// Those that hold or may hold again, oldest first.
    pub silences: Vec<SilenceBody>,
}

impl Routing {
    /// The silences that hold or may hold again.
    pub fn silences(&self, now: DateTime<Utc>) -> Result<SilenceList> {
        let stored = self.control().silences(self.tenant(), now)?;
        let silences = stored.into_iter().map(|stored| body(stored, now)).collect::<Result<_>>()?;
        Ok(SilenceList { silences })
    }

    /// Makes a silence.
    ///
    /// # Errors
    /// It silences everything, never holds, is over, has a rule that cannot be followed, or no reason.
    pub fn silence(&self, new: NewSilence, by: &str, now: DateTime<Utc>) -> Result<SilenceBody> {
        let refused = |why: String| Err(AlertsError::Refused(why));
        let NewSilence { matchers, window, comment } = new;
        let (id, created_by) = (String::new(), by.to_owned());
        let silence = Silence { id, matchers, window, created_by, comment };
        if let Err(wrong) = silence.check() {
            return refused(wrong.to_string());
        }
        if silence.comment.trim().is_empty() {
            return refused("a silence needs a comment: why".to_owned());
        }
        let until = match &silence.window {
            Window::Once { until, .. } => Some(*until),
            Window::Recurring(_) => None,
        };
        if until.is_some_and(|until| until <= now) {
            return refused("this silence is over already".to_owned());
        }
        let Silence { matchers, window, comment, .. } = silence;
        let said =
            serde_json::to_value(Said { matchers, window }).expect("invariant: a silence has only text keys");
        body(self.control().add_silence(self.tenant(), &said, &comment, until, by, now)?, now)
    }
}

fn body(stored: StoredSilence, now: DateTime<Utc>) -> Result<SilenceBody> {
    let created_at = stored.created_at;
    let Silence { id, matchers, window, created_by, comment } = silence(stored)?;
    Ok(SilenceBody { id, matchers, active_until: window.until(now), window, comment, created_by, created_at })
}
