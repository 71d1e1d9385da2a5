//! Whatever a file holds is read or refused with its line: no input makes a reader panic or run away.

use headroom_calendar::{Calendar, Defaults, EventClass, Format, Venue};
use proptest::prelude::*;

fn read(format: Format, text: &str) {
    let mut calendar = Calendar::new(vec![Venue::builtin("XNYS").unwrap()], false);
    let defaults =
        Defaults { class: Some(EventClass::Payroll), venue: Some("XNYS".to_owned()), ..Defaults::default() };
    for fault in calendar.refresh(format, "own", text, &defaults) {
        assert!(fault.line >= 1, "{fault}");
        assert!(!fault.message.is_empty() && !fault.to_string().contains('\n'), "{fault}");
    }
    let at = |text: &str| text.parse().unwrap();
    calendar.events(at("2020-01-01T00:00:00Z"), at("2021-01-01T00:00:00Z"), at("2021-01-01T00:00:00Z"));
}

/// A part of a rule, often near the edge of what it may be.
fn rule_part() -> impl Strategy<Value = String> {
    let number = prop_oneof![-400i64..400, any::<i32>().prop_map(i64::from), any::<i64>()];
    let numbers = proptest::collection::vec(number, 0..4)
        .prop_map(|list| list.iter().map(ToString::to_string).collect::<Vec<_>>().join(","));
    let key = proptest::sample::select(vec![
        "INTERVAL",
        "COUNT",
        "BYMONTH",
        "BYMONTHDAY",
        "BYYEARDAY",
        "BYWEEKNO",
        "BYSETPOS",
        "BYHOUR",
        "BYMINUTE",
        "BYSECOND",
        "UNTIL",
        "WKST",
        "BYEASTER",
    ]);
    prop_oneof![
        (key, numbers).prop_map(|(key, value)| format!("{key}={value}")),
        "BYDAY=(-?[0-9]{0,3}(MO|TU|WE|TH|FR|SA|SU),?){1,3}",
        "UNTIL=[0-9+-]{4,8}(T[0-9]{6}Z?)?",
        "[A-Z]{0,6}=?[A-Z0-9é;=,]{0,6}",
    ]
}

fn rule() -> impl Strategy<Value = String> {
    let frequency =
        proptest::sample::select(vec!["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "X"]);
    (frequency, proptest::collection::vec(rule_part(), 0..5))
        .prop_map(|(frequency, parts)| format!("FREQ={frequency};{}", parts.join(";")))
}

fn content_line() -> impl Strategy<Value = String> {
    prop_oneof![
        rule().prop_map(|rule| format!("RRULE:{rule}")),
        "(DTSTART|DTEND|RDATE|EXDATE|RECURRENCE-ID|X-HEADROOM-KNOWN-SINCE)(;TZID=(Own|Europe/London|\"\"|;))?(;VALUE=(DATE|PERIOD))?:[0-9+-]{0,8}(T[0-9]{0,6}Z?)?",
        "(DTSTART|DTEND|EXDATE):(16|19|20|21|99)[0-9]{2}(01|06|12)(01|28|31)(T[012][0-9]0000Z?)?",
        "(DURATION|X-HEADROOM-LEAD):[-+]?P?([0-9]{1,20}[WDTHMS]){0,4}",
        "(TZOFFSETFROM|TZOFFSETTO):[-+]?[0-9]{0,6}",
        "(BEGIN|END):(VEVENT|VCALENDAR|VTIMEZONE|STANDARD|DAYLIGHT|VALARM)?",
        "(TZID|UID|SUMMARY|CATEGORIES|STATUS|SEQUENCE|X-HEADROOM-(CLASS|VENUE|MULTIPLIER|CONFIDENCE|SERVICES|ROLL|BANK)):(Own|XNYS|uk|previous|[^\\n]{0,12})",
        "[ \t]?[^\\n]{0,20}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text(text in "\\PC{0,300}|([ -~]{0,20}\\n){0,10}") {
        for format in [Format::Toml, Format::ICalendar, Format::Csv, Format::Json] {
            read(format, &text);
        }
    }

    #[test]
    fn any_rule(rule in rule(), year in 1800i32..2200) {
        read(
            Format::ICalendar,
            &format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:{year}0131T093000\nDURATION:PT1H\nRRULE:{rule}\nEND:VEVENT\nEND:VCALENDAR\n"),
        );
    }

    #[test]
    fn any_content_lines(
        zone in proptest::collection::vec(content_line(), 0..6),
        lines in proptest::collection::vec(content_line(), 0..12),
    ) {
        let text = format!(
            "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Own\nBEGIN:STANDARD\n{}\nEND:STANDARD\nEND:VTIMEZONE\n\
             BEGIN:VEVENT\nSUMMARY:x\n{}\nEND:VEVENT\nEND:VCALENDAR\n",
            zone.join("\n"), lines.join("\n")
        );
        read(Format::ICalendar, &text);
    }

    #[test]
    fn any_fields(
        start in "[0-9+-]{1,6}-(02|12)-(29|31)(T[0-9]{2}:00(:00Z)?)?|[^\\n\",]{0,12}",
        minutes in any::<i64>(),
        number in prop_oneof![any::<f64>().prop_map(|n| n.to_string()), Just("1e400".to_owned())],
        rule in rule(),
    ) {
        read(Format::Csv, &format!("name,start,duration_minutes,multiplier,rrule\nx,{start},{minutes},{number},\"{rule}\"\n"));
        read(Format::Json, &format!("[{{\"name\": \"x\", \"start\": {start:?}, \"duration_minutes\": {minutes}, \"confidence\": {number}}}]"));
        read(Format::Toml, &format!("[[event]]\nname = \"x\"\nstart = {start:?}\nlead_minutes = {minutes}\nduration_minutes = 1\n[[override]]\nvenue = \"XNYS\"\ndate = {start:?}\nclosed = true\n"));
    }
}
