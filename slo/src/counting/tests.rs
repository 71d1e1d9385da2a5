#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn time(text: &str) -> i64 {
    text.parse::<DateTime<Utc>>().unwrap().timestamp()
}

fn new_york() -> Option<Arc<Venue>> {
    Some(Arc::new(Venue::builtin("XNYS").unwrap()))
}

fn exclusion(text: &str) -> Exclusion {
    Exclusion::parse(text).unwrap()
}

#[test]
fn the_sessions_of_a_venue() {
    // Thanksgiving is closed, the Friday after ends at 13:00, and summer time ended in the first week.
    let counting = Counting { venue: new_york(), exclusions: vec![] };
    let mask = counting.mask(time("2026-11-01T00:00:00Z"), time("2026-12-01T00:00:00Z"));
    assert_eq!(
        mask.seconds(time("2026-11-01T00:00:00Z"), time("2026-12-01T00:00:00Z")),
        (19 * 390 + 210) * 60
    );
    assert!(!mask.counts(time("2026-11-26T16:00:00Z")) && mask.counts(time("2026-11-27T17:59:00Z")));
    assert!(!mask.counts(time("2026-11-27T18:00:00Z")));
    // Half an hour before 10:00 in New York begins at the open; an hour reaches into Friday.
    let ten = time("2026-11-30T15:00:00Z");
    assert_eq!(mask.back(ten, 1_800), time("2026-11-30T14:30:00Z"));
    assert_eq!(mask.back(ten, 3_600), time("2026-11-27T17:30:00Z"));
}

#[test]
fn maintenance_does_not_count() {
    // On the Sunday when Zurich changes to summer time, 02:00 does not exist: the window moves an hour later.
    let exclusions = vec![
        exclusion("2026-01-04T02:00 2h FREQ=WEEKLY;BYDAY=SU Europe/Zurich"),
        exclusion("2026-03-24T10:00:30 90m"),
    ];
    let mask =
        Counting { venue: None, exclusions }.mask(time("2026-03-23T00:00:00Z"), time("2026-04-06T00:00:00Z"));
    let hours = |from: &str, to: &str| mask.seconds(time(from), time(to)) as f64 / 3_600.0;
    assert_eq!(hours("2026-03-23T00:00:00Z", "2026-04-06T00:00:00Z"), 14.0 * 24.0 - 2.0 * 2.0 - 1.5);
    assert!(!mask.counts(time("2026-03-29T01:00:00Z")) && !mask.counts(time("2026-03-29T02:59:00Z")));
    assert!(!mask.counts(time("2026-04-05T00:00:00Z")) && mask.counts(time("2026-04-05T02:00:00Z")));
    assert!(mask.counts(time("2026-03-24T10:00:29Z")) && !mask.counts(time("2026-03-24T10:00:30Z")));
}

#[test]
fn what_is_no_exclusion_is_told() {
    for (text, word) in [
        ("", "\"\""),
        ("sunday 2h", "sunday"),
        ("2026-01-04T02:00", "duration"),
        ("2026-01-04T02:00 1M", "1M"),
        ("2026-01-04T02:00 2h Mars/Olympus", "Mars/Olympus"),
        ("2026-01-04T02:00 2h FREQ=OFTEN", "FREQ=OFTEN"),
    ] {
        let problem = Exclusion::parse(text).unwrap_err();
        assert!(problem.contains(word), "{problem}");
    }
}

proptest! {
    #[test]
    fn what_counts_and_what_does_not_are_the_whole(
        holes in prop::collection::vec((0_i64..20_000, 1_i64..500), 0..12),
        session in any::<bool>(), from in 0_i64..10_000, length in 1_i64..20_000, ask in 0_i64..30_000,
    ) {
        // Minutes from a Friday on, across the end of New York's summer time.
        let zero = time("2026-10-30T00:00:00Z");
        let exclusions = holes.iter().map(|(start, minutes)| {
            exclusion(&format!("{} {minutes}m", at(zero + start * 60).format("%Y-%m-%dT%H:%M")))
        }).collect();
        let counting = Counting { venue: session.then(new_york).flatten(), exclusions };
        let (from, to) = (zero + from * 60, zero + (from + length) * 60);
        let mask = counting.mask(from, to);
        let minutes = |counted: bool| (from..to).step_by(60).filter(|minute| mask.counts(*minute) == counted).count() as i64;
        prop_assert_eq!(mask.seconds(from, to), minutes(true) * 60);
        prop_assert_eq!(minutes(true) + minutes(false), (to - from) / 60);
        let split = from + (to - from) / 120 * 60;
        prop_assert_eq!(mask.seconds(from, split) + mask.seconds(split, to), mask.seconds(from, to));
        let start = mask.back(to, ask * 60);
        prop_assert_eq!(mask.seconds(start, to), (ask * 60).min(mask.seconds(from, to)));
        match mask.ahead(from, ask * 60) {
            Some(stop) => prop_assert_eq!(mask.seconds(from, stop), ask * 60),
            None => prop_assert!(ask * 60 > mask.seconds(from, to) || mask.seconds(from, to) == 0),
        }
        prop_assert!(ask == 0 || mask.seconds(from, to) == 0 || mask.counts(start));
    }
}
