#![allow(clippy::unwrap_used)]

use chrono::{DateTime, Duration, NaiveDate, TimeZone, Utc};

use super::*;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[test]
fn new_york_opens_an_hour_earlier_in_utc_in_summer() {
    let venue = Venue::builtin("XNYS").unwrap();
    assert_eq!(venue.session(date("2026-03-06")).unwrap().open, utc("2026-03-06T14:30:00Z"));
    assert_eq!(venue.session(date("2026-03-09")).unwrap().open, utc("2026-03-09T13:30:00Z"));
    assert_eq!(venue.session(date("2026-10-30")).unwrap().close, utc("2026-10-30T20:00:00Z"));
    assert_eq!(venue.session(date("2026-11-02")).unwrap().close, utc("2026-11-02T21:00:00Z"));
}

#[test]
fn mumbai_never_shifts_and_london_does() {
    let mumbai = Venue::builtin("XNSE").unwrap();
    for day in ["2026-01-05", "2026-07-06"] {
        assert_eq!(mumbai.session(date(day)).unwrap().open.time().to_string(), "03:45:00");
    }
    let london = Venue::builtin("XLON").unwrap();
    assert_eq!(london.session(date("2026-03-27")).unwrap().open, utc("2026-03-27T08:00:00Z"));
    assert_eq!(london.session(date("2026-03-30")).unwrap().open, utc("2026-03-30T07:00:00Z"));
}

#[test]
fn half_days_holidays_and_extra_sessions() {
    let venue = Venue::builtin("XNYS").unwrap();
    let half = venue.session(date("2026-11-27")).unwrap();
    assert_eq!((half.kind, half.close), (SessionKind::Early, utc("2026-11-27T18:00:00Z")));
    assert!(venue.session(date("2026-11-26")).is_none());
    assert!(venue.session(date("2027-06-18")).is_none(), "Juneteenth 2027 is observed on the Friday");
    assert_eq!(Venue::builtin("XNSE").unwrap().session(date("2025-02-01")).unwrap().kind, SessionKind::Extra);
    assert_eq!(venue.covered, (1990, 2028));
}

#[test]
fn a_wall_clock_time_that_summer_time_skips_is_an_hour_later() {
    let venue = Venue::builtin("XNYS").unwrap();
    let at = |h, m| chrono::NaiveTime::from_hms_opt(h, m, 0).unwrap();
    assert_eq!(venue.utc(date("2026-03-08"), at(2, 30)), Utc.with_ymd_and_hms(2026, 3, 8, 7, 30, 0).unwrap());
    assert_eq!(
        venue.utc(date("2026-11-01"), at(1, 30)),
        Utc.with_ymd_and_hms(2026, 11, 1, 5, 30, 0).unwrap()
    );
}

fn names(calendar: &Calendar, day: &str) -> Vec<String> {
    let from = date(day).and_time(chrono::NaiveTime::MIN).and_utc();
    let events = calendar.events(from, from + Duration::days(1), from);
    events
        .into_iter()
        .filter(|e| !e.class.in_shape())
        .map(|e| format!("{} {}", e.name, e.start.format("%H:%M")))
        .collect()
}

#[test]
fn built_in_events_fall_on_their_days() {
    let calendar = Calendar::load(&["XNYS"], true, &[] as &[&str]).unwrap();
    assert_eq!(names(&calendar, "2026-12-09"), ["FOMC decision 19:00"]);
    assert_eq!(
        names(&calendar, "2026-12-18"),
        ["NYSE monthly expiry 13:30", "NYSE quarterly index rebalancing 13:30"]
    );
    assert_eq!(names(&calendar, "2026-08-21"), ["NYSE monthly expiry 12:30"]);
    // The third Friday of June 2026 is Juneteenth: expiry moves to Thursday.
    assert_eq!(
        names(&calendar, "2026-06-18"),
        ["NYSE monthly expiry 12:30", "NYSE quarterly index rebalancing 12:30"]
    );
    assert_eq!(names(&calendar, "2026-06-26"), ["NYSE Russell reconstitution 12:30"]);
    // The 15th of November 2026 is a Sunday: wages arrive on Friday.
    assert_eq!(names(&calendar, "2026-11-13"), ["payroll day (New York) 11:00"]);
    assert_eq!(names(&calendar, "2026-11-27"), ["NYSE half day 13:30"]);
    assert_eq!(names(&calendar, "2026-11-30"), ["payroll day (New York) 11:00", "NYSE month end 13:30"]);
    // Good Friday 2026 on the third: no session, but the quarter ended on a Tuesday.
    assert_eq!(
        names(&calendar, "2026-03-31"),
        ["payroll day (New York) 10:00", "NYSE month end 12:30", "NYSE quarter end 12:30"]
    );
}

