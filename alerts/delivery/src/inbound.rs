//! Alertmanager's webhooks, coming in: version 4 of its payload to typed alerts.
//!
//! What is not known is passed over, so that newer Alertmanagers, Grafana and others that send this form are understood. What
//! is wrong is refused with the name of the field.

use chrono::{DateTime, Datelike as _, Utc};
use serde_json::Value;
use url::Url;

use crate::notification::{Alert, Labels, Status, fingerprint};

/// A group of alerts as Alertmanager tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    /// Names the group.
    pub group_key: String,
    /// The receiver's name in Alertmanager.
    pub receiver: String,
    /// The labels that the alerts are grouped by.
    pub group_labels: Labels,
    /// Alertmanager's own address, if it says one.
    pub external_url: Option<Url>,
    /// The alerts, at least one.
    pub alerts: Vec<Alert>,
    /// Alerts that the group has besides.
    pub truncated: u64,
}

/// What is wrong with a payload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InboundError {
    /// The body is no JSON.
    #[error("the body is no JSON: {0}")]
    Json(String),
    /// A field is not what it must be.
    #[error("{field}: {problem}")]
    Field {
        /// Its name, as `alerts[2].startsAt`.
        field: String,
        /// What is wrong.
        problem: String,
    },
}

/// Reads the body of a webhook.
///
/// # Errors
/// The first field that is wrong.
pub fn parse(body: &[u8]) -> Result<Inbound, InboundError> {
    let value: Value = serde_json::from_slice(body).map_err(|error| InboundError::Json(error.to_string()))?;
    let root = At { path: String::new(), value: &value };
    if !value.is_object() {
        return Err(InboundError::Json(format!("it must be an object, not {}", kind(&value))));
    }
    let version = root.field("version");
    if version.text()?.is_none_or(|version| version != "4") {
        return Err(version.wrong(&format!("must be \"4\", not {}", version.value)));
    }
    let listed = root.field("alerts");
    let alerts = listed.value.as_array().ok_or_else(|| listed.wrong_kind("an array"))?;
    if alerts.is_empty() {
        return Err(listed.wrong("must hold at least one alert"));
    }
    let truncated = root.field("truncatedAlerts");
    Ok(Inbound {
        group_key: root.field("groupKey").text()?.unwrap_or_default().to_owned(),
        receiver: root.field("receiver").text()?.unwrap_or_default().to_owned(),
        group_labels: root.field("groupLabels").labels()?,
        external_url: root.field("externalURL").url()?,
        alerts: (0..alerts.len()).map(|n| alert(&listed.item(n))).collect::<Result<_, _>>()?,
        truncated: match truncated.value {
            Value::Null => 0,
            value => value.as_u64().ok_or_else(|| truncated.wrong_kind("a number of alerts"))?,
        },
    })
}

fn alert(at: &At<'_>) -> Result<Alert, InboundError> {
    if !at.value.is_object() {
        return Err(at.wrong_kind("an object"));
    }
    let status = at.field("status");
    let labels = at.field("labels").labels()?;
    if labels.is_empty() {
        return Err(at.field("labels").wrong("must hold at least one label"));
    }
    let starts_at = at.field("startsAt");
    Ok(Alert {
        status: match status.text()? {
            Some("firing") => Status::Firing,
            Some("resolved") => Status::Resolved,
            _ => {
                return Err(
                    status.wrong(&format!("must be \"firing\" or \"resolved\", not {}", status.value))
                );
            }
        },
        annotations: at.field("annotations").labels()?,
        starts_at: starts_at.time()?.ok_or_else(|| starts_at.wrong("must be a time"))?,
        // An alert that fires has an end in Alertmanager's books: when it would be given up. It is no end.
        ends_at: at.field("endsAt").time()?.filter(|_| status.value == "resolved"),
        generator_url: at.field("generatorURL").url()?,
        fingerprint: match at.field("fingerprint").text()? {
            Some(given) if !given.is_empty() => given.to_owned(),
            _ => fingerprint(&labels),
        },
        labels,
    })
}

/// A value with its place.
struct At<'a> {
    path: String,
    value: &'a Value,
}

impl<'a> At<'a> {
    /// A field, null if there is none.
    fn field(&self, name: &str) -> At<'a> {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        At { path, value: self.value.get(name).unwrap_or(&Value::Null) }
    }

    fn item(&self, n: usize) -> At<'a> {
        At { path: format!("{}[{n}]", self.path), value: self.value.get(n).unwrap_or(&Value::Null) }
    }

    fn wrong(&self, problem: &str) -> InboundError {
        InboundError::Field { field: self.path.clone(), problem: problem.to_owned() }
    }

    fn wrong_kind(&self, expected: &str) -> InboundError {
        self.wrong(&format!("must be {expected}, not {}", kind(self.value)))
    }

    fn text(&self) -> Result<Option<&'a str>, InboundError> {
        match self.value {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text)),
            _ => Err(self.wrong_kind("a text")),
        }
    }

    fn labels(&self) -> Result<Labels, InboundError> {
        let members = match self.value {
            Value::Null => return Ok(Labels::new()),
            Value::Object(members) => members,
            _ => return Err(self.wrong_kind("an object of texts")),
        };
        members
            .keys()
            .map(|name| Ok((name.clone(), self.field(name).text()?.unwrap_or_default().to_owned())))
            .collect()
    }

    /// RFC 3339; the year 1 stands for none.
    fn time(&self) -> Result<Option<DateTime<Utc>>, InboundError> {
        let Some(text) = self.text()?.filter(|text| !text.is_empty()) else { return Ok(None) };
        let time = DateTime::parse_from_rfc3339(text)
            .map_err(|_| self.wrong(&format!("{text:?} is no RFC 3339 time")))?
            .with_timezone(&Utc);
        Ok((time.year() > 1).then_some(time))
    }

    fn url(&self) -> Result<Option<Url>, InboundError> {
        let Some(text) = self.text()?.filter(|text| !text.is_empty()) else { return Ok(None) };
        // Prometheus without an external address writes one that is relative; it leads nowhere for us.
        match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Some(url)),
            Ok(url) => {
                Err(self.wrong(&format!("must begin with http:// or https://, not {}:", url.scheme())))
            }
            Err(_) => Ok(None),
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
