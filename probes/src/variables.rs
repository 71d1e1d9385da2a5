//! The variables of a run, and what of them may be seen.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::config::{ProbeConfig, SecretSource};
use crate::decide::Learnt;
use crate::error::{ProbesError, Result};
use crate::template::Template;

/// Variables that every run has: a UUID (version 4) of its own, and when it began, in RFC 3339 and in seconds since the
/// epoch.
pub(crate) const BUILTIN: [&str; 3] = ["uuid", "timestamp", "unix"];

/// Fewest bytes of a secret: shorter ones cannot be taken out of a text without spoiling it.
const SHORTEST: usize = 4;
/// What stands in place of a secret.
const HIDDEN: &str = "REDACTED";

/// Characters of a value that mean nothing in a URL (RFC 3986, section 2.3).
const IN_URL: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The variables of a run.
pub(crate) struct Variables(BTreeMap<String, Variable>);

struct Variable {
    text: String,
    secret: bool,
    /// Written by whoever wrote the URL, who may mean more than a value: a host, a path.
    own: bool,
}

impl Variables {
    /// What is known at the beginning of a run; its secrets are read now.
    pub(crate) fn of(probe: &ProbeConfig, began: DateTime<Utc>, random: u128) -> Result<Self> {
        let unready = |problem: String| ProbesError::Unready { probe: probe.name.clone(), problem };
        let mut all = Self(BTreeMap::new());
        let [uuid, timestamp, unix] = BUILTIN;
        all.learn(uuid, uuid_v4(random), false);
        all.learn(timestamp, began.to_rfc3339_opts(SecondsFormat::Millis, true), false);
        all.learn(unix, began.timestamp().to_string(), false);
        for (name, text) in &probe.variables {
            all.0.insert(name.clone(), Variable { text: text.clone(), secret: false, own: true });
        }
        for (name, source) in &probe.secrets {
            let text = read(source).map_err(|why| unready(format!("the secret {name:?}: {why}")))?;
            all.learn(name, text, true);
        }
        Ok(all)
    }

    /// Adds a variable.
    pub(crate) fn learn(&mut self, name: &str, text: String, secret: bool) {
        self.0.insert(name.to_owned(), Variable { text, secret, own: false });
    }

    /// Adds what an answer told.
    pub(crate) fn learn_all(&mut self, learnt: Vec<Learnt>) {
        learnt.into_iter().for_each(|(name, text, secret)| self.learn(&name, text, secret));
    }

    /// Whether a variable is known.
    pub(crate) fn know(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A text with its holes filled.
    pub(crate) fn fill(&self, template: &Template) -> String {
        template.filled(|hole| self.0.get(hole).map(|variable| variable.text.clone()).unwrap_or_default())
    }

    /// A URL with its holes filled. What an answer said cannot lead elsewhere: it is encoded.
    pub(crate) fn fill_url(&self, template: &Template) -> String {
        template.filled(|hole| match self.0.get(hole) {
            Some(Variable { text, own: true, .. }) => text.clone(),
            Some(Variable { text, .. }) => encoded(text),
            None => String::new(),
        })
    }

    /// A text without any secret, in whatever form a URL may have it.
    pub(crate) fn without_secrets(&self, text: &str) -> String {
        let mut secrets: Vec<String> = Vec::new();
        for variable in self.0.values().filter(|variable| variable.secret && !variable.text.is_empty()) {
            secrets.extend([variable.text.clone(), encoded(&variable.text)]);
        }
        // The longest first: a secret may hold another one.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, HIDDEN))
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, IN_URL).to_string()
}

fn read(source: &SecretSource) -> Result<String, String> {
    let (text, place) = match source {
        SecretSource::Env(name) => {
            let text =
                std::env::var(name).map_err(|_| format!("the environment variable {name} is not set"))?;
            (text, format!("the environment variable {name}"))
        }
        SecretSource::File(path) => {
            let text =
                std::fs::read_to_string(path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
            (text, path.display().to_string())
        }
    };
    let text = text.trim_end_matches(['\r', '\n']);
    if text.len() < SHORTEST {
        return Err(format!(
            "{place} has fewer than {SHORTEST} bytes: they could not be told from other text"
        ));
    }
    Ok(text.to_owned())
}

/// A UUID of random bits, RFC 9562, section 5.4.
fn uuid_v4(random: u128) -> String {
    let bits = random & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let hex = format!("{bits:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn variables(secret: &str) -> Variables {
        let mut variables = Variables(BTreeMap::new());
        variables.learn("secret", secret.to_owned(), true);
        variables
    }

    #[test]
    fn a_uuid_has_its_version_and_variant() {
        assert_eq!(uuid_v4(u128::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(uuid_v4(0), "00000000-0000-4000-8000-000000000000");
    }

    #[test]
    fn what_an_answer_said_leads_nowhere_else() {
        let mut variables = variables("a b");
        variables.learn("id", "../x?y#@evil.example/".to_owned(), false);
        let host = Variable { text: "https://api.example.com".to_owned(), secret: false, own: true };
        variables.0.insert("base".to_owned(), host);
        let url = variables.fill_url(&Template::parse("{{base}}/orders/{{id}}?key={{secret}}").unwrap());
        assert_eq!(url, "https://api.example.com/orders/..%2Fx%3Fy%23%40evil.example%2F?key=a%20b");
        assert_eq!(variables.without_secrets(&url).rsplit('=').next(), Some("REDACTED"));
    }

    proptest! {
        #[test]
        fn no_secret_leaves(secret in "[!-/0-9:-@]{4,20}", before in "[a-z ]{0,9}", after in "[a-z ]{0,9}") {
            let variables = variables(&secret);
            prop_assert_eq!(
                variables.without_secrets(&[&before, &*secret, &after].concat()),
                [&before, HIDDEN, &after].concat()
            );
            let url = variables.fill_url(&Template::parse("https://h/a/{{secret}}?b").unwrap());
            prop_assert_eq!(variables.without_secrets(&url), "https://h/a/REDACTED?b");
        }
    }
}
