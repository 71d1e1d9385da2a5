//! TOML, CSV and JSON: the same events from each, and each fault by its line.

use chrono::{DateTime, Utc};
use headroom_calendar::{Calendar, Defaults, Event, EventClass, Format, Reading, Venue, write_toml};

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn read(format: Format, text: &str, defaults: &Defaults) -> (Calendar, Vec<String>) {
    let mut calendar = Calendar::new(vec![Venue::builtin("XNYS").unwrap()], false);
    let faults = calendar.refresh(format, "own", text, defaults);
    (calendar, faults.into_iter().map(|fault| fault.to_string()).collect())
}

fn all(calendar: &Calendar) -> Vec<Event> {
    calendar.events(utc("1990-01-01T00:00:00Z"), utc("2049-01-01T00:00:00Z"), utc("2049-01-01T00:00:00Z"))
}

const TOML: &str = r#"
[[event]]
class = "earnings"
name = "ACME results"
venue = "XNYS"
start = "2026-11-05T16:05"
duration_minutes = 90
lead_minutes = 15
services = ["gateway", "ledger"]
multiplier = 2.2
source = "investor calendar"
known_since = "2026-10-01T00:00:00Z"
confidence = 0.9

[[event]]
class = "ipo"
name = "Newcomer"
start = "2026-11-06T14:30:00Z"
end = "2026-11-06T16:30:00Z"
"#;

const CSV: &str = "\
# from the investor calendar
class,name,venue,start,end,duration_minutes,lead_minutes,services,multiplier,source,known_since,confidence
earnings,ACME results,XNYS,2026-11-05T16:05,,90,15,gateway;ledger,2.2,investor calendar,2026-10-01T00:00:00Z,0.9
ipo,Newcomer,,2026-11-06T14:30:00Z,2026-11-06T16:30:00Z,,,,,,,
";

const JSON: &str = r#"{
  "events": [
    {"class": "earnings", "name": "ACME results", "venue": "XNYS", "start": "2026-11-05T16:05",
     "duration_minutes": 90, "lead_minutes": 15, "services": ["gateway", "ledger"], "multiplier": 2.2,
     "source": "investor calendar", "known_since": "2026-10-01T00:00:00Z", "confidence": 0.9},
    {"class": "ipo", "name": "Newcomer", "start": "2026-11-06T14:30:00Z", "end": "2026-11-06T16:30:00Z"}
  ],
  "overrides": [{"venue": "XNYS", "date": "2026-11-06", "closed": true, "source": "a circular"}]
}"#;

#[test]
fn the_same_events_in_each_format() {
    let defaults = Defaults::default();
    let (toml, faults) = read(Format::Toml, TOML, &defaults);
    assert!(faults.is_empty(), "{faults:?}");
    let events = all(&toml);
    assert_eq!((events.len(), events[0].start), (2, utc("2026-11-05T21:05:00Z")));
    assert_eq!(events[1].duration.num_minutes(), 120);
    for (format, text) in [(Format::Csv, CSV), (Format::Json, JSON)] {
        let (other, faults) = read(format, text, &defaults);
        assert!(faults.is_empty(), "{format:?} {faults:?}");
        assert_eq!(all(&other), events, "{format:?}");
    }
    let (json, _) = read(Format::Json, JSON, &defaults);
    let day = "2026-11-06".parse().unwrap();
    assert!(json.venues()[0].session(day).is_none());
    assert_eq!(json.venues()[0].overridden(day).unwrap().source, "a circular");
}

