use super::*;

#[test]
fn the_threshold_lies_in_its_bucket_and_the_bound_is_four_and_a_half_percent() {
    for ns in [1, 2, 999, 1_000_000, 250_000_000, 300_000_000, 86_400_000_000_000] {
        let bound = uncertainty(ns);
        assert!(
            bound.sure_below_ns < ns as f64 && ns as f64 <= bound.sure_above_ns * (1.0 + 1e-12),
            "{ns} {bound:?}"
        );
        assert!(bound.sure_above_ns / bound.sure_below_ns < 1.0443);
        assert!((0.0..=1.0).contains(&bound.share_below));
    }
    // A power of two is the upper bound of its bucket: nothing is uncertain.
    assert_eq!(uncertainty(1 << 28).share_below, 1.0);
}

#[test]
fn short_silences_are_no_gaps() {
    let heard = BTreeSet::from([0, 60, 300, 660]);
    // 60 to 300 is a pause of three minutes; 300 to 660 one of five: a gap. The end is open.
    let alive: Vec<i64> = without_pauses(&heard, 0, 1_200).into_iter().collect();
    assert_eq!(alive, [0, 60, 120, 180, 240, 300, 660, 720, 780, 840, 900]);
    let alive: Vec<i64> = without_pauses(&heard, 120, 780).into_iter().collect();
    assert_eq!(alive, [120, 180, 240, 300, 660, 720]);
}

const HOUR: Stretch = Stretch { from: 0, to: 3_600 };

fn scope() -> SpanScope {
    SpanScope {
        service: "gateway".to_owned(),
        operation: None,
        kinds: vec!["server".to_owned(), "consumer".to_owned()],
    }
}

#[test]
fn sql_of_a_status_ratio() {
    let part = SpanCondition { status: Some(Status::NotError), latency: None };
    let sql = span_query("acme", &scope(), &SpanCondition::default(), &part, HOUR).sql("span_minute");
    insta::assert_snapshot!(sql);
}

#[test]
fn sql_of_a_latency_threshold() {
    let part = SpanCondition { status: None, latency: Some(Latency::Below(300_000_000)) };
    let sql = span_query("acme", &scope(), &SpanCondition::default(), &part, HOUR).sql("latency_buckets_1m");
    insta::assert_snapshot!(sql);
}

#[test]
fn sql_of_an_event_ratio() {
    let names = ["deposit.completed".to_owned(), "deposit.failed".to_owned()];
    let sql = event_query("acme", Some("payments"), &names, &names[..1], HOUR).sql("events");
    insta::assert_snapshot!(sql);
}
