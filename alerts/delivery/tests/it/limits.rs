//! Whatever a notification holds, its receivers take it.

use headroom_delivery::{Change, Link, Notification, Target};
use proptest::prelude::*;
use serde_json::Value;

use crate::sample;

prop_compose! {
    /// Texts of any characters, some far too long.
    fn text()(base in "\\PC{0,40}|[\\x00-\\x7f<>&\"'\\\\]{0,40}", times in prop_oneof![4 => Just(1_usize), 1 => 1_usize..400]) -> String {
        base.repeat(times)
    }
}

prop_compose! {
    fn notification()(
        title in text(), service in text(), key in text(), difference in text(), change in text(), link in text(),
        path in text(), summaries in prop::collection::vec(text(), 1..40), names in prop::collection::vec((text(), text()), 0..5),
        over in any::<bool>(), untold in any::<bool>(),
    ) -> Notification {
        let mut n = if over { sample::resolved() } else { sample::firing() };
        let one = n.alerts.remove(0);
        n.alerts = summaries.into_iter().map(|summary| {
            let mut alert = one.clone();
            alert.annotations.insert("summary".to_owned(), summary);
            alert.labels.extend(names.iter().cloned());
            alert
        }).collect();
        let mut long = sample::url("https://headroom.example.com/traces");
        long.set_query(Some(&path));
        n.traces = vec![Link { text: link, url: long.clone() }; 8];
        n.runbook = Some(long.clone());
        n.chart = Some(long);
        n.changes = vec![Change { kind: "deploy".to_owned(), what: change, at: n.at }; 8];
        n.differences = vec![difference; 8];
        n.untold = untold;
        (n.title, n.service, n.group_key) = (title, service, key);
        n
    }
}

fn bodies(target: &Target, n: &Notification) -> Vec<(Value, usize)> {
    let read = |body: &str| (serde_json::from_str(body).expect("JSON"), body.len());
    sample::requests(target, n).iter().map(|request| read(&request.body)).collect()
}

/// Characters as the receivers count them, which is not known: in the unit that gives most.
fn units(value: &Value) -> usize {
    value.as_str().expect("a text").encode_utf16().count()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn slack(n in notification()) {
        let (body, _) = bodies(&sample::slack(), &n).remove(0);
        let blocks = list(&body["blocks"]);
        prop_assert!(!blocks.is_empty() && blocks.len() <= 50);
        for block in blocks {
            match block["type"].as_str() {
                Some("header") => {
                    prop_assert!((1..=150).contains(&units(&block["text"]["text"])));
                }
                Some("section") => {
                    prop_assert!((1..=3_000).contains(&units(&block["text"]["text"])));
                }
                Some("image") => {
                    prop_assert!(units(&block["image_url"]) <= 3_000);
                    prop_assert!(units(&block["alt_text"]) <= 2_000);
                }
                other => prop_assert!(false, "{other:?}"),
            }
        }
        prop_assert!(body.to_string().encode_utf16().count() <= 13_200);
        // The only links and mentions are our own.
        let mut text: String = blocks.iter().filter_map(|block| block["text"]["text"].as_str()).collect();
        for link in [&n.traces[0].url, n.page.as_ref().expect("a page")] {
            text = text.replace(&format!("<{}|", link.as_str().replace('&', "&amp;").replace('|', "%7C")), "");
        }
        prop_assert!(!text.contains('<'), "{text}");
    }

    #[test]
    fn pagerduty(n in notification()) {
        let events = bodies(&sample::pagerduty(), &n);
        for (event, size) in &events {
            prop_assert!(*size <= 512_000);
            prop_assert!((1..=255).contains(&units(&event["dedup_key"])));
            prop_assert_eq!(&event["dedup_key"], &events[0].0["dedup_key"]);
            if event["event_action"] == "trigger" {
                prop_assert!((1..=1_024).contains(&units(&event["payload"]["summary"])));
                prop_assert!(!event["payload"]["source"].as_str().unwrap_or_default().is_empty());
                for image in list(&event["images"]) {
                    prop_assert!(image["src"].as_str().is_some_and(|src| src.starts_with("https://")));
                }
            }
        }
    }

    #[test]
    fn teams(n in notification()) {
        let (body, size) = bodies(&sample::teams(), &n).remove(0);
        prop_assert!(size <= 28_000, "{size}");
        prop_assert_eq!(&body["attachments"][0]["content"]["type"], "AdaptiveCard");
    }

    #[test]
    fn alertmanager(n in notification()) {
        let (body, _) = bodies(&sample::alertmanager(), &n).remove(0);
        prop_assert_eq!(list(&body).len(), n.alerts.len());
        for alert in list(&body) {
            let labels = alert["labels"].as_object().expect("labels");
            prop_assert!(!labels.is_empty());
            for (name, value) in labels {
                prop_assert!(!name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()));
                prop_assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
                prop_assert!(value != "");
            }
        }
    }

    /// What goes out as Alertmanager's payload comes in as it was.
    #[test]
    fn a_webhook_is_read_again(n in notification()) {
        let body = &sample::requests(&sample::webhook(false), &n)[0].body;
        let read = headroom_delivery::inbound::parse(body.as_bytes()).expect("a payload");
        prop_assert_eq!(read.alerts, n.alerts);
        prop_assert_eq!(read.group_key, n.group_key);
        prop_assert_eq!(read.group_labels, n.group_labels);
    }
}
