//! The examples of RFC 5545, 3.8.5.3, in New York and through a VTIMEZONE of the file as 3.6.5 gives it. A rule more
//! often than hourly is refused, so that those examples are left out.

use chrono::{DateTime, Utc};
use chrono_tz::America::New_York;
use headroom_calendar::{Calendar, Format};

/// The zone of RFC 5545, 3.6.5: New York's rules since 1967, those of 1987 and 2007 with their changes.
const ZONE: &str = "BEGIN:VTIMEZONE
TZID:Corner-of-the-world
LAST-MODIFIED:20050809T050000Z
BEGIN:DAYLIGHT
DTSTART:19670430T020000
RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=-1SU;UNTIL=19730429T070000Z
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
TZNAME:EDT
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19671029T020000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20061029T060000Z
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
TZNAME:EST
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19740106T020000
RDATE:19750223T020000
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
TZNAME:EDT
END:DAYLIGHT
BEGIN:DAYLIGHT
DTSTART:19760425T020000
RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=-1SU;UNTIL=19860427T070000Z
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
TZNAME:EDT
END:DAYLIGHT
BEGIN:DAYLIGHT
DTSTART:19870405T020000
RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU;UNTIL=20060402T070000Z
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
TZNAME:EDT
END:DAYLIGHT
BEGIN:DAYLIGHT
DTSTART:20070311T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
TZNAME:EDT
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20071104T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
TZNAME:EST
END:STANDARD
END:VTIMEZONE
";

fn starts(recurrence: &str, until: &str) -> Vec<DateTime<Utc>> {
    let lines: Vec<&str> = recurrence.split_whitespace().collect();
    let text = format!(
        "BEGIN:VCALENDAR\n{ZONE}BEGIN:VEVENT\nUID:a\nSUMMARY:example\nDURATION:PT1H\nCATEGORIES:EARNINGS\n{}\n\
         END:VEVENT\nEND:VCALENDAR\n",
        lines.join("\n")
    );
    let mut calendar = Calendar::new(Vec::new(), false);
    calendar.add_text(Format::ICalendar, "rfc.ics", &text).unwrap();
    let at = |text: &str| format!("{text}T00:00:00Z").parse::<DateTime<Utc>>().unwrap();
    calendar.events(at("1990-01-01"), at(until), at("2040-01-01")).into_iter().map(|e| e.start).collect()
}

/// The starts as wall-clock days in New York, of which the months and hours are told once.
fn days(recurrence: &str, until: &str) -> String {
    let mut out = String::new();
    let mut month = String::new();
    for start in starts(recurrence, until) {
        let local = start.with_timezone(&New_York);
        let this = local.format("%Y-%m:").to_string();
        if this != month {
            let between = if month.is_empty() { "" } else { " " };
            out += &format!("{between}{this}");
            month = this;
        }
        out += &local.format(" %-d").to_string();
        assert_eq!(local.format("%M:%S").to_string(), "00:00");
    }
    out
}

const START: &str = "DTSTART;TZID=Corner-of-the-world:19970902T090000 ";

fn vector(rule: &str, until: &str, expected: &str) {
    assert_eq!(days(&format!("{START}RRULE:{rule}"), until), expected, "{rule}");
}

#[test]
fn daily_and_weekly() {
    vector("FREQ=DAILY;COUNT=10", "2000-01-01", "1997-09: 2 3 4 5 6 7 8 9 10 11");
    vector("FREQ=DAILY;INTERVAL=10;COUNT=5", "2000-01-01", "1997-09: 2 12 22 1997-10: 2 12");
    vector("FREQ=WEEKLY;COUNT=10", "2000-01-01", "1997-09: 2 9 16 23 30 1997-10: 7 14 21 28 1997-11: 4");
    vector(
        "FREQ=WEEKLY;UNTIL=19971224T000000Z",
        "2000-01-01",
        "1997-09: 2 9 16 23 30 1997-10: 7 14 21 28 1997-11: 4 11 18 25 1997-12: 2 9 16 23",
    );
    vector("FREQ=WEEKLY;INTERVAL=2;WKST=SU", "1997-11-20", "1997-09: 2 16 30 1997-10: 14 28 1997-11: 11");
    vector(
        "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH",
        "2000-01-01",
        "1997-09: 2 4 9 11 16 18 23 25 30 1997-10: 2",
    );
    vector(
        "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
        "2000-01-01",
        "1997-09: 2 4 16 18 30 1997-10: 2 14 16",
    );
}

#[test]
fn the_week_begins_where_the_rule_says() {
    let start =
        "DTSTART;TZID=Corner-of-the-world:19970805T090000 RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;";
    assert_eq!(days(&format!("{start}WKST=MO"), "2000-01-01"), "1997-08: 5 10 19 24");
    assert_eq!(days(&format!("{start}WKST=SU"), "2000-01-01"), "1997-08: 5 17 19 31");
}

