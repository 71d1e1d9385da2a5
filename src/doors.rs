//! Who may come in: the adaptors between the doors (OTLP, Postgres, Flight SQL, HTTP) and the control state.

use crate::config::{Config, StaticToken};
use chrono::Utc;
use headroom_control::{Control, ControlError, Principal, Role};
use headroom_ingest::{AuthRefusal, Authenticator};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// Tokens and accounts of this node.
#[derive(Clone)]
pub(crate) struct Doors {
    control: Control,
    tokens: Arc<Vec<StaticToken>>,
    tenant: String,
}

impl Doors {
    pub(crate) fn new(config: &Config, control: Control) -> Self {
        Self { control, tokens: Arc::new(config.auth.tokens.clone()), tenant: config.tenant.clone() }
    }

    /// The principal of a token that the configuration lists.
    pub(crate) fn static_token(&self, token: &str) -> Option<Principal> {
        let hash = hex::encode(Sha256::digest(token));
        // Hashes are compared, so the time taken tells nothing about the token.
        let found = self.tokens.iter().find(|known| known.sha256.eq_ignore_ascii_case(&hash))?;
        Some(self.bearer_of(found))
    }

    /// Who bears the tokens that the configuration lists.
    pub(crate) fn listed(&self) -> impl Iterator<Item = Principal> {
        self.tokens.iter().map(|token| self.bearer_of(token))
    }

    fn bearer_of(&self, token: &StaticToken) -> Principal {
        Principal {
            name: token.name.clone(),
            role: token.role,
            tenant: token.tenant.clone().unwrap_or_else(|| self.tenant.clone()),
        }
    }
}

impl Authenticator for Doors {
    fn tenant(&self, bearer: Option<&str>) -> Result<String, AuthRefusal> {
        let token = bearer.ok_or(AuthRefusal::Missing)?;
        let principal = match self.static_token(token) {
            Some(principal) => Some(principal),
            None => self.control.verify_token(token, Utc::now()).map_err(|error| {
                tracing::error!(%error, "the control state cannot be read");
                AuthRefusal::Unavailable
            })?,
        };
        match principal {
            None => Err(AuthRefusal::Unknown),
            Some(principal) if matches!(principal.role, Role::Ingest | Role::Admin) => Ok(principal.tenant),
            Some(_) => Err(AuthRefusal::WrongRole),
        }
    }
}

impl headroom_sql::Authenticator for Doors {
    fn scram(&self, user: &str) -> Option<headroom_sql::Scram> {
        let found = self.control.scram_credentials(user, Utc::now());
        let scram = found
            .inspect_err(|error| tracing::error!(%error, "the control state cannot be read"))
            .ok()
            .flatten()?;
        Some(headroom_sql::Scram {
            salt: scram.salt,
            iterations: scram.iterations,
            salted_password: scram.salted_password,
        })
    }

    fn principal(&self, user: &str) -> Option<headroom_sql::Principal> {
        self.control.user(user).ok().flatten().map(asking)
    }

    fn login_failed(&self, user: &str) {
        if let Err(error) = self.control.login_failed(user, Utc::now()) {
            tracing::error!(%error, "a failed login could not be counted");
        }
    }

    fn login_succeeded(&self, user: &str) {
        let recorded = self.control.login_succeeded(user).and_then(|()| match self.control.user(user)? {
            Some(principal) => self.control.record_login(&principal, "postgres", None, Utc::now()),
            None => Ok(()),
        });
        if let Err(error) = recorded {
            tracing::error!(%error, "a login could not be recorded");
        }
    }
}

impl headroom_sql::Bearers for Doors {
    /// The tokens of the HTTP API, and those that a sign-in gave: they are sessions as the pages have them.
    fn bearer(&self, token: &str) -> Result<Option<headroom_sql::Principal>, String> {
        let now = Utc::now();
        let found = match self.static_token(token) {
            Some(principal) => Some(principal),
            None => match self.control.verify_token(token, now).map_err(|error| error.to_string())? {
                Some(principal) => Some(principal),
                None => self.control.session(token, now).map_err(|error| error.to_string())?,
            },
        };
        Ok(found.map(asking))
    }

    fn password(&self, user: &str, password: &str) -> Result<Option<headroom_sql::Principal>, String> {
        match self.control.verify_password(user, password, Utc::now()) {
            Ok(found) => Ok(found.map(asking)),
            Err(ControlError::LockedOut { .. }) => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    fn sign_in(&self, who: &headroom_sql::Principal) -> Result<String, String> {
        let headroom_sql::Principal { name, role, tenant } = who.clone();
        let role = role.parse().map_err(|error: ControlError| error.to_string())?;
        let principal = Principal { name, role, tenant };
        let session = self.control.create_session(&principal, "flight", None, Utc::now());
        session.map_err(|error| error.to_string())
    }
}

/// A principal as the SQL door has it.
fn asking(principal: Principal) -> headroom_sql::Principal {
    let Principal { name, role, tenant } = principal;
    headroom_sql::Principal { name, role: role.to_string(), tenant }
}

/// Bytes of a statement that the audit trail shows; its hash stands for the whole.
const SHOWN: usize = 2048;

impl headroom_sql::Ledger for Doors {
    fn asked(&self, by: &headroom_sql::Principal, door: &str, statement: &str) -> Result<(), String> {
        let hash = hex::encode(Sha256::digest(statement));
        let detail = serde_json::json!({"tenant": by.tenant, "role": by.role, "door": door, "sha256": hash});
        let shown = &statement[..statement.floor_char_boundary(SHOWN)];
        let recorded = self.control.audit(&by.name, "sql.query", shown, "", &detail, Utc::now());
        recorded.map(drop).map_err(|error| error.to_string())
    }
}
