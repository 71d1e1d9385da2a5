//! Deeds by what an auditor asks for.

use headroom_control::AuditRow;
use serde::Serialize;
use utoipa::ToSchema;

/// A sort of deeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Sign-ins.
    SignIn,
    /// Sign-ins that were refused.
    RefusedSignIn,
    /// Names and addresses that were locked out.
    LockOut,
    /// Personal data shown in the clear.
    Reveal,
    /// SQL statements.
    Sql,
    /// Statements whose rows went into a file.
    Export,
    /// Customers erased.
    Erasure,
    /// Accounts and tokens.
    Access,
    /// Changes of the calendar, silences, and what machines may do.
    Configuration,
    /// Alerts taken, messages sent again, remedies.
    Operation,
    /// What is none of these.
    Other,
}

impl Sort {
    /// Every sort, in the order in which they are shown.
    pub const ALL: [Self; 11] = [
        Self::SignIn,
        Self::RefusedSignIn,
        Self::LockOut,
        Self::Reveal,
        Self::Sql,
        Self::Export,
        Self::Erasure,
        Self::Access,
        Self::Configuration,
        Self::Operation,
        Self::Other,
    ];

    /// The sort of a row.
    pub(super) fn of(row: &AuditRow) -> Self {
        let (group, _) = row.action.split_once('.').unwrap_or((&row.action, ""));
        match (group, row.action.as_str()) {
            (_, "login") => Self::SignIn,
            (_, "login.refused") => Self::RefusedSignIn,
            (_, "login.locked") => Self::LockOut,
            (_, "customer.reveal") => Self::Reveal,
            (_, "sql.query") if row.detail["door"] == "export" => Self::Export,
            (_, "sql.query") => Self::Sql,
            (_, "customer.erase") => Self::Erasure,
            ("token" | "user" | "session", _) => Self::Access,
            ("calendar" | "silence" | "control", _) | (_, "action.enable" | "action.disable") => {
                Self::Configuration
            }
            ("alert" | "delivery" | "quarantine" | "action", _) => Self::Operation,
            _ => Self::Other,
        }
    }

    /// Whether each deed of the sort is told, and not only counted.
    pub(super) fn is_told(self) -> bool {
        matches!(
            self,
            Self::LockOut | Self::Reveal | Self::Export | Self::Erasure | Self::Access | Self::Configuration
        )
    }

    /// What it is called.
    pub fn words(self) -> &'static str {
        match self {
            Self::SignIn => "Sign-ins",
            Self::RefusedSignIn => "Refused sign-ins",
            Self::LockOut => "Lock-outs",
            Self::Reveal => "Personal data revealed",
            Self::Sql => "SQL statements",
            Self::Export => "Exports to files",
            Self::Erasure => "Erasures",
            Self::Access => "Accounts and tokens",
            Self::Configuration => "Changes of configuration",
            Self::Operation => "Operations",
            Self::Other => "Other deeds",
        }
    }
}
