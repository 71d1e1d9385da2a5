//! Who is asking, and which doors are open to them.
//!
//! Every handler takes a [`Caller`] and asks it for the door it opens, so that a route without a check does
//! not compile into one that answers.

use crate::{error::ApiError, state::AppState};
use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, Method, header, request::Parts};
use headroom_control::{Principal, Role};

/// Name of the session cookie.
pub(crate) const COOKIE: &str = "headroom_session";
/// Header that a page sends with every change: another site's form cannot set it.
const CHANGE_HEADER: &str = "x-headroom";

/// What a request wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Overview, services, latency.
    Services,
    /// Traces with their attributes and logs.
    Traces,
    /// Log records of all programs.
    Logs,
    /// Customer lookup with personal data masked.
    Lookup,
    /// A verdict that somebody handed on.
    Shared,
    /// Personal data in the clear, for a reason.
    Reveal,
    /// Portfolios.
    Portfolios,
    /// Objectives and budgets.
    Slos,
    /// Forecasts and plans, and the calendar they follow.
    Forecasts,
    /// Changes of the calendar.
    Calendar,
    /// Capacity: walls, curves, costs.
    Capacity,
    /// Alerts, silences, actions, messages on their way.
    Alerts,
    /// Acknowledging, silencing, sending again, turning actions on and off.
    AlertChanges,
    /// Alerts of other systems, coming in.
    AlertIntake,
    /// Deployments, told by the jobs that do them.
    Deployments,
    /// SQL.
    Sql,
    /// Health of the ingest path.
    Ingest,
    /// The audit trail.
    Audit,
    /// Monthly reports on uptime and objectives.
    Reports,
    /// The monthly report for auditors: counts, and nobody's name.
    Evidence,
    /// Accounts, tokens and sessions, and how the node is set up.
    Administration,
}

impl Door {
    /// Every door, for tests and documentation.
    pub const ALL: [Self; 21] = [
        Self::Services,
        Self::Traces,
        Self::Logs,
        Self::Lookup,
        Self::Shared,
        Self::Reveal,
        Self::Portfolios,
        Self::Slos,
        Self::Forecasts,
        Self::Calendar,
        Self::Capacity,
        Self::Alerts,
        Self::AlertChanges,
        Self::AlertIntake,
        Self::Deployments,
        Self::Sql,
        Self::Ingest,
        Self::Audit,
        Self::Reports,
        Self::Evidence,
        Self::Administration,
    ];

    /// The access matrix: one place, read by every handler.
    pub fn open_to(self, role: Role) -> bool {
        match role {
            Role::Admin => true,
            Role::Sre => !matches!(self, Self::Reveal | Self::Audit | Self::Evidence | Self::Administration),
            Role::Agent => {
                matches!(
                    self,
                    Self::Services
                        | Self::Traces
                        | Self::Lookup
                        | Self::Shared
                        | Self::Reveal
                        | Self::Portfolios
                )
            }
            Role::Analyst => {
                matches!(
                    self,
                    Self::Services
                        | Self::Shared
                        | Self::Slos
                        | Self::Forecasts
                        | Self::Capacity
                        | Self::Portfolios
                        | Self::Sql
                )
            }
            Role::Lead => {
                matches!(
                    self,
                    Self::Services
                        | Self::Shared
                        | Self::Slos
                        | Self::Forecasts
                        | Self::Calendar
                        | Self::Capacity
                        | Self::Portfolios
                        | Self::Alerts
                        | Self::Sql
                        | Self::Reports
                        | Self::Evidence
                )
            }
            Role::Ingest => matches!(self, Self::AlertIntake | Self::Deployments),
        }
    }
}

/// The signed-in person or program.
#[derive(Debug, Clone)]
pub struct Caller {
    principal: Principal,
}

impl Caller {
    /// The caller, if `door` is open to their role.
    pub(crate) fn through(self, door: Door) -> Result<Principal, ApiError> {
        if door.open_to(self.principal.role) {
            return Ok(self.principal);
        }
        Err(ApiError::forbidden(
            format!("the role {} may not use {door:?}", self.principal.role).to_lowercase(),
            "ask an administrator for an account with another role",
        ))
    }

    /// The caller, unless they ask too fast.
    fn paced(principal: Principal, state: &AppState) -> Result<Self, ApiError> {
        state.pace.take(&principal)?;
        Ok(Self { principal })
    }

    /// Whether `door` is open to the caller too: for answers that tell some callers more.
    pub(crate) fn may(&self, door: Door) -> bool {
        door.open_to(self.principal.role)
    }

    /// The caller, whatever their role.
    pub(crate) fn anyone(self) -> Principal {
        self.principal
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let now = state.clock.now();
        if let Some(given) = parts.headers.get(header::AUTHORIZATION) {
            let token = given.to_str().ok().and_then(bearer);
            let token = token
                .ok_or_else(|| ApiError::unauthorized("the Authorization header is not `Bearer TOKEN`"))?;
            let principal = state.verify_token(token)?;
            let unknown = || ApiError::unauthorized("this token is not known, or was revoked");
            return Self::paced(principal.ok_or_else(unknown)?, state);
        }
        let cookie =
            session_cookie(&parts.headers).ok_or_else(|| ApiError::unauthorized("nobody is signed in"))?;
        // A browser sends the cookie with any request to this host; the header proves that our own page asked.
        if !matches!(parts.method, Method::GET | Method::HEAD) && !parts.headers.contains_key(CHANGE_HEADER) {
            return Err(ApiError::forbidden(
                "a change with a session cookie needs the header X-Headroom",
                "send `X-Headroom: 1`",
            ));
        }
        let principal = state.control.session(cookie, now)?;
        Self::paced(principal.ok_or_else(|| ApiError::unauthorized("the session has ended"))?, state)
    }
}

/// The token of an Authorization header; names of schemes are the same in any case (RFC 9110, 11.1).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The session cookie's value, if one was sent.
pub(crate) fn session_cookie(headers: &HeaderMap) -> Option<&str> {
    cookie(headers, COOKIE)
}

/// The value of a cookie, if it was sent.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == wanted).then_some(value))
}
