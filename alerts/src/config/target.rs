//! `[[alerts.targets]]` and `[[alerts.webhooks]]`: who is told.

use std::fmt;
use std::ops::Deref;

use headroom_delivery::signing::SigningSecret;
use headroom_delivery::webhook::Webhook;
use headroom_delivery::{Secret, Target};
use headroom_outbound::Networks;
use serde::{Deserialize, Deserializer};
use url::Url;

/// One receiver.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Fields")]
pub struct TargetConfig {
    /// Its name in routes, queues, metrics and messages.
    pub name: Name,
    /// Where the address may be beside the public network.
    pub allow_networks: Networks,
    /// What it is.
    pub target: Target,
}

#[derive(Deserialize)]
struct Fields {
    name: Name,
    #[serde(default)]
    allow_networks: Networks,
    #[serde(flatten)]
    target: Target,
}

impl TryFrom<Fields> for TargetConfig {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, String> {
        let Fields { name, allow_networks, target } = fields;
        target.check().map_err(|problem| format!("{name}: {problem}"))?;
        Ok(Self { name, allow_networks, target })
    }
}

impl TargetConfig {
    /// Whether it takes messages that are about no alert.
    pub fn is_webhook(&self) -> bool {
        matches!(self.target, Target::Webhook(_))
    }
}

/// `[[alerts.webhooks]]`: a target of kind `webhook` with an envelope and one secret.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hook {
    name: Name,
    url: Secret<Url>,
    secret: SigningSecret,
    #[serde(default)]
    allow_networks: Networks,
}

#[derive(Deserialize)]
#[serde(try_from = "Hook")]
struct Signed(TargetConfig);

impl TryFrom<Hook> for Signed {
    type Error = String;

    fn try_from(hook: Hook) -> Result<Self, String> {
        let Hook { name, url, secret, allow_networks } = hook;
        let target = Target::Webhook(Webhook { url, secrets: vec![secret], envelope: true });
        Fields { name, allow_networks, target }.try_into().map(Self)
    }
}

/// Reads `[[alerts.webhooks]]`.
pub(super) fn webhooks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<TargetConfig>, D::Error> {
    Ok(Vec::<Signed>::deserialize(deserializer)?.into_iter().map(|signed| signed.0).collect())
}

/// A receiver's name: 1 to 63 letters, digits, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Name(String);

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.len() > 63 || !name.chars().all(plain) {
            return Err(format!("name is {name:?}; allowed: 1 to 63 letters, digits, '-' and '_'"));
        }
        Ok(Self(name))
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
