//! iCalendar in and out.

use chrono::{DateTime, Duration, TimeZone, Utc};
use headroom_calendar::{Calendar, Defaults, Event, EventClass, Format, Venue, write_ical};
use proptest::prelude::*;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn read(text: &str) -> (Vec<Event>, Vec<String>) {
    read_with(text, &Defaults { class: Some(EventClass::Earnings), ..Defaults::default() })
}

fn read_with(text: &str, defaults: &Defaults) -> (Vec<Event>, Vec<String>) {
    let mut calendar = Calendar::new(vec![Venue::builtin("XNYS").unwrap()], false);
    let faults = calendar.refresh(Format::ICalendar, "own.ics", text, defaults);
    let events = calendar.events(utc("1990-01-01T00:00:00Z"), utc("2049-01-01T00:00:00Z"), Utc::now());
    (events, faults.into_iter().map(|fault| fault.to_string()).collect())
}

fn calendar(events: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}END:VCALENDAR\r\n", events.replace('\n', "\r\n"))
}

fn event(lines: &str) -> String {
    format!("BEGIN:VEVENT\n{lines}\nEND:VEVENT\n")
}

fn starts(lines: &str) -> Vec<String> {
    let (events, faults) = read(&calendar(&event(lines)));
    assert!(faults.is_empty(), "{faults:?}");
    events.iter().map(|e| e.start.format("%Y-%m-%dT%H:%MZ").to_string()).collect()
}

fn fault(lines: &str) -> String {
    let (events, faults) = read_with(&calendar(&event(lines)), &Defaults::default());
    assert_eq!((events.len(), faults.len()), (0, 1), "{faults:?}");
    faults[0].clone()
}

#[test]
fn a_vendors_event_with_folded_lines_and_escapes() {
    let text = calendar(&event(
        "UID:1\nSUMMARY:ACME\\, Inc. resu\n lts\\; call\nDTSTART;TZID=\"America/New_York\":20261105T160500\n\
         DTEND:20261105T223500Z\nCATEGORIES:BUSINESS,earnings\nX-HEADROOM-VENUE:XNYS\nX-HEADROOM-LEAD:PT15M\n\
         X-HEADROOM-SERVICES:gateway,order\\,book\nX-HEADROOM-MULTIPLIER:2.2\nX-HEADROOM-CONFIDENCE:0.9\n\
         X-HEADROOM-KNOWN-SINCE:20261001T000000Z\nX-HEADROOM-SOURCE:investor calendar",
    ));
    let (events, faults) = read_with(&text, &Defaults::default());
    assert!(faults.is_empty(), "{faults:?}");
    let expected = Event {
        class: EventClass::Earnings,
        name: "ACME, Inc. results; call".to_owned(),
        venue: Some("XNYS".to_owned()),
        start: utc("2026-11-05T21:05:00Z"),
        duration: Duration::minutes(90),
        lead: Duration::minutes(15),
        services: vec!["gateway".to_owned(), "order,book".to_owned()],
        multiplier: Some(2.2),
        source: "investor calendar".to_owned(),
        known_since: Some(utc("2026-10-01T00:00:00Z")),
        confidence: 0.9,
        follows_venue: false,
    };
    assert_eq!(events, [expected]);
}

