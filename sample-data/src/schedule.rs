//! What is known beforehand, and what goes wrong: market events, releases, a
//! slow bank, a stock split, dividends. All follow from `now` alone, so that the
//! same run can be described to a forecaster ([`crate::calendar_toml`]).
//!
//! The dates are the sample's own. A "rate decision" here is no statement about
//! the real committee's calendar.

mod toml;

pub use toml::calendar_toml;

use chrono::{DateTime, Datelike, Days, Duration, NaiveDate, Utc, Weekday};

use crate::SampleConfig;
use crate::calendar::{Venue, last_of_month, last_weekday, nth_weekday};
use crate::topology::Service;

/// Kind of a known event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A central bank announces its rate.
    RateDecision,
    /// A company reports before the open.
    Earnings,
    /// Wages arrive: deposits rise.
    Payroll,
    /// Monthly options expiry: the last hour is busy.
    Expiry,
}

/// One known event.
#[derive(Clone, Debug)]
pub struct MarketEvent {
    /// Its class.
    pub class: Class,
    /// What people call it.
    pub name: String,
    /// The market it concerns.
    pub venue: Venue,
    /// When it starts.
    pub start: DateTime<Utc>,
    /// How long its effect is planned for.
    pub minutes: i64,
    /// How long before the start demand begins to rise.
    pub lead_minutes: i64,
    /// The company that reports.
    pub symbol: Option<&'static str>,
}

/// A version of a service going live.
#[derive(Clone, Copy, Debug)]
pub struct Release {
    /// Which service.
    pub service: Service,
    /// When.
    pub at: DateTime<Utc>,
    /// The version running from then on.
    pub version: &'static str,
    /// The version it replaced.
    pub previous: &'static str,
    /// A return to an older version.
    pub rollback: bool,
}

/// A stretch of time, end excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First instant.
    pub start: DateTime<Utc>,
    /// First instant after it.
    pub end: DateTime<Utc>,
}

impl Window {
    /// Whether `t` lies inside.
    pub fn contains(&self, t: DateTime<Utc>) -> bool {
        t >= self.start && t < self.end
    }
}

/// What is wrong with the platform at an instant.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Conditions {
    /// The bad version of `order` is serving.
    pub bad_order: bool,
    /// The payments bank answers slowly or not in time.
    pub slow_bank: bool,
}

/// Everything that is fixed for a run.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Known events, in time order, past and coming.
    pub events: Vec<MarketEvent>,
    /// Releases in time order.
    pub releases: Vec<Release>,
    /// Whether the two incidents that follow happen.
    pub incidents: bool,
    /// When the bad version of `order` serves.
    pub bad_deploy: Window,
    /// When the payments bank is slow.
    pub slow_bank: [Window; 2],
    /// When the 2:1 split of [`SPLIT_SYMBOL`] takes effect, before the open.
    pub split_at: DateTime<Utc>,
    /// Dividends: when, which symbol, how much a share.
    pub dividends: [(DateTime<Utc>, &'static str, &'static str); 2],
}

/// The share that splits 2:1.
pub const SPLIT_SYMBOL: &str = "NFLX";

impl Schedule {
    /// The schedule of a run.
    pub fn new(cfg: &SampleConfig) -> Self {
        let now = cfg.now;
        // The last New York session day that had ended well before now.
        let last = Venue::Xnys.roll_back(Venue::Xnys.date_at(now) - Days::new(1));
        let back = |n| Venue::Xnys.business_days_before(last, n);
        let bad_start = Venue::Xnys.at(back(1), 11, 5);
        let bad_deploy = Window { start: bad_start, end: bad_start + Duration::minutes(35) };
        let bank_start = Venue::Xnys.at(back(4), 10, 20);
        let slow_bank = [
            Window { start: bank_start, end: bank_start + Duration::minutes(40) },
            Window { start: now - Duration::minutes(25), end: now + Duration::minutes(15) },
        ];
        let release =
            |service, at, version, previous, rollback| Release { service, at, version, previous, rollback };
        let mut releases = vec![
            release(Service::Gateway, Venue::Xnys.at(back(8), 18, 10), "5.12.1", "5.12.0", false),
            release(Service::Portfolio, Venue::Xnys.at(back(6), 19, 30), "1.9.0", "1.8.4", false),
            release(Service::Payments, Venue::Xnys.at(back(3), 20, 5), "3.4.2", "3.4.1", false),
        ];
        if cfg.incidents {
            releases.push(release(Service::Order, bad_deploy.start, "2.31.0", "2.30.4", false));
            releases.push(release(Service::Order, bad_deploy.end, "2.30.4", "2.31.0", true));
        }
        releases.sort_by_key(|r| r.at);
        let india = Venue::Xnse.roll_back(back(5));
        Self {
            events: events(cfg, last),
            releases,
            incidents: cfg.incidents,
            bad_deploy,
            slow_bank,
            split_at: Venue::Xnys.at(back(5), 8, 0),
            dividends: [
                (Venue::Xnys.at(back(3), 7, 0), "KO", "0.485"),
                (Venue::Xnse.at(india, 7, 0), "ITC", "6.50"),
            ],
        }
    }

