//! Two files, as in anyone's CI.

use std::path::Path;

use chrono::{DateTime, Utc};
use headroom_reconcile::{Job, Options, Report, Result, Source};

const LEFT: &str = "\
event_id,transaction_id,currency,customer_id,customer_email,amount,status,time
l1,tx-1,EUR,cus-1,jane@doe.com,10.00,sent,2026-11-20T09:00:00Z
l2,tx-2,EUR,cus-2,joe@doe.com,20.00,sent,2026-11-20T09:01:00Z
l3,tx-3,USD,cus-3,,30.00,sent,2026-11-20T09:02:00Z
l3,tx-3,USD,cus-3,,30.00,sent,2026-11-20T09:02:00Z
l4,tx-4,USD,cus-4,,40.00,sent,2026-11-20T09:03:00Z
l5,tx-5,EUR,cus-5,,50.00,sent,2026-11-20T09:04:00Z
l6,,EUR,cus-6,,60.00,sent,2026-11-20T09:05:00Z
l9,tx-9,EUR,cus-9,,90.00,sent,2026-11-20T09:09:30Z
";

const RIGHT: &str = r#"
{"event.id":"r1","transaction.id":"tx-1","currency":"EUR","customer.id":"cus-1","customer.email":"jane@doe.com","amount":10,"status":"sent","time":1795165201,"trace.id":"a"}
{"event.id":"r2","transaction.id":"tx-2","currency":"EUR","customer.id":"cus-2","customer.email":"john@doe.com","amount":20.015,"status":"sent","time":1795165261}
{"event.id":"r4","transaction.id":"tx-4","currency":"USD","customer.id":"cus-4","amount":40.0,"status":"sent","time":1795165465}
{"event.id":"r5","transaction.id":"tx-5","currency":"EUR","customer.id":"cus-5","amount":50,"status":"sent","time":1795165441}
{"event.id":"r5b","transaction.id":"tx-5","currency":"EUR","customer.id":"cus-5","amount":50,"status":"held","time":1795165442}
{"event.id":"r7","transaction.id":"tx-7\u001b[2J","currency":"EUR","customer.id":"cus-5","amount":50.00,"status":"sent","time":1795165453.5}
"#;

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("legacy.csv"), LEFT).unwrap();
    std::fs::write(folder.path().join("new.jsonl"), RIGHT).unwrap();
    folder
}

fn job(folder: &Path, options: Options) -> Job {
    let file = |name: &str| Source::File(folder.join(name));
    Job {
        left: file("legacy.csv"),
        right: file("new.jsonl"),
        tenant: String::new(),
        events: Vec::new(),
        time_field: None,
        options,
    }
}

fn options() -> Options {
    Options::new("", "", &["transaction_id", "currency"])
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_170_000, 0).unwrap()
}

async fn compared(options: Options) -> Result<Report> {
    let folder = folder();
    let mut report = job(folder.path(), options).run(None, now()).await?;
    for side in [&mut report.left, &mut report.right] {
        side.name = Path::new(&side.name).file_name().unwrap().to_str().unwrap().to_owned();
    }
    Ok(report)
}

