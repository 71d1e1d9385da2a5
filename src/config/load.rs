//! Reading the configuration: file first, environment on top, errors with line and reason.

use super::Config;
use anyhow::{Context as _, Result, anyhow, bail};
use headroom_alerts::AlertsError;
use headroom_probes::ProbesError;
use std::path::Path;
use toml::{Table, Value};

/// Environment variables that override a key begin with this; sections and keys are joined by two
/// underscores: `HEADROOM__STORE__URL`.
const PREFIX: &str = "HEADROOM__";

/// Reads `path`, overridden by this process's environment.
///
/// # Errors
/// A missing file, a line that is not TOML, an unknown key or a wrong value: each names the file, the line
/// and what is allowed; for an override it names the variable.
pub(crate) fn load(path: &Path) -> Result<Config> {
    let text = std::fs::read_to_string(path).with_context(|| {
        format!(
            "cannot read {}: name a configuration file with --config, or start with `headroom demo`",
            path.display()
        )
    })?;
    let mut config = parse(&text, &path.display().to_string(), std::env::vars())?;
    let file = std::path::absolute(path).context("cannot tell the working folder")?;
    config.anchor(file.parent().unwrap_or(Path::new("/")));
    config.validate().map_err(|error| placed(error, &text, &path.display().to_string()))?;
    Ok(config)
}

/// Settings that do not fit together: with the line, where it is one table of a list.
pub(crate) fn placed(error: anyhow::Error, text: &str, name: &str) -> anyhow::Error {
    let alerts = error.downcast_ref::<AlertsError>().and_then(AlertsError::place);
    let of_alerts = alerts.and_then(|(list, n)| table(text, 1, &format!("[[alerts.{list}]]"), n));
    let probes = error.downcast_ref::<ProbesError>().and_then(ProbesError::place);
    let of_probes = probes.and_then(|place| {
        let mut from = table(text, 1, "[[probes]]", place.probe)?;
        if let Some((list, n)) = place.step {
            from = table(text, from, &format!("[[probes.{list}]]"), n)?;
        }
        Some(key(text, from, place.key).unwrap_or(from))
    });
    let line = of_alerts.or(of_probes);
    error.context(line.map_or_else(|| name.to_owned(), |line| format!("{name}:{line}")))
}

/// The line of the `n`th table under `header`, counted from 0, from a line on.
fn table(text: &str, from: usize, header: &str, n: usize) -> Option<usize> {
    let lines = text.lines().zip(1..).skip(from - 1);
    lines.filter(|(line, _)| line.trim_start().starts_with(header)).map(|(_, number)| number).nth(n)
}

/// The line of a key in the table that begins at a line.
fn key(text: &str, table: usize, key: &str) -> Option<usize> {
    let inside =
        text.lines().zip(1..).skip(table).take_while(|(line, _)| !line.trim_start().starts_with('['));
    let named = |line: &str| {
        line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(['=', '.']))
    };
    inside.into_iter().find(|(line, _)| named(line)).map(|(_, number)| number)
}

