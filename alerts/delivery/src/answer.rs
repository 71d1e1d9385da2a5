//! What a receiver's answer means.
//!
//! | answer | webhook | Slack | PagerDuty | Alertmanager, Teams |
//! |---|---|---|---|---|
//! | 2xx | delivered | delivered, unless its body says `"ok": false` | delivered | delivered |
//! | 408, 425, 429, 5xx, redirects | again | again | again | again |
//! | 410 | gone | gone | dead | gone |
//! | 404 | again | gone: the webhook was taken away | dead | again |
//! | 401, 403 | again | dead; gone if it says that hook or team is no more | dead | again |
//! | other 4xx | again | dead | dead | dead |
//!
//! Any receiver of webhooks is given the benefit of the doubt: its address or its secret may be put right, and the message
//! waits for that. Where a body is refused by a service with a published contract, sending the same again is useless.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use crate::backoff;
use crate::text::{cut, one_line};

/// What a receiver said.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The status.
    pub status: u16,
    /// The `Retry-After` header, if there was one.
    pub retry_after: Option<&'a str>,
    /// The body, or its beginning: a few hundred bytes suffice.
    pub body: &'a str,
}

/// What it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The receiver has it.
    Delivered,
    /// It may be taken later.
    Again {
        /// What was wrong.
        why: String,
        /// Whether the receiver is asked too much: it wants to be left alone for a while.
        throttled: bool,
        /// How long the receiver asked to wait.
        after: Option<TimeDelta>,
    },
    /// This message will never be taken.
    Dead {
        /// What was wrong.
        why: String,
    },
    /// Nothing will be taken any more: the receiver is to be turned off.
    Gone {
        /// What was wrong.
        why: String,
    },
}

/// Slack's words for a webhook that is no more.
const SLACK_GONE: [&str; 6] =
    ["no_active_hooks", "no_service", "no_service_id", "no_team", "team_disabled", "channel_is_archived"];

/// Longest excerpt of a body in a reason.
const EXCERPT: usize = 200;

/// Any receiver of webhooks.
pub fn of_webhook(answer: &Answer<'_>, now: DateTime<Utc>) -> Verdict {
    match answer.status {
        200..=299 => Verdict::Delivered,
        410 => Verdict::Gone { why: why(answer) },
        _ => again(answer, now),
    }
}

/// A service with a published contract: Alertmanager's API, Workflows of Teams.
pub fn of_api(answer: &Answer<'_>, now: DateTime<Utc>) -> Verdict {
    match answer.status {
        401 | 403 | 404 | 408 | 425 | 429 => again(answer, now),
        410 => Verdict::Gone { why: why(answer) },
        200..=299 => Verdict::Delivered,
        400..=499 => Verdict::Dead { why: why(answer) },
        _ => again(answer, now),
    }
}

/// Slack's incoming webhooks: a word of plain text says what is wrong.
pub fn of_slack(answer: &Answer<'_>, now: DateTime<Utc>) -> Verdict {
    #[derive(Deserialize)]
    struct Said {
        ok: bool,
    }
    let word = answer.body.trim();
    match answer.status {
        200..=299 if serde_json::from_str(word).is_ok_and(|said: Said| !said.ok) => {
            Verdict::Dead { why: why(answer) }
        }
        200..=299 => Verdict::Delivered,
        408 | 425 | 429 => again(answer, now),
        404 | 410 => Verdict::Gone { why: why(answer) },
        400..=499 if SLACK_GONE.contains(&word) => Verdict::Gone { why: why(answer) },
        400..=499 => Verdict::Dead { why: why(answer) },
        _ => again(answer, now),
    }
}

/// PagerDuty's Events API: 202 is taken, 400 says in `errors` what it refuses, 429 and 5xx are to be tried again.
pub fn of_pagerduty(answer: &Answer<'_>, now: DateTime<Utc>) -> Verdict {
    match answer.status {
        200..=299 => Verdict::Delivered,
        408 | 425 | 429 => again(answer, now),
        400..=499 => Verdict::Dead { why: why(answer) },
        _ => again(answer, now),
    }
}

fn again(answer: &Answer<'_>, now: DateTime<Utc>) -> Verdict {
    Verdict::Again {
        why: why(answer),
        throttled: matches!(answer.status, 429 | 502..=504),
        after: answer.retry_after.and_then(|header| backoff::retry_after(header, now)),
    }
}

fn why(answer: &Answer<'_>) -> String {
    let redirect = if (300..400).contains(&answer.status) {
        "; redirects are not followed, configure the final address"
    } else {
        ""
    };
    let excerpt = cut(&one_line(answer.body), EXCERPT);
    let said = if excerpt.is_empty() { String::new() } else { format!(": {excerpt}") };
    format!("the receiver answered {}{said}{redirect}", answer.status)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(of: fn(&Answer<'_>, DateTime<Utc>) -> Verdict, statuses: &[u16]) -> Vec<&'static str> {
        let answers = statuses.iter().map(|&status| Answer { status, retry_after: None, body: "" });
        answers
            .map(|answer| match of(&answer, DateTime::default()) {
                Verdict::Delivered => "delivered",
                Verdict::Again { throttled: false, .. } => "again",
                Verdict::Again { .. } => "throttled",
                Verdict::Dead { .. } => "dead",
                Verdict::Gone { .. } => "gone",
            })
            .collect()
    }

    #[test]
    fn the_table() {
        let statuses = [200, 202, 301, 400, 401, 403, 404, 408, 410, 413, 429, 500, 503];
        let webhook = judged(of_webhook, &statuses);
        let (d, a, t, x, g) = ("delivered", "again", "throttled", "dead", "gone");
        assert_eq!(webhook, [d, d, a, a, a, a, a, a, g, a, t, a, t]);
        assert_eq!(judged(of_api, &statuses), [d, d, a, x, a, a, a, a, g, x, t, a, t]);
        assert_eq!(judged(of_slack, &statuses), [d, d, a, x, x, x, g, a, g, x, t, a, t]);
        assert_eq!(judged(of_pagerduty, &statuses), [d, d, a, x, x, x, x, a, x, x, t, a, t]);
    }

    #[test]
    fn slack_says_it_in_a_word() {
        let said = |status, body| of_slack(&Answer { status, retry_after: None, body }, DateTime::default());
        assert_eq!(said(200, "ok"), Verdict::Delivered);
        assert!(matches!(said(200, r#"{"ok":false,"error":"invalid_blocks"}"#), Verdict::Dead { .. }));
        assert!(matches!(said(403, "action_prohibited"), Verdict::Dead { .. }));
        assert!(matches!(said(403, "team_disabled"), Verdict::Gone { .. }));
        let Verdict::Dead { why } = said(400, "invalid_blocks") else { panic!("dead") };
        assert_eq!(why, "the receiver answered 400: invalid_blocks");
    }

    #[test]
    fn the_receiver_says_how_long() {
        let answer = Answer { status: 429, retry_after: Some("30"), body: "" };
        let Verdict::Again { after, throttled: true, .. } = of_slack(&answer, DateTime::default()) else {
            panic!("throttled")
        };
        assert_eq!(after, Some(TimeDelta::seconds(30)));
    }
}
