//! What the check says of files.

use headroom_calendar::check;

fn checked(files: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<_> = files
        .iter()
        .map(|(name, text)| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        })
        .collect();
    let checked = check(&paths);
    let faults = checked.faults.iter().map(|fault| format!("fault {fault}"));
    let warnings = checked.warnings.iter().map(|warning| format!("warning {warning}"));
    let mut lines: Vec<String> = faults.chain(warnings).collect();
    lines.push(format!(
        "{} events, {} overrides, good: {}",
        checked.events,
        checked.overrides,
        checked.is_good()
    ));
    lines.join("\n").replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn faults_and_doubts_of_several_files() {
    let toml = r#"
[[event]]
class = "earnings"
name = "ACME results"
venue = "XNYS"
start = "2026-11-26T16:05"
duration_minutes = 90

[[event]]
class = "earnings"
name = "Rumour"
venue = "XNYS"
start = "2031-11-05T16:05"
duration_minutes = 90
confidence = 0.2
source = "forum"
known_since = "2031-11-06T00:00"

[[event]]
class = "earnings"
name = "no length"
start = "2026-11-05T16:05:00Z"

[[override]]
venue = "XNYS"
date = "2026-11-26"
closed = true
"#;
    let csv = "class,name,venue,start,duration_minutes,source\nearnings,ACME results,XNYS,2026-11-26T16:05,90,vendor\n";
    let ical = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:listing\nCATEGORIES:IPO\nDTSTART:20261201T143000Z\n\
                X-HEADROOM-SOURCE:vendor\nEND:VEVENT\nEND:VCALENDAR\n";
    insta::assert_snapshot!(checked(&[("a.toml", toml), ("b.csv", csv), ("c.ics", ical)]), @"
    fault a.toml:22: missing field `duration_minutes`: give it, or `end`
    warning a.toml:2: `ACME results` does not tell its source: nobody can check its date
    warning a.toml:2: `ACME results` falls on 2026-11-26, on which XNYS does not trade: check the date
    warning a.toml:9: `Rumour` is unsure (confidence 0.2): confirm it with its source
    warning a.toml:9: `Rumour` is known only after its start: a forecast will never see it coming
    warning a.toml:9: `Rumour` is on 2031-11-05, and XNYS is covered from 1990 to 2028: outside, every weekday counts as a session and holidays are missing; add an [[override]] for each that matters
    warning a.toml:24: the override of XNYS 2026-11-26 does not tell its source: nobody can check it
    warning a.toml:24: the override of XNYS 2026-11-26 says what the built-in calendar says: it can go
    warning b.csv:2: `ACME results` falls on 2026-11-26, on which XNYS does not trade: check the date
    warning b.csv:2: `ACME results` at this start already stands at a.toml:2: remove one of them
    warning c.ics:2: neither DTEND nor DURATION: 60 minutes are assumed
    4 events, 1 overrides, good: false
    ");
}

#[test]
fn a_file_that_is_not_there_is_a_fault() {
    let checked = check(&["/nowhere/calendar.toml"]);
    assert!(!checked.is_good());
    assert!(checked.faults[0].to_string().starts_with("/nowhere/calendar.toml:1: the file cannot be read"));
}
