//! How busy one market's customers are at an instant.
//!
//! The unit is the session's ordinary level: 1.0 is the mean of a plain
//! session. Inside a session the curve is the measured volume profile of
//! `data/session_shape.csv` (volume as a stand-in for demand), stretched to the
//! venue's hours. What hourly bars cannot show is assumed: the rush of the
//! first minutes, the log-ins before the bell, the evening after it.

use std::sync::LazyLock;

use chrono::{DateTime, Duration, Timelike, Utc};

use crate::calendar::{Session, Venue};

/// (phase of the session at the bar's middle 0..1, level).
static PROFILE: LazyLock<Vec<(f64, f64)>> = LazyLock::new(|| {
    include_str!("../data/session_shape.csv")
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(',').map(str::parse::<f64>);
            match (fields.next()?, fields.next()?, fields.next()?) {
                (Ok(from), Ok(to), Ok(level)) => Some((f64::midpoint(from, to) / 390.0, level)),
                _ => None,
            }
        })
        .collect()
});

/// The level inside a session at `phase` (0 open, 1 close), events left out.
fn profile(phase: f64) -> f64 {
    let points = &*PROFILE;
    let after = points.partition_point(|(at, _)| *at < phase);
    let (Some(left), Some(right)) = (points.get(after.wrapping_sub(1)), points.get(after)) else {
        return if after == 0 { points[0].1 } else { points[points.len() - 1].1 };
    };
    left.1 + (right.1 - left.1) * (phase - left.0) / (right.0 - left.0)
}

/// Demand of `venue`'s customers at `t` in units of an ordinary session.
pub fn level(venue: Venue, t: DateTime<Utc>) -> f64 {
    let date = venue.date_at(t);
    let base = idle(venue, t);
    let Some(Session { open, close, .. }) = venue.session(date) else {
        return base;
    };
    let minutes = |d: Duration| d.num_seconds() as f64 / 60.0;
    if t < open {
        // People log in before the bell: from three quarters of an hour out.
        let left = minutes(open - t);
        base.max(0.9 * (-left / 15.0).exp())
    } else if t < close {
        let rush = 1.3 * (-minutes(t - open) / 6.0).exp();
        profile(minutes(t - open) / minutes(close - open)) + rush
    } else {
        base.max(0.7 * (-minutes(t - close) / 30.0).exp())
    }
}

/// Whether `venue` is trading at `t`.
pub fn in_session(venue: Venue, t: DateTime<Utc>) -> bool {
    venue.session(venue.date_at(t)).is_some_and(|s| t >= s.open && t < s.close)
}

/// Demand away from the session: nights are quiet, days and evenings less so.
fn idle(venue: Venue, t: DateTime<Utc>) -> f64 {
    let local = t.with_timezone(&venue.tz());
    let hour = f64::from(local.hour()) + f64::from(local.minute()) / 60.0;
    // Lowest at 03:30, highest at 15:30.
    0.08 + 0.055 * ((hour - 15.5) / 24.0 * std::f64::consts::TAU).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn the_open_is_far_busier_than_midnight() {
        let open = level(Venue::Xnys, utc("2026-11-19T14:31:00Z"));
        let midnight = level(Venue::Xnys, utc("2026-11-19T05:00:00Z"));
        assert!(open / midnight > 40.0, "{open} / {midnight}");
    }

    #[test]
    fn a_session_is_u_shaped_with_a_mean_near_one() {
        let at = |minute: i64| level(Venue::Xnys, utc("2026-11-19T14:30:00Z") + Duration::minutes(minute));
        assert!(at(0) > 2.0 * at(200) && at(385) > 2.0 * at(200));
        let mean = (0..390).map(at).sum::<f64>() / 390.0;
        assert!((0.95..1.1).contains(&mean), "{mean}");
    }

    #[test]
    fn weekends_and_holidays_are_low() {
        let saturday = level(Venue::Xnys, utc("2026-11-21T15:00:00Z"));
        let thanksgiving = level(Venue::Xnys, utc("2026-11-26T15:00:00Z"));
        let thursday = level(Venue::Xnys, utc("2026-11-19T15:00:00Z"));
        assert!(saturday < 0.2 * thursday && thanksgiving < 0.2 * thursday);
    }
}
