//! `[[probes.steps]]` and `[[probes.cleanup]]`: one request, and what its answer is to be.

use std::collections::BTreeMap;

use http::{HeaderName, Method};
use regex::Regex;
use serde::Deserialize;

use super::{Assertion, Length};
use crate::path::Path;
use crate::template::Template;

/// A step of a probe.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepConfig {
    /// Its name, the name of its span.
    pub name: String,
    /// The method.
    #[serde(default, deserialize_with = "method")]
    pub method: Method,
    /// The URL, http or https.
    pub url: Template,
    /// Headers beside those that every probe sends.
    #[serde(default, deserialize_with = "headers")]
    pub headers: Vec<(HeaderName, Template)>,
    /// The body, as JSON.
    #[serde(default)]
    pub json: Option<JsonTemplate>,
    /// The body, as text.
    #[serde(default)]
    pub text: Option<Template>,
    /// How long an answer may take, to its last byte.
    #[serde(default = "ten_seconds")]
    pub timeout: Length,
    /// How many redirects are followed.
    #[serde(default)]
    pub redirects: u8,
    /// What the answer is to be; a status from 200 to 299 where nothing is said of it.
    #[serde(default)]
    pub expect: Vec<Assertion>,
    /// Variables of later steps, by name.
    #[serde(default)]
    pub extract: BTreeMap<String, Extract>,
    /// The request is made again until its answer is what is waited for.
    #[serde(default)]
    pub repeat: Option<Repeat>,
}

/// Asking again.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// Between an answer and the next request.
    pub every: Length,
    /// Most requests.
    pub at_most: u32,
    /// What is waited for.
    pub until: Vec<Assertion>,
}

/// Where a variable is in an answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "WrittenExtract")]
pub struct Extract {
    /// In which part.
    pub from: Part,
    /// The part of it that counts: the first group of this expression.
    pub matches: Option<Regex>,
    /// Whether it must not be shown.
    pub secret: bool,
}

/// A part of an answer.
#[derive(Debug, Clone)]
pub enum Part {
    /// A value of its JSON.
    Json(Path),
    /// A header.
    Header(HeaderName),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenExtract {
    json: Option<Path>,
    header: Option<String>,
    matches: Option<String>,
    #[serde(default)]
    secret: bool,
}

impl TryFrom<WrittenExtract> for Extract {
    type Error = String;

    fn try_from(written: WrittenExtract) -> Result<Self, String> {
        let from = match (written.json, written.header) {
            (Some(path), None) => Part::Json(path),
            (None, Some(name)) => Part::Header(header_name(&name)?),
            _ => return Err("give either json or header, as in { json = \"$.id\" }".to_owned()),
        };
        let regex = |text: String| match Regex::new(&text) {
            Ok(regex) if regex.captures_len() > 1 => Ok(regex),
            Ok(_) => Err(format!("{text:?} has no group: put what counts into parentheses")),
            Err(error) => Err(format!("{text:?} is not a regular expression: {error}")),
        };
        Ok(Self { from, matches: written.matches.map(regex).transpose()?, secret: written.secret })
    }
}

/// JSON whose texts have holes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "toml::Value")]
pub enum JsonTemplate {
    /// What has no holes: numbers, true and false.
    Plain(serde_json::Value),
    /// A text.
    Text(Template),
    /// A list.
    List(Vec<JsonTemplate>),
    /// An object.
    Object(BTreeMap<String, JsonTemplate>),
}

impl TryFrom<toml::Value> for JsonTemplate {
    type Error = String;

    fn try_from(value: toml::Value) -> Result<Self, String> {
        Ok(match value {
            toml::Value::String(text) => Self::Text(text.try_into()?),
            toml::Value::Array(items) => {
                Self::List(items.into_iter().map(Self::try_from).collect::<Result<_, _>>()?)
            }
            toml::Value::Table(table) => {
                let entry = |(key, value)| Ok::<_, String>((key, Self::try_from(value)?));
                Self::Object(table.into_iter().map(entry).collect::<Result<_, _>>()?)
            }
            toml::Value::Datetime(time) => Self::Plain(time.to_string().into()),
            toml::Value::Boolean(bool) => Self::Plain(bool.into()),
            toml::Value::Integer(number) => Self::Plain(number.into()),
            toml::Value::Float(number) => {
                let number = serde_json::Number::from_f64(number);
                Self::Plain(number.ok_or("JSON has no number that is infinite or none")?.into())
            }
        })
    }
}

impl JsonTemplate {
    /// The JSON with its holes filled by `fill`.
    pub(crate) fn filled(&self, fill: &mut impl FnMut(&Template) -> String) -> serde_json::Value {
        match self {
            Self::Plain(value) => value.clone(),
            Self::Text(template) => fill(template).into(),
            Self::List(items) => items.iter().map(|item| item.filled(fill)).collect(),
            Self::Object(entries) => {
                let entries = entries.iter().map(|(key, value)| (key.clone(), value.filled(fill)));
                serde_json::Value::Object(entries.collect())
            }
        }
    }

    fn templates(&self) -> Vec<&Template> {
        match self {
            Self::Plain(_) => Vec::new(),
            Self::Text(template) => vec![template],
            Self::List(items) => items.iter().flat_map(Self::templates).collect(),
            Self::Object(entries) => entries.values().flat_map(Self::templates).collect(),
        }
    }
}

impl StepConfig {
    /// What of it is sent, with the key it stands under.
    pub(super) fn sent(&self) -> Vec<(&'static str, &Template)> {
        let json = self.json.iter().flat_map(JsonTemplate::templates).map(|template| ("json", template));
        let headers = self.headers.iter().map(|(_, template)| ("headers", template));
        std::iter::once(("url", &self.url))
            .chain(headers)
            .chain(json)
            .chain(self.text.iter().map(|template| ("text", template)))
            .collect()
    }

    /// The variables it needs before its request can be made, with the key that names them.
    pub(crate) fn needs(&self) -> Vec<(&'static str, &str)> {
        let sent =
            self.sent().into_iter().flat_map(|(key, template)| template.holes().map(move |hole| (key, hole)));
        let expected = self.expect.iter().flat_map(Assertion::holes).map(|hole| ("expect", hole));
        let awaited = self.repeat.iter().flat_map(|repeat| &repeat.until).flat_map(Assertion::holes);
        sent.chain(expected).chain(awaited.map(|hole| ("repeat", hole))).collect()
    }
}

fn ten_seconds() -> Length {
    Length::seconds(10)
}

fn method<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Method, D::Error> {
    let text = String::deserialize(deserializer)?;
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    match text.parse() {
        Ok(method) if known.contains(&text.as_str()) => Ok(method),
        _ => Err(serde::de::Error::custom(format!("{text:?} is no method; allowed: {}", known.join(", ")))),
    }
}

/// Headers that a request has by itself, or that tell the probed service whose request it is.
const TAKEN: [&str; 7] =
    ["traceparent", "tracestate", "baggage", "content-length", "transfer-encoding", "connection", "cookie"];

fn headers<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<(HeaderName, Template)>, D::Error> {
    let written = BTreeMap::<String, Template>::deserialize(deserializer)?;
    let read = written.into_iter().map(|(name, value)| match header_name(&name) {
        Ok(name) if TAKEN.contains(&name.as_str()) => {
            Err(format!("the header {name} is set by the probe itself: leave it out"))
        }
        name => Ok((name?, value)),
    });
    read.collect::<Result<_, _>>().map_err(serde::de::Error::custom)
}

fn header_name(text: &str) -> Result<HeaderName, String> {
    text.parse().map_err(|_| format!("{text:?} is not the name of a header"))
}
