//! Who somebody is: a name, a role and the tenant whose data they may see.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ControlError;

/// What a principal may do. The doors decide what each role opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sends telemetry, reads nothing.
    Ingest,
    /// Support agent: looks customers up.
    Agent,
    /// Runs the platform: everything but revealing people and SQL.
    Sre,
    /// Asks in SQL, reads aggregates.
    Analyst,
    /// Platform lead: what the platform costs, where its walls are, how it keeps its objectives. Changes the calendar.
    Lead,
    /// Everything, users and audit included.
    Admin,
}

impl Role {
    /// Every role, in the order of the definition.
    pub const ALL: [Self; 6] = [Self::Ingest, Self::Agent, Self::Sre, Self::Analyst, Self::Lead, Self::Admin];

    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Agent => "agent",
            Self::Sre => "sre",
            Self::Analyst => "analyst",
            Self::Lead => "lead",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Role {
    type Err = ControlError;

    fn from_str(text: &str) -> Result<Self, ControlError> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| {
            ControlError::Invalid(format!(
                "unknown role {text:?}; use ingest, agent, sre, analyst, lead or admin"
            ))
        })
    }
}

/// Somebody, or a program, that has shown who they are.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Principal {
    /// User or token name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whose data they may see.
    pub tenant: String,
}
