//! Open or closed: what decided when the next request was sent.

use super::windows::Cell;
use super::{Model, ModelVerdict};

/// From this share of their time in work on, users or threads are never seen waiting for work.
const BUSY: f64 = 0.9;
/// Below this share they wait for work, which those of a closed model never do.
const WAITING: f64 = 0.75;
/// Threads, which are counted only when an answer comes, are busy from here on.
const THREADS_BUSY: f64 = 0.85;
/// Something that varies less than this share of something else stays put beside it.
const STEADY: f64 = 0.5;

/// What the verdict is read from.
#[derive(Debug, Clone)]
pub(super) enum Evidence {
    /// The tool knows only one way.
    Known(Model, &'static str),
    /// k6's iterations.
    K6(Iterations),
    /// JMeter's threads and samples.
    Threads,
}

/// How busy k6's users were.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Iterations {
    /// Iterations that no user was free for.
    pub(super) dropped: f64,
    /// The time spent in iterations, added up over all users, in seconds.
    pub(super) busy_seconds: f64,
    /// The time that users were there, added up, in seconds; 0 where it is not known.
    pub(super) user_seconds: f64,
}

pub(super) fn verdict(evidence: &Evidence, cells: &[Cell<'_>], window_seconds: f64) -> ModelVerdict {
    let (model, why) = match evidence {
        Evidence::Known(model, why) => (*model, (*why).to_owned()),
        Evidence::K6(iterations) => k6(iterations),
        Evidence::Threads => threads(cells, window_seconds),
    };
    ModelVerdict { model, why }
}

/// A user of a closed model starts its next iteration when the last one ends, pauses in the script included;
/// one of an arrival-rate executor waits for its turn (grafana.com/docs/k6, "Open and closed models").
pub(super) fn k6(iterations: &Iterations) -> (Model, String) {
    if iterations.dropped > 0.0 {
        return (Model::Open, "k6 dropped iterations, which only its arrival-rate executors do".to_owned());
    }
    if iterations.user_seconds <= 0.0 {
        return (Model::Unknown, "the file does not say how many virtual users there were".to_owned());
    }
    let share = iterations.busy_seconds / iterations.user_seconds;
    let percent = (share * 100.0).min(100.0);
    if share >= BUSY {
        let why = format!(
            "virtual users were in an iteration {percent:.0} % of the time: each begins the next when the last one ends"
        );
        (Model::Closed, why)
    } else if share <= WAITING {
        let why = format!(
            "virtual users were in an iteration {percent:.0} % of the time and waited for work otherwise"
        );
        (Model::Open, why)
    } else {
        let why =
            format!("virtual users were in an iteration {percent:.0} % of the time, which fits both models");
        (Model::Unknown, why)
    }
}

fn threads(cells: &[Cell<'_>], window_seconds: f64) -> (Model, String) {
    let rates: Vec<f64> = cells.iter().map(|cell| cell.started as f64 / window_seconds).collect();
    let flights: Vec<f64> = cells.iter().map(|cell| cell.in_flight).collect();
    let gauges: Vec<f64> = cells.iter().filter_map(|cell| cell.gauge).collect();
    if cells.len() < 4 {
        return (Model::Unknown, "the test is too short to tell".to_owned());
    }
    let (rate, flight) = (variation(&rates), variation(&flights));
    let share = if gauges.len() == cells.len() {
        flights.iter().sum::<f64>() / gauges.iter().sum::<f64>().max(f64::MIN_POSITIVE)
    } else {
        0.0
    };
    let steady = gauges.windows(2).filter(|pair| (pair[1] - pair[0]).abs() < 0.5).count();
    if share >= THREADS_BUSY && steady * 2 >= gauges.len() {
        let percent = (share * 100.0).min(100.0);
        let why = format!(
            "threads were busy {percent:.0} % of the time: each sends its next request when the last one is answered"
        );
        (Model::Closed, why)
    } else if rate < STEADY * flight {
        (Model::Open, "the rate stays put while the number of requests under way varies".to_owned())
    } else if flight < STEADY * rate {
        (Model::Closed, "the number of requests under way stays put while the rate varies".to_owned())
    } else {
        let why = "neither the rate nor the number of requests under way stays put: JMeter's threads with pauses are closed, its arrivals and open-model groups are open";
        (Model::Unknown, why.to_owned())
    }
}

/// The median step from one window to the next, relative to the mean.
fn variation(levels: &[f64]) -> f64 {
    let mut changes: Vec<f64> = levels.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    let mean = levels.iter().sum::<f64>() / levels.len().max(1) as f64;
    if changes.is_empty() || mean <= 0.0 {
        return 0.0;
    }
    let middle = changes.len() / 2;
    let (_, median, _) = changes.select_nth_unstable_by(middle, f64::total_cmp);
    *median / mean
}

#[cfg(test)]
mod tests {
    use super::*;

    fn k6_model(dropped: f64, busy_seconds: f64, user_seconds: f64) -> Model {
        k6(&Iterations { dropped, busy_seconds, user_seconds }).0
    }

    #[test]
    fn users_that_wait_for_work_are_open() {
        assert_eq!(k6_model(1.0, 99.0, 100.0), Model::Open);
        assert_eq!(k6_model(0.0, 98.0, 100.0), Model::Closed);
        assert_eq!(k6_model(0.0, 20.0, 100.0), Model::Open);
        assert_eq!(k6_model(0.0, 80.0, 100.0), Model::Unknown);
        assert_eq!(k6_model(0.0, 80.0, 0.0), Model::Unknown);
    }

    /// `rate` and `flight` of each window.
    fn judged(levels: &[(u64, f64)], gauge: Option<f64>) -> Model {
        let cells: Vec<Cell<'_>> = levels
            .iter()
            .map(|(started, in_flight)| Cell {
                begin: 0,
                started: *started,
                errors: 0,
                ended_ok: *started,
                in_flight: *in_flight,
                gauge,
                dropped: 0.0,
                latency: None,
                after_silence: false,
            })
            .collect();
        verdict(&Evidence::Threads, &cells, 1.0).model
    }

    #[test]
    fn samples_tell_the_model_by_what_stays_put() {
        let closed = [(100, 8.0), (60, 7.9), (120, 8.0), (40, 8.0), (90, 7.9)];
        assert_eq!(judged(&closed, Some(8.0)), Model::Closed);
        assert_eq!(judged(&closed, None), Model::Closed);
        let open = [(100, 8.0), (101, 14.0), (100, 5.0), (99, 20.0), (100, 9.0)];
        assert_eq!(judged(&open, Some(50.0)), Model::Open);
        assert_eq!(judged(&[(100, 8.0), (60, 5.0), (100, 8.0), (60, 5.0)], Some(50.0)), Model::Unknown);
        assert_eq!(judged(&[(100, 8.0)], None), Model::Unknown);
    }
}
