//! The table `[auth.oidc]`, and whose account a token's claims are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use headroom_control::Role;
use headroom_outbound::Networks;
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use crate::{OidcError, Result};

/// An OpenID provider, and who of its people may come in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcConfig {
    /// The provider, as it calls itself: `https://login.example.com/realms/main`.
    pub issuer: Url,
    /// What it calls this program.
    pub client_id: String,
    /// A file with the secret that it knows this program by; absent for a public client.
    #[serde(default)]
    pub client_secret_file: Option<PathBuf>,
    /// What is written on the button.
    #[serde(default = "button")]
    pub button: String,
    /// What is asked for; `openid` always is.
    #[serde(default = "scopes")]
    pub scopes: Vec<String>,
    /// The claim that says what somebody may do: a text, or a list of them. A dot leads into an object:
    /// `realm_access.roles`.
    #[serde(default = "role_claim")]
    pub role_claim: String,
    /// What the values of that claim mean. Of several the most powerful counts; who has none is refused.
    pub roles: BTreeMap<String, Role>,
    /// The claim that says whose data somebody sees; without it the node's own tenant's.
    #[serde(default)]
    pub tenant_claim: Option<String>,
    /// Domains of e-mail addresses that may come in; empty: all. The provider must say that the address is verified.
    #[serde(default)]
    pub allowed_domains: Vec<String>,
    /// Networks that are not public in which the provider may stand.
    #[serde(default)]
    pub allow_networks: Networks,
}

fn button() -> String {
    "Sign in with single sign-on".to_owned()
}

fn scopes() -> Vec<String> {
    ["openid", "email", "profile"].map(str::to_owned).to_vec()
}

fn role_claim() -> String {
    "roles".to_owned()
}

/// Somebody who may come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// What the provider calls them for ever; with the issuer it names one person.
    pub subject: String,
    /// The name of their account.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whose data they see; the node's own tenant's where nothing is said.
    pub tenant: Option<String>,
}

/// From the least to the most powerful.
const POWER: [Role; 5] = [Role::Agent, Role::Analyst, Role::Sre, Role::Lead, Role::Admin];

impl OidcConfig {
    /// Refuses what could not work.
    ///
    /// # Errors
    /// [`OidcError::Config`] with the key and what to write.
    pub fn check(&self) -> Result<()> {
        let wrong =
            |key: &'static str, problem: &str| Err(OidcError::Config { key, problem: problem.to_owned() });
        self.may_be_asked("issuer", &self.issuer)?;
        if self.issuer.query().is_some() || self.issuer.fragment().is_some() {
            return wrong(
                "issuer",
                "it has a query or a fragment: give the address as the provider's discovery document has it",
            );
        }
        if self.client_id.trim().is_empty() {
            return wrong("client_id", "it is empty: give what the provider calls this program");
        }
        if self.roles.is_empty() {
            return wrong(
                "roles",
                "nobody could come in: say what values of the role claim mean, as in { \"platform-leads\" = \"lead\" }",
            );
        }
        if self.roles.values().any(|role| *role == Role::Ingest) {
            return wrong("roles", "the role ingest cannot sign in: it is for tokens");
        }
        if let Some(domain) =
            self.allowed_domains.iter().find(|domain| domain.is_empty() || domain.contains('@'))
        {
            return wrong("allowed_domains", &format!("{domain:?} is no domain: write example.com"));
        }
        self.secret().map(drop)
    }

    /// Refuses an address that the guard does not allow, and one in plain text outside of the allowed networks.
    pub(crate) fn may_be_asked(&self, key: &'static str, url: &Url) -> Result<()> {
        let wrong = |problem: String| OidcError::Config { key, problem };
        match url.scheme() {
            "https" => {}
            // Only an address can be held against the networks before it is asked.
            "http"
                if !self.allow_networks.is_empty()
                    && !matches!(url.host(), Some(url::Host::Domain(_)) | None) => {}
            _ => {
                return Err(wrong(format!(
                    "{url} is not https: only an address in allow_networks may be spoken to in plain text"
                )));
            }
        }
        headroom_outbound::guard::check_literal(url, &self.allow_networks)
            .map_err(|refused| wrong(refused.to_string()))
    }

