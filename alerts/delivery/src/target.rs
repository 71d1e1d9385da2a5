//! Receivers of alerts, and what is sent to them.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use url::Url;

use crate::alertmanager::Alertmanager;
use crate::answer::{self, Answer, Verdict};
use crate::gate::{Gate, Rate};
use crate::mail::Mail;
use crate::notification::Notification;
use crate::pagerduty::PagerDuty;
use crate::slack::Slack;
use crate::teams::Teams;
use crate::webhook::Webhook;

/// A receiver of alerts.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Target {
    /// A Slack channel, by incoming webhook.
    Slack(Slack),
    /// A PagerDuty service, by Events API v2.
    PagerDuty(PagerDuty),
    /// An Alertmanager, by its API v2.
    Alertmanager(Alertmanager),
    /// Anything that takes Alertmanager's webhooks, signed by Standard Webhooks.
    Webhook(Webhook),
    /// A channel of Microsoft Teams, by a webhook of Workflows.
    Teams(Teams),
    /// People with a mailbox.
    Email(Mail),
}

/// One attempt to send.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// Names the message, the same on every attempt: ASCII without white space.
    pub id: &'a str,
    /// When it is sent; signatures hold it.
    pub at: DateTime<Utc>,
}

/// What is sent: the messages of one notification go out in order, each after the one before was taken.
#[derive(Debug, Clone)]
pub enum Message {
    /// An HTTP request.
    Http(Request),
    /// A mail, for [`crate::smtp::send`].
    Mail(Box<lettre::Message>),
}

/// A POST.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// Where to; it may hold a secret.
    pub url: Url,
    /// Headers by name in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// UTF-8.
    pub body: String,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("host", &self.url.host_str()).finish_non_exhaustive()
    }
}

impl Request {
    /// A POST of a JSON text.
    pub(crate) fn json(url: Url, body: String) -> Self {
        Self { url, headers: vec![("content-type", "application/json".to_owned())], body }
    }
}

/// Why a message cannot be made. Trying again does not help.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// A notification must be about something.
    #[error("the notification holds no alert")]
    Empty,
    /// A part of the mail is refused.
    #[error("mail: {0}")]
    Mail(String),
    /// Only webhooks take what is no alert.
    #[error("only a receiver of kind webhook takes messages that are about no alert")]
    NoWebhook,
}

/// A setting that is never printed, also where it is wrong.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Secret<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let hidden = |_| D::Error::custom("a secret is not of the form that it must have; it is not shown");
        T::deserialize(deserializer).map(Self).map_err(hidden)
    }
}

impl<T> Secret<T> {
    /// Hides a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Target {
    /// Checks what the types cannot.
    ///
    /// # Errors
    /// The setting that is wrong, and what is allowed.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Self::Slack(slack) => http(slack.url.expose()),
            Self::PagerDuty(pagerduty) => http(&pagerduty.url),
            Self::Alertmanager(alertmanager) => http(&alertmanager.url),
            Self::Webhook(webhook) => http(webhook.url.expose()),
            Self::Teams(teams) => http(teams.url.expose()),
            Self::Email(mail) => mail.check(),
        }
    }

    /// A message of one attempt to send a body that was made already.
    ///
    /// # Errors
    /// The receiver is no webhook.
    pub fn made(&self, body: &str, attempt: Attempt<'_>) -> Result<Message, DeliveryError> {
        match self {
            Self::Webhook(webhook) => Ok(Message::Http(webhook.signed(body.to_owned(), attempt))),
            _ => Err(DeliveryError::NoWebhook),
        }
    }

    /// What to send, in this order.
    ///
    /// # Errors
    /// A notification without alerts, or a mail address that is none.
    pub fn messages(
        &self,
        notification: &Notification,
        attempt: Attempt<'_>,
    ) -> Result<Vec<Message>, DeliveryError> {
        if notification.alerts.is_empty() {
            return Err(DeliveryError::Empty);
        }
        let one = |request| vec![Message::Http(request)];
        Ok(match self {
            Self::Slack(slack) => one(slack.request(notification)),
            Self::PagerDuty(pagerduty) => {
                pagerduty.requests(notification).into_iter().map(Message::Http).collect()
            }
            Self::Alertmanager(alertmanager) => one(alertmanager.request(notification)),
            Self::Webhook(webhook) => one(webhook.request(notification, attempt)),
            Self::Teams(teams) => one(teams.request(notification)),
            Self::Email(mail) => vec![Message::Mail(Box::new(mail.message(notification, attempt)?))],
        })
    }

    /// What an HTTP answer of this receiver means, at `now`.
    pub fn judge(&self, answer: &Answer<'_>, now: DateTime<Utc>) -> Verdict {
        match self {
            Self::Slack(_) => answer::of_slack(answer, now),
            Self::PagerDuty(_) => answer::of_pagerduty(answer, now),
            Self::Webhook(_) => answer::of_webhook(answer, now),
            Self::Alertmanager(_) | Self::Teams(_) | Self::Email(_) => answer::of_api(answer, now),
        }
    }

    /// The gate that messages to this receiver pass, open and with a full bucket. Slack allows a message a second, PagerDuty
    /// two for each key.
    pub fn gate(&self, now: DateTime<Utc>) -> Gate {
        let rate = match self {
            Self::Slack(_) => Rate { per_second: 1.0, burst: 1.0 },
            Self::PagerDuty(_) => Rate { per_second: 2.0, burst: 2.0 },
            Self::Teams(_) => Rate { per_second: 1.0, burst: 4.0 },
            Self::Alertmanager(_) | Self::Webhook(_) | Self::Email(_) => {
                Rate { per_second: 10.0, burst: 20.0 }
            }
        };
        Gate::new(rate, now)
    }
}

fn http(url: &Url) -> Result<(), String> {
    if matches!(url.scheme(), "http" | "https") && url.host().is_some() {
        return Ok(());
    }
    Err("url must begin with http:// or https:// and name a host".to_owned())
}
