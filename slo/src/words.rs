//! An assessment in one or two plain sentences.

use chrono::{DateTime, TimeDelta, Utc};

use crate::budget::{Assessment, Budget};
use crate::spec::Slo;
use crate::window::Window;

/// What a person should know about the objective now.
pub fn sentence(slo: &Slo, found: &Assessment) -> String {
    of_window(&slo.window, found)
}

/// What a person should know about an objective or a composite with this window.
pub fn of_window(window: &Window, found: &Assessment) -> String {
    let budget = match &found.budget {
        Ok(budget) => budget,
        Err(reason) => return format!("No figure: {reason}."),
    };
    let window = window.words();
    let left = match found.since.filter(|_| found.young) {
        Some(since) => {
            format!("{} (measured since {})", left(budget, &window), since.format("%-d %B %H:%M UTC"))
        }
        None => left(budget, &window),
    };
    match (found.burn("1h"), found.burn("5m")) {
        (Some(hour), Some(short)) if hour > 1.0 && short < 1.0 => {
            format!(
                "Burned {} too fast over the last hour, back below the allowed rate in the last 5 minutes. {left}.",
                times(hour)
            )
        }
        (Some(hour), _) if hour > 1.0 => match (budget.exhausts_at, found.watermark) {
            (Some(gone), Some(now)) => {
                format!(
                    "Burning {} too fast; at this pace the budget of {window} is gone {}. {left}.",
                    times(hour),
                    when(gone, now)
                )
            }
            _ => format!("Burning {} too fast. {left}.", times(hour)),
        },
        (Some(hour), _) if hour > 0.005 => format!("Burning at {hour:.2}x the allowed rate. {left}."),
        (Some(_), _) => format!("Nothing failed in the last hour. {left}."),
        (None, _) => format!("Less than 90 % of the last hour was seen, too little for a burn rate. {left}."),
    }
}

fn left(budget: &Budget, window: &str) -> String {
    let share = budget.remaining * 100.0;
    if budget.remaining > 0.0 {
        format!("{} of the budget of {window} is left", percent(share))
    } else {
        format!("The budget of {window} is spent, by {} of its size over", percent(-share))
    }
}

fn percent(value: f64) -> String {
    if value != 0.0 && value < 10.0 { format!("{value:.1} %") } else { format!("{value:.0} %") }
}

/// A burn rate as people say it: `6.2x`.
pub fn times(burn: f64) -> String {
    if burn >= 100.0 { format!("{burn:.0}x") } else { format!("{burn:.1}x") }
}

/// A length in its largest whole unit: `30 days`, `1 hour`, `5 minutes`.
pub fn length(seconds: i64) -> String {
    let (number, unit) = match seconds {
        s if s >= 86_400 && s % 86_400 == 0 => (s / 86_400, "day"),
        s if s >= 3_600 && s % 3_600 == 0 => (s / 3_600, "hour"),
        s => (s / 60, "minute"),
    };
    if number == 1 { format!("1 {unit}") } else { format!("{number} {unit}s") }
}

/// A coming instant: by the hour today, by weekday within six days, else by date.
fn when(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let ahead = at - now;
    if ahead < TimeDelta::hours(1) {
        format!("in {} minutes", ahead.num_minutes().max(1))
    } else if at.date_naive() == now.date_naive() {
        at.format("today at %H:%M UTC").to_string()
    } else if ahead < TimeDelta::days(6) {
        at.format("on %A %H:%M UTC").to_string()
    } else {
        at.format("on %-d %B %H:%M UTC").to_string()
    }
}