    /// The secret of the client, without the line's end.
    pub(crate) fn secret(&self) -> Result<Option<String>> {
        let Some(file) = &self.client_secret_file else { return Ok(None) };
        let problem = |what: String| OidcError::Config { key: "client_secret_file", problem: what };
        let text = std::fs::read_to_string(file)
            .map_err(|error| problem(format!("cannot read {}: {error}", file.display())))?;
        match text.trim_end_matches(['\r', '\n']) {
            "" => Err(problem(format!("{} is empty", file.display()))),
            secret => Ok(Some(secret.to_owned())),
        }
    }

    /// Makes relative paths relative to the configuration file.
    pub fn anchor(&mut self, base: &Path) {
        if let Some(file) = self.client_secret_file.as_mut().filter(|file| file.is_relative()) {
            *file = base.join(&*file);
        }
    }

    /// Whose account the claims of a good token are.
    ///
    /// # Errors
    /// [`OidcError::NotAllowed`], in words for the person.
    pub fn identity(&self, claims: &Map<String, Value>) -> Result<Identity> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let of = text("email").or_else(|| text("preferred_username")).or_else(|| text("sub"));
        let who = of.unwrap_or_default().chars().take(200).collect::<String>();
        let refused = |why: String| Err(OidcError::NotAllowed { who: who.clone(), why });
        let Some(subject) = text("sub") else {
            return refused("the provider does not say who you are".to_owned());
        };
        let verified = claims.get("email_verified").is_some_and(|said| *said == true || *said == "true");
        let email = text("email").filter(|_| verified);
        if !self.allowed_domains.is_empty() {
            let of = email.and_then(|email| email.rsplit_once('@')).map(|(_, domain)| domain);
            let allowed =
                |of: &str| self.allowed_domains.iter().any(|domain| domain.eq_ignore_ascii_case(of));
            match of {
                None => {
                    return refused(
                        "the provider gives no verified e-mail address for your account".to_owned(),
                    );
                }
                Some(domain) if !allowed(domain) => {
                    return refused(format!("accounts of {domain} may not sign in here"));
                }
                Some(_) => {}
            }
        }
        // An address that nobody verified may be anybody's.
        let named_by_address = self.role_claim == "email";
        let held = if named_by_address && email.is_none() { Vec::new() } else { self.held(claims) };
        let Some(role) = POWER.into_iter().rev().find(|role| held.contains(role)) else {
            return refused(format!(
                "your account has no role here: ask an administrator to give it one by the claim {}",
                self.role_claim
            ));
        };
        let tenant = match &self.tenant_claim {
            None => None,
            Some(claim) => match at(claims, claim).and_then(Value::as_str) {
                Some(tenant) if !tenant.is_empty() => Some(tenant.to_owned()),
                _ => {
                    return refused(format!(
                        "the provider does not say by the claim {claim} whose data you see"
                    ));
                }
            },
        };
        let Some(name) = email.or_else(|| text("preferred_username")) else {
            return refused(
                "the provider gives neither a verified e-mail address nor a user name for your account"
                    .to_owned(),
            );
        };
        Ok(Identity { subject: subject.to_owned(), name: name.to_owned(), role, tenant })
    }

    /// The roles that the claims give.
    fn held(&self, claims: &Map<String, Value>) -> Vec<Role> {
        let role = |value: &Value| value.as_str().and_then(|value| self.roles.get(value)).copied();
        match at(claims, &self.role_claim) {
            Some(Value::Array(values)) => values.iter().filter_map(role).collect(),
            Some(value) => role(value).into_iter().collect(),
            None => Vec::new(),
        }
    }
}

