//! The trading day in the weeks in which clocks change, in both hemispheres and both ways.

use chrono::{Duration, NaiveDate};
use headroom_calendar::Venue;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Open and close in UTC of the sessions of a fortnight around a change, each day's once it differs.
fn around(mic: &str, change: &str) -> String {
    let venue = Venue::builtin(mic).unwrap();
    let mut hours = Vec::new();
    for session in venue.sessions(date(change) - Duration::days(6), date(change) + Duration::days(6)) {
        let text = format!("{}-{}", session.open.format("%H:%M"), session.close.format("%H:%M"));
        if hours.last() != Some(&text) {
            hours.push(text);
        }
        let local =
            (session.open.with_timezone(&venue.tz).time(), session.close.with_timezone(&venue.tz).time());
        assert_eq!(local, (venue.open, venue.close), "{mic} {}", session.date);
    }
    hours.join(" then ")
}

#[test]
fn new_york_and_nasdaq() {
    for mic in ["XNYS", "XNAS"] {
        assert_eq!(around(mic, "2026-03-08"), "14:30-21:00 then 13:30-20:00");
        assert_eq!(around(mic, "2026-11-01"), "13:30-20:00 then 14:30-21:00");
        // Summer time began in April before 2007.
        assert_eq!(around(mic, "2006-03-12"), "14:30-21:00");
        assert_eq!(around(mic, "2006-04-02"), "14:30-21:00 then 13:30-20:00");
    }
}

#[test]
fn london_and_frankfurt() {
    assert_eq!(around("XLON", "2026-03-29"), "08:00-16:30 then 07:00-15:30");
    assert_eq!(around("XLON", "2026-10-25"), "07:00-15:30 then 08:00-16:30");
    assert_eq!(around("XETR", "2026-03-29"), "08:00-16:30 then 07:00-15:30");
    assert_eq!(around("XETR", "2026-10-25"), "07:00-15:30 then 08:00-16:30");
}

#[test]
fn sydney_the_other_way_round() {
    assert_eq!(around("XASX", "2026-10-04"), "00:00-06:00 then 23:00-05:00");
    assert_eq!(around("XASX", "2026-04-05"), "23:00-05:00 then 00:00-06:00");
}

#[test]
fn mumbai_never() {
    for change in ["2026-03-08", "2026-03-29", "2026-04-05", "2026-10-04", "2026-10-25", "2026-11-01"] {
        assert_eq!(around("XNSE", change), "03:45-10:00");
        assert_eq!(around("XBOM", change), "03:45-10:00");
    }
}

/// Between the two changes of spring New York and London are four hours apart and not five.
#[test]
fn the_weeks_between_two_venues_changes() {
    let gap = |day: &str| {
        let open = |mic: &str| Venue::builtin(mic).unwrap().session(date(day)).unwrap().open;
        (open("XNYS") - open("XLON")).num_minutes()
    };
    assert_eq!((gap("2026-03-05"), gap("2026-03-12"), gap("2026-04-01")), (390, 330, 390));
    assert_eq!((gap("2026-10-20"), gap("2026-10-27"), gap("2026-11-03")), (390, 330, 390));
}

/// Sydney's session of a local date lies on the UTC date before while its summer time lasts.
#[test]
fn a_session_belongs_to_its_local_date() {
    let session = Venue::builtin("XASX").unwrap().session(date("2026-11-27")).unwrap();
    assert_eq!(session.open.to_string(), "2026-11-26 23:00:00 UTC");
}

proptest::proptest! {
    #[test]
    fn the_phase_never_goes_back_within_a_local_day(
        days in 0i64..13_000,
        mic in proptest::sample::select(headroom_calendar::BUILTIN.to_vec()),
    ) {
        let venue = Venue::builtin(mic).unwrap();
        let day = date("1990-01-01") + Duration::days(days);
        let mut last = -1.0;
        let begin = venue.utc(day, chrono::NaiveTime::MIN);
        for minute in (0..23 * 60).step_by(7) {
            let phase = venue.phase(begin + Duration::minutes(minute));
            proptest::prop_assert_eq!(phase.is_some(), venue.session(day).is_some());
            if let Some(phase) = phase {
                proptest::prop_assert!((0.0..=1.0).contains(&phase) && phase >= last);
                last = phase;
            }
        }
        if let Some(session) = venue.session(day) {
            proptest::prop_assert!(session.open < session.close);
            proptest::prop_assert_eq!(venue.phase(session.open), Some(0.0));
            proptest::prop_assert_eq!(venue.phase(session.close), Some(1.0));
        }
    }
}
