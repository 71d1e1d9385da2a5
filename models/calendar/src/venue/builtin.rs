//! The venues that ship with the program: hours, rules, and the table of days that follow from no rule.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime, Weekday, WeekdaySet};
use chrono_tz::Tz;

use super::{DayRule, SessionKind, Venue};
use crate::error::{CalendarError, Result};
use crate::rules::{at, euronext, frankfurt, is_weekend, london, new_york, sydney, toronto, zurich};
use crate::table;

/// Market identifier codes of the venues that [`Venue::builtin`] knows.
pub const BUILTIN: [&str; 12] =
    ["XNYS", "XNAS", "XLON", "XBOM", "XNSE", "XASX", "XETR", "XPAR", "XAMS", "XBRU", "XSWX", "XTSE"];

/// What a market keeps, with the hours of today for all its years: one entry for exchanges that share their days.
pub(super) struct Market {
    city: &'static str,
    pub(super) tz: Tz,
    hours: ((u32, u32), (u32, u32)),
    covered: (i32, i32),
    provisional: Option<i32>,
    closed: fn(i32) -> Vec<NaiveDate>,
    early: fn(i32) -> Vec<(NaiveDate, NaiveTime)>,
    /// File name and text of the days that follow from no rule.
    table: (&'static str, &'static str),
}

const NEW_YORK: Market = Market {
    city: "New York",
    tz: Tz::America__New_York,
    hours: ((9, 30), (16, 0)),
    covered: (1990, 2028),
    provisional: None,
    closed: new_york::closed,
    early: new_york::early,
    table: ("xnys.csv", include_str!("../../data/sessions/xnys.csv")),
};

const LONDON: Market = Market {
    city: "London",
    tz: Tz::Europe__London,
    hours: ((8, 0), (16, 30)),
    covered: (1990, 2028),
    provisional: None,
    closed: london::closed,
    early: london::early,
    table: ("xlon.csv", include_str!("../../data/sessions/xlon.csv")),
};

/// Lunar holidays follow no rule that could be computed ahead: the table has all of them.
const MUMBAI: Market = Market {
    city: "Mumbai",
    tz: Tz::Asia__Kolkata,
    hours: ((9, 15), (15, 30)),
    covered: (1997, 2027),
    provisional: Some(2027),
    closed: |_| Vec::new(),
    early: |_| Vec::new(),
    table: ("xnse.csv", include_str!("../../data/sessions/xnse.csv")),
};

const SYDNEY: Market = Market {
    city: "Sydney",
    tz: Tz::Australia__Sydney,
    hours: ((10, 0), (16, 0)),
    covered: (2010, 2028),
    provisional: None,
    closed: sydney::closed,
    early: sydney::early,
    table: ("xasx.csv", include_str!("../../data/sessions/xasx.csv")),
};

const FRANKFURT: Market = Market {
    city: "Frankfurt",
    tz: Tz::Europe__Berlin,
    hours: ((9, 0), (17, 30)),
    covered: (2002, 2028),
    provisional: None,
    closed: frankfurt::closed,
    early: frankfurt::early,
    table: ("xetr.csv", ""),
};

const PARIS: Market = Market {
    city: "Paris",
    tz: Tz::Europe__Paris,
    hours: ((9, 0), (17, 30)),
    covered: (2002, 2028),
    provisional: None,
    closed: euronext::closed,
    early: euronext::early,
    table: ("euronext.csv", ""),
};

const ZURICH: Market = Market {
    city: "Zurich",
    tz: Tz::Europe__Zurich,
    hours: ((9, 0), (17, 30)),
    covered: (1996, 2028),
    provisional: None,
    closed: zurich::closed,
    early: |_| Vec::new(),
    table: ("xswx.csv", ""),
};

const TORONTO: Market = Market {
    city: "Toronto",
    tz: Tz::America__Toronto,
    hours: ((9, 30), (16, 0)),
    covered: (1990, 2028),
    provisional: None,
    closed: toronto::closed,
    early: toronto::early,
    table: ("xtse.csv", "2001-09-11,closed,,\n2001-09-12,closed,,\n"),
};

/// The code, the name and the market of a venue.
pub(super) fn market(mic: &str) -> Result<(String, &'static str, Market)> {
    let code = mic.to_ascii_uppercase();
    let (name, market) = match code.as_str() {
        "XNYS" => ("NYSE", NEW_YORK),
        "XNAS" => ("Nasdaq", NEW_YORK),
        "XLON" => ("LSE", LONDON),
        "XBOM" => ("BSE", MUMBAI),
        "XNSE" => ("NSE", MUMBAI),
        "XASX" => ("ASX", SYDNEY),
        "XETR" => ("Xetra", FRANKFURT),
        "XPAR" => ("Euronext Paris", PARIS),
        "XAMS" => ("Euronext Amsterdam", Market { city: "Amsterdam", tz: Tz::Europe__Amsterdam, ..PARIS }),
        "XBRU" => ("Euronext Brussels", Market { city: "Brussels", tz: Tz::Europe__Brussels, ..PARIS }),
        "XSWX" => ("SIX", ZURICH),
        "XTSE" => ("TSX", TORONTO),
        _ => return Err(CalendarError::UnknownVenue(mic.to_owned())),
    };
    Ok((code, name, market))
}

/// The venue of a market identifier code.
pub(super) fn venue(mic: &str) -> Result<Venue> {
    let (code, name, market) = market(mic)?;
    let (open, close) = market.hours;
    let (open, close) = (at(open.0, open.1), at(close.0, close.1));
    let mut exceptions = BTreeMap::new();
    for year in market.covered.0..=market.covered.1 {
        let halves = (market.early)(year).into_iter();
        exceptions.extend(halves.map(|(day, close)| (day, DayRule::Hours(SessionKind::Early, open, close))));
        exceptions.extend((market.closed)(year).into_iter().map(|day| (day, DayRule::Closed)));
    }
    exceptions.retain(|day, _| !is_weekend(*day));
    exceptions.extend(table::parse(market.table.0, market.table.1)?);
    Ok(Venue {
        mic: code,
        name: name.to_owned(),
        city: market.city.to_owned(),
        tz: market.tz,
        open,
        close,
        covered: market.covered,
        provisional: market.provisional,
        weekend: WeekdaySet::from_array([Weekday::Sat, Weekday::Sun]),
        exceptions,
        overrides: BTreeMap::new(),
    })
}