/// The configuration in `text`, called `name` in errors, with the overrides found in `environment`.
fn parse(text: &str, name: &str, environment: impl Iterator<Item = (String, String)>) -> Result<Config> {
    // The file alone first: its errors carry a line, which a merged table no longer has.
    toml::from_str::<Config>(text).map_err(|error| located(&error, text, name))?;
    let mut overrides: Vec<_> = environment.filter(|(key, _)| key.starts_with(PREFIX)).collect();
    overrides.sort();
    let mut table: Table = toml::from_str(text).map_err(|error| located(&error, text, name))?;
    for (variable, value) in overrides {
        let keys: Vec<String> = variable[PREFIX.len()..].split("__").map(str::to_lowercase).collect();
        // As TOML where that fits (numbers, lists), as text where text is wanted: a password may be all digits.
        let mut failed = None;
        for read in [typed(&value), Value::String(value.clone())] {
            let mut tried = table.clone();
            set(&mut tried, &keys, read).with_context(|| format!("environment variable {variable}"))?;
            match Config::deserialize_table(&tried) {
                Ok(_) => {
                    table = tried;
                    failed = None;
                    break;
                }
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        if let Some(error) = failed {
            bail!("environment variable {variable}: {}", error.message().replace('\n', " "));
        }
    }
    let mut config =
        Config::deserialize_table(&table).map_err(|error| anyhow!("{name}: {}", error.message()))?;
    config.stated = table;
    Ok(config)
}

impl Config {
    fn deserialize_table(table: &Table) -> std::result::Result<Self, toml::de::Error> {
        table.clone().try_into()
    }
}

/// `text` as TOML where it is TOML (numbers, booleans, lists), as a string where it is not.
fn typed(text: &str) -> Value {
    toml::from_str::<Table>(&format!("v = {text}"))
        .ok()
        .and_then(|mut parsed| parsed.remove("v"))
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

/// Puts `value` under the path `keys`.
fn set(table: &mut Table, keys: &[String], value: Value) -> Result<()> {
    let (last, sections) = keys.split_last().context("names no key")?;
    let mut at = table;
    for section in sections {
        let entry = at.entry(section.clone()).or_insert_with(|| Value::Table(Table::new()));
        let Value::Table(inner) = entry else { bail!("'{section}' is a value, not a section") };
        at = inner;
    }
    at.insert(last.clone(), value);
    Ok(())
}

/// `file:line:column: what is wrong`, with the line itself underneath by the TOML reader's own words.
fn located(error: &toml::de::Error, text: &str, name: &str) -> anyhow::Error {
    let Some(span) = error.span() else { return anyhow!("{name}: {}", error.message()) };
    let before = &text[..span.start.min(text.len())];
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    anyhow!("{name}:{line}:{column}: {}", error.message().replace('\n', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, environment: &[(&str, &str)]) -> Result<Config> {
        parse(text, "headroom.toml", environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())))
    }

    fn refusal(text: &str, environment: &[(&str, &str)]) -> String {
        format!("{:#}", read(text, environment).expect_err("should be refused"))
    }

    #[test]
    fn an_empty_file_is_a_whole_configuration() {
        let config = read("", &[]).expect("defaults");
        assert_eq!(config.web.listen.port(), 8080);
        assert_eq!(config.sql.listen.port(), 5433);
        assert!(config.store.url.is_none());
    }

    #[test]
    fn an_unknown_key_names_file_line_and_what_is_allowed() {
        let said = refusal("tenant = \"a\"\n[web]\nport = 80\n", &[]);
        assert!(said.starts_with("headroom.toml:3:1: unknown field `port`"), "{said}");
        assert!(said.contains("`listen`"), "{said}");
    }

    #[test]
    fn a_wrong_value_names_its_line() {
        let said = refusal("[web]\nlisten = \"nowhere\"\n", &[]);
        assert!(said.starts_with("headroom.toml:2:10: "), "{said}");
        let said = refusal("[sql]\nflight_listen = \"of\"\n", &[]);
        let expected =
            "headroom.toml:2:17: \"of\" is neither an address, as in \"127.0.0.1:5434\", nor \"off\"";
        assert_eq!(said, expected);
    }

    #[test]
    fn two_doors_at_one_port_are_refused() {
        let validated = |text: &str| read(text, &[]).expect("well-formed").validate();
        let said = validated("[web]\nlisten = \"0.0.0.0:5433\"\n").expect_err("one port").to_string();
        let expected =
            "sql.listen 127.0.0.1:5433 and web.listen 0.0.0.0:5433 are the same port: give each its own";
        assert_eq!(said, expected);
        let said = validated("[sql]\nlisten = \"127.0.0.1:5434\"\n").expect_err("one port").to_string();
        assert!(said.starts_with("sql.flight_listen 127.0.0.1:5434 and sql.listen 127.0.0.1:5434"), "{said}");
        validated("[sql]\nlisten = \"127.0.0.1:5434\"\nflight_listen = \"off\"\n")
            .expect("off takes no port");
        validated("[web]\nlisten = \"127.0.0.2:5433\"\n").expect("another address");
        let free = "[web]\nlisten = \"127.0.0.1:0\"\n[sql]\nlisten = \"127.0.0.1:0\"\n";
        validated(free).expect("free ports");
    }

    #[test]
    fn a_wrong_receiver_names_its_line_and_shows_no_secret() {
        let receiver = |keys: &str| format!("tenant = \"a\"\n[[alerts.targets]]\nname = \"chat\"\n{keys}\n");
        for (keys, what) in [
            ("kind = \"slack\"\nurl = \"hooks.slack.com/T1/B2/s3cret\"", "a secret is not of the form"),
            (
                "kind = \"slack\"\nurl = \"ftp://hooks.slack.com/T1/B2/s3cret\"",
                "chat: url must begin with http",
            ),
            ("kind = \"slak\"\nurl = \"https://a\"", "unknown variant `slak`"),
            ("kind = \"teams\"\nurl = \"https://a\"\ntoken = \"x\"", "unknown field `token`"),
            (
                "kind = \"webhook\"\nurl = \"https://a\"\nsecrets = [\"whsec_s3cret\"]",
                "secret must be whsec_",
            ),
        ] {
            let said = refusal(&receiver(keys), &[]);
            assert!(said.starts_with("headroom.toml:2:") && said.contains(what), "{said}");
            assert!(!said.contains("s3cret"), "{said}");
        }
        let hook = "[[alerts.webhooks]]\nname = \"a b\"\nurl = \"https://a\"\nsecret = \"whsec_AAAA\"\n";
        let said = refusal(hook, &[]);
        assert!(said.starts_with("headroom.toml:2:8: name is \"a b\""), "{said}");
    }

    #[test]
    fn a_route_to_nobody_names_its_line() {
        let text = "[[alerts.targets]]\nname = \"chat\"\nkind = \"slack\"\nurl = \"https://a\"\n\n\
            [[alerts.routes]]\nname = \"a\"\nsteps = [{ receivers = [\"chat\"] }]\n\
            [[alerts.routes]]\nname = \"b\"\nsteps = [{ receivers = [\"chad\"] }]\n";
        let error = read(text, &[]).expect("well-formed").validate().expect_err("nobody");
        let said = format!("{:#}", placed(error, text, "headroom.toml"));
        assert!(
            said.starts_with("headroom.toml:9: alerts configuration: routes[1] names the receiver \"chad\""),
            "{said}"
        );
        let twice = text.replace("name = \"b\"", "name = \"a\"").replace("chad", "chat");
        let error = read(&twice, &[]).expect("well-formed").validate().expect_err("twice");
        assert!(format!("{:#}", placed(error, &twice, "x")).starts_with("x:9: "));
    }

    #[test]
    fn a_probe_that_cannot_work_names_the_line_of_its_key() {
        let text = "[[probes]]\nname = \"a\"\nevery = \"1m\"\n[[probes.steps]]\nname = \"s\"\nurl = \"https://h\"\n\
            [[probes]]\nname = \"b\"\nevery = \"1m\"\n[[probes.steps]]\nname = \"s\"\nurl = \"https://h\"\n\
            [[probes.cleanup]]\nname = \"c\"\nurl = \"https://h\"\nheaders = { a = \"{{gone}}\" }\n";
        let said = |text: &str| {
            let error = read(text, &[]).expect("well-formed").validate().expect_err("refused");
            format!("{:#}", placed(error, text, "headroom.toml"))
        };
        assert_eq!(
            said(text),
            "headroom.toml:16: probes[1].cleanup[0].headers: {{gone}} is not known here; known: timestamp, unix, uuid"
        );
        let twice = text.replace("\"b\"", "\"a\"");
        assert!(said(&twice).starts_with("headroom.toml:8: probes[1].name: "), "{}", said(&twice));
        let inner = refusal(
            &text.replace(
                "\"1m\"\n[[probes.steps]]\nname = \"s\"\nurl = \"https://h\"\n[[probes.c",
                "\"never\"\n[[probes.c",
            ),
            &[],
        );
        assert!(inner.starts_with("headroom.toml:9:9: \"never\" is not a length of time"), "{inner}");
    }

    #[test]
    fn the_environment_overrides_the_file() {
        let config = read(
            "[web]\nlisten = \"127.0.0.1:1\"\n",
            &[
                ("HEADROOM__WEB__LISTEN", "127.0.0.1:9000"),
                ("HEADROOM__STORE__ENGINE_PORT", "77"),
                ("PATH", "x"),
            ],
        )
        .expect("overridden");
        assert_eq!(config.web.listen.port(), 9000);
        assert_eq!(config.store.engine_port, 77);
    }

    #[test]
    fn a_password_of_digits_is_text_and_a_port_is_a_number() {
        let config =
            read("", &[("HEADROOM__STORE__PASSWORD", "12345"), ("HEADROOM__STORE__ENGINE_PORT", "7")])
                .expect("read");
        assert_eq!((config.store.password.as_str(), config.store.engine_port), ("12345", 7));
    }

    #[test]
    fn settings_that_contradict_each_other_are_refused_with_the_key() {
        for (text, key) in [
            ("[sql]\nlisten = \"0.0.0.0:5433\"", "sql.listen 0.0.0.0:5433 is reachable from outside"),
            (
                "[sql]\nflight_listen = \"0.0.0.0:5434\"",
                "sql.flight_listen 0.0.0.0:5434 is reachable from outside",
            ),
            ("[store]\ncluster = \"c\"", "store.url"),
            ("[store]\nurl = \"clickhouse:8123\"", "store.url"),
            ("[control]\nurl = \"mysql://a@b/c\"", "control.url"),
            ("[control]\npassword = \"x\"", "control.password"),
            ("[control]\nconnections = 0", "control.connections"),
            ("[ingest]\nworkers = 0", "ingest.workers"),
            ("[retention]\nraw_days = 0", "retention"),
            ("[retention]\nraw_days = 7", "accept_past_s"),
            ("[[auth.tokens]]\nname = \"x\"\nrole = \"ingest\"\nsha256 = \"abc\"", "sha256"),
            ("[telemetry]\notlp_endpoint = \"nowhere\"", "telemetry.otlp_endpoint"),
            (
                "[auth.oidc]\nissuer = \"https://a.example\"\nclient_id = \"h\"\nroles = { a = \"sre\" }",
                "auth.oidc needs alerts.external_url",
            ),
            (
                "[alerts]\nexternal_url = \"https://h.example\"\n[auth.oidc]\nissuer = \"http://a.example\"\n\
                 client_id = \"h\"\nroles = { a = \"sre\" }",
                "auth.oidc.issuer: http://a.example/ is not https",
            ),
        ] {
            let said = read(text, &[]).expect("well-formed").validate().expect_err(text).to_string();
            assert!(said.contains(key), "{said}");
        }
        read("", &[]).expect("read").validate().expect("the defaults fit together");
    }

    #[test]
    fn a_wrong_override_names_the_variable() {
        let said = refusal("", &[("HEADROOM__WEB__LISTEN", "nowhere")]);
        assert!(said.starts_with("environment variable HEADROOM__WEB__LISTEN: "), "{said}");
        let said = refusal("", &[("HEADROOM__WEB__PROT", "1")]);
        assert!(said.contains("unknown field `prot`"), "{said}");
    }
}