#[test]
fn wages_keep_bank_days_and_not_the_exchanges() {
    let calendar = Calendar::load(&["XNYS"], true, &[] as &[&str]).unwrap();
    // Good Friday is a holiday of the exchange only: April's 15th 2022 is paid on the day itself.
    assert_eq!(names(&calendar, "2022-04-15"), ["payroll day (New York) 10:00"]);
    let mumbai = Calendar::load(&["XNSE"], true, &[] as &[&str]).unwrap();
    // 15 August 2025 is Independence Day, a Friday.
    assert!(names(&mumbai, "2025-08-14").contains(&"payroll day (Mumbai) 00:30".to_owned()));
}

#[test]
fn indian_expiries_changed_their_weekday_in_2025() {
    let expiries = |mic: &str, day: &str| {
        let calendar = Calendar::load(&[mic], true, &[] as &[&str]).unwrap();
        let names = names(&calendar, day).into_iter();
        names.filter(|n| n.contains("expiry")).map(|n| n[..n.len() - 6].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(expiries("XNSE", "2025-08-28"), ["NSE monthly expiry"]);
    assert_eq!(expiries("XNSE", "2025-09-02"), ["NSE weekly expiry"]);
    assert_eq!(expiries("XNSE", "2025-09-30"), ["NSE monthly expiry"]);
    assert_eq!(expiries("XBOM", "2025-09-25"), ["BSE monthly expiry"]);
    // Tuesday 20 October 2026 is a holiday: that week's expiry is on Monday.
    assert_eq!(expiries("XNSE", "2026-10-19"), ["NSE weekly expiry"]);
    assert!(expiries("XNSE", "2018-10-11").is_empty(), "there were no weekly ones then");
}

#[test]
fn central_banks_decide_where_their_venue_is_followed() {
    let decisions = |mic: &str, day: &str| {
        let calendar = Calendar::load(&[mic], true, &[] as &[&str]).unwrap();
        names(&calendar, day).into_iter().filter(|n| n.contains("decision")).collect::<Vec<_>>()
    };
    assert_eq!(decisions("XLON", "2025-08-07"), ["Bank of England decision 11:00"]);
    assert_eq!(decisions("XETR", "2025-06-05"), ["ECB decision 12:15"]);
    assert_eq!(decisions("XBOM", "2025-06-06"), ["RBI decision 04:30"]);
    assert!(decisions("XNYS", "2025-06-05").is_empty());
    assert_eq!(decisions("XNYS", "2010-11-03"), ["FOMC decision 18:15"]);
    let calendar = Calendar::load(&["XNYS"], true, &[] as &[&str]).unwrap();
    let seen =
        |known: &str| calendar.events(utc("2020-03-03T15:00:00Z"), utc("2020-03-03T16:00:00Z"), utc(known));
    let emergency = |events: Vec<Event>| events.iter().any(|e| e.name.contains("emergency"));
    assert!(!emergency(seen("2020-03-03T14:59:00Z")), "nobody knew of the emergency move before");
    assert!(emergency(seen("2020-03-03T15:00:00Z")));
}

const FILE: &str = r#"
[[event]]
class = "earnings"
name = "ACME results"
venue = "XNYS"
start = "2026-11-05T16:05"
duration_minutes = 90
lead_minutes = 15
services = ["gateway"]
multiplier = 2.2
source = "investor calendar"
known_since = "2026-10-01T00:00:00Z"
confidence = 0.9

[[session]]
venue = "XNYS"
date = "2026-11-06"
closed = true
"#;

#[test]
fn a_file_adds_events_and_overrules_sessions() {
    let mut calendar = Calendar::new(vec![Venue::builtin("XNYS").unwrap()], false);
    calendar.add_toml("own.toml", FILE).unwrap();
    let all = |known| calendar.events(utc("2026-11-05T00:00:00Z"), utc("2026-11-06T00:00:00Z"), utc(known));
    let found = all("2026-11-01T00:00:00Z");
    assert_eq!(found[0].start, utc("2026-11-05T21:05:00Z"));
    assert!(found[0].concerns("gateway") && !found[0].concerns("ledger"));
    assert!(found[0].prior() < 2.2, "doubt about the date lowers the prior");
    assert!(all("2026-09-01T00:00:00Z").is_empty(), "nobody knew of it then");
    assert!(calendar.venues()[0].session(date("2026-11-06")).is_none());
}

#[test]
fn a_built_in_event_gives_way_to_one_that_was_read() {
    let fed = |services: &str| {
        let text = format!(
            "[[event]]\nclass = \"rate_decision\"\nname = \"Fed\"\nvenue = \"XNYS\"\nstart = \"2026-12-09T14:00\"\nduration_minutes = 60\n{services}"
        );
        let mut calendar = Calendar::load(&["XNYS"], true, &[] as &[&str]).unwrap();
        calendar.add_toml("own", &text).unwrap();
        let at = utc("2026-12-09T19:00:00Z");
        let here = calendar.events(at, at + Duration::minutes(1), at).into_iter();
        here.filter(|event| event.class == EventClass::RateDecision)
            .map(|event| event.name)
            .collect::<Vec<_>>()
    };
    assert_eq!(fed(""), ["Fed"]);
    assert_eq!(
        fed("services = [\"orders\"]\n"),
        ["FOMC decision", "Fed"],
        "the other services keep the built-in one"
    );
}

fn refused(text: &str) -> String {
    let mut calendar = Calendar::new(vec![Venue::builtin("XNYS").unwrap()], false);
    calendar.add_toml("own.toml", text).unwrap_err().to_string()
}

#[test]
fn errors_name_file_and_line() {
    let wrong = FILE.replace("multiplier = 2.2", "multiplyer = 2.2");
    insta::assert_snapshot!(refused(&wrong).split(", expected").next().unwrap(), @"own.toml:10: unknown field `multiplyer`");
    insta::assert_snapshot!(refused(&FILE.replace("\"XNYS\"\nstart", "\"XXXX\"\nstart")), @"own.toml:5: unknown venue `XXXX`: the built-in venues are XNYS, XNAS, XLON, XBOM, XNSE, XASX, XETR, XPAR, XAMS, XBRU, XSWX, XTSE; a [[venue]] table defines another");
    insta::assert_snapshot!(refused(&FILE.replace("2026-11-05T16:05", "tomorrow")), @"own.toml:6: `tomorrow` is no time: write 2026-12-09T14:00 (venue's wall clock) or 2026-12-09T19:00:00Z");
    insta::assert_snapshot!(refused(&FILE.replace("venue = \"XNYS\"\nstart", "start")), @"own.toml:5: `2026-11-05T16:05` has no offset: give one, or a venue whose wall clock it is");
    insta::assert_snapshot!(refused(&FILE.replace("closed = true", "open = \"09:30\"")), @"own.toml:17: give either closed = true, or both open and close");
    insta::assert_snapshot!(refused(&FILE.replace("earnings", "custom").replace("multiplier = 2.2\n", "")), @"own.toml:6: the custom event `ACME results` needs a multiplier: its class has no history");
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused_with_a_line(text in ".{0,200}|(\\[\\[event\\]\\]\n)?([a-z_]{1,12} = [\"0-9a-zT:-]{0,20}\n){0,6}") {
        let mut calendar = Calendar::new(vec![Venue::builtin("XNYS").unwrap()], false);
        if let Err(error) = calendar.add_toml("own.toml", &text) {
            proptest::prop_assert!(error.to_string().starts_with("own.toml:"));
            proptest::prop_assert!(!error.to_string().contains('\n'));
        }
    }

    #[test]
    fn sessions_lie_on_their_local_date_and_never_overlap(days in 0i64..8000, mic in proptest::sample::select(crate::BUILTIN.to_vec())) {
        let venue = Venue::builtin(mic).unwrap();
        let date = date("2006-01-01") + Duration::days(days);
        if let Some(session) = venue.session(date) {
            proptest::prop_assert_eq!(session.open.with_timezone(&venue.tz).date_naive(), date);
            proptest::prop_assert!(session.open < session.close);
            let before = venue.session_on_or_before(date - Duration::days(1)).unwrap();
            proptest::prop_assert!(before.close < session.open);
        }
    }
}
