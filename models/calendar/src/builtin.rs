//! Events that follow from a venue's sessions: open, close, half day, month end, monthly expiry, payroll days.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, Utc};

use crate::event::{Event, EventClass};
use crate::venue::{Session, SessionKind, Venue};

/// Hours around a session in which a day-long event still moves demand.
const MARGIN_HOURS: i64 = 1;

/// The events of one venue's days from `first` to `last`, both included.
pub(super) fn of_venue(venue: &Venue, first: NaiveDate, last: NaiveDate) -> Vec<Event> {
    let mut events = Vec::new();
    for session in venue.sessions(first, last) {
        let length = session.close - session.open;
        events.push(event(
            venue,
            EventClass::Open,
            format!("{} open", venue.name),
            session.open,
            Duration::minutes(30),
        ));
        events.push(event(
            venue,
            EventClass::Close,
            format!("{} close", venue.name),
            session.close - Duration::minutes(30),
            Duration::minutes(30),
        ));
        let margin = Duration::hours(MARGIN_HOURS);
        let mut whole = |class, name: &str| {
            let name = format!("{} {name}", venue.name);
            events.push(event(venue, class, name, session.open - margin, length + margin * 2));
        };
        if session.kind == SessionKind::Early {
            whole(EventClass::HalfDay, "half day");
        }
        if is_month_end(venue, session) {
            whole(EventClass::MonthEnd, "month end");
        }
        if is_expiry(venue, session.date) {
            whole(EventClass::Expiry, "monthly expiry");
        }
        if is_payroll(venue, session) {
            let at = |hour| {
                venue.utc(
                    session.date,
                    NaiveTime::from_hms_opt(hour, 0, 0).expect("invariant: an hour of the day"),
                )
            };
            let (start, end) = (at(6), at(22));
            events.push(event(
                venue,
                EventClass::Payroll,
                format!("payroll day ({})", venue.city),
                start,
                end - start,
            ));
        }
    }
    events
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

/// The last session of its month.
fn is_month_end(venue: &Venue, session: Session) -> bool {
    let next = (1..14).find_map(|ahead| venue.session(session.date + Duration::days(ahead)));
    next.is_none_or(|s| s.date.month() != session.date.month())
}

/// The third Friday, or the session before when that is a holiday.
fn is_expiry(venue: &Venue, date: NaiveDate) -> bool {
    let Some(first) = date.with_day(1) else { return false };
    let to_friday = (4 + 7 - i64::from(first.weekday().num_days_from_monday())) % 7;
    let third = first + Duration::days(to_friday + 14);
    venue.session_on_or_before(third).is_some_and(|s| s.date == date)
}

/// The 15th, or the session before it, and the month's last session.
fn is_payroll(venue: &Venue, session: Session) -> bool {
    let fifteenth = session.date.with_day(15);
    is_month_end(venue, session)
        || fifteenth.and_then(|d| venue.session_on_or_before(d)).is_some_and(|s| s.date == session.date)
}
