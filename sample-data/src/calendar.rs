//! Trading venues: their sessions in local time, their holidays, business days.
//!
//! New York follows rules that are tested against ten recorded years
//! (`data/xnys_2013_2022.csv`); the Indian exchanges publish a list, so theirs
//! is a table (`data/xnse_holidays.csv`, 2024 to 2026; other years know only
//! weekends). One-off closures, Muhurat evenings and Saturday drills are left out.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::Tz;

/// A trading venue by its market identifier code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Venue {
    /// New York, US dollars, 09:30 to 16:00 America/New_York.
    Xnys,
    /// National Stock Exchange of India, rupees, 09:15 to 15:30 Asia/Kolkata.
    Xnse,
}

/// One trading session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// The venue-local date.
    pub date: NaiveDate,
    /// Opening bell.
    pub open: DateTime<Utc>,
    /// Closing bell, early closes included.
    pub close: DateTime<Utc>,
}

static XNSE_HOLIDAYS: LazyLock<BTreeSet<NaiveDate>> = LazyLock::new(|| {
    include_str!("../data/xnse_holidays.csv").lines().filter_map(|line| line.parse().ok()).collect()
});

impl Venue {
    /// Both venues.
    pub const ALL: [Self; 2] = [Self::Xnys, Self::Xnse];

    /// Market identifier code.
    pub fn mic(self) -> &'static str {
        match self {
            Self::Xnys => "XNYS",
            Self::Xnse => "XNSE",
        }
    }

    /// Time zone of the venue's clock.
    pub fn tz(self) -> Tz {
        match self {
            Self::Xnys => Tz::America__New_York,
            Self::Xnse => Tz::Asia__Kolkata,
        }
    }

    /// Currency its prices are in.
    pub fn currency(self) -> &'static str {
        match self {
            Self::Xnys => "USD",
            Self::Xnse => "INR",
        }
    }

    /// The venue-local date at `t`.
    pub fn date_at(self, t: DateTime<Utc>) -> NaiveDate {
        t.with_timezone(&self.tz()).date_naive()
    }

    /// `hour:minute` of the venue's clock on `date`.
    pub fn at(self, date: NaiveDate, hour: u32, minute: u32) -> DateTime<Utc> {
        let time = NaiveTime::from_hms_opt(hour, minute, 0).expect("invariant: a time of day");
        // Neither zone changes its clock between 03:00 and midnight, where all callers are.
        self.tz()
            .from_local_datetime(&date.and_time(time))
            .earliest()
            .map_or_else(|| date.and_time(time).and_utc(), |local| local.with_timezone(&Utc))
    }

    /// The session of `date`, if the venue trades that day.
    pub fn session(self, date: NaiveDate) -> Option<Session> {
        if !self.is_business_day(date) {
            return None;
        }
        let (open, close) = match self {
            Self::Xnys if new_york_early_close(date) => ((9, 30), (13, 0)),
            Self::Xnys => ((9, 30), (16, 0)),
            Self::Xnse => ((9, 15), (15, 30)),
        };
        let (open, close) = (self.at(date, open.0, open.1), self.at(date, close.0, close.1));
        Some(Session { date, open, close })
    }

    /// Whether the venue trades on `date`.
    pub fn is_business_day(self, date: NaiveDate) -> bool {
        let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        let holiday = match self {
            Self::Xnys => new_york_holiday(date),
            Self::Xnse => XNSE_HOLIDAYS.contains(&date),
        };
        !weekend && !holiday
    }

    /// `date` if the venue trades then, else the business day before it.
    pub fn roll_back(self, mut date: NaiveDate) -> NaiveDate {
        while !self.is_business_day(date) {
            date = date - Days::new(1);
        }
        date
    }

    /// The `n`th business day before `date` (0: `date` itself, rolled back).
    pub fn business_days_before(self, date: NaiveDate, n: u32) -> NaiveDate {
        (0..n).fold(self.roll_back(date), |day, _| self.roll_back(day - Days::new(1)))
    }
}

/// The `n`th (1..) `weekday` of a month.
pub fn nth_weekday(year: i32, month: u32, weekday: Weekday, n: u8) -> NaiveDate {
    NaiveDate::from_weekday_of_month_opt(year, month, weekday, n)
        .expect("invariant: every month has four of each weekday")
}

/// The last `weekday` of a month.
pub fn last_weekday(year: i32, month: u32, weekday: Weekday) -> NaiveDate {
    let mut date = last_of_month(year, month);
    while date.weekday() != weekday {
        date = date - Days::new(1);
    }
    date
}

