//! The holidays of Xetra since 2002.

use chrono::{Duration, NaiveDate, NaiveTime};

use super::{at, easter, easter_monday, good_friday, on, weekend_to_friday};

/// Days without a session: since 2022 neither Whit Monday nor the Day of German Unity is one any more.
pub(crate) fn closed(year: i32) -> Vec<NaiveDate> {
    let mut days = vec![on(year, 1, 1), good_friday(year), easter_monday(year), on(year, 5, 1)];
    days.extend([24, 25, 26, 31].map(|day| on(year, 12, day)));
    if year == 2007 || (2015..=2021).contains(&year) {
        days.push(easter(year) + Duration::days(50));
    }
    if (2014..=2021).contains(&year) {
        days.push(on(year, 10, 3));
    }
    if year == 2017 {
        // Five hundred years of the Reformation.
        days.push(on(year, 10, 31));
    }
    days
}

/// The year's last session closes at two, since 2010.
pub(crate) fn early(year: i32) -> Vec<(NaiveDate, NaiveTime)> {
    if year >= 2010 { vec![(weekend_to_friday(on(year, 12, 30)), at(14, 0))] } else { Vec::new() }
}
