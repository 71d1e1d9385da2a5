//! Alertmanager's webhooks, coming in.

use headroom_delivery::inbound::parse;
use headroom_delivery::notification::fingerprint;
use headroom_delivery::{Notification, Reason, Status, webhook};

use crate::sample;

/// Alerts as Alertmanager may send them: another time zone, and what it leaves out.
const PAYLOAD: &str = r#"{"receiver":"headroom","status":"firing","alerts":[{"status":"firing","labels":{"alertname":"DiskFull","instance":"db-1"},"annotations":{"summary":"Disk of db-1 is full"},"startsAt":"2026-03-02T10:00:00.5+02:00","endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://prometheus:9090/graph?g0.expr=up","fingerprint":"c1d8f5a8b9d6e0f3"},{"status":"resolved","labels":{"alertname":"DiskFull","instance":"db-2"},"annotations":{},"startsAt":"2026-03-02T07:00:00Z","endsAt":"2026-03-02T07:30:00Z","generatorURL":"/graph","fingerprint":""}],"groupLabels":{"alertname":"DiskFull"},"commonLabels":{"alertname":"DiskFull"},"commonAnnotations":{},"externalURL":"http://alertmanager:9093","version":"4","groupKey":"{}:{alertname=\"DiskFull\"}","truncatedAlerts":3}"#;

#[test]
fn alerts_are_typed() {
    let read = parse(PAYLOAD.as_bytes()).expect("a payload");
    assert_eq!(read.group_key, "{}:{alertname=\"DiskFull\"}");
    assert_eq!((read.alerts.len(), read.truncated), (2, 3));
    let [full, freed] = read.alerts.as_slice() else { panic!("two alerts") };
    assert_eq!((full.status, full.ends_at), (Status::Firing, None));
    assert_eq!(full.starts_at, sample::at("2026-03-02T08:00:00.5Z"));
    assert_eq!((freed.status, freed.ends_at), (Status::Resolved, Some(sample::at("2026-03-02T07:30:00Z"))));
    assert_eq!(freed.generator_url, None);
    assert_eq!(freed.fingerprint.len(), 16, "it is computed where none is given");
}

#[test]
fn faults_name_their_field() {
    let faults = [
        ("\"version\":\"4\"", "\"version\":\"5\""),
        ("\"version\":\"4\"", "\"version\":4"),
        ("2026-03-02T10:00:00.5+02:00", "yesterday"),
        ("2026-03-02T07:30:00Z", "2026-03-02"),
        ("\"status\":\"resolved\"", "\"status\":\"suppressed\""),
        ("\"instance\":\"db-2\"", "\"instance\":2"),
        ("{\"alertname\":\"DiskFull\",\"instance\":\"db-1\"}", "{}"),
        ("\"annotations\":{}", "\"annotations\":[]"),
        ("http://prometheus:9090", "javascript:alert(1)//"),
        ("\"truncatedAlerts\":3", "\"truncatedAlerts\":-1"),
        (PAYLOAD, "[]"),
        (PAYLOAD, "{"),
        (PAYLOAD, "{\"version\":\"4\",\"alerts\":[]}"),
        (PAYLOAD, "{\"version\":\"4\",\"alerts\":[1]}"),
    ];
    let told: Vec<String> = faults
        .iter()
        .map(|(right, wrong)| {
            let body = PAYLOAD.replacen(right, wrong, 1);
            parse(body.as_bytes()).expect_err("a fault").to_string()
        })
        .collect();
    insta::assert_snapshot!("faults", told.join("\n"));
}

/// What an Alertmanager 0.25 sent about alerts that were posted to it comes in, and goes out again byte for byte. Newer ones
/// write two fields more.
#[test]
fn what_alertmanager_sent_is_what_we_send() {
    let recorded = [
        (include_str!("recorded/alertmanager-0.25-firing.json"), Reason::First, "first notification"),
        (
            include_str!("recorded/alertmanager-0.25-resolved.json"),
            Reason::AllResolved,
            "all alerts resolved",
        ),
    ];
    for (sent, reason, said) in recorded {
        let read = parse(sent.as_bytes()).expect("a payload");
        assert_eq!(fingerprint(&read.alerts[0].labels), read.alerts[0].fingerprint);
        let ours = webhook::body(&Notification {
            group_key: read.group_key,
            receiver: read.receiver,
            reason,
            group_labels: read.group_labels,
            alerts: read.alerts,
            page: read.external_url,
            ..sample::firing()
        });
        let newer = [format!("\"notification_reason\":\"{said}\","), "\"routeLabels\":{},".to_owned()];
        assert!(newer.iter().all(|field| ours.contains(field)), "{ours}");
        assert_eq!(newer.iter().fold(ours, |ours, field| ours.replace(field, "")), sent);
    }
}
