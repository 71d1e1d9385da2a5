//! `expect` and `until`: what an answer is to be like.

use std::fmt;

use http::HeaderName;
use regex::Regex;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::Length;
use crate::path::Path;
use crate::template::Template;

/// One thing that an answer is to be.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Written")]
pub enum Assertion {
    /// Its status lies in a range, both ends included.
    Status(u16, u16),
    /// A header passes a test.
    Header(HeaderName, Test),
    /// A value in its JSON passes a test.
    Json(Path, Test),
    /// Its body, as text, passes a test.
    Body(Test),
    /// It was there, whole, within this time.
    DurationBelow(Length),
    /// The server's certificate holds for at least so many days.
    CertificateDays(u32),
}

/// What a value is to be.
#[derive(Debug, Clone)]
pub enum Test {
    /// There, or not there.
    Exists(bool),
    /// This text.
    Text(Template),
    /// This number; a text that is a decimal number counts as one.
    Number(Decimal),
    /// True or false.
    Bool(bool),
    /// A text that the expression finds something in.
    Matches(Regex),
    /// A text that holds this one.
    Contains(Template),
    /// A number above this one.
    Above(Decimal),
    /// A number below this one.
    Below(Decimal),
    /// A number that is this one or above.
    AtLeast(Decimal),
    /// A number that is this one or below.
    AtMost(Decimal),
}

impl Assertion {
    /// The variables it names.
    pub(crate) fn holes(&self) -> impl Iterator<Item = &str> {
        let test = match self {
            Self::Header(_, test) | Self::Json(_, test) | Self::Body(test) => Some(test),
            _ => None,
        };
        let template = match test {
            Some(Test::Text(template) | Test::Contains(template)) => Some(template),
            _ => None,
        };
        template.into_iter().flat_map(Template::holes)
    }
}

impl fmt::Display for Assertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(from, to) if from == to => write!(f, "status {from}"),
            Self::Status(from, to) => write!(f, "status {from}-{to}"),
            Self::Header(name, test) => write!(f, "header {name} {test}"),
            Self::Json(path, test) => write!(f, "{path} {test}"),
            Self::Body(test) => write!(f, "body {test}"),
            Self::DurationBelow(length) => write!(f, "duration below {length}"),
            Self::CertificateDays(days) => write!(f, "a certificate for at least {days} days"),
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists(true) => f.write_str("to exist"),
            Self::Exists(false) => f.write_str("not to exist"),
            Self::Text(text) => write!(f, "= {text}"),
            Self::Number(number) => write!(f, "= {number}"),
            Self::Bool(bool) => write!(f, "= {bool}"),
            Self::Matches(regex) => write!(f, "to match {regex}"),
            Self::Contains(text) => write!(f, "to contain {text}"),
            Self::Above(number) => write!(f, "above {number}"),
            Self::Below(number) => write!(f, "below {number}"),
            Self::AtLeast(number) => write!(f, "at least {number}"),
            Self::AtMost(number) => write!(f, "at most {number}"),
        }
    }
}

/// An assertion as it is written: what it is about, and one test.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    status: Option<toml::Value>,
    header: Option<String>,
    json: Option<Path>,
    body: Option<Always>,
    duration_below: Option<Length>,
    certificate_days: Option<u32>,
    exists: Option<bool>,
    equals: Option<toml::Value>,
    matches: Option<String>,
    contains: Option<Template>,
    above: Option<toml::Value>,
    below: Option<toml::Value>,
    at_least: Option<toml::Value>,
    at_most: Option<toml::Value>,
}

/// `true`, and nothing else: `body = true`.
#[derive(Deserialize)]
#[serde(try_from = "bool")]
struct Always;

impl TryFrom<bool> for Always {
    type Error = &'static str;

    fn try_from(given: bool) -> Result<Self, &'static str> {
        if given { Ok(Self) } else { Err("body is true, or left out") }
    }
}

impl TryFrom<Written> for Assertion {
    type Error = String;

    fn try_from(mut written: Written) -> Result<Self, String> {
        let mut tests = written.tests()?;
        let mut about: Vec<Box<dyn FnOnce(Test) -> Self>> = Vec::new();
        let mut whole = Vec::new();
        if let Some(status) = &written.status {
            let (from, to) = range(status)?;
            whole.push(Self::Status(from, to));
        }
        whole.extend(written.duration_below.map(Self::DurationBelow));
        whole.extend(written.certificate_days.map(Self::CertificateDays));
        if let Some(name) = written.header {
            let name: HeaderName =
                name.parse().map_err(|_| format!("{name:?} is not the name of a header"))?;
            about.push(Box::new(|test| Self::Header(name, test)));
        }
        if let Some(path) = written.json {
            about.push(Box::new(|test| Self::Json(path, test)));
        }
        if written.body.is_some() {
            about.push(Box::new(Self::Body));
        }
        match (whole.pop(), about.pop(), tests.pop()) {
            (Some(whole_one), None, None) if whole.is_empty() => Ok(whole_one),
            (None, Some(about_one), Some(test)) if about.is_empty() && tests.is_empty() => Ok(about_one(test)),
            _ => Err("an expectation is about one thing (status, header, json, body, duration_below or \
                      certificate_days), and header, json and body take one test (exists, equals, matches, \
                      contains, above, below, at_least or at_most), as in { json = \"$.status\", equals = \"filled\" }"
                .to_owned()),
        }
    }
}

impl Written {
    fn tests(&mut self) -> Result<Vec<Test>, String> {
        let mut tests = Vec::new();
        tests.extend(self.exists.map(Test::Exists));
        match self.equals.take() {
            Some(toml::Value::String(text)) => tests.push(Test::Text(text.try_into()?)),
            Some(toml::Value::Boolean(bool)) => tests.push(Test::Bool(bool)),
            Some(value) => tests.push(Test::Number(decimal(&value)?)),
            None => {}
        }
        if let Some(text) = &self.matches {
            let regex = Regex::new(text).map_err(|e| format!("{text:?} is not a regular expression: {e}"))?;
            tests.push(Test::Matches(regex));
        }
        tests.extend(self.contains.take().map(Test::Contains));
        let bound = |value: &Option<toml::Value>| value.as_ref().map(decimal).transpose();
        tests.extend(bound(&self.above)?.map(Test::Above));
        tests.extend(bound(&self.below)?.map(Test::Below));
        tests.extend(bound(&self.at_least)?.map(Test::AtLeast));
        tests.extend(bound(&self.at_most)?.map(Test::AtMost));
        Ok(tests)
    }
}

/// `200`, `"200"` or `"200-299"`.
fn range(value: &toml::Value) -> Result<(u16, u16), String> {
    let text = match value {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let (from, to) = text.split_once('-').unwrap_or((&text, &text));
    let code = |text: &str| text.parse::<u16>().ok().filter(|code| (100..=599).contains(code));
    match (code(from), code(to)) {
        (Some(from), Some(to)) if from <= to => Ok((from, to)),
        _ => Err(format!("{value} is not a status: write 201, or a range such as \"200-299\"")),
    }
}

fn decimal(value: &toml::Value) -> Result<Decimal, String> {
    let text = match value {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text.parse().map_err(|_| format!("{value} is not a decimal number"))
}