/// The last day of a month.
pub fn last_of_month(year: i32, month: u32) -> NaiveDate {
    let (next_year, next_month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    day(next_year, next_month, 1) - Days::new(1)
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("invariant: a day of the calendar")
}

fn new_york_holiday(date: NaiveDate) -> bool {
    let year = date.year();
    let observed = |month, d| match day(year, month, d).weekday() {
        Weekday::Sat => day(year, month, d) - Days::new(1),
        Weekday::Sun => day(year, month, d) + Days::new(1),
        _ => day(year, month, d),
    };
    let new_year = match day(year, 1, 1).weekday() {
        Weekday::Sun => day(year, 1, 2),
        _ => day(year, 1, 1),
    };
    date == new_year
        || date == nth_weekday(year, 1, Weekday::Mon, 3)
        || date == nth_weekday(year, 2, Weekday::Mon, 3)
        || date == easter(year) - Days::new(2)
        || date == last_weekday(year, 5, Weekday::Mon)
        || (year >= 2022 && date == observed(6, 19))
        || date == observed(7, 4)
        || date == nth_weekday(year, 9, Weekday::Mon, 1)
        || date == nth_weekday(year, 11, Weekday::Thu, 4)
        || date == observed(12, 25)
}

fn new_york_early_close(date: NaiveDate) -> bool {
    let before_weekend = !matches!(date.weekday(), Weekday::Fri | Weekday::Sat | Weekday::Sun);
    let eve = (date.month() == 7 && date.day() == 3) || (date.month() == 12 && date.day() == 24);
    (eve && before_weekend) || date == nth_weekday(date.year(), 11, Weekday::Thu, 4) + Days::new(1)
}

/// Easter Sunday, by the anonymous Gregorian computus.
fn easter(year: i32) -> NaiveDate {
    let a = year % 19;
    let (b, c) = (year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    day(year, (n / 31) as u32, (n % 31 + 1) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_york_rules_match_ten_recorded_years() {
        let recorded: BTreeSet<(NaiveDate, &str)> = include_str!("../data/xnys_2013_2022.csv")
            .lines()
            .filter_map(|line| line.split_once(','))
            .filter_map(|(date, what)| Some((date.parse().ok()?, what)))
            .collect();
        let mourning = day(2018, 12, 5);
        let mut date = day(2013, 1, 1);
        while date.year() < 2023 {
            let weekday = !matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
            if weekday && date != mourning {
                let session = Venue::Xnys.session(date);
                assert_eq!(session.is_none(), recorded.contains(&(date, "holiday")), "{date}");
                let early = session.is_some_and(|s| (s.close - s.open).num_minutes() == 210);
                assert_eq!(early, recorded.contains(&(date, "early_close")), "{date}");
            }
            date = date + Days::new(1);
        }
        assert_eq!(recorded.len(), 112);
    }

    #[test]
    fn new_york_opens_at_half_past_nine_on_both_sides_of_a_clock_change() {
        // The clocks went back on Sunday 2026-11-01 and forward on 2026-03-08.
        for (date, utc) in [
            (day(2026, 10, 30), "13:30"),
            (day(2026, 11, 2), "14:30"),
            (day(2026, 3, 6), "14:30"),
            (day(2026, 3, 9), "13:30"),
        ] {
            let open = Venue::Xnys.session(date).expect("a session").open;
            assert_eq!(open.format("%H:%M").to_string(), utc, "{date}");
            let local = open.with_timezone(&Venue::Xnys.tz());
            assert_eq!(local.format("%H:%M").to_string(), "09:30");
        }
        for date in [day(2026, 10, 30), day(2026, 11, 2)] {
            let open = Venue::Xnse.session(date).expect("a session").open;
            assert_eq!(open.format("%H:%M").to_string(), "03:45");
        }
    }

    #[test]
    fn the_year_of_the_demo_is_known() {
        assert!(!Venue::Xnys.is_business_day(day(2026, 11, 26)));
        assert_eq!(
            Venue::Xnys.session(day(2026, 11, 27)).map(|s| (s.close - s.open).num_minutes()),
            Some(210)
        );
        assert!(!Venue::Xnse.is_business_day(day(2026, 11, 24)));
        assert_eq!(Venue::Xnys.roll_back(day(2026, 11, 15)), day(2026, 11, 13));
    }
}