#[test]
fn times_with_and_without_a_zone() {
    assert_eq!(starts("DTSTART:20260706T140000Z\nDURATION:PT1H"), ["2026-07-06T14:00Z"]);
    assert_eq!(starts("DTSTART;TZID=Europe/London:20260706T140000\nDURATION:PT1H"), ["2026-07-06T13:00Z"]);
    let prefixed =
        "DTSTART;TZID=/freeassociation.sourceforge.net/Europe/London:20260706T140000\nDURATION:PT1H";
    assert_eq!(starts(prefixed), ["2026-07-06T13:00Z"]);
    // A floating time is the venue's wall clock; a date is its whole day, of 23 hours when clocks go forward.
    assert_eq!(
        starts("DTSTART:20260706T093000\nDURATION:PT1H\nX-HEADROOM-VENUE:XNYS"),
        ["2026-07-06T13:30Z"]
    );
    let (day, _) = read(&calendar(&event("DTSTART;VALUE=DATE:20260308\nX-HEADROOM-VENUE:XNYS")));
    assert_eq!((day[0].start, day[0].duration), (utc("2026-03-08T05:00:00Z"), Duration::hours(23)));
    let zoned = calendar(&event("DTSTART:20260706T093000\nDURATION:PT1H"));
    let zoned = zoned.replace("VERSION:2.0", "VERSION:2.0\r\nX-WR-TIMEZONE:Asia/Kolkata");
    assert_eq!(read(&zoned).0[0].start, utc("2026-07-06T04:00:00Z"));
}

#[test]
fn exceptions_of_a_series() {
    let weekly = "DTSTART;TZID=America/New_York:20261020T100000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=4";
    assert_eq!(
        starts(weekly),
        ["2026-10-20T14:00Z", "2026-10-27T14:00Z", "2026-11-03T15:00Z", "2026-11-10T15:00Z"]
    );
    // EXDATE in UTC, as a wall-clock time and as a date; RDATE adds.
    let excluded = format!(
        "{weekly}\nEXDATE:20261027T140000Z\nEXDATE;TZID=America/New_York:20261103T100000\n\
         EXDATE;VALUE=DATE:20261110\nRDATE;TZID=America/New_York:20261105T120000"
    );
    assert_eq!(starts(&excluded), ["2026-10-20T14:00Z", "2026-11-05T17:00Z"]);
    // One occurrence moves, another is cancelled, and a later version of the series counts.
    let text = calendar(
        &(event(&format!("UID:a\nSEQUENCE:1\n{weekly}"))
            + &event(&format!("UID:a\nSEQUENCE:0\n{}", weekly.replace("COUNT=4", "COUNT=9")))
            + &event(
                "UID:a\nRECURRENCE-ID;TZID=America/New_York:20261027T100000\nDTSTART:20261028T180000Z\nDURATION:PT2H",
            )
            + &event(
                "UID:a\nRECURRENCE-ID:20261110T150000Z\nSTATUS:CANCELLED\nDTSTART:20261110T150000Z\nDURATION:PT1H",
            )
            + &event("UID:b\nSTATUS:CANCELLED\nDTSTART:20261110T150000Z\nDURATION:PT1H")),
    );
    let (events, faults) = read(&text);
    assert!(faults.is_empty(), "{faults:?}");
    let found: Vec<_> =
        events.iter().map(|e| (e.start.format("%d %H").to_string(), e.duration.num_hours())).collect();
    assert_eq!(found, [("20 14".into(), 1), ("28 18".into(), 2), ("03 15".into(), 1)]);
}

#[test]
fn a_pay_day_rolls_to_a_business_day() {
    let last = "DTSTART;TZID=America/New_York:20260131T060000\nDURATION:PT16H\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=5\n\
                X-HEADROOM-ROLL:previous\nX-HEADROOM-BANK:us_fed";
    let days: Vec<String> = starts(last).iter().map(|s| s[5..10].to_owned()).collect();
    assert_eq!(days, ["01-30", "02-27", "03-31", "04-30", "05-29"]);
    // Every second Friday; Christmas Day 2026 is one.
    let friday = "DTSTART;TZID=America/New_York:20261127T060000\nDURATION:PT16H\nRRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=3\n\
                  X-HEADROOM-ROLL:previous\nX-HEADROOM-BANK:us_fed";
    let days: Vec<String> = starts(friday).iter().map(|s| s[5..10].to_owned()).collect();
    assert_eq!(days, ["11-27", "12-11", "12-24"]);
}

