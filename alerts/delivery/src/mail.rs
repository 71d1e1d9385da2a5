//! E-mail: a message in text and HTML.
//!
//! Nothing of a notification can become a header: control characters are taken out of the subject, and addresses are
//! parsed. The same attempt id gives the same `Message-ID` and the same bytes, so that mail servers and readers drop repeats;
//! messages of one group stand in one thread.

use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::notification::Notification;
use crate::smtp::Server;
use crate::target::{Attempt, DeliveryError};
use crate::text::{cut, one_line};
use crate::words;

/// People with a mailbox.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// The server that takes the mail.
    pub server: Server,
    /// Who sends: `alerts@example.com` or `Headroom <alerts@example.com>`.
    pub from: String,
    /// Who gets it, at least one.
    pub to: Vec<String>,
}

/// Most units of a subject.
const SUBJECT: usize = 200;
/// Most units of a line.
const LINE: usize = 2_000;

/// Tells out-of-office replies to stay away (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl Mail {
    /// Checks what the types cannot.
    ///
    /// # Errors
    /// The setting that is wrong.
    pub fn check(&self) -> Result<(), String> {
        if self.to.is_empty() {
            return Err("to must name somebody".to_owned());
        }
        if self.server.user.is_some() != self.server.password.is_some() {
            return Err("server.user and server.password belong together".to_owned());
        }
        [&self.from]
            .into_iter()
            .chain(&self.to)
            .try_for_each(|address| mailbox(address).map(|_| ()).map_err(|error| error.to_string()))
    }

    /// The mail.
    ///
    /// # Errors
    /// An address that is none.
    pub fn message(&self, n: &Notification, attempt: Attempt<'_>) -> Result<lettre::Message, DeliveryError> {
        let from = mailbox(&self.from)?;
        let domain = from.email.domain().to_owned();
        let mut builder = lettre::Message::builder()
            .subject(cut(&words::headline(n), SUBJECT))
            .date(n.at.into())
            .message_id(Some(format!("<{}@{domain}>", digest(attempt.id))))
            .references(format!("<{}@{domain}>", digest(&n.group_key)))
            .header(AutoSubmitted)
            .from(from);
        for to in &self.to {
            builder = builder.to(mailbox(to)?);
        }
        // A boundary of its own choice would differ from attempt to attempt.
        let parts = MultiPart::alternative()
            .boundary(digest(&format!("boundary of {}", attempt.id)))
            .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(text(n)))
            .singlepart(SinglePart::builder().header(ContentType::TEXT_HTML).body(html(n)));
        builder.multipart(parts).map_err(|error| DeliveryError::Mail(error.to_string()))
    }
}

fn mailbox(address: &str) -> Result<Mailbox, DeliveryError> {
    address.parse().map_err(|error| DeliveryError::Mail(format!("{address:?} is no mail address: {error}")))
}

/// A name that is safe in any header.
fn digest(text: &str) -> String {
    hex::encode(&Sha256::digest(text)[..16])
}

fn text(n: &Notification) -> String {
    let mut text = format!("{}\n\n", words::headline(n));
    for fact in words::facts(n) {
        text.push_str(&format!("{}: {}\n", fact.name, cut(&fact.text, LINE)));
    }
    text.push('\n');
    for link in words::links(n) {
        text.push_str(&format!("{}: {}\n", link.text, link.url));
    }
    text
}

fn html(n: &Notification) -> String {
    let mut html = String::from("<!DOCTYPE html><html><body style=\"font-family:sans-serif\">\n");
    html.push_str(&format!("<h2>{}</h2>\n<table>\n", escaped(&words::headline(n))));
    for fact in words::facts(n) {
        let text = escaped(&cut(&fact.text, LINE));
        html.push_str(&format!("<tr><td><b>{}</b></td><td>{text}</td></tr>\n", fact.name));
    }
    html.push_str("</table>\n");
    if let Some(url) = words::picture(n) {
        html.push_str(&format!(
            "<p><img src=\"{}\" alt=\"{}\"></p>\n",
            escaped(url.as_str()),
            escaped(&one_line(&n.title))
        ));
    }
    for link in words::links(n) {
        html.push_str(&format!(
            "<p><a href=\"{}\">{}</a></p>\n",
            escaped(link.url.as_str()),
            escaped(&link.text)
        ));
    }
    html.push_str("</body></html>\n");
    html
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
