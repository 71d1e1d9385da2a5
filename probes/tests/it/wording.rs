//! What is refused in a configuration, and in which words.

use headroom_probes::{ProbeConfig, check, check_venues, venue};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Config {
    probes: Vec<ProbeConfig>,
}

const STEP: &str = "[[probes.steps]]\nname = 's'\nurl = 'https://h/'\n";

/// What is said of a probe with these keys, and these after its first step.
fn said(keys: &str, after: &str) -> String {
    said_of(&format!("[[probes]]\nname = 'p'\nevery = '1m'\n{keys}\n{STEP}{after}"))
}

fn said_of(text: &str) -> String {
    match toml::from_str::<Config>(text) {
        Err(error) => {
            let line = error.span().map(|span| text[..span.start].matches('\n').count() + 1);
            format!("line {}: {}", line.unwrap_or(0), error.message().replace('\n', " "))
        }
        Ok(config) => match check(&config.probes) {
            Err(error) => error.to_string(),
            Ok(()) => "right".to_owned(),
        },
    }
}

#[test]
fn each_fault_names_its_place_and_what_to_do() {
    assert_eq!(said("", ""), "right");
    let keys = |keys: &str| said(keys, "");
    insta::assert_snapshot!(keys("evry = '1m'").split(", expected").next().unwrap(), @"line 4: unknown field `evry`");
    insta::assert_snapshot!(keys("timeout = '1 minute'"), @r#"line 4: "1 minute" is not a length of time: write a whole number above 0 and ms, s, m or h, as in 30s; at most 24h"#);
    insta::assert_snapshot!(keys("maintenance = ['2026-01-04']"), @r#"line 4: "2026-01-04" is not known in "2026-01-04"; allowed: a start, a length, then a recurrence rule and a time zone, such as 2026-01-04T02:00 2h FREQ=WEEKLY;BYDAY=SU Europe/Zurich"#);
    insta::assert_snapshot!(keys("allow_networks = ['10.1.2.3/16']"), @r#"line 4: "10.1.2.3/16" has bits behind its prefix: 10.1.0.0/16 is the network"#);
    insta::assert_snapshot!(keys("service = 'a b'"), @r#"probes[0].service: is "a b"; allowed: 1 to 63 letters, digits, '-', '_' and '.'"#);
    insta::assert_snapshot!(keys("tenant = ''"), @"probes[0].tenant: is empty: leave it out, or name a tenant");
    insta::assert_snapshot!(keys("variables = { 'a-b' = 'x' }"), @r#"probes[0].variables: "a-b" is no name of a variable; allowed: letters, digits and '_', not a digit first"#);
    insta::assert_snapshot!(keys("variables = { uuid = 'x' }"), @r#"probes[0].variables: the variable "uuid" is there already: give this one another name"#);
    insta::assert_snapshot!(keys("secrets = { a = { path = 'x' } }"), @"line 4: unknown variant `path`, expected `env` or `file`");
    insta::assert_snapshot!(said_of("[[probes]]\nname = 'p'\nevery = '1m'\nsteps = []"), @"probes[0].steps: a probe needs at least one step");
    let after =
        |after: &str| said("variables = { base = 'http://h' }\nsecrets = { key = { env = 'K' } }", after);
    insta::assert_snapshot!(after("method = 'FETCH'"), @r#"line 9: "FETCH" is no method; allowed: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"#);
    insta::assert_snapshot!(after("expect = [{ status = 99 }]"), @r#"line 9: 99 is not a status: write 201, or a range such as "200-299""#);
    insta::assert_snapshot!(after("expect = [{ json = '$..a', exists = true }]"), @r#"line 9: "$..a" is not a path from character 2 on; allowed: $, then names and numbers, as in $.orders[0].status or $['a key'][-1]"#);
    insta::assert_snapshot!(after("expect = [{ json = '$.a' }]"), @r#"line 9: an expectation is about one thing (status, header, json, body, duration_below or certificate_days), and header, json and body take one test (exists, equals, matches, contains, above, below, at_least or at_most), as in { json = "$.status", equals = "filled" }"#);
    insta::assert_snapshot!(after("expect = [{ status = 200, json = '$.a', exists = true }]"), @r#"line 9: an expectation is about one thing (status, header, json, body, duration_below or certificate_days), and header, json and body take one test (exists, equals, matches, contains, above, below, at_least or at_most), as in { json = "$.status", equals = "filled" }"#);
    insta::assert_snapshot!(after("expect = [{ json = '$.a', above = 'much' }]"), @r#"line 9: "much" is not a decimal number"#);
    insta::assert_snapshot!(after("expect = [{ body = true, matches = '(' }]").lines().next().unwrap(), @r#"line 9: "(" is not a regular expression: regex parse error:     (     ^ error: unclosed group"#);
    insta::assert_snapshot!(after("headers = { traceparent = 'x' }"), @"line 9: the header traceparent is set by the probe itself: leave it out");
    insta::assert_snapshot!(after("headers = { a = '{{gone}}' }"), @"probes[0].steps[0].headers: {{gone}} is not known here; known: base, key, timestamp, unix, uuid");
    insta::assert_snapshot!(after("headers = { a = '{{gone' }"), @r#"line 9: {{ is not closed by }} in "{{gone""#);
    insta::assert_snapshot!(after("json = { a = [{ b = '{{later}}' }] }\nextract = { later = { json = '$.a' } }"), @"probes[0].steps[0].json: {{later}} is not known here; known: base, key, timestamp, unix, uuid");
    insta::assert_snapshot!(after("extract = { base = { json = '$.a' } }"), @r#"probes[0].steps[0].extract: the variable "base" is there already: give this one another name"#);
    insta::assert_snapshot!(after("extract = { id = { header = 'location', matches = 'x' } }"), @r#"line 9: "x" has no group: put what counts into parentheses"#);
    insta::assert_snapshot!(after("extract = { id = {} }"), @r#"line 9: give either json or header, as in { json = "$.id" }"#);
    insta::assert_snapshot!(after("json = {}\ntext = 'x'"), @"probes[0].steps[0].text: give either json or text");
    insta::assert_snapshot!(after("repeat = { every = '1s', at_most = 1, until = [{ status = 200 }] }"), @"probes[0].steps[0].repeat: at_most must lie between 2 and 1000");
    insta::assert_snapshot!(after("repeat = { every = '1s', at_most = 9, until = [] }"), @"probes[0].steps[0].repeat: until names nothing to wait for");
    let step = |url: &str| after(&format!("[[probes.cleanup]]\nname = 'c'\nurl = '{url}'"));
    insta::assert_snapshot!(step("{{base}}/{{key}}"), @"probes[0].cleanup[0].url: a secret would be sent in clear: use an https:// url (http:// only with allow_networks)");
    insta::assert_snapshot!(step("ftp://h/"), @"probes[0].cleanup[0].url: ftp://h/ is not a URL: write it as https://host/path");
    insta::assert_snapshot!(step("{{key}}"), @"probes[0].cleanup[0].url: {{key}} is not a URL: write it as https://host/path");
    insta::assert_snapshot!(step("https://user:word@h/"), @"probes[0].cleanup[0].url: holds a name or a password: send them in a header, from secrets");
    insta::assert_snapshot!(after(STEP), @r#"probes[0].steps[1].name: the step "s" is there twice"#);
}

#[test]
fn names_are_there_once_and_venues_are_known() {
    let probe = format!("[[probes]]\nname = 'p'\nevery = '1m'\nduring = 'XXXX'\n{STEP}");
    insta::assert_snapshot!(said_of(&format!("{probe}{probe}")), @r#"probes[1].name: the probe "p" is there twice"#);
    let config: Config = toml::from_str(&probe).unwrap();
    let calendar = headroom_calendar::Calendar::default();
    let error = check_venues(&config.probes, &calendar).unwrap_err();
    assert!(error.to_string().starts_with("probes[0].during: unknown venue `XXXX`"), "{error}");
    let config: Config = toml::from_str(&probe.replace("XXXX", "XLON")).unwrap();
    check_venues(&config.probes, &calendar).unwrap();
    assert_eq!(venue(&calendar, "XLON").unwrap().mic, "XLON");
}

#[test]
fn no_secret_is_in_what_is_printed_of_a_configuration() {
    let config: Config = toml::from_str(&format!(
        "[[probes]]\nname = 'p'\nevery = '1m'\nsecrets = {{ key = {{ env = 'PATH' }} }}\n{STEP}"
    ))
    .unwrap();
    assert!(!format!("{config:?}").contains(&std::env::var("PATH").unwrap()));
}