#[test]
fn what_is_wrong_is_named_by_its_line() {
    insta::assert_snapshot!(fault("DTSTART:20261301T000000Z\nCATEGORIES:earnings"), @"own.ics:4: `20261301T000000Z` is no time: write 20261209T190000Z, 20261209T140000 or 20261209");
    insta::assert_snapshot!(fault("SUMMARY:x\nCATEGORIES:earnings"), @"own.ics:3: the event has no DTSTART: it cannot be placed");
    insta::assert_snapshot!(fault("CATEGORIES:earnings\nDTSTART:20261201T000000"), @"own.ics:5: `20261201T000000` names no zone: give a TZID, X-WR-TIMEZONE, or a venue whose clock it is");
    insta::assert_snapshot!(fault("CATEGORIES:earnings\nDTSTART;TZID=Mars/Base:20261201T000000"), @"own.ics:5: the zone `Mars/Base` is neither defined by a VTIMEZONE of the file nor in the IANA database");
    insta::assert_snapshot!(fault("DTSTART:20261201T000000Z\nSUMMARY:lunch\nCATEGORIES:fun"), @"own.ics:5: the event has no class: add CATEGORIES:, or a default class, with rate_decision, special_session, half_day, ipo, earnings, custom, index_rebalance, quarter_end, expiry, month_end, weekly_expiry, payroll, open, close");
    insta::assert_snapshot!(fault("CATEGORIES:ipo\nDTSTART:20261201T000000Z\nRRULE:FREQ=DAILY;BYDAY=XX"), @"own.ics:6: the rule `FREQ=DAILY;BYDAY=XX` cannot be followed: RRule parsing error: `XX` is not a valid weekday. Valid values are `MO`, `TU`, `WE`, `TH`, `FR`, `SA` and `SU`.");
    insta::assert_snapshot!(fault("CATEGORIES:ipo\nDTSTART:20261201T000000Z\nRRULE:FREQ=MINUTELY"), @"own.ics:6: FREQ=MINUTELY is too often for an event: use HOURLY with BYMINUTE, or DAILY");
    insta::assert_snapshot!(fault("CATEGORIES:ipo\nDTSTART:20261201T000000Z\nRRULE:FREQ=HOURLY"), @"own.ics:6: the rule `FREQ=HOURLY` gives 50000 occurrences or more before 2050: end it with UNTIL or COUNT");
    insta::assert_snapshot!(fault("CATEGORIES:ipo\nDTSTART:20261201T000000Z\nDTEND:20261130T000000Z"), @"own.ics:6: the event ends (20261130T000000Z) before it has begun");
    insta::assert_snapshot!(fault("CATEGORIES:ipo\nDTSTART:20261201T000000Z\nX-HEADROOM-ROLL:previous"), @"own.ics:6: a roll needs a bank: us_fed, target2, uk or india");
    insta::assert_snapshot!(fault("CATEGORIES:custom\nDTSTART:20261201T000000Z\nSUMMARY:sale"), @"own.ics:5: the custom event `sale` needs a multiplier: its class has no history");
    let (_, faults) = read("hello");
    assert_eq!(
        faults,
        [
            "own.ics:1: no colon between name and value: a content line is written NAME:value (RFC 5545, 3.1)",
            "own.ics:1: no BEGIN:VCALENDAR: this is not an iCalendar file (RFC 5545)"
        ]
    );
}

#[test]
fn what_is_good_in_a_file_cut_off_is_kept() {
    let whole = calendar(
        &(event("DTSTART:20261201T000000Z\nDURATION:PT1H")
            + &event("DTSTART:20261202T000000Z\nDURATION:PT1H")),
    );
    let cut = &whole[..whole.rfind("DURATION").unwrap()];
    let (events, faults) = read(cut);
    assert_eq!(events.len(), 1);
    assert_eq!(
        faults,
        [
            "own.ics:1: BEGIN:VCALENDAR without an END:VCALENDAR: is the file cut off?",
            "own.ics:7: BEGIN:VEVENT without an END:VEVENT: is the file cut off?"
        ]
    );
}

