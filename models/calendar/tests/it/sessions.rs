//! Every session of the recorded calendars since 2015, and no other.

use std::collections::BTreeSet;
use std::io::Read;

use chrono::{DateTime, NaiveDate, Utc};
use headroom_calendar::Venue;

use crate::recorded;

fn recorded_sessions(name: &str) -> Option<BTreeSet<(DateTime<Utc>, DateTime<Utc>)>> {
    let file = recorded::directory()?.join(format!("calendar/{name}_sessions.csv.gz"));
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(file).unwrap()).read_to_string(&mut text).unwrap();
    let sessions = text.lines().skip(1).map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        (fields[1].parse().unwrap(), fields[2].parse().unwrap())
    });
    let from: DateTime<Utc> = "2015-01-01T00:00:00Z".parse().unwrap();
    Some(sessions.filter(|(open, _)| *open >= from).collect())
}

fn compare(mic: &str, name: &str) {
    let Some(recorded) = recorded_sessions(name) else { return };
    let last = recorded.last().unwrap().0.date_naive();
    let venue = Venue::builtin(mic).unwrap();
    let ours: BTreeSet<_> = venue
        .sessions(NaiveDate::from_ymd_opt(2015, 1, 1).unwrap(), last)
        .map(|s| (s.open, s.close))
        .collect();
    let differing: Vec<_> = recorded.symmetric_difference(&ours).collect();
    assert!(differing.is_empty(), "{mic} differs on {differing:?}");
    assert!(recorded.len() > 1900, "only {} sessions recorded", recorded.len());
}

#[test]
fn new_york() {
    compare("XNYS", "xnys");
}

#[test]
fn mumbai() {
    compare("XNSE", "xbom");
}

#[test]
fn london() {
    compare("XLON", "xlon");
}
