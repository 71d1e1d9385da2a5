//! Pictures of forecasts.

use headroom_models::forecast::Prediction;
use headroom_models::series::Series;
use headroom_reports::Chart;
use headroom_reports::chart::{Axis, Band, LineChart, Mark, Scale, Series as Line};
use headroom_simulate::{Outcome, Sample};

/// Steps of history before the forecast, in lengths of it.
const BEFORE: usize = 3;

/// The last of the history, the median, and the band between the lowest and highest quantiles drawn.
pub(super) fn forecast(name: &str, series: &Series, points: &[Prediction]) -> Chart {
    let shown = (points.len() * BEFORE).max(48).min(series.values.len());
    let first = series.values.len() - shown;
    let measured = (first..series.values.len())
        .map(|i| (series.at(i).timestamp() as f64, series.values[i].unwrap_or(f64::NAN)));
    let line = |quantile: usize| {
        points.iter().map(|p| (p.ts.timestamp() as f64, p.quantiles[quantile])).collect::<Vec<_>>()
    };
    let band = points.iter().map(|p| (p.ts.timestamp() as f64, p.quantiles[0], p.quantiles[4])).collect();
    let mut marks: Vec<Mark> = Vec::new();
    for event in points.iter().flat_map(|p| &p.events).map(|(event, _)| event) {
        let from = event.start.timestamp() as f64;
        if !event.class.in_shape() && !marks.iter().any(|mark| mark.from.total_cmp(&from).is_eq()) {
            marks.push(Mark { label: event.name.clone(), from, to: Some(event.end().timestamp() as f64) });
        }
    }
    Chart::Line(LineChart {
        title: format!("Demand of {name}"),
        x: Axis::time(),
        y: Axis::new("Demand", format!("per {} min", series.step_minutes), Scale::Zero),
        series: vec![
            Line::new("measured", measured.collect()),
            Line::dashed("median", line(0)),
            Line::dashed("0.95 quantile", line(3)),
        ],
        bands: vec![Band { name: "median to 0.99 quantile".to_owned(), of: 1, points: band }],
        marks,
        limits: Vec::new(),
    })
}

/// Points that a line of a replay has at most.
const POINTS: usize = 1_500;

/// The demand of a replay, and the capacity that each policy had for it: in each stretch the highest demand and the
/// lowest capacity, so that no shortage is hidden.
pub(super) fn replay(name: &str, policies: &[(&str, &Outcome)]) -> Chart {
    let mut series = Vec::new();
    if let Some((_, first)) = policies.first() {
        series.push(Line::new("demand", stretched(first, |sample| sample.demand, f64::max)));
    }
    for (policy, outcome) in policies {
        series.push(Line::dashed(*policy, stretched(outcome, |sample| sample.capacity, f64::min)));
    }
    Chart::Line(LineChart {
        title: format!("Replay of {name}"),
        x: Axis::time(),
        y: Axis::new("Requests", "1/s", Scale::Zero),
        series,
        bands: Vec::new(),
        marks: Vec::new(),
        limits: Vec::new(),
    })
}

fn stretched(outcome: &Outcome, of: fn(&Sample) -> f64, worst: fn(f64, f64) -> f64) -> Vec<(f64, f64)> {
    let each = outcome.samples.len().div_ceil(POINTS).max(1);
    let stretches = outcome.samples.chunks(each);
    stretches
        .filter_map(|stretch| {
            let value = stretch.iter().map(of).reduce(worst)?;
            Some((stretch[0].ts.timestamp() as f64, value))
        })
        .collect()
}
