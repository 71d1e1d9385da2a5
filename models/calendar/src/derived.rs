//! Events that follow from a venue's sessions and its country's bank days: open, close, half day, month and quarter
//! end, expiries, index rebalancing, pay days.

use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc, Weekday};

use crate::bank::{Bank, Roll};
use crate::event::{Event, EventClass};
use crate::rules::{at, last, nth, on};
use crate::venue::{Session, SessionKind, Venue};

/// Where a rule is from that no recorded data could confirm.
const RULE: (&str, f64) = ("rule, not cross-checked", 0.9);

/// Hours around a session in which a day-long event still moves demand.
const MARGIN_HOURS: i64 = 1;

/// The events of one venue's days from `first` to `last`, both included.
pub(super) fn of_venue(venue: &Venue, first: NaiveDate, last: NaiveDate) -> Vec<Event> {
    let mut events = Vec::new();
    for date in first.iter_days().take_while(|day| *day <= last) {
        if let Some(session) = venue.session(date) {
            of_session(venue, session, &mut events);
        }
        if is_pay_day(venue, date) {
            let (start, end) = (venue.utc(date, at(6, 0)), venue.utc(date, at(22, 0)));
            let name = format!("payroll day ({})", venue.city);
            events.push(event(venue, EventClass::Payroll, name, start, end - start));
        }
    }
    events
}

fn of_session(venue: &Venue, session: Session, events: &mut Vec<Event>) {
    let half_hour = Duration::minutes(30);
    let name = |what: &str| format!("{} {what}", venue.name);
    events.push(event(venue, EventClass::Open, name("open"), session.open, half_hour));
    events.push(event(venue, EventClass::Close, name("close"), session.close - half_hour, half_hour));
    let margin = Duration::hours(MARGIN_HOURS);
    let mut whole = |class, what: &str| {
        let length = session.close - session.open + margin * 2;
        let mut event = event(venue, class, name(what), session.open - margin, length);
        if matches!(class, EventClass::Expiry | EventClass::WeeklyExpiry | EventClass::IndexRebalance) {
            (event.source, event.confidence) = (RULE.0.to_owned(), RULE.1);
        }
        events.push(event);
    };
    if session.kind == SessionKind::Early {
        whole(EventClass::HalfDay, "half day");
    }
    if is_month_end(venue, session) {
        whole(EventClass::MonthEnd, "month end");
        if ends_quarter(session.date) {
            whole(EventClass::QuarterEnd, "quarter end");
        }
    }
    match expiry(venue, session.date) {
        Some(EventClass::Expiry) => whole(EventClass::Expiry, "monthly expiry"),
        Some(class) => whole(class, "weekly expiry"),
        None => {}
    }
    if let Some(what) = rebalancing(venue, session.date) {
        whole(EventClass::IndexRebalance, what);
    }
}

fn event(venue: &Venue, class: EventClass, name: String, start: DateTime<Utc>, duration: Duration) -> Event {
    Event {
        class,
        name,
        venue: Some(venue.mic.clone()),
        start,
        duration,
        lead: Duration::zero(),
        services: Vec::new(),
        multiplier: None,
        source: "sessions".to_owned(),
        known_since: None,
        confidence: 1.0,
        follows_venue: true,
    }
}

/// Whether a quarter ends with the date's month.
fn ends_quarter(date: NaiveDate) -> bool {
    date.month().is_multiple_of(3)
}

/// The last session of its month.
fn is_month_end(venue: &Venue, session: Session) -> bool {
    venue.trading_day_after(session.date).is_none_or(|next| next.month() != session.date.month())
}

/// Whether a date is the session on or, if that is a holiday, before a target date.
fn falls_on(venue: &Venue, date: NaiveDate, target: NaiveDate) -> bool {
    venue.trading_day_on_or_before(target) == Some(date)
}

/// Whether index options and futures expire on a session's date, every month or only that week.
///
/// The third Friday; in Sydney the third Thursday; in Mumbai the month's last such weekday as the exchanges changed it
/// in 2025 (NSE from Thursday to Tuesday, BSE from Friday over Tuesday to Thursday), and every week since 2019 and 2023.
/// These rules are general knowledge; no list of expiries was at hand to check them against.
fn expiry(venue: &Venue, date: NaiveDate) -> Option<EventClass> {
    let (year, month) = (date.year(), date.month());
    let third = |weekday| falls_on(venue, date, nth(year, month, weekday, 3)).then_some(EventClass::Expiry);
    let weekday: fn(NaiveDate) -> Weekday = match venue.mic.as_str() {
        "XASX" => return third(Weekday::Thu),
        "XNSE" => nse_expiry_weekday,
        "XBOM" => bse_expiry_weekday,
        _ => return third(Weekday::Fri),
    };
    let weekly_since = if venue.mic == "XNSE" { on(2019, 2, 11) } else { on(2023, 5, 15) };
    let target = date.iter_days().take(7).find(|day| day.weekday() == weekday(*day))?;
    if !falls_on(venue, date, target) {
        None
    } else if target == last(target.year(), target.month(), target.weekday()) {
        Some(EventClass::Expiry)
    } else {
        (date >= weekly_since).then_some(EventClass::WeeklyExpiry)
    }
}

fn nse_expiry_weekday(date: NaiveDate) -> Weekday {
    if date < on(2025, 9, 1) { Weekday::Thu } else { Weekday::Tue }
}

fn bse_expiry_weekday(date: NaiveDate) -> Weekday {
    if date < on(2023, 5, 15) || date >= on(2025, 9, 1) {
        Weekday::Thu
    } else if date < on(2025, 1, 1) {
        Weekday::Fri
    } else {
        Weekday::Tue
    }
}

/// Index changes that take effect after a session's close: with the quarterly expiry, and in New York also Russell's
/// yearly reconstitution on the fourth Friday of June.
fn rebalancing(venue: &Venue, date: NaiveDate) -> Option<&'static str> {
    let on_friday = |n| falls_on(venue, date, nth(date.year(), date.month(), Weekday::Fri, n));
    match venue.mic.as_str() {
        "XNYS" | "XNAS" | "XTSE" | "XLON" | "XETR" | "XPAR" | "XAMS" | "XBRU"
            if ends_quarter(date) && on_friday(3) =>
        {
            Some("quarterly index rebalancing")
        }
        "XNYS" | "XNAS" if date.month() == 6 && on_friday(4) => Some("Russell reconstitution"),
        _ => None,
    }
}

/// The 15th and the month's last day, each on the bank day before if it is none; by the venue's own sessions where
/// the country's bank days are not known.
fn is_pay_day(venue: &Venue, date: NaiveDate) -> bool {
    let (year, month) = (date.year(), date.month());
    let month_end = on(year, month, 28).iter_days().take_while(|day| day.month() == month).last();
    [Some(on(year, month, 15)), month_end].into_iter().flatten().any(|due| match Bank::of_venue(&venue.mic) {
        Some(bank) => Roll::Previous.apply(due, bank) == date,
        None => falls_on(venue, date, due),
    })
}
