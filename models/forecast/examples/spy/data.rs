//! Reads the recorded SPY volume and the calendar of rate decisions, and back-tests on them.
//!
//! SPY shares traded per hour stand in for a trading platform's demand: no public request trace of one exists.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use headroom_calendar::{Calendar, Event, EventClass, Venue};
use headroom_forecast::backtest::{self, Report};
use headroom_forecast::series::Series;
use headroom_forecast::{CalendarModel, Context, Forecaster, PhaseCalendar, RidgeModel, SeasonalNaive};

pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Hourly volume from a year on; closed hours are missing, not zero.
pub(crate) fn volume(dir: &Path, from_year: i32) -> Outcome<Series> {
    let file = std::fs::File::open(dir.join("market/spy_hourly_volume.csv.gz"))?;
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text)?;
    let venue = Venue::builtin("XNYS")?;
    let mut points = Vec::new();
    for line in text.lines().skip(1) {
        let (ts, volume) = line.split_once(',').ok_or("a line without a comma")?;
        let local: NaiveDateTime = ts.parse()?;
        if local.date() >= NaiveDate::from_ymd_opt(from_year, 1, 1).ok_or("no such year")? {
            points.push((venue.utc(local.date(), local.time()), volume.parse()?));
        }
    }
    Ok(Series::from_points(60, &points))
}

/// The days of the Federal Reserve's scheduled decisions.
pub(crate) fn decision_days(dir: &Path) -> Outcome<Vec<NaiveDate>> {
    let mut days = Vec::new();
    for line in std::fs::read_to_string(dir.join("calendar/fed_decisions.csv"))?.lines().skip(1) {
        let (date, scheduled) = line.split_once(',').ok_or("a line without a comma")?;
        if scheduled == "1" {
            days.push(date.parse()?);
        }
    }
    Ok(days)
}

/// Days before 2013 on which a press conference followed, so that the statement came at 12:30 and not at 14:15.
const EARLY_STATEMENTS: [&str; 8] = [
    "2011-04-27",
    "2011-06-22",
    "2011-11-02",
    "2012-01-25",
    "2012-04-25",
    "2012-06-20",
    "2012-09-13",
    "2012-12-12",
];

/// New York's sessions, and the scheduled rate decisions, each from its statement to the close.
pub(crate) fn calendar(dir: &Path) -> Outcome<Calendar> {
    let venue = Venue::builtin("XNYS")?;
    let mut calendar = Calendar::new(vec![venue.clone()], true);
    let at = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).ok_or("no such time");
    for date in decision_days(dir)? {
        let time = if EARLY_STATEMENTS.contains(&date.to_string().as_str()) {
            at(12, 30)?
        } else if date < NaiveDate::from_ymd_opt(2013, 3, 1).ok_or("no such date")? {
            at(14, 15)?
        } else {
            at(14, 0)?
        };
        let start = venue.utc(date, time);
        calendar.add_event(Event {
            class: EventClass::RateDecision,
            name: "FOMC decision".to_owned(),
            venue: Some("XNYS".to_owned()),
            start,
            duration: venue.utc(date, at(16, 0)?) - start,
            lead: Duration::zero(),
            services: Vec::new(),
            multiplier: None,
            source: "fed_decisions.csv".to_owned(),
            known_since: None,
            confidence: 1.0,
            follows_venue: false,
        });
    }
    Ok(calendar)
}

/// One session ahead, from the first session of `from_year` to the end of the data.
pub(crate) fn backtest(
    series: &Series,
    calendar: Calendar,
    from_year: i32,
    forecasters: &[&dyn Forecaster],
) -> Outcome<Vec<Report>> {
    let venue = Venue::builtin("XNYS")?;
    let first = NaiveDate::from_ymd_opt(from_year, 1, 1).ok_or("no such year")?;
    let origins: Vec<DateTime<Utc>> = venue
        .sessions(first, (series.end() - Duration::days(1)).date_naive())
        .map(|s| s.open - Duration::minutes(90))
        .collect();
    let context = Context {
        calendar: Arc::new(calendar),
        service: "SPY".to_owned(),
        horizon: Duration::days(40),
        signals: Vec::new(),
    };
    let run = |f: &&dyn Forecaster| backtest::run(*f, series, &context, &origins, Duration::hours(10), 20);
    Ok(forecasters.iter().map(run).collect::<Result<_, _>>()?)
}

/// The models compared: both naive ones, and level x profile without and with the calendar's multipliers.
#[allow(dead_code, reason = "the example compares all of them")]
pub(crate) fn forecasters() -> Outcome<Vec<Box<dyn Forecaster>>> {
    let phases = PhaseCalendar::Venues(vec![Venue::builtin("XNYS")?]);
    Ok(vec![
        Box::new(SeasonalNaive { days: 1 }),
        Box::new(SeasonalNaive { days: 7 }),
        Box::new(CalendarModel { phases: phases.clone(), events: false }),
        Box::new(CalendarModel { phases: phases.clone(), events: true }),
        Box::new(RidgeModel::new(phases)),
    ])
}
