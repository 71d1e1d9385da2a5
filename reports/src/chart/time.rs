//! Ticks of a time axis, in UTC.

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc};

use super::scale::Tick;

/// The first moment that an axis shows: the year 1.
pub(super) const MIN: f64 = -62_135_596_800.0;
/// The last moment that an axis shows: the end of the year 9999.
pub(super) const MAX: f64 = 253_402_300_799.0;

/// Steps of less than a day, in seconds.
const SHORT: [i64; 15] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 10_800, 21_600];
const HALF_DAY: i64 = 43_200;
/// Steps of days.
const DAYS: [i64; 4] = [1, 2, 7, 14];
/// Steps of months.
const MONTHS: [u32; 10] = [1, 3, 6, 12, 24, 60, 120, 240, 600, 1_200];

/// A moment on an axis.
pub(super) fn moment(seconds: f64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds.clamp(MIN, MAX) as i64, 0).unwrap_or_default()
}

/// At most about `count` ticks from `low` to `high`, in Unix seconds.
pub(super) fn ticks(low: f64, high: f64, count: usize) -> Vec<Tick> {
    let span = high - low;
    let fits = |step: f64| span / step <= count as f64;
    if let Some(step) = SHORT.into_iter().chain([HALF_DAY]).find(|s| fits(*s as f64)) {
        return short(low, high, step);
    }
    if let Some(days) = DAYS.into_iter().find(|d| fits(*d as f64 * 86_400.0)) {
        return by_days(low, high, days);
    }
    let months = MONTHS.into_iter().find(|m| fits(f64::from(*m) * 30.44 * 86_400.0)).unwrap_or(12_000);
    by_months(low, high, months)
}

fn short(low: f64, high: f64, step: i64) -> Vec<Tick> {
    let format = if step < 60 { "%H:%M:%S" } else { "%H:%M" };
    let first = (low / step as f64).ceil() as i64 * step;
    let mut day = None;
    (0..200)
        .map(|i| first + i * step)
        .take_while(|at| *at as f64 <= high)
        .map(|at| {
            let moment = moment(at as f64);
            let changed = day.replace(moment.date_naive()) != Some(moment.date_naive());
            Tick {
                at: at as f64,
                label: moment.format(format).to_string(),
                under: changed.then(|| moment.format("%-d %b %Y").to_string()),
            }
        })
        .collect()
}

fn by_days(low: f64, high: f64, days: i64) -> Vec<Tick> {
    let mut date = moment(low).date_naive();
    if moment(low).time().num_seconds_from_midnight() > 0 {
        date += TimeDelta::days(1);
    }
    // Weeks begin on Mondays; of two days, the odd ones since an arbitrary Monday.
    let monday = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap_or_default();
    date += TimeDelta::days((days - (date - monday).num_days().rem_euclid(days)) % days);
    let mut year = None;
    let mut out = Vec::new();
    while out.len() < 200 {
        let at = seconds(date);
        if at > high {
            break;
        }
        let changed = year.replace(date.year()) != Some(date.year());
        let under = changed.then(|| date.year().to_string());
        out.push(Tick { at, label: date.format("%-d %b").to_string(), under });
        date += TimeDelta::days(days);
    }
    out
}

fn by_months(low: f64, high: f64, months: u32) -> Vec<Tick> {
    let start = moment(low).date_naive();
    let index = start.year() * 12 + start.month0() as i32;
    let first = index.div_euclid(months as i32) * months as i32;
    let first = NaiveDate::from_ymd_opt(first.div_euclid(12), first.rem_euclid(12) as u32 + 1, 1);
    let mut year = None;
    let mut out = Vec::new();
    let mut next = first;
    while let Some(date) = next.filter(|d| seconds(*d) <= high && out.len() < 200) {
        next = date.checked_add_months(Months::new(months));
        if seconds(date) < low {
            continue;
        }
        if months >= 12 {
            out.push(Tick::new(seconds(date), date.year().to_string()));
            continue;
        }
        let changed = year.replace(date.year()) != Some(date.year());
        let under = changed.then(|| date.year().to_string());
        out.push(Tick { at: seconds(date), label: date.format("%b").to_string(), under });
    }
    out
}

fn seconds(date: NaiveDate) -> f64 {
    date.and_time(NaiveTime::MIN).and_utc().timestamp() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(from: &str, to: &str, count: usize) -> String {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap().timestamp() as f64;
        let ticks = ticks(at(from), at(to), count);
        let label = |t: &Tick| t.under.as_ref().map_or(t.label.clone(), |u| format!("{}/{u}", t.label));
        ticks.iter().map(label).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn steps_are_those_of_clocks_and_calendars() {
        insta::assert_snapshot!(
            shown("2026-11-25T22:10:00Z", "2026-11-26T02:00:00Z", 5),
            @"23:00/25 Nov 2026 00:00/26 Nov 2026 01:00 02:00"
        );
        insta::assert_snapshot!(
            shown("2026-12-28T10:00:00Z", "2027-01-03T00:00:00Z", 7),
            @"29 Dec/2026 30 Dec 31 Dec 1 Jan/2027 2 Jan 3 Jan"
        );
        insta::assert_snapshot!(
            shown("2026-11-01T00:00:00Z", "2026-11-30T00:00:00Z", 6),
            @"2 Nov/2026 9 Nov 16 Nov 23 Nov 30 Nov"
        );
        insta::assert_snapshot!(
            shown("2026-01-01T00:00:00Z", "2027-06-30T00:00:00Z", 6),
            @"Jan/2026 Apr Jul Oct Jan/2027 Apr"
        );
        insta::assert_snapshot!(
            shown("2026-01-01T00:00:00Z", "2066-06-30T00:00:00Z", 6),
            @"2030 2040 2050 2060"
        );
    }

    #[test]
    fn the_ends_of_time_have_ticks() {
        assert!(!ticks(MIN, MAX, 6).is_empty());
        assert!(ticks(0.0, 0.5, 6).len() <= 1);
    }
}
