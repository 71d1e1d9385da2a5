//! The built-in decisions of central banks against the recorded lists.

use chrono::{DateTime, NaiveDate, Utc};
use headroom_calendar::{Calendar, EventClass, Venue};

use crate::recorded;

/// Every scheduled day of the recorded list is a built-in decision, and within the list's years there is no other.
fn compare(list: &str, venue: &str, name: &str) {
    let Some(folder) = recorded::directory() else { return };
    let text = std::fs::read_to_string(folder.join(format!("calendar/{list}_decisions.csv"))).unwrap();
    let days: Vec<NaiveDate> = text
        .lines()
        .skip(1)
        .filter_map(|line| line.strip_suffix(",1"))
        .map(|day| day.parse().unwrap())
        .collect();
    assert!(days.len() > 90, "{list} has only {} days", days.len());
    let calendar = Calendar::load(&[venue], true, &[] as &[&str]).unwrap();
    let midnight = |day: NaiveDate| day.and_time(chrono::NaiveTime::MIN).and_utc();
    let (first, last) = (days[0], days[days.len() - 1]);
    let zone = Venue::builtin(venue).unwrap().tz;
    let found: Vec<NaiveDate> = calendar
        .events(midnight(first), midnight(last.succ_opt().unwrap()), DateTime::<Utc>::MAX_UTC)
        .into_iter()
        .filter(|e| e.class == EventClass::RateDecision && e.name == name)
        .map(|e| e.start.with_timezone(&zone).date_naive())
        .collect();
    assert_eq!(found, days, "{list}");
}

#[test]
fn equal_the_recorded_lists() {
    compare("fed", "XNYS", "FOMC decision");
    compare("ecb", "XETR", "ECB decision");
    compare("boe", "XLON", "Bank of England decision");
    compare("rbi", "XNSE", "RBI decision");
}
