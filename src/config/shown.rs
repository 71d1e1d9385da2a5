//! The configuration as it may be shown: what was said by the file and the environment, without secrets.

use super::Config;
use toml::{Table, Value};

/// What stands for a value that is not shown.
const HIDDEN: &str = "(not shown)";

/// Parts of keys whose values are secrets, or may have one in them.
const SECRET: [&str; 6] = ["password", "secret", "token", "sha256", "routing_key", "credential"];

/// Keys of free contents: what a probe sends, and what is handed on to librdkafka.
const FREE: [&str; 5] = ["headers", "json", "text", "variables", "properties"];

impl Config {
    /// The keys that were set, in TOML. Of addresses only the host is shown: a path or a query may be a secret, as in
    /// Slack's.
    pub(crate) fn shown(&self) -> String {
        toml::to_string_pretty(&without_secrets(&self.stated)).unwrap_or_default()
    }
}

fn without_secrets(table: &Table) -> Table {
    let shown = |(key, value): (&String, &Value)| {
        let hidden = FREE.contains(&key.as_str()) || SECRET.iter().any(|part| key.contains(part));
        // A list of tables has keys of its own that tell.
        let tables = matches!(value, Value::Array(of) if of.iter().any(Value::is_table));
        (key.clone(), if hidden && !tables { Value::String(HIDDEN.to_owned()) } else { plain(value) })
    };
    table.iter().map(shown).collect()
}

fn plain(value: &Value) -> Value {
    match value {
        Value::Table(table) => Value::Table(without_secrets(table)),
        Value::Array(of) => Value::Array(of.iter().map(plain).collect()),
        Value::String(text) => Value::String(host_only(text)),
        other => other.clone(),
    }
}

/// An address without its user, path and query; any other text as it is.
fn host_only(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, more) = rest.split_at(end);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{}", if more.len() > 1 { "/..." } else { more })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_is_shown() {
        let text = r#"
            tenant = "acme"
            [store]
            url = "https://writer:s3cret@clickhouse:8443/?password=s3cret"
            password = "s3cret"
            [control]
            url = "postgres://headroom@db:5432/headroom?password=s3cret"
            [auth]
            tokens = [{ name = "pipeline", role = "ingest", sha256 = "s3cret" }]
            [auth.oidc]
            issuer = "https://login.example.com"
            client_secret_file = "s3cret"
            [telemetry]
            otlp_token = "s3cret"
            [[alerts.targets]]
            name = "chat"
            url = "https://hooks.slack.com/services/T1/s3cret"
            [[alerts.targets]]
            name = "pager"
            routing_key = "s3cret"
            [[alerts.webhooks]]
            secret = "whsec_s3cret"
            [[alerts.actions]]
            secrets = ["whsec_s3cret"]
            [[probes]]
            secrets = { token = { env = "s3cret" } }
            variables = { user = "s3cret" }
            [[probes.steps]]
            url = "{{api}}/orders"
            headers = { authorization = "Bearer s3cret" }
            json = { password = "s3cret" }
            [[kafka]]
            properties = { "sasl.password" = "s3cret" }
        "#;
        let config = Config { stated: toml::from_str(text).expect("it is TOML"), ..Config::default() };
        let shown = config.shown();
        assert!(!shown.contains("s3cret"), "{shown}");
        for part in [
            "tenant = \"acme\"",
            "url = \"https://clickhouse:8443/...\"",
            "url = \"postgres://db:5432/...\"",
            "issuer = \"https://login.example.com\"",
            "name = \"pipeline\"\nrole = \"ingest\"\nsha256 = \"(not shown)\"",
            "url = \"https://hooks.slack.com/...\"",
            "url = \"{{api}}/orders\"",
        ] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
    }
}