pub(crate) fn any_event() -> impl Strategy<Value = Event> {
    let text = "[^\\p{Cc}\\p{Z}][^\\p{Cc}]{0,90}";
    let when = 0i64..2_500_000_000;
    (
        (
            proptest::sample::select(EventClass::ALL.to_vec()),
            text,
            proptest::option::of(proptest::sample::select(headroom_calendar::BUILTIN.to_vec())),
        ),
        (when.clone(), 60i64..31_000_000, 0i64..31_000_000),
        (proptest::collection::vec("[^\\p{Cc}]{1,12}", 0..3), proptest::option::of(0.01f64..100.0)),
        ("|[^\\p{Cc}]{1,40}", proptest::option::of(when), 0.0f64..=1.0, any::<bool>()),
    )
        .prop_map(
            |(
                (class, name, venue),
                (start, duration, lead),
                (services, multiplier),
                (source, known, confidence, follows_venue),
            )| {
                let at = |seconds| Utc.timestamp_opt(seconds, 0).unwrap();
                Event {
                    class,
                    name,
                    venue: venue.map(str::to_owned),
                    start: at(start),
                    duration: Duration::seconds(duration),
                    lead: Duration::seconds(lead),
                    services,
                    multiplier: multiplier.or((class == EventClass::Custom).then_some(1.5)),
                    source,
                    known_since: known.map(at),
                    confidence,
                    follows_venue,
                }
            },
        )
}

proptest! {
    #[test]
    fn written_events_come_back(events in proptest::collection::vec(any_event(), 0..5)) {
        let text = write_ical(&events, utc("2026-11-27T00:00:00Z"));
        prop_assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')));
        let mut calendar = Calendar::new(Vec::new(), false);
        calendar.add_text(Format::ICalendar, "own.ics", &text).unwrap();
        let found = calendar.events(utc("1960-01-01T00:00:00Z"), utc("2060-01-01T00:00:00Z"), utc("2060-01-01T00:00:00Z"));
        let mut expected = events;
        expected.sort_by(|a, b| a.start.cmp(&b.start).then_with(|| a.name.cmp(&b.name)));
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn the_same_event_twice_is_two_entries() {
    let mut calendar = Calendar::load(&["XNYS"], true, &[] as &[&str]).unwrap();
    let day = |calendar: &Calendar| {
        calendar.events(utc("2026-12-09T00:00:00Z"), utc("2026-12-10T00:00:00Z"), utc("2026-12-09T00:00:00Z"))
    };
    let decision = day(&calendar).into_iter().find(|e| e.class == EventClass::RateDecision).unwrap();
    calendar.add_event(decision.clone());
    let twice = [decision.clone(), decision];
    let text = write_ical(&twice, utc("2026-11-27T00:00:00Z"));
    let mut other = Calendar::new(Vec::new(), false);
    other.add_text(Format::ICalendar, "own.ics", &text).unwrap();
    assert_eq!(day(&other), twice);
    insta::assert_snapshot!(write_ical(&twice[..1], utc("2026-11-27T00:00:00Z")).replace("\r\n", "\n"), @r"
    BEGIN:VCALENDAR
    VERSION:2.0
    PRODID:-//Headroom//Calendar//EN
    CALSCALE:GREGORIAN
    BEGIN:VEVENT
    UID:rate_decision-XNYS-20261209T190000Z-FOMC-decision@headroom
    DTSTAMP:20261127T000000Z
    DTSTART:20261209T190000Z
    DURATION:PT7200S
    SUMMARY:FOMC decision
    CATEGORIES:rate_decision
    X-HEADROOM-CLASS:rate_decision
    X-HEADROOM-VENUE:XNYS
    X-HEADROOM-LEAD:PT1800S
    X-HEADROOM-SOURCE:public list mended by hand\, federalreserve.gov from 2024
    X-HEADROOM-KNOWN-SINCE:20250801T040000Z
    END:VEVENT
    END:VCALENDAR
    ");
}
