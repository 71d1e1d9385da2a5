//! Slack: an incoming webhook with Block Kit.
//!
//! Limits of <https://docs.slack.dev/reference/block-kit/blocks>: 50 blocks; header 150, section 3,000, image title and
//! alternative text 2,000 and its address 3,000 characters; and of the whole about 13,200, undocumented
//! (`msg_blocks_too_long`).

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::notification::{Link, Notification, Severity, Status};
use crate::target::{Request, Secret};
use crate::text::{cut_escaped, one_line};
use crate::words::{self, Fact};

/// A channel of Slack.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slack {
    /// The incoming webhook's address, which is the secret.
    pub url: Secret<Url>,
}

/// Most UTF-16 units of a header.
const HEADER: usize = 150;
/// Most units of one line, far below a section's 3,000: a section holds several.
const LINE: usize = 500;
/// Most units of a section.
const SECTION: usize = 3_000;
/// Most units of the whole message.
const TOTAL: usize = 13_000;
/// Most units of a link's text.
const LINK: usize = 75;
/// Most units of the text that lock screens show.
const FALLBACK: usize = 300;

impl Slack {
    /// The message.
    pub fn request(&self, notification: &Notification) -> Request {
        Request::json(self.url.expose().clone(), body(notification))
    }
}

/// The message's body, with as much as fits.
pub fn body(n: &Notification) -> String {
    let (mut facts, mut links) = (words::facts(n), words::links(n));
    loop {
        let body = message(n, &facts, &links).to_string();
        if body.encode_utf16().count() <= TOTAL || !words::shorten(&mut facts, &mut links) {
            return body;
        }
    }
}

fn message(n: &Notification, facts: &[Fact], links: &[Link]) -> Value {
    let headline = format!("{} {}", sign(n), words::headline(n));
    let mut blocks = vec![json!({
        "type": "header",
        "text": {"type": "plain_text", "text": escaped(&headline, HEADER), "emoji": true},
    })];
    let lines = facts.iter().map(fact_line).chain(links.iter().filter_map(link_line));
    let sections = sections(lines).into_iter();
    blocks.extend(sections.map(|text| json!({"type": "section", "text": {"type": "mrkdwn", "text": text}})));
    if let Some(url) = words::picture(n) {
        blocks
            .push(json!({"type": "image", "image_url": url, "alt_text": escaped(&one_line(&n.title), LINE)}));
    }
    json!({"text": escaped(&headline, FALLBACK), "blocks": blocks})
}

fn fact_line(fact: &Fact) -> String {
    format!("*{}:* {}", fact.name, escaped(&fact.text, LINE))
}

/// A link in the text: a button would ask for an application that answers when it is pressed. `None` for an address that
/// escaping makes longer than a section.
fn link_line(link: &Link) -> Option<String> {
    let text = if link.text.is_empty() { "Open" } else { &link.text };
    let url = link.url.as_str().replace('|', "%7C");
    let line = format!("<{}|{}>", escaped(&url, usize::MAX), escaped(text, LINK));
    (line.encode_utf16().count() < SECTION).then_some(line)
}

/// The lines in as few sections as they fit into.
fn sections(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut sections = Vec::new();
    let mut room = 0;
    for line in lines {
        let length = line.encode_utf16().count() + 1;
        match sections.last_mut() {
            Some(section) if length <= room => *section = format!("{section}\n{line}"),
            _ => {
                room = SECTION;
                sections.push(line);
            }
        }
        room -= length;
    }
    sections
}

fn sign(n: &Notification) -> &'static str {
    match (n.status(), n.severity) {
        (Status::Resolved, _) => ":large_green_circle:",
        (Status::Firing, Severity::Warning) => ":large_yellow_circle:",
        (Status::Firing, Severity::Major) => ":large_orange_circle:",
        (Status::Firing, Severity::Critical) => ":red_circle:",
    }
}

/// At most `max` units with `&`, `<` and `>` escaped, which else make links and mentions.
fn escaped(text: &str, max: usize) -> String {
    cut_escaped(text, max, |c, out| match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        c => out.push(c),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nobody_is_mentioned() {
        assert_eq!(escaped("<!channel> & <@U1>", 100), "&lt;!channel&gt; &amp; &lt;@U1&gt;");
        assert_eq!(escaped("<<<", 9), "&lt;&lt;…");
    }

    proptest! {
        #[test]
        fn escaping_is_undone_by_slack(text in ".{0,200}") {
            let shown = escaped(&text, 5_000).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
            prop_assert_eq!(shown, text);
        }
    }
}