#[test]
fn monthly() {
    let friday = "DTSTART;TZID=Corner-of-the-world:19970905T090000 RRULE:";
    assert_eq!(
        days(&format!("{friday}FREQ=MONTHLY;COUNT=10;BYDAY=1FR"), "2000-01-01"),
        "1997-09: 5 1997-10: 3 1997-11: 7 1997-12: 5 1998-01: 2 1998-02: 6 1998-03: 6 1998-04: 3 1998-05: 1 1998-06: 5"
    );
    let last = "DTSTART;TZID=Corner-of-the-world:19970928T090000 RRULE:FREQ=MONTHLY;BYMONTHDAY=-3";
    assert_eq!(
        days(last, "1998-03-01"),
        "1997-09: 28 1997-10: 29 1997-11: 28 1997-12: 29 1998-01: 29 1998-02: 26"
    );
    vector(
        "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
        "2000-01-01",
        "1997-09: 2 15 1997-10: 2 15 1997-11: 2 15 1997-12: 2 15 1998-01: 2 15",
    );
    vector(
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
        "1998-02-01",
        "1997-09: 2 9 16 23 30 1997-11: 4 11 18 25 1998-01: 6 13 20 27",
    );
    let thirteenth = format!(
        "{START}EXDATE;TZID=Corner-of-the-world:19970902T090000 RRULE:FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13"
    );
    assert_eq!(
        days(&thirteenth, "2000-12-01"),
        "1998-02: 13 1998-03: 13 1998-11: 13 1999-08: 13 2000-10: 13"
    );
    let tuesday = "DTSTART;TZID=Corner-of-the-world:19970904T090000 RRULE:FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3";
    assert_eq!(days(tuesday, "2000-01-01"), "1997-09: 4 1997-10: 7 1997-11: 6");
    let workday = "DTSTART;TZID=Corner-of-the-world:19970929T090000 RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2";
    assert_eq!(
        days(workday, "1998-04-01"),
        "1997-09: 29 1997-10: 30 1997-11: 27 1997-12: 30 1998-01: 29 1998-02: 26 1998-03: 30"
    );
    let invalid =
        "DTSTART;TZID=Corner-of-the-world:20070115T090000 RRULE:FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5";
    assert_eq!(days(invalid, "2010-01-01"), "2007-01: 15 30 2007-02: 15 2007-03: 15 30");
}

#[test]
fn yearly() {
    let june = "DTSTART;TZID=Corner-of-the-world:19970610T090000 RRULE:FREQ=YEARLY;COUNT=4;BYMONTH=6,7";
    assert_eq!(days(june, "2010-01-01"), "1997-06: 10 1997-07: 10 1998-06: 10 1998-07: 10");
    let ordinal = "DTSTART;TZID=Corner-of-the-world:19970101T090000 RRULE:FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200";
    assert_eq!(
        days(ordinal, "2010-01-01"),
        "1997-01: 1 1997-04: 10 1997-07: 19 2000-01: 1 2000-04: 9 2000-07: 18 2003-01: 1 2003-04: 10 2003-07: 19 2006-01: 1"
    );
    let monday = "DTSTART;TZID=Corner-of-the-world:19970519T090000 RRULE:FREQ=YEARLY;BYDAY=20MO";
    assert_eq!(days(monday, "2000-01-01"), "1997-05: 19 1998-05: 18 1999-05: 17");
    let week = "DTSTART;TZID=Corner-of-the-world:19970512T090000 RRULE:FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO";
    assert_eq!(days(week, "2000-01-01"), "1997-05: 12 1998-05: 11 1999-05: 17");
    let election = "DTSTART;TZID=Corner-of-the-world:19961105T090000 \
                    RRULE:FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8";
    assert_eq!(days(election, "2005-01-01"), "1996-11: 5 2000-11: 7 2004-11: 2");
}

#[test]
fn an_hour_of_the_wall_clock_stays_across_summer_time() {
    let found = starts(&format!("{START}RRULE:FREQ=DAILY;UNTIL=19971224T000000Z"), "2000-01-01");
    assert_eq!(found.len(), 113);
    let utc = |day: usize| found[day].format("%m-%dT%H").to_string();
    assert_eq!(
        (utc(0), utc(53), utc(54), utc(112)),
        ("09-02T13".into(), "10-25T13".into(), "10-26T14".into(), "12-23T14".into())
    );
}

#[test]
fn hours_of_a_day() {
    let hourly = starts(&format!("{START}RRULE:FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z"), "2000-01-01");
    // The RFC prints UNTIL=19970902T170000Z, which by its own words would end at 13:00 in New York.
    let hours: Vec<String> =
        hourly.iter().map(|t| t.with_timezone(&New_York).format("%H:%M").to_string()).collect();
    assert_eq!(hours, ["09:00", "12:00", "15:00"]);
}
