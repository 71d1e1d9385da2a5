//! Every session of the recorded calendars, from their first day to their last, and no other.

use std::collections::BTreeMap;
use std::io::Read;

use chrono::{DateTime, NaiveDate, Utc};
use headroom_calendar::{Coverage, SessionKind, Venue};

use crate::recorded;

type Hours = (DateTime<Utc>, DateTime<Utc>);

fn recorded_sessions(name: &str) -> Option<BTreeMap<NaiveDate, Hours>> {
    let file = recorded::directory()?.join(format!("calendar/{name}_sessions.csv.gz"));
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(file).unwrap()).read_to_string(&mut text).unwrap();
    let sessions = text.lines().skip(1).map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        let date: DateTime<Utc> = fields[0].parse().unwrap();
        (date.date_naive(), (fields[1].parse().unwrap(), fields[2].parse().unwrap()))
    });
    Some(sessions.collect())
}

/// Compares every calendar day of the file's years, so that a day too many counts like one too few.
fn compare(mic: &str, name: &str, sessions: usize) {
    let Some(recorded) = recorded_sessions(name) else { return };
    assert_eq!(recorded.len(), sessions, "the recorded file has changed");
    let venue = Venue::builtin(mic).unwrap();
    let (first, last) = (*recorded.keys().next().unwrap(), *recorded.keys().next_back().unwrap());
    let differing: Vec<_> = first
        .iter_days()
        .take_while(|day| *day <= last)
        .filter(|day| venue.session(*day).map(|s| (s.open, s.close)) != recorded.get(day).copied())
        .collect();
    assert!(differing.is_empty(), "{mic} differs on {differing:?}");
    assert_eq!(venue.coverage(first), Coverage::Full);
    assert_eq!(venue.coverage(last), Coverage::Full);
}

#[test]
fn new_york() {
    compare("XNYS", "xnys", 8324);
    compare("XNAS", "xnys", 8324);
}

#[test]
fn mumbai() {
    compare("XBOM", "xbom", 7419);
    compare("XNSE", "xbom", 7419);
}

#[test]
fn london() {
    compare("XLON", "xlon", 8515);
}

/// Sessions, minutes of trading and half days up to 2027 as `exchange_calendars` 4.13.2 counts them. For Sydney it
/// leaves out the two half days of 2022, which are 110 minutes short each.
#[test]
fn other_venues_agree_in_number() {
    for (mic, first, sessions, minutes, early) in [
        ("XNYS", 1990, 9569, 3_717_750, 80),
        ("XLON", 1990, 9604, 4_880_040, 75),
        ("XETR", 2002, 6607, 3_365_790, 18),
        ("XPAR", 2002, 6659, 3_388_300, 38),
        ("XAMS", 2002, 6659, 3_388_300, 38),
        ("XBRU", 2002, 6659, 3_388_300, 38),
        ("XSWX", 1996, 8038, 4_099_380, 0),
        ("XTSE", 1990, 9551, 3_722_550, 13),
        ("XASX", 2010, 4556, 1_636_420 - 2 * 110, 34 + 2),
    ] {
        let venue = Venue::builtin(mic).unwrap();
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
        let found: Vec<_> = venue.sessions(day(first, 1, 1), day(2027, 12, 31)).collect();
        let halves = found.iter().filter(|s| s.kind == SessionKind::Early).count();
        let open: i64 = found.iter().map(|s| (s.close - s.open).num_minutes()).sum();
        assert_eq!((found.len(), open, halves), (sessions, minutes, early), "{mic}");
    }
}
