//! What can change, who may hear of it, and which deeds change it.

use crate::auth::Door;
use headroom_control::Role;
use serde::Serialize;
use utoipa::ToSchema;

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Topic {
    /// A minute is closed: what was received in it can be read.
    Minute,
    /// An alert began, changed, was taken, or ended.
    Alerts,
    /// A silence was made or ended.
    Silences,
    /// Messages were queued, sent or given up.
    Deliveries,
    /// A remedy was turned, run or refused.
    Actions,
    /// Entries of the calendar.
    Calendar,
    /// Accounts, tokens and sessions.
    Accounts,
    /// The audit trail.
    Audit,
}

impl Topic {
    pub(crate) const ALL: [Self; 8] = [
        Self::Minute,
        Self::Alerts,
        Self::Silences,
        Self::Deliveries,
        Self::Actions,
        Self::Calendar,
        Self::Accounts,
        Self::Audit,
    ];

    /// Whether somebody may see what changed.
    pub(crate) fn is_for(self, role: Role) -> bool {
        let door = match self {
            Self::Minute => Door::Services,
            Self::Alerts | Self::Silences | Self::Deliveries | Self::Actions => Door::Alerts,
            Self::Calendar => Door::Forecasts,
            Self::Accounts => Door::Administration,
            Self::Audit => Door::Audit,
        };
        door.open_to(role)
    }

    /// What a deed in the audit trail changes besides the trail itself, whoever did it.
    pub(super) fn of_deed(action: &str) -> Option<Self> {
        match action.split_once('.').map_or(action, |(kind, _)| kind) {
            "silence" => Some(Self::Silences),
            "delivery" => Some(Self::Deliveries),
            "action" => Some(Self::Actions),
            "calendar" => Some(Self::Calendar),
            "user" | "token" | "session" | "login" => Some(Self::Accounts),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_topic_has_its_place_and_hears_of_its_deeds() {
        for (place, topic) in Topic::ALL.into_iter().enumerate() {
            assert_eq!(topic as usize, place);
        }
        assert_eq!(Topic::of_deed("silence.create"), Some(Topic::Silences));
        assert_eq!(Topic::of_deed("user.disable"), Some(Topic::Accounts));
        assert_eq!(Topic::of_deed("login"), Some(Topic::Accounts));
        assert_eq!(Topic::of_deed("sql.query"), None);
        assert!(Topic::Minute.is_for(Role::Agent) && !Topic::Alerts.is_for(Role::Agent));
        assert!(!Topic::Accounts.is_for(Role::Sre) && Topic::Accounts.is_for(Role::Admin));
    }
}