/// The claim of a name; a dot leads into an object where no claim has the whole name.
fn at<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    claims.get(name).or_else(|| {
        let (outer, inner) = name.split_once('.')?;
        at(claims.get(outer)?.as_object()?, inner)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn config(more: &Value) -> OidcConfig {
        let mut of = json!({"issuer": "https://login.example.com", "client_id": "headroom",
            "roles": {"leads": "lead", "ops": "sre", "desk": "agent"}});
        of.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        serde_json::from_value(of).expect("a table")
    }

    fn identity(more: &Value, claims: &Value) -> std::result::Result<Identity, String> {
        config(more).identity(claims.as_object().expect("an object")).map_err(|error| error.to_string())
    }

    #[test]
    fn the_most_powerful_role_of_a_claim_counts_and_none_is_refused() {
        let claims = |roles: Value| json!({"sub": "7", "preferred_username": "ada", "roles": roles});
        let role = |roles| identity(&json!({}), &claims(roles)).map(|who| who.role);
        assert_eq!(role(json!(["desk", "ops", "other"])), Ok(Role::Sre));
        assert_eq!(role(json!("leads")), Ok(Role::Lead));
        let none = "your account has no role here: ask an administrator to give it one by the claim roles";
        assert_eq!(role(json!(["other"])), Err(none.to_owned()));
        assert_eq!(role(json!(7)), Err(none.to_owned()));
        // Keycloak's roles are one object further in.
        let inner = json!({"sub": "7", "preferred_username": "ada", "realm_access": {"roles": ["ops"]}});
        let found = identity(&json!({"role_claim": "realm_access.roles"}), &inner);
        assert_eq!(found.map(|who| who.role), Ok(Role::Sre));
    }

    #[test]
    fn domains_are_of_verified_addresses_only() {
        let only = json!({"allowed_domains": ["example.com"]});
        let claims = |email: &str, verified: Value| json!({"sub": "7", "roles": "ops", "email": email, "email_verified": verified});
        let found = identity(&only, &claims("ada@Example.com", json!(true))).expect("she may");
        assert_eq!((found.name.as_str(), found.subject.as_str()), ("ada@Example.com", "7"));
        let refused = |email, verified| identity(&only, &claims(email, verified)).expect_err("refused");
        assert_eq!(refused("ada@evil.com", json!(true)), "accounts of evil.com may not sign in here");
        assert_eq!(
            refused("ada@example.com@evil.com", json!(true)),
            "accounts of evil.com may not sign in here"
        );
        assert!(refused("ada@example.com", json!(false)).starts_with("the provider gives no verified"));
        // Nor is it a role, where roles are given by address, nor a name.
        let by_address = json!({"role_claim": "email", "roles": {"ada@example.com": "admin"}});
        let found = identity(&by_address, &claims("ada@example.com", json!(true)));
        assert_eq!(found.map(|who| who.role), Ok(Role::Admin));
        let refused = identity(&by_address, &claims("ada@example.com", json!(false))).expect_err("refused");
        assert!(refused.starts_with("your account has no role here"), "{refused}");
        let unverified =
            identity(&json!({}), &claims("admin@example.com", json!(false))).expect_err("refused");
        assert!(unverified.contains("neither a verified e-mail address nor a user name"), "{unverified}");
    }

    #[test]
    fn a_tenant_that_is_asked_for_must_be_said() {
        let claims = json!({"sub": "7", "roles": "ops", "preferred_username": "ada", "org": "acme"});
        let of = |claim: &str| identity(&json!({"tenant_claim": claim}), &claims).map(|who| who.tenant);
        assert_eq!(of("org"), Ok(Some("acme".to_owned())));
        assert!(of("team").is_err());
    }

    #[test]
    fn what_could_not_work_is_refused_with_its_key() {
        let said = |more: Value| config(&more).check().map_err(|error| error.to_string());
        assert_eq!(said(json!({})), Ok(()));
        for (more, key) in [
            (json!({"issuer": "http://login.example.com"}), "auth.oidc.issuer"),
            (json!({"issuer": "https://10.0.0.7"}), "auth.oidc.issuer"),
            (json!({"issuer": "http://127.0.0.1:9", "allow_networks": ["10.0.0.0/8"]}), "auth.oidc.issuer"),
            (json!({"client_id": " "}), "auth.oidc.client_id"),
            (json!({"roles": {}}), "auth.oidc.roles"),
            (json!({"roles": {"x": "ingest"}}), "auth.oidc.roles"),
            (json!({"allowed_domains": ["a@b"]}), "auth.oidc.allowed_domains"),
            (json!({"client_secret_file": "/nowhere/at/all"}), "auth.oidc.client_secret_file"),
        ] {
            let refused = said(more.clone()).expect_err("refused");
            assert!(refused.starts_with(key), "{more}: {refused}");
        }
        assert_eq!(said(json!({"issuer": "http://127.0.0.1:9", "allow_networks": ["127.0.0.1"]})), Ok(()));
    }
}
