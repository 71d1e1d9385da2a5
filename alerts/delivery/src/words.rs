//! What a notification says to people, the same in every channel.

use chrono::{DateTime, TimeDelta, Utc};

use crate::notification::{Alert, Count, Impact, Link, Money, Notification, Reason, Status};
use crate::text::{MAX_URL, grouped, one_line};

/// Alerts that are listed one by one; the rest is a number.
const LISTED: usize = 10;
/// Changes, differences and traces that are listed.
const FEW: usize = 5;

/// A named line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fact {
    pub(crate) name: &'static str,
    pub(crate) text: String,
}

/// The first line: state, severity, and what is wrong.
pub(crate) fn headline(n: &Notification) -> String {
    let state = match (n.status(), n.reason) {
        (Status::Resolved, _) if n.untold => "Fired and resolved",
        (Status::Resolved, _) => "Resolved",
        (Status::Firing, Reason::Acknowledged) => "Acknowledged",
        (Status::Firing, Reason::Escalated) => "Unanswered",
        (Status::Firing, Reason::Repeat) => "Still firing",
        (Status::Firing, Reason::Raised) => "Worse",
        (Status::Firing, _) => "Firing",
    };
    format!("{state} ({}): {}", n.severity.word(), one_line(&n.title))
}

/// The lines below, the most important first: what does not fit is left out from the end.
pub(crate) fn facts(n: &Notification) -> Vec<Fact> {
    let mut facts = vec![Fact { name: "When", text: when(n) }];
    let mut add = |name, text: String| {
        if !text.is_empty() {
            facts.push(Fact { name, text });
        }
    };
    add("Service", one_line(&n.service));
    add("Who is hit", impact(&n.impact));
    add("Regulation", n.dora.as_deref().map(one_line).unwrap_or_default());
    add("Acknowledged by", n.acknowledged_by.as_deref().map(one_line).unwrap_or_default());
    for change in n.changes.iter().take(FEW) {
        let before = n.starts_at() - change.at;
        let text = format!("{}: {}, {}", one_line(&change.kind), one_line(&change.what), relative(before));
        add("What changed", text);
    }
    for difference in n.differences.iter().take(FEW) {
        add("Set apart by", one_line(difference));
    }
    let several = n.alerts.len() > 1 || n.truncated > 0;
    for alert in n.alerts.iter().take(if several { LISTED } else { 0 }) {
        add("Alert", alert_line(alert));
    }
    let rest = n.truncated + n.alerts.len().saturating_sub(LISTED) as u64;
    if rest > 0 {
        add("Alert", format!("and {} more", grouped(rest)));
    }
    facts
}

/// Where to look, the most useful first. Addresses that a receiver would refuse are left out.
pub(crate) fn links(n: &Notification) -> Vec<Link> {
    let named = |text: &str, url: &Option<url::Url>| {
        url.iter().map(|url| Link { text: text.to_owned(), url: url.clone() }).collect::<Vec<_>>()
    };
    let mut links = named("Open in Headroom", &n.page);
    links.extend(named("Runbook", &n.runbook));
    links.extend(n.traces.iter().take(FEW).map(|t| Link { text: one_line(&t.text), url: t.url.clone() }));
    links.retain(|link| usable(&link.url));
    links
}

/// Takes out what matters least, for a message that is too long: traces, then facts from the end, then the other links.
/// False when nothing is left to take out.
pub(crate) fn shorten(facts: &mut Vec<Fact>, links: &mut Vec<Link>) -> bool {
    if links.len() > 2 || facts.len() <= 1 { links.pop().is_some() } else { facts.pop().is_some() }
}

/// The picture, if every receiver of `https` addresses would take it.
pub(crate) fn picture(n: &Notification) -> Option<&url::Url> {
    n.chart.as_ref().filter(|url| url.scheme() == "https" && usable(url))
}

/// Whether an address can stand in a message: `http` or `https`, and short enough.
fn usable(url: &url::Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.as_str().len() <= MAX_URL
}

/// Summary, or what is nearest to one, of a single alert.
pub(crate) fn alert_line(alert: &Alert) -> String {
    let summary = ["summary", "description", "message"].iter().find_map(|name| alert.annotations.get(*name));
    let text = match summary {
        Some(text) => one_line(text),
        None => alert
            .labels
            .iter()
            .map(|(name, value)| format!("{}={}", one_line(name), one_line(value)))
            .collect::<Vec<_>>()
            .join(", "),
    };
    match alert.status {
        Status::Firing => text,
        Status::Resolved => format!("{text} (resolved)"),
    }
}

fn when(n: &Notification) -> String {
    let start = n.starts_at();
    match n.ends_at() {
        Some(end) => format!("{} to {} ({})", minute(start), minute(end), lasted(end - start)),
        None if n.status() == Status::Resolved => {
            format!("since {}, over by {}", minute(start), minute(n.at))
        }
        None => format!("since {} ({})", minute(start), lasted(n.at - start)),
    }
}

fn impact(impact: &Impact) -> String {
    let mut parts = Vec::new();
    parts.extend(impact.customers.map(|count| counted(count, "customer")));
    parts.extend(impact.transactions.map(|count| counted(count, "transaction")));
    parts.extend(impact.money.as_ref().map(money));
    parts.join(", ")
}

/// `EUR 412,050.25`, with the digits that the amount has.
fn money(money: &Money) -> String {
    let amount = money.amount.abs().to_string();
    let (whole, cents) =
        amount.split_once('.').map_or((amount.as_str(), ""), |(whole, _)| (whole, &amount[whole.len()..]));
    let sign = if money.amount.is_sign_negative() { "-" } else { "" };
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), grouped);
    format!("{} {sign}{whole}{cents}", one_line(&money.currency))
}

fn counted(count: Count, what: &str) -> String {
    let plural = if count.hit == 1 { "" } else { "s" };
    let of = match count.of {
        Some(of) if of > 0 => {
            format!(" ({:.1} % of {})", 100.0 * count.hit as f64 / of as f64, grouped(of))
        }
        _ => String::new(),
    };
    format!("{} {what}{plural}{of}", grouped(count.hit))
}

fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// A length of time in its two largest units.
fn lasted(time: TimeDelta) -> String {
    let seconds = time.num_seconds().max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, _, _) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

fn relative(before: TimeDelta) -> String {
    if before < TimeDelta::zero() {
        format!("{} after it began", lasted(-before))
    } else {
        format!("{} before it began", lasted(before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        let words = [0, 59, 60, 3_599, 3_660, 90_000].map(|s| lasted(TimeDelta::seconds(s)));
        assert_eq!(words, ["0 s", "59 s", "1 min", "59 min", "1 h 1 min", "1 d 1 h"]);
        assert_eq!(relative(TimeDelta::seconds(-120)), "2 min after it began");
    }

    #[test]
    fn amounts() {
        let of = |amount: &str| {
            money(&Money { amount: amount.parse().expect("an amount"), currency: "EUR".to_owned() })
        };
        assert_eq!(of("412050.25"), "EUR 412,050.25");
        assert_eq!(of("-1000"), "EUR -1,000");
        assert_eq!(
            of("79228162514264337593543950335"),
            "EUR 79228162514264337593543950335",
            "beyond 64 bits"
        );
    }

    #[test]
    fn counts() {
        assert_eq!(counted(Count { hit: 1, of: None }, "customer"), "1 customer");
        assert_eq!(
            counted(Count { hit: 1_234, of: Some(58_000) }, "customer"),
            "1,234 customers (2.1 % of 58,000)"
        );
        assert_eq!(counted(Count { hit: 3, of: Some(0) }, "transaction"), "3 transactions");
    }
}
