//! An anomaly in a sentence.

use chrono::{DateTime, Utc};
use headroom_calendar::Venue;

use crate::anomaly::{Anomaly, Kind, Side};

/// The sentence; `log_ratio` is the logarithm of demand over its forecast, of the point or on the mean.
pub(super) fn sentence(anomaly: &Anomaly, log_ratio: f64, clock: Option<&Venue>) -> String {
    let (ts, since) = (time(anomaly.ts, clock), time(anomaly.since, clock));
    let Anomaly { value, expected, .. } = anomaly;
    let why = match &anomaly.event {
        Some(event) => format!("more than {event} explains"),
        None => "no event explains it".to_owned(),
    };
    let what = match (anomaly.kind, anomaly.side) {
        (Kind::Point, _) if *expected <= 0.0 => {
            format!("{} where {ts} usually sees nothing", number(*value))
        }
        (Kind::Point, _) => format!(
            "{} what {ts} usually sees ({} instead of {})",
            times(value / expected),
            number(*value),
            number(*expected)
        ),
        (Kind::Run, Side::Above) => format!("above the usual since {since}, each step by a little"),
        (Kind::Run, Side::Below) => format!("below the usual since {since}, each step by a little"),
        (Kind::Shape, _) => format!(
            "the hour from {since} went {:.1} times as unevenly as hours usually do, at {} the usual demand",
            anomaly.score,
            times(log_ratio.exp())
        ),
        (Kind::Level, _) => {
            format!("since about {since} the level is {} the former one", times(log_ratio.exp()))
        }
    };
    format!("{what}; {why}")
}

fn times(ratio: f64) -> String {
    if ratio >= 10.0 {
        format!("{ratio:.0} times")
    } else if ratio >= 0.1 {
        format!("{ratio:.1} times")
    } else {
        format!("{ratio:.2} times")
    }
}

/// Three digits, with thousands apart.
fn number(value: f64) -> String {
    if value < 100.0 {
        return format!("{}", (value * 10.0).round() / 10.0);
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn time(ts: DateTime<Utc>, clock: Option<&Venue>) -> String {
    match clock {
        Some(venue) => format!("{} {}", ts.with_timezone(&venue.tz).format("%H:%M"), venue.city),
        None => ts.format("%H:%M UTC").to_string(),
    }
}