#[test]
fn a_bad_line_of_a_csv_file_is_named_and_the_others_count() {
    let text = CSV.to_owned()
        + "party,Ball,,2026-11-07T00:00:00Z,,60,,,,,,\n\
           earnings,Late,XNYS,sometime,,60,,,,,,\n\
           earnings,Short\n\
           earnings,Long,XNYS,2026-11-09T16:05,,sixty,,,,,,\n\
           earnings,Last,XNYS,2026-11-10T16:05,,60,,,,,,\n";
    let (calendar, faults) = read(Format::Csv, &text, &Defaults::default());
    assert_eq!(all(&calendar).len(), 3);
    insta::assert_snapshot!(faults.join("\n"), @"
    own:5: unknown variant `party`, expected one of `rate_decision`, `special_session`, `half_day`, `ipo`, `earnings`, `custom`, `index_rebalance`, `quarter_end`, `expiry`, `month_end`, `weekly_expiry`, `payroll`, `open`, `close`
    own:6: `sometime` is no time: write 2026-12-09T14:00 (venue's wall clock) or 2026-12-09T19:00:00Z
    own:7: the line has 2 fields where the header has 12
    own:8: duration_minutes: invalid digit found in string
    ");
    let mut strict = Calendar::new(Vec::new(), false);
    let error = strict.add_text(Format::Csv, "own.csv", &text).unwrap_err().to_string();
    assert!(error.starts_with("own.csv:5: "), "{error}");
    assert!(all(&strict).is_empty(), "a text that is refused leaves nothing behind");
    let (_, faults) = read(Format::Csv, "when,what\n1,2\n", &Defaults::default());
    insta::assert_snapshot!(faults.join("\n"), @"own:1: the header line must name at least the columns name and start, and better also class, venue and duration_minutes");
}

#[test]
fn a_vendors_list_gets_what_the_caller_says() {
    let defaults = Defaults {
        class: Some(EventClass::Earnings),
        venue: Some("XNYS".to_owned()),
        multiplier: Some(1.4),
        services: vec!["gateway".to_owned()],
        source: "vendor".to_owned(),
    };
    let (calendar, faults) = read(Format::Csv, "name,start\nACME,2026-11-05\n", &defaults);
    assert!(faults.is_empty(), "{faults:?}");
    let event = &all(&calendar)[0];
    assert_eq!((event.start, event.duration.num_hours()), (utc("2026-11-05T05:00:00Z"), 24));
    assert_eq!(
        (event.class, event.multiplier, event.source.as_str()),
        (EventClass::Earnings, Some(1.4), "vendor")
    );
    assert!(event.concerns("gateway") && !event.concerns("ledger"));
}

#[test]
fn faults_of_json_and_toml_stand_at_their_line() {
    let (calendar, faults) =
        read(Format::Json, &JSON.replace("2026-11-06T14:30:00Z", "noon"), &Defaults::default());
    assert_eq!(all(&calendar).len(), 1);
    insta::assert_snapshot!(faults.join("\n"), @"own:6: `noon` is no time: write 2026-12-09T14:00 (venue's wall clock) or 2026-12-09T19:00:00Z");
    let (_, faults) = read(
        Format::Json,
        &JSON.replace("\"multiplier\": 2.2", "\"multiplier\": \"high\""),
        &Defaults::default(),
    );
    insta::assert_snapshot!(faults.join("\n"), @r#"own:4: invalid type: string "high", expected f64"#);
    let (_, faults) = read(Format::Json, "{\n  \"event\": [}", &Defaults::default());
    insta::assert_snapshot!(faults.join("\n"), @"own:2: expected value");
    let text =
        TOML.replace("\"ipo\"", "\"party\"").replace("0.9", "9") + "\n[[party]]\nname = \"x\"\n\n[venue]\n";
    let (_, faults) = read(Format::Toml, &text, &Defaults::default());
    insta::assert_snapshot!(faults.join("\n"), @"
    own:13: confidence 9 must lie between 0 and 1
    own:16: unknown variant `party`, expected one of `rate_decision`, `special_session`, `half_day`, `ipo`, `earnings`, `custom`, `index_rebalance`, `quarter_end`, `expiry`, `month_end`, `weekly_expiry`, `payroll`, `open`, `close`
    own:21: unknown field `party`, expected `event`, `override` or `venue`
    own:24: `venue` is not a list of tables: write [[event]] or [[override]] before its fields
    ");
}

#[test]
fn pay_days_by_rule_in_toml() {
    let text = r#"
[[event]]
class = "payroll"
name = "wages"
venue = "XLON"
start = "2026-01-15T06:00"
duration_minutes = 960
rrule = "FREQ=MONTHLY;BYMONTHDAY=15,-1;UNTIL=20260531"
roll = "previous"
bank = "uk"
"#;
    let (calendar, faults) = read(Format::Toml, text, &Defaults::default());
    assert!(faults.is_empty(), "{faults:?}");
    let days: Vec<String> = all(&calendar).iter().map(|e| e.start.format("%m-%d %H").to_string()).collect();
    // Summer time begins on 29 March.
    assert_eq!(
        days,
        [
            "01-15 06", "01-30 06", "02-13 06", "02-27 06", "03-13 06", "03-31 05", "04-15 05", "04-30 05",
            "05-15 05", "05-29 05"
        ]
    );
}

#[test]
fn what_is_written_as_toml_is_read_again() {
    let (calendar, _) = read(Format::Json, JSON, &Defaults::default());
    let overrides: Vec<_> = calendar.venues()[0].overrides().cloned().collect();
    let text = write_toml(&all(&calendar), &overrides);
    let (again, faults) = read(Format::Toml, &text, &Defaults::default());
    assert!(faults.is_empty(), "{faults:?}\n{text}");
    assert_eq!(all(&again), all(&calendar));
    assert_eq!(again.venues()[0].overrides().cloned().collect::<Vec<_>>(), overrides);
    assert_eq!(write_toml(&[], &[]), "");
}

const TOKYO: &str = r#"
[[venue]]
mic = "XTKS"
name = "TSE"
city = "Tokyo"
tz = "Asia/Tokyo"
open = "09:00"
close = "15:30"
first_year = 2026
last_year = 2026
closed = ["2026-11-03", "2026-11-23", "2026-12-31"]
early = [{ date = "2026-12-30", close = "11:30" }]

[[event]]
class = "earnings"
name = "ACME results"
venue = "XTKS"
start = "2026-11-04T15:45"
duration_minutes = 60

[[override]]
venue = "XTKS"
date = "2026-11-23"
open = "10:00"
close = "12:00"
source = "circular"
"#;

#[test]
fn a_venue_that_an_operator_defines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokyo.toml");
    std::fs::write(&path, TOKYO).unwrap();
    let calendar = Calendar::load(&["XNYS", "xtks"], true, &[&path]).unwrap();
    let venue = calendar.venue("XTKS").unwrap();
    let hours = |day: &str| {
        let session = venue.session(day.parse().unwrap())?;
        Some(format!("{:?} {}-{}", session.kind, session.open.format("%H:%M"), session.close.format("%H:%M")))
    };
    assert_eq!(hours("2026-11-02").unwrap(), "Regular 00:00-06:30");
    assert_eq!(hours("2026-11-03"), None);
    assert_eq!(hours("2026-11-07"), None);
    assert_eq!(hours("2026-11-23").unwrap(), "Extra 01:00-03:00");
    assert_eq!(hours("2026-12-30").unwrap(), "Early 00:00-02:30");
    assert!(!venue.covers("2027-01-05".parse().unwrap()));
    let events = calendar.events(
        utc("2026-11-04T06:00:00Z"),
        utc("2026-11-04T08:00:00Z"),
        utc("2026-11-04T00:00:00Z"),
    );
    assert!(events.iter().any(|e| e.class == EventClass::Earnings && e.start == utc("2026-11-04T06:45:00Z")));
    std::fs::write(&path, TOKYO.replace("Asia/Tokyo", "Tokyo").replace("2026-11-04T15:45", "soon")).unwrap();
    let error = Calendar::load(&["XTKS"], true, &[&path]).unwrap_err().to_string();
    assert!(error.ends_with("tokyo.toml:6: `Tokyo` is no time zone: write like Asia/Tokyo"), "{error}");
    assert!(headroom_calendar::check(&[&path]).faults.len() > 1);
    let (_, faults) = read(Format::Toml, &TOKYO.replace("\"XTKS\"", "\"XNYS\""), &Defaults::default());
    assert_eq!(faults, ["own:3: XNYS is built in: write an [[override]] for each day that differs"]);
}

#[test]
fn a_feed_that_is_read_again_replaces_what_it_said() {
    let (mut calendar, _) = read(Format::Json, JSON, &Defaults::default());
    let day = "2026-11-06".parse().unwrap();
    let moved = JSON
        .replace("2026-11-05T16:05", "2026-11-05T16:30")
        .replace("\"date\": \"2026-11-06\"", "\"date\": \"2026-11-09\"");
    assert!(calendar.refresh(Format::Json, "own", &moved, &Defaults::default()).is_empty());
    assert_eq!(all(&calendar).len(), 2);
    assert_eq!(all(&calendar)[0].start, utc("2026-11-05T21:30:00Z"));
    assert!(calendar.venues()[0].session(day).is_some(), "the override has moved too");
    // What another file said stays, and an answer that is no calendar replaces nothing.
    calendar.add_toml("other", TOML).unwrap();
    assert_eq!(calendar.refresh(Format::Json, "own", "<html>", &Defaults::default()).len(), 1);
    assert_eq!(all(&calendar).len(), 4);
    assert!(calendar.refresh(Format::Json, "own", "[]", &Defaults::default()).is_empty());
    assert_eq!(all(&calendar).len(), 2);
}

proptest::proptest! {
    #[test]
    fn events_written_as_toml_come_back(events in proptest::collection::vec(crate::ical::any_event(), 0..5)) {
        let whole = |length: chrono::Duration| chrono::Duration::minutes(length.num_minutes());
        let mut events = events;
        events.iter_mut().for_each(|e| (e.duration, e.lead) = (whole(e.duration), whole(e.lead)));
        let (calendar, faults) = read(Format::Toml, &write_toml(&events, &[]), &Defaults::default());
        proptest::prop_assert!(faults.is_empty(), "{:?}", faults);
        events.sort_by(|a, b| a.start.cmp(&b.start).then_with(|| a.name.cmp(&b.name)));
        let found = calendar.events(utc("1960-01-01T00:00:00Z"), utc("2060-01-01T00:00:00Z"), utc("2060-01-01T00:00:00Z"));
        proptest::prop_assert_eq!(found, events);
    }
}

#[test]
fn a_format_is_told_by_extension_or_media_type() {
    let of = |name: &str| Format::of_extension(std::path::Path::new(name));
    assert_eq!(of("/public/basic.ICS"), Some(Format::ICalendar));
    assert_eq!((of("own.toml"), of("export"), of("a.txt")), (Some(Format::Toml), None, None));
    let of = Format::of_media_type;
    assert_eq!(of("Text/Calendar; charset=utf-8"), Some(Format::ICalendar));
    assert_eq!((of("application/json"), of("text/csv")), (Some(Format::Json), Some(Format::Csv)));
    assert_eq!((of("text/plain"), of("text/html"), of("")), (None, None, None));
}

#[test]
fn readings_are_compared_by_what_they_say() {
    let read = |text: &str| Reading::of(Format::Toml, "own.toml", text, &Defaults::default(), &[]);
    let event = "[[event]]\nclass = \"earnings\"\nname = \"ACME\"\nvenue = \"XNYS\"\nstart = \"2026-11-05T16:05\"\nduration_minutes = 90\n";
    let (plain, commented) = (read(event), read(&format!("# moved down\n\n{event}")));
    assert_eq!((plain.events(), plain.overrides(), plain.faults().len()), (1, 0, 0));
    assert!(plain.says_the_same(&commented));
    assert!(!plain.says_the_same(&read(&event.replace("16:05", "16:10"))));
    assert!(!plain.says_the_same(&read("")));
    let closed = "[[override]]\nvenue = \"XNYS\"\ndate = \"2026-11-06\"\nclosed = true\n";
    assert!(!read("").says_the_same(&read(closed)));
}