#[tokio::test]
async fn the_report() {
    let report =
        compared(Options { to: Some("2026-11-20T09:10:00Z".parse().unwrap()), ..options() }).await.unwrap();
    insta::assert_snapshot!(report.to_string(), @r"
    left      legacy.csv
    right     new.jsonl
    range     .. to 2026-11-20T09:10:00Z
    key       transaction_id, currency
    compared  amount, customer_email, customer_id, status
              only on the right: trace_id

    keys
      matched                        3
      different                      1
      missing                        1
      extra                          1
      pending                        1
      late                           1

    events                        left       right
      read                           8           6
      outside the range              0           0
      without a time                 0           0
      without a key                  1           0
      sent again                     1           0
      duplicates                     0           1
      suspects                       0           1

    different by field
      amount                         1
      customer_email                 1

    match rate  50.00 %
    failed: 50.00 % matched, at least 100 % must; 1 duplicate; 1 suspect duplicate; 1 event without a key

    missing: on the left only (1)
      tx-3, USD  left  2026-11-20T09:02:00Z  event l3

    extra: on the right only (1)
      tx-7\u{1b}[2J, EUR  right  2026-11-20T09:04:13.500Z  event r7

    different (1)
      tx-2, EUR
        amount: 20.00 -> 20.015 (+0.015)
        customer_email: j***@d***.com -> j***@d***.com

    late (1)
      tx-4, USD  2026-11-20T09:03:00Z -> 2026-11-20T09:04:25Z, 85 s later

    duplicates (1)
      tx-5, EUR  2 on the right, differ in status
        2026-11-20T09:04:01Z  event r5
        2026-11-20T09:04:02Z  event r5b

    suspects: one payment under two keys? (1)
      tx-5, EUR and tx-7\u{1b}[2J, EUR  on the right, 12.5 s apart: same customer_id cus-5, amount 50, currency EUR
        2026-11-20T09:04:01Z  event r5
        2026-11-20T09:04:13.500Z  event r7

    sent again (1)
      tx-3, USD  1 more on the left  event l3

    pending (1)
      tx-9, EUR  left  2026-11-20T09:09:30Z  event l9

    without a key (1)
      -, EUR  left  2026-11-20T09:05:00Z  event l6
    ");
    insta::assert_json_snapshot!(report.examples.different, @r#"
    [
      {
        "left": {
          "side": "left",
          "key": [
            "tx-2",
            "EUR"
          ],
          "event_id": "l2",
          "time": "2026-11-20T09:01:00Z"
        },
        "right": {
          "side": "right",
          "key": [
            "tx-2",
            "EUR"
          ],
          "event_id": "r2",
          "time": "2026-11-20T09:01:01Z"
        },
        "fields": [
          {
            "field": "amount",
            "left": "20.00",
            "right": "20.015",
            "difference": "+0.015"
          },
          {
            "field": "customer_email",
            "left": "j***@d***.com",
            "right": "j***@d***.com",
            "difference": null
          }
        ]
      }
    ]
    "#);
    insta::assert_snapshot!(report.metrics(now()), @r#"
    # HELP headroom_reconcile_match_ratio Matched of matched, missing, extra and different keys.
    # TYPE headroom_reconcile_match_ratio gauge
    headroom_reconcile_match_ratio{left="legacy.csv",right="new.jsonl"} 0.5
    # HELP headroom_reconcile_passed 1 when the comparison passed.
    # TYPE headroom_reconcile_passed gauge
    headroom_reconcile_passed{left="legacy.csv",right="new.jsonl"} 0
    # HELP headroom_reconcile_finished_timestamp_seconds When the comparison was made.
    # TYPE headroom_reconcile_finished_timestamp_seconds gauge
    headroom_reconcile_finished_timestamp_seconds{left="legacy.csv",right="new.jsonl"} 1795170000
    # HELP headroom_reconcile_keys Keys by how they came out; late ones are matched or different as well.
    # TYPE headroom_reconcile_keys gauge
    headroom_reconcile_keys{left="legacy.csv",right="new.jsonl",class="matched"} 3
    headroom_reconcile_keys{left="legacy.csv",right="new.jsonl",class="different"} 1
    headroom_reconcile_keys{left="legacy.csv",right="new.jsonl",class="missing"} 1
    headroom_reconcile_keys{left="legacy.csv",right="new.jsonl",class="extra"} 1
    headroom_reconcile_keys{left="legacy.csv",right="new.jsonl",class="pending_left"} 1
    headroom_reconcile_keys{left="legacy.csv",right="new.jsonl",class="pending_right"} 0
    headroom_reconcile_keys{left="legacy.csv",right="new.jsonl",class="late"} 1
    # HELP headroom_reconcile_events Events of a side by class; all of them are read.
    # TYPE headroom_reconcile_events gauge
    headroom_reconcile_events{left="legacy.csv",right="new.jsonl",side="left",class="read"} 8
    headroom_reconcile_events{left="legacy.csv",right="new.jsonl",side="left",class="resent"} 1
    headroom_reconcile_events{left="legacy.csv",right="new.jsonl",side="left",class="duplicate"} 0
    headroom_reconcile_events{left="legacy.csv",right="new.jsonl",side="left",class="suspect"} 0
    headroom_reconcile_events{left="legacy.csv",right="new.jsonl",side="left",class="unkeyed"} 1
    headroom_reconcile_events{left="legacy.csv",right="new.jsonl",side="right",class="read"} 6
    headroom_reconcile_events{left="legacy.csv",right="new.jsonl",side="right",class="resent"} 0
    headroom_reconcile_events{left="legacy.csv",right="new.jsonl",side="right",class="duplicate"} 1
    headroom_reconcile_events{left="legacy.csv",right="new.jsonl",side="right",class="suspect"} 1
    headroom_reconcile_events{left="legacy.csv",right="new.jsonl",side="right",class="unkeyed"} 0
    "#);
}

#[tokio::test]
async fn what_is_allowed_does_not_fail() {
    use headroom_reconcile::Allow;
    let allow = [Allow::Duplicates, Allow::Suspects, Allow::Unkeyed].into();
    let allowed = Options { min_match: 0.5, allow, ..options() };
    let report = compared(allowed.clone()).await.unwrap();
    assert_eq!(report.reasons, ["42.85 % matched, at least 50.00 % must"]);
    let report = compared(Options { min_match: 0.42, ..allowed }).await.unwrap();
    assert!(report.passed && report.reasons.is_empty());
}

#[tokio::test]
async fn a_field_that_is_nowhere_is_no_match() {
    let refused = |options: Options| async { compared(options).await.unwrap_err().to_string() };
    let words = [
        refused(Options { compare: vec!["amuont".to_owned()], ..options() }).await,
        refused(Options {
            tolerance: [headroom_reconcile::Tolerance::parse("fee=1").unwrap()].into(),
            ..options()
        })
        .await,
        refused(Options { spill_dir: Some("/nowhere".into()), key: vec![], ..options() }).await,
    ];
    insta::assert_snapshot!(words.join("\n"), @"
    no event has the field `amuont`, which is to be compared
    no event has the field `fee`, which is to be compared
    the key names no field: give the field that both sides identify a transaction by
    ");
}

#[tokio::test]
async fn times_alone_are_compared_when_they_alone_are_named() {
    let time = headroom_reconcile::Tolerance::parse("time=1s").unwrap();
    let options = Options { compare: vec!["time".to_owned()], tolerance: [time].into(), ..options() };
    let report = compared(options).await.unwrap();
    assert_eq!(report.compared, ["time"]);
    assert_eq!((report.counts.matched, report.counts.different), (3, 1));
    let late = &report.examples.different[0];
    assert_eq!((late.left.key[0].as_str(), late.fields[0].difference.as_deref()), ("tx-4", Some("85 s")));
}

#[tokio::test]
async fn the_same_file_twice_passes_and_two_empty_ones_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let lines = r#"{"id":"a","total":"1.10","name":"Zoë"}
{"id":"b","total":"2.20","name":"李"}
"#;
    std::fs::write(folder.path().join("legacy.csv"), "id\n").unwrap();
    std::fs::write(folder.path().join("new.jsonl"), lines).unwrap();
    let new = || Source::File(folder.path().join("new.jsonl"));
    let same = Job { left: new(), ..job(folder.path(), Options::new("", "", &["id"])) };
    let report = same.clone().run(None, now()).await.unwrap();
    assert_eq!((report.passed, report.match_rate, report.counts.matched), (true, Some(1.0), 2));
    let empty = || Source::File(folder.path().join("legacy.csv"));
    let report = Job { left: empty(), right: empty(), ..same }.run(None, now()).await.unwrap();
    assert_eq!((report.passed, report.match_rate), (false, None));
    assert_eq!(report.reasons, ["nothing could be compared"]);
    assert!(report.metrics(now()).contains("match_ratio{left="));
    assert!(report.metrics(now()).contains("} NaN\n"));
}

#[tokio::test]
async fn metrics_replace_the_file_as_a_whole() {
    let report = compared(options()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("reconcile.prom");
    std::fs::write(&path, "old").unwrap();
    report.write_metrics(&path, now()).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), report.metrics(now()));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    report.write_metrics(&folder.path().join("none/x.prom"), now()).unwrap_err();
}