    /// What is wrong at `t`.
    pub fn conditions(&self, t: DateTime<Utc>) -> Conditions {
        Conditions {
            bad_order: self.incidents && self.bad_deploy.contains(t),
            slow_bank: self.incidents && self.slow_bank.iter().any(|w| w.contains(t)),
        }
    }

    /// What known events multiply a market's demand by at `t`.
    pub fn demand(&self, venue: Venue, t: DateTime<Utc>) -> f64 {
        self.events.iter().filter(|e| e.venue == venue).map(|e| e.lift(t)).product()
    }

    /// What payroll multiplies a market's deposits by at `t`.
    pub fn deposits(&self, venue: Venue, t: DateTime<Utc>) -> f64 {
        let paid = |e: &&MarketEvent| e.class == Class::Payroll && e.venue == venue;
        if self.events.iter().filter(paid).any(|e| e.window().contains(t)) { 5.0 } else { 1.0 }
    }
}

impl MarketEvent {
    /// From start to end, without the lead.
    pub fn window(&self) -> Window {
        Window { start: self.start, end: self.start + Duration::minutes(self.minutes) }
    }

    /// Demand multiplier at `t`. A rate decision's 2.7 is the measured median
    /// of SPY volume in that hour; the others are assumed.
    pub fn lift(&self, t: DateTime<Utc>) -> f64 {
        let minutes = (t - self.start).num_seconds() as f64 / 60.0;
        if minutes >= self.minutes as f64 || minutes < -(self.lead_minutes as f64) {
            return 1.0;
        }
        if minutes < 0.0 {
            return 1.0 + 0.4 * (1.0 + minutes / self.lead_minutes as f64);
        }
        match self.class {
            Class::RateDecision => 1.0 + 2.6 * (-minutes / 55.0).exp(),
            Class::Earnings => 1.0 + 0.9 * (-minutes / 40.0).exp(),
            Class::Payroll => 1.15,
            Class::Expiry => 1.5,
        }
    }
}

fn events(cfg: &SampleConfig, last: NaiveDate) -> Vec<MarketEvent> {
    let (from, to) = (cfg.start() - Duration::days(1), cfg.now + Duration::days(15));
    let mut events = Vec::new();
    // The latest Wednesday session before now, and every second one around it.
    let mut decision = last;
    while decision.weekday() != Weekday::Wed || !Venue::Xnys.is_business_day(decision) {
        decision = decision - Days::new(1);
    }
    for weeks in [-8_i64, -6, -4, -2, 0, 2] {
        let date = Venue::Xnys.roll_back(decision + Duration::weeks(weeks));
        events.push(event(Class::RateDecision, "Fed rate decision", Venue::Xnys, date, (14, 0), 120, 10));
    }
    for (symbol, date) in [
        ("NVDA", Venue::Xnys.business_days_before(last, 3)),
        ("MSFT", Venue::Xnys.business_days_before(last, 7)),
        ("CRM", next_session(Venue::Xnys, Venue::Xnys.date_at(cfg.now))),
    ] {
        let name = format!("{symbol} earnings");
        let mut e = event(Class::Earnings, &name, Venue::Xnys, date, (9, 30), 90, 15);
        e.symbol = Some(symbol);
        events.push(e);
    }
    let first = from.date_naive();
    for month in 0..4 {
        let date = first.with_day(1).unwrap_or(first) + chrono::Months::new(month);
        let (y, m) = (date.year(), date.month());
        for venue in Venue::ALL {
            for d in [date + Days::new(14), last_of_month(y, m)] {
                let d = venue.roll_back(d);
                events.push(event(Class::Payroll, "Payroll day", venue, d, (8, 0), 720, 0));
            }
        }
        let third = Venue::Xnys.roll_back(nth_weekday(y, m, Weekday::Fri, 3));
        events.push(event(Class::Expiry, "Monthly options expiry", Venue::Xnys, third, (15, 0), 60, 15));
        let last = Venue::Xnse.roll_back(last_weekday(y, m, Weekday::Tue));
        events.push(event(Class::Expiry, "Monthly derivatives expiry", Venue::Xnse, last, (14, 30), 60, 15));
    }
    events.retain(|e| e.start >= from && e.start <= to);
    events.sort_by(|a, b| (a.start, &a.name).cmp(&(b.start, &b.name)));
    events
}

fn event(
    class: Class,
    name: &str,
    venue: Venue,
    date: NaiveDate,
    (hour, minute): (u32, u32),
    minutes: i64,
    lead_minutes: i64,
) -> MarketEvent {
    let start = venue.at(date, hour, minute);
    MarketEvent { class, name: name.to_owned(), venue, start, minutes, lead_minutes, symbol: None }
}

fn next_session(venue: Venue, date: NaiveDate) -> NaiveDate {
    let mut next = date + Days::new(1);
    while !venue.is_business_day(next) {
        next = next + Days::new(1);
    }
    next
}

#[cfg(test)]
mod tests;
