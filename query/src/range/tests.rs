#![allow(clippy::unwrap_used)]
use super::*;
use proptest::prelude::*;

fn now() -> DateTime<Utc> {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

#[test]
fn reads_what_people_write() {
    let at = |text| parse_instant(text, now()).unwrap().to_rfc3339();
    assert_eq!(at("now"), "2026-11-20T10:00:00+00:00");
    assert_eq!(at("now-1h"), "2026-11-20T09:00:00+00:00");
    assert_eq!(at("now-14d"), "2026-11-06T10:00:00+00:00");
    assert_eq!(at("now+90m"), "2026-11-20T11:30:00+00:00");
    assert_eq!(at("2026-11-20T15:30:00+05:30"), "2026-11-20T10:00:00+00:00");
    assert_eq!(at("1795168800000"), "2026-11-20T10:00:00+00:00");
    assert_eq!(at("2026-11-20"), "2026-11-20T00:00:00+00:00");
}

#[test]
fn refuses_with_a_sentence_and_a_hint() {
    for text in [
        "",
        "yesterday",
        "now-",
        "now-1y",
        "now*1h",
        "now-é",
        "now- 1h",
        "99999999999999999999",
        "now-99999999999999d",
    ] {
        let refused = parse_instant(text, now()).unwrap_err();
        assert_eq!(refused.code(), "bad_request", "{text}");
        assert!(refused.to_string().contains(text), "{refused}");
        assert!(refused.hint().contains("now-1h"));
    }
    let turned = TimeRange::parse(Some("now"), Some("now-1h"), now()).unwrap_err();
    assert!(turned.to_string().contains("before it begins"));
    let long = TimeRange::parse(Some("now-500d"), None, now()).unwrap_err();
    assert_eq!(long.to_string(), "the range covers 500 days, the longest kept is 400");
}

#[test]
fn an_hour_is_the_default() {
    let range = TimeRange::parse(None, None, now()).unwrap();
    assert_eq!(range.length(), TimeDelta::hours(1));
    assert_eq!(range.steps(60).len(), 60);
    let earlier = TimeRange::parse(None, Some("now-1d"), now()).unwrap();
    assert_eq!(earlier.from, now() - TimeDelta::hours(25));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,30}") {
        let _ = parse_instant(&text, now());
    }

    #[test]
    fn alignment_only_widens(from in 0_i64..2_000_000_000, length in 1_i64..1_000_000, step in 1_i64..10_000) {
        let at = |s: i64| DateTime::from_timestamp(s, 500).unwrap();
        let range = TimeRange::new(at(from), at(from + length)).unwrap();
        let aligned = range.aligned(step);
        prop_assert!(aligned.from <= range.from && aligned.to >= range.to);
        prop_assert!(range.from - aligned.from < TimeDelta::seconds(step));
        prop_assert!(aligned.to - range.to <= TimeDelta::seconds(step));
        prop_assert_eq!(aligned.from.timestamp() % step, 0);
        prop_assert_eq!(aligned.to.timestamp() % step, 0);
    }
}
