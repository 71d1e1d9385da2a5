//! Venues with their sessions, and the events that lift demand.
//!
//! A session's hours are wall-clock hours of its venue, so that a change to summer time moves them in UTC and
//! nowhere else. Holidays follow from rules (`rules`), the days that follow from none are tables in `data/sessions`,
//! and what lies outside the covered years is told as doubtful. Events follow from sessions (`derived`), ship as tables
//! of announced days (`decisions`), or come from an operator's files (`read`: TOML, iCalendar, CSV, JSON), which may
//! also override sessions, because every public calendar has been wrong at some time. [`Calendar::show`] lists what
//! counts, [`check`] says what is wrong with files, and [`write_toml`] and [`write_ical`] hand events on.
//!
//! ```
//! # use headroom_calendar::{Calendar, Venue};
//! let mut calendar = Calendar::new(vec![Venue::builtin("XNYS")?], true);
//! calendar.add_toml("own.toml", r#"
//!     [[event]]
//!     class = "earnings"          # rate_decision, earnings, expiry, payroll, month_end, half_day or custom
//!     name = "ACME results"
//!     venue = "XNYS"              # a start without an offset is this venue's wall clock
//!     start = "2026-11-05T16:05"
//!     duration_minutes = 90       # or: end = "2026-11-05T17:35"
//!     lead_minutes = 15           # demand begins to rise this long before
//!     services = ["gateway"]      # left out: all services
//!     multiplier = 2.2            # expected; left out: the class's, until its effect was measured
//!     source = "investor calendar"
//!     known_since = "2026-10-01T00:00:00Z"
//!     confidence = 0.9
//!
//!     [[event]]
//!     class = "payroll"
//!     name = "wages of ACME"
//!     venue = "XNYS"
//!     start = "2026-01-15T06:00"
//!     duration_minutes = 960
//!     rrule = "FREQ=MONTHLY;BYMONTHDAY=15,-1"   # RFC 5545, on the venue's wall clock
//!     roll = "previous"           # none, previous, following or modified_following
//!     bank = "us_fed"             # whose business days count: us_fed, target2, uk or india
//!
//!     [[override]]                # wins over the built-in sessions
//!     venue = "XNYS"
//!     date = "2026-11-06"
//!     closed = true               # or: open = "09:30", close = "13:00"
//!     source = "NYSE trader update"
//!     reason = "day of mourning"
//!     since = "2026-11-02T00:00"
//!
//!     [[venue]]                   # a market that is not built in
//!     mic = "XTKS"
//!     city = "Tokyo"
//!     tz = "Asia/Tokyo"
//!     open = "09:00"
//!     close = "15:30"
//!     first_year = 2026           # the years of which `closed` has every holiday
//!     last_year = 2026
//!     closed = ["2026-11-03", "2026-11-23", "2026-12-31"]
//!     early = [{ date = "2026-12-30", close = "11:30" }]
//! "#)?;
//! # Ok::<(), headroom_calendar::CalendarError>(())
//! ```

mod bank;
mod calendar;
mod check;
mod decisions;
mod derived;
mod error;
mod event;
mod overrule;
mod planned;
mod read;
mod recur;
mod rules;
mod show;
mod table;
#[cfg(test)]
mod tests;
mod venue;
mod write;
mod zone;

pub use bank::{Bank, Roll};
pub use calendar::Calendar;
pub use check::{Checked, check};
pub use error::{CalendarError, Result};
pub use event::{Event, EventClass};
pub use overrule::Override;
pub use read::{Defaults, Fault, Format, Reading};
pub use recur::{RECURS_BEFORE, recurrences};
pub use show::{Day, Listed, Shown};
pub use venue::{BUILTIN, Coverage, Session, SessionKind, Venue};
pub use write::{write_ical, write_toml};
pub use zone::utc as instant;
