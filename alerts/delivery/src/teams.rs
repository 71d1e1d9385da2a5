//! Microsoft Teams: an Adaptive Card in the envelope that webhooks of Workflows take.
//!
//! Limits of <https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using>: a message of
//! 28 KB. Texts stand in `TextRun`s, which hold no Markdown: nothing in them can become a link or a mention.

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::notification::{Link, Notification, Severity, Status};
use crate::target::{Request, Secret};
use crate::text::{cut, one_line};
use crate::words::{self, Fact};

/// A channel of Teams.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Teams {
    /// The workflow's address, which is the secret.
    pub url: Secret<Url>,
}

/// Most bytes of a message: 28 KB, with some room for what the envelope grows by on its way.
const MESSAGE: usize = 27_000;
/// Most units of the headline.
const HEADLINE: usize = 300;
/// Most units of a line.
const LINE: usize = 500;
/// Most units of a button's text.
const BUTTON: usize = 75;

impl Teams {
    /// The message.
    pub fn request(&self, notification: &Notification) -> Request {
        Request::json(self.url.expose().clone(), body(notification))
    }
}

/// The message's body, with as much as fits.
pub fn body(n: &Notification) -> String {
    let (mut facts, mut links) = (words::facts(n), words::links(n));
    loop {
        let body = card(n, &facts, &links).to_string();
        if body.len() <= MESSAGE || !words::shorten(&mut facts, &mut links) {
            return body;
        }
    }
}

fn card(n: &Notification, facts: &[Fact], links: &[Link]) -> Value {
    let headline = json!({
        "type": "RichTextBlock",
        "inlines": [{
            "type": "TextRun",
            "text": cut(&words::headline(n), HEADLINE),
            "weight": "Bolder",
            "size": "Medium",
            "color": colour(n),
        }],
    });
    let mut body = vec![headline];
    body.extend(facts.iter().map(line));
    if let Some(url) = words::picture(n) {
        body.push(json!({"type": "Image", "url": url, "altText": cut(&one_line(&n.title), LINE)}));
    }
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "msteams": {"width": "Full"},
                "body": body,
                "actions": links.iter().map(action).collect::<Vec<_>>(),
            },
        }],
    })
}

fn action(link: &Link) -> Value {
    json!({"type": "Action.OpenUrl", "title": cut(&link.text, BUTTON), "url": link.url})
}

fn line(fact: &Fact) -> Value {
    json!({
        "type": "RichTextBlock",
        "spacing": "Small",
        "inlines": [
            {"type": "TextRun", "text": format!("{}: ", fact.name), "weight": "Bolder"},
            {"type": "TextRun", "text": cut(&fact.text, LINE)},
        ],
    })
}

fn colour(n: &Notification) -> &'static str {
    match (n.status(), n.severity) {
        (Status::Resolved, _) => "Good",
        (Status::Firing, Severity::Warning) => "Warning",
        (Status::Firing, Severity::Major | Severity::Critical) => "Attention",
    }
}
